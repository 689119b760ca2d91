/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_ECOSYSTEM_H
#define ECOSYSTEM_ECOSYSTEM_H

#include "base/json.h"
#include "base/task.h"
#include "base/vec.h"
#include "model/feed.h"
#include "model/record.h"
#include "model/scanner_id.h"
#include "model/vulnerability_report.h"

enum { MAX_KEYS = 48 }; /* a package of Red Hat: two names in the products of its repositories */

/* How the packages of an ecosystem meet its advisories. Pure functions. */
struct matcher {
	const char *name; /* Clair's: "alpine-matcher" */
	bool (*applies)(const struct record *record);
	/* (namespace, package) pairs to look up; strings in the arena or borrowed. Returns how many. */
	unsigned (*keys)(struct arena *a, const struct record *record, struct advisory_key out[MAX_KEYS]);
	/* Is the record affected? reason is set for UNDECIDED (in the arena). */
	enum verdict (*affects)(struct arena *a, const struct record *record, const struct advisory *advisory,
				struct str *reason);
	/* Does a statement of not being affected (STATUS_NOT_AFFECTED) say so of the record's own package?
	 * Then what is said of its source without a fix does not count for it. NULL: there are none. */
	bool (*clears)(struct arena *a, const struct record *record, const struct advisory *statement);
	/* What has to be assumed to decide the record, for people; empty: nothing. In the arena or borrowed.
	 * NULL: never anything. */
	struct str (*assumes)(struct arena *a, const struct record *record);
};

/* What an updater works on: filled by discover, or fixed. Memory is the task's. */
struct feed_sources {
	struct arena *arena;
	VEC(struct feed_source) sources;
	VEC(struct distribution) distributions; /* releases that documents may name */
};

/* Asks discover may make of the network or the mirror; implemented by engine. */
struct discovery {
	/* 1 exists, 0 does not (404), or an error. A document about which the server does not say (403, 500)
	 * counts as there: fetching it will say what is wrong, and which updater suffers. A path that ends
	 * with a slash is a folder; of those such an answer is an error. */
	int (*exists)(struct discovery *d, struct str url, struct str mirror_path, struct err *err);
	/* At most max bytes of a small document. 1, 0 (404), or an error. */
	int (*get)(struct discovery *d, struct str url, struct str mirror_path, size_t max, struct str *out,
		   struct err *err);
	/* Names in a directory listing. 1, 0 (404, or 403: there is none), or an error. */
	int (*list)(struct discovery *d, struct str url, struct str mirror_path, struct str **names,
		    size_t *count, struct err *err);
	/* The Debian archive's address from the settings; empty: not set. */
	struct str debian_archive;
	/* updaters.config of the set at hand: an object whose values have the types of the table in
	 * ecosystem/settings.c, or NULL. */
	const struct json_value *settings;
};

/* A value of the set's settings (ecosystem/settings.h); NULL: not set. */
const struct json_value *discovery_value(const struct discovery *d, const char *key);
/* A text of the set's settings, as "url"; otherwise when it is not set. In the arena or borrowed. */
struct str discovery_setting(const struct discovery *d, const char *key, struct str otherwise);
/* The same for the address of a folder: it gets the slash that it ends with. Empty: not set. */
struct str discovery_folder(struct arena *a, const struct discovery *d, const char *key,
			    const char *otherwise);

/* A family of updaters: `clair update NAME` runs all that discover finds. One updater per source; of a format
 * that enriches all sources are documents of one updater, whose name is the set's. */
struct updater_set {
	const char *name; /* "alpine", "debian" */
	int (*discover)(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err);
	/* Name of the updater of a source: stable, key of its update operations. In the arena. NULL: the
	 * set's.
	 */
	struct str (*updater_name)(struct arena *a, const struct feed_source *source);
	enum feed_format format; /* of every source */
	unsigned parser_version; /* raise to have unchanged documents parsed again */
	enum feed_transport transport; /* of every source */
};

struct ecosystem {
	const char *name;
	const struct scanner_id *const *scanners; /* ends with NULL */
	const struct matcher *matcher; /* NULL for rows without matching */
	const struct updater_set *updaters; /* NULL: none yet */
	const char *fed_by; /* without updaters: the set whose advisories it matches, or NULL */
	bool is_opt_in; /* its updaters run only when they are named */
	const char *caveat; /* what the publisher does not publish, or NULL */
};

/* ecosystem/table.c is THE list; ends with NULL. */
extern const struct ecosystem *const ecosystems[];

#endif
