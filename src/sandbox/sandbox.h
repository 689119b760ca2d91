/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/io.h"
#include "base/task.h"
#include "base/vec.h"
#include "model/feed.h"
#include "model/findings.h"

/* How workers are started. Borrowed strings. */
struct sandbox {
	const char *worker_path; /* clair-worker */
	unsigned required; /* bits of enum defence without which a worker gets no bytes: E_UNSUPPORTED */
};

/* Bytes of a layer, as often as the worker needs them (at most twice). */
struct sandbox_source {
	int (*open)(struct sandbox_source *s, const struct str *names, size_t n, bool is_second,
		    struct reader **out, struct err *err);
	bool is_heads_first;
	bool is_verified; /* out: the last pass read the source to its end without an error */
	bool worker_died; /* out: the worker of the last pass went away before its answer was complete */
};

struct sandbox_job {
	uint64_t scanner_set; /* bits of scanner_ids */
	bool want_diff_id; /* hash the inflated bytes */
	uint64_t max_inflated_bytes; /* 0: LIMIT_LAYER_INFLATED_BYTES */
	uint64_t max_entries; /* 0: LIMIT_LAYER_ENTRIES */
	unsigned seconds; /* wall time; 0: LIMIT_LAYER_SECONDS */
};

/* Encoded findings of one scanner as they crossed the boundary: validated (they decode). */
struct sandbox_scan {
	int scanner; /* position in scanner_ids */
	struct str findings, owned;
};

struct sandbox_result {
	VEC(struct sandbox_scan) scans; /* one per bit of scanner_set, in order; task's arena */
	uint64_t stored_bytes, inflated_bytes, entries;
	struct str diff_id; /* when wanted */
	unsigned defences; /* bits of enum defence (model/defence.h) that held the worker */
};

/* Scan one layer in a worker of its own. Source errors (E_IO, digest) are returned as they are; a worker that
 * dies is E_FORMAT naming signal or status; deadline E_TIMEOUT; what the worker says is wrong with the layer
 * keeps its code. On any error nothing of the layer may be stored. */
int sandbox_scan_layer(struct task *task, const struct sandbox *sandbox, struct sandbox_source *source,
		       const struct sandbox_job *job, struct sandbox_result *out, struct err *err);

/* Members of a plain tar archive, read by a worker through offset requests. */
enum { MEMBER_FILE, MEMBER_HARD_LINK, MEMBER_SYMLINK }; /* the same values as in enum tar_type */
struct sandbox_member {
	struct str path, target;
	uint8_t type; /* enum tar_type */
	uint64_t offset, size;
};
typedef VEC(struct sandbox_member) sandbox_members;
int sandbox_list_archive(struct task *task, const struct sandbox *sandbox, int fd, uint64_t size,
			 sandbox_members *out, struct err *err);

/* What kind of document, and which releases count (feed/feed.h). */
struct sandbox_feed {
	enum feed_format format;
	const struct feed_source *source;
	const struct distribution *distributions;
	size_t distribution_count;
};

/* Parse a feed document (compressed or not) in a worker of its own; advisories reach the sink while the
 * document is still read. Returns 0, the worker's reason (E_FORMAT, E_LIMIT), the sink's error, or as
 * sandbox_scan_layer. */
int sandbox_parse_feed(struct task *task, const struct sandbox *sandbox, struct reader *document,
		       const struct sandbox_feed *feed, struct feed_sink *sink, struct err *err);

/* Start a worker and ask which defences hold it: bits of enum defence. */
int sandbox_probe(struct task *task, const struct sandbox *sandbox, unsigned *defences, struct err *err);

/* Find clair-worker beside the running program or under ../libexec/clair; E_NOTFOUND says where it looked. */
int sandbox_find_worker(struct arena *a, const char **out, struct err *err);

#endif
