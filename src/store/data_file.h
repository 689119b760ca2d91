/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DATA_FILE_H
#define STORE_DATA_FILE_H

#include "base/io.h"
#include "base/signature.h"
#include "base/vec.h"

/* The file of a prebuilt database: a zstd stream (RFC 8878) whose first frame is a skippable one with the
 * manifest, whose second has the digest of the manifest, whose third may have its signature, and whose other
 * frames are the payload: a database, or the changes that lead from one to another (store/data_delta.h).
 * docs/formats/data-file.md describes it. */
enum data_kind { DATA_FULL, DATA_DELTA };

struct data_blob {
	uint64_t size_bytes;
	struct str digest; /* "sha256:..." */
};

struct data_updater {
	struct str name;
	uint64_t advisories, enrichments; /* valid */
	int64_t changed_at, last_success; /* 0: never */
};

struct data_manifest {
	enum data_kind kind;
	struct str program; /* version of the one that wrote it */
	unsigned schema;
	int64_t created;
	struct str content; /* digest of what the database says (store/data_rows.h); delta: after it */
	struct str from; /* delta: before it */
	struct data_blob inflated, payload; /* payload: as stored behind the skippable frames */
	VEC(struct data_updater) updaters;
};

/* What stands before the payload. */
struct data_head {
	struct data_manifest manifest;
	struct str text; /* the manifest's frame as it is: what is signed, and what names the file */
	bool is_signed;
	unsigned char signature[SIGNATURE_BYTES];
	uint64_t bytes; /* where the payload begins */
};

/* Who must have signed a file. */
struct data_trust {
	struct str key; /* public, PEM; empty: nobody */
};

/* Read and check the head of a file; strings are in the arena. E_FORMAT, E_LIMIT. */
int data_head_read(struct arena *a, struct reader *in, struct data_head *out, struct err *err);
/* Is it signed by whom it must be? E_AUTH. */
int data_head_check(const struct data_head *h, const struct data_trust *trust, struct err *err);

/* The manifest as text, blanks behind it up to `bytes` (0: none). */
struct str data_manifest_text(struct arena *a, const struct data_manifest *m, size_t bytes);
/* Both skippable frames; sign_key: private, PEM; empty: no signature. */
int data_head_write(struct arena *a, struct str manifest_text, struct str sign_key, struct str *out,
		    struct err *err);

/* A descriptor of a file whose head was read, as its payload: inflated, with sizes and digests checked on the
 * way and at its end. Close with data_payload_close. */
struct data_payload;
int data_payload_open(int fd, const struct data_head *h, struct data_payload **out, struct err *err);
struct reader *data_payload_reader(struct data_payload *p);
void data_payload_close(struct data_payload *p);
void data_payload_closep(struct data_payload **p);
#define autopayload __attribute__((cleanup(data_payload_closep)))

/* "sha256:" and 64 lower-case hex digits? */
bool data_is_digest(struct str s);

#endif
