/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a prebuilt database, as docs/formats/data-file.md has it. Source of the frames: RFC 8878,
 * section 3.1.2 "Skippable Frames". What one would get wrong: sizes in the manifest are claims. They bound
 * what is read, inflated and written, and at the end they must have been true; the payload ends where the
 * file does, so bytes behind it are found as well. */
#include "store/data_file.h"

#include "base/cursor.h"
#include "base/digest.h"
#include "base/inflate.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/time.h"

#include <stdlib.h>

#define MANIFEST_MAGIC 0x184d2a5cu
#define SIGNATURE_MAGIC 0x184d2a5du
#define DIGEST_MAGIC 0x184d2a5eu
enum { FORMAT = 1, FRAME_HEAD = 8, DIGEST_BYTES = 71 };

static const char *const kinds[] = { "full", "delta" };

/* ---- reading ---- */

bool data_is_digest(struct str s)
{
	if (s.n != 71 || !str_starts(s, STR("sha256:")))
		return false;
	for (size_t i = 7; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return true;
}

static int bad(struct err *err, const char *what)
{
	return err_set(err, E_FORMAT, "manifest: %s is missing or wrong", what);
}

static int read_blob(const struct json_value *v, uint64_t limit, const char *what, struct data_blob *out,
		     struct err *err)
{
	int64_t size = json_get_int(v, "size", -1);

	out->digest = json_get_str(v, "digest");
	if (size < 0 || !data_is_digest(out->digest))
		return bad(err, what);
	if ((uint64_t)size > limit)
		return err_set(err, E_LIMIT, "manifest: %s has %lld bytes, limit %llu", what, (long long)size,
			       (unsigned long long)limit);
	out->size_bytes = (uint64_t)size;
	return 0;
}

static int64_t time_of(const struct json_value *v, const char *key)
{
	int64_t utc;

	return time_parse(json_get_str(v, key), &utc) ? utc : 0;
}

static int read_updaters(struct arena *a, const struct json_value *list, struct data_manifest *out,
			 struct err *err)
{
	if (!list || list->type != JSON_ARRAY)
		return bad(err, "updaters");
	if (list->n > LIMIT_DATA_UPDATERS)
		return err_set(err, E_LIMIT, "manifest: %zu updaters, limit %u", list->n,
			       LIMIT_DATA_UPDATERS);
	for (size_t i = 0; i < list->n; i++) {
		const struct json_value *v = &list->items[i];
		int64_t advisories = json_get_int(v, "advisories", 0),
			more = json_get_int(v, "enrichments", 0);

		if (json_get_str(v, "name").n == 0 || advisories < 0 || more < 0)
			return bad(err, "an updater");
		VEC_PUSH(
			a, &out->updaters,
			((struct data_updater){ json_get_str(v, "name"), (uint64_t)advisories, (uint64_t)more,
						time_of(v, "changed_at"), time_of(v, "last_success") }));
	}
	return 0;
}

static int read_kind(const struct json_value *v, struct data_manifest *m, struct err *err)
{
	struct str kind = json_get_str(v, "kind");

	m->kind = str_eq(kind, str_of(kinds[DATA_DELTA])) ? DATA_DELTA : DATA_FULL;
	if (!str_eq(kind, str_of(kinds[m->kind])))
		return bad(err, "kind");
	m->from = json_get_str(v, "from");
	return m->kind == DATA_DELTA && !data_is_digest(m->from) ? bad(err, "from") : 0;
}

static int read_manifest(struct arena *a, struct str text, struct data_manifest *out, struct err *err)
{
	struct data_manifest m = { 0 };
	struct json_value v;
	int64_t format, schema;

	if (json_parse(a, text, &v, err) < 0)
		return err_wrap(err, "manifest");
	format = json_get_int(&v, "format", -1);
	schema = json_get_int(&v, "schema", -1);
	if (format > FORMAT)
		return err_set(err, E_UNSUPPORTED,
			       "the file has format %lld, this program knows %d: use a newer program",
			       (long long)format, FORMAT);
	if (format != FORMAT || schema < 1 || schema > INT32_MAX)
		return bad(err, format != FORMAT ? "format" : "schema");
	m.schema = (unsigned)schema;
	m.program = json_get_str(&v, "program");
	m.created = time_of(&v, "created");
	m.content = json_get_str(&v, "content");
	if (!data_is_digest(m.content))
		return bad(err, "content");
	TRY(read_kind(&v, &m, err));
	TRY(read_blob(json_get(&v, "inflated"), LIMIT_DATA_INFLATED_BYTES, "inflated", &m.inflated, err));
	TRY(read_blob(json_get(&v, "payload"), LIMIT_DATA_STORED_BYTES, "payload", &m.payload, err));
	TRY(read_updaters(a, json_get(&v, "updaters"), &m, err));
	*out = m;
	return 0;
}

/* The eight bytes before a skippable frame's content; 0: the file is at its end. */
static int read_frame_head(struct reader *in, uint32_t *magic, uint32_t *size, struct err *err)
{
	unsigned char raw[FRAME_HEAD];
	struct cursor c = { raw, raw + sizeof(raw), false };
	int got = reader_full(in, raw, sizeof(raw), err);

	if (got <= 0)
		return got;
	*magic = get_le32(&c);
	*size = get_le32(&c);
	return 1;
}

static int read_first_frame(struct arena *a, struct reader *in, struct str *out, struct err *err)
{
	uint32_t magic = 0, size = 0;
	char *p;
	int got = read_frame_head(in, &magic, &size, err);

	if (got == 0 || (got > 0 && magic != MANIFEST_MAGIC))
		return err_set(err, E_FORMAT, "not a file of `clair data export`");
	TRY(got);
	if (size == 0 || size > LIMIT_DATA_MANIFEST_BYTES)
		return err_set(err, E_LIMIT, "manifest: %u bytes, limit %llu", size,
			       LIMIT_DATA_MANIFEST_BYTES);
	p = arena_alloc_raw(a, size);
	got = reader_full(in, p, size, err);
	if (got <= 0)
		return got < 0 ? got : err_set(err, E_FORMAT, "truncated in its manifest");
	*out = (struct str){ p, size };
	return 0;
}

/* The digest of the manifest: what is damaged is told from what was never right. */
static int read_digest(struct reader *in, struct str manifest, struct err *err)
{
	char wanted[72], is[DIGEST_BYTES + 1] = { 0 };
	uint32_t magic = 0, size = 0;
	int got = read_frame_head(in, &magic, &size, err);

	if (got > 0 && (magic != DIGEST_MAGIC || size != DIGEST_BYTES))
		return err_set(err, E_FORMAT, "no digest behind the manifest");
	if (got > 0)
		got = reader_full(in, is, DIGEST_BYTES, err);
	if (got <= 0)
		return got < 0 ? got : err_set(err, E_FORMAT, "truncated behind its manifest");
	if (!str_eq(str_of(digest_of(manifest, wanted)), str_of(is)))
		return err_set(err, E_FORMAT, "the manifest is damaged");
	return 0;
}

int data_head_read(struct arena *a, struct reader *in, struct data_head *out, struct err *err)
{
	struct data_head h = { 0 };
	uint32_t magic = 0, size = 0;
	int got;

	TRY(read_first_frame(a, in, &h.text, err));
	TRY(read_digest(in, h.text, err));
	TRY(read_manifest(a, h.text, &h.manifest, err));
	h.bytes = FRAME_HEAD + h.text.n + FRAME_HEAD + DIGEST_BYTES;
	got = read_frame_head(in, &magic, &size, err);
	if (got <= 0)
		return got < 0 ? got : err_set(err, E_FORMAT, "truncated behind its manifest");
	h.is_signed = magic == SIGNATURE_MAGIC && size == SIGNATURE_BYTES;
	if (h.is_signed) {
		got = reader_full(in, h.signature, SIGNATURE_BYTES, err);
		if (got <= 0)
			return got < 0 ? got : err_set(err, E_FORMAT, "truncated in its signature");
		h.bytes += FRAME_HEAD + SIGNATURE_BYTES;
	}
	*out = h;
	return 0;
}

int data_head_check(const struct data_head *h, const struct data_trust *trust, struct err *err)
{
	if (trust->key.n == 0)
		return 0;
	if (!h->is_signed)
		return err_set(err, E_AUTH, "not signed, and a key to verify with was given");
	return signature_check(trust->key, h->text, h->signature, err);
}

/* ---- writing ---- */

static void write_blob(struct json_writer *w, const char *key, const struct data_blob *b)
{
	json_key(w, key);
	json_object_begin(w);
	json_key(w, "size");
	json_u64(w, b->size_bytes);
	json_member(w, "digest", b->digest);
	json_object_end(w);
}

static void write_time(struct json_writer *w, const char *key, int64_t utc)
{
	char buf[32];

	json_key(w, key);
	if (utc > 0)
		json_str(w, str_of(time_rfc3339(utc, buf)));
	else
		json_null(w);
}

static void write_updater(struct json_writer *w, const struct data_updater *u)
{
	json_object_begin(w);
	json_member(w, "name", u->name);
	json_member_int(w, "advisories", (int64_t)u->advisories);
	json_member_int(w, "enrichments", (int64_t)u->enrichments);
	write_time(w, "changed_at", u->changed_at);
	write_time(w, "last_success", u->last_success);
	json_object_end(w);
}

static void write_manifest(struct json_writer *w, const struct data_manifest *m)
{
	json_object_begin(w);
	json_member_int(w, "format", FORMAT);
	json_member(w, "kind", str_of(kinds[m->kind]));
	json_member(w, "program", m->program);
	json_member_int(w, "schema", m->schema);
	write_time(w, "created", m->created);
	json_member(w, "content", m->content);
	if (m->kind == DATA_DELTA)
		json_member(w, "from", m->from);
	write_blob(w, "inflated", &m->inflated);
	write_blob(w, "payload", &m->payload);
	json_key(w, "updaters");
	json_array_begin(w);
	VEC_EACH (const struct data_updater, u, &m->updaters)
		write_updater(w, u);
	json_array_end(w);
	json_object_end(w);
}

struct str data_manifest_text(struct arena *a, const struct data_manifest *m, size_t bytes)
{
	struct buffer b = { .arena = a };
	struct err ignored = { 0 }; /* memory takes everything */
	struct json_writer w;
	struct mem_writer to;

	mem_writer_open(&to, &b);
	json_writer_open(&w, &to.writer, 0, &ignored);
	write_manifest(&w, m);
	(void)json_writer_end(&w);
	while (b.n < bytes)
		put_u8(&b, ' ');
	return buffer_str(&b);
}

int data_head_write(struct arena *a, struct str manifest_text, struct str sign_key, struct str *out,
		    struct err *err)
{
	unsigned char signature[SIGNATURE_BYTES];
	struct buffer b = { .arena = a };
	char digest[72];

	if (manifest_text.n > LIMIT_DATA_MANIFEST_BYTES)
		return err_set(err, E_LIMIT, "manifest: %zu bytes, limit %llu", manifest_text.n,
			       LIMIT_DATA_MANIFEST_BYTES);
	put_le32(&b, MANIFEST_MAGIC);
	put_le32(&b, (uint32_t)manifest_text.n);
	put_bytes(&b, manifest_text);
	put_le32(&b, DIGEST_MAGIC);
	put_le32(&b, DIGEST_BYTES);
	put_bytes(&b, str_of(digest_of(manifest_text, digest)));
	if (sign_key.n) {
		TRY(signature_make(sign_key, manifest_text, signature, err));
		put_le32(&b, SIGNATURE_MAGIC);
		put_le32(&b, SIGNATURE_BYTES);
		put_bytes(&b, (struct str){ (const char *)signature, sizeof(signature) });
	}
	*out = buffer_str(&b);
	return 0;
}

/* ---- payload ---- */

struct data_payload {
	struct fd_reader file;
	struct digest_reader stored, inflated;
	struct inflate *inflate;
};

static int open_payload(struct data_payload *p, int fd, const struct data_head *h, struct err *err)
{
	const struct data_manifest *m = &h->manifest;

	fd_reader_open(&p->file, fd, (int64_t)h->bytes, UINT64_MAX);
	TRY(digest_reader_open(&p->stored, &p->file.reader, m->payload.digest, m->payload.size_bytes, err));
	TRY(inflate_open(&p->stored.reader, &p->inflate, err));
	if (inflate_compression(p->inflate) != COMPRESSION_ZSTD)
		return err_set(err, E_FORMAT, "the payload is not zstd");
	return digest_reader_open(&p->inflated, inflate_reader(p->inflate), m->inflated.digest,
				  m->inflated.size_bytes, err);
}

int data_payload_open(int fd, const struct data_head *h, struct data_payload **out, struct err *err)
{
	struct data_payload *p = calloc(1, sizeof(*p));
	int rc;

	if (!p)
		abort();
	rc = open_payload(p, fd, h, err);
	if (rc < 0)
		data_payload_close(p);
	else
		*out = p;
	return rc;
}

struct reader *data_payload_reader(struct data_payload *p)
{
	return &p->inflated.reader;
}

void data_payload_close(struct data_payload *p)
{
	if (!p)
		return;
	if (p->inflated.hasher)
		reader_close(&p->inflated.reader);
	if (p->inflate)
		inflate_close(p->inflate);
	if (p->stored.hasher)
		reader_close(&p->stored.reader);
	free(p);
}

void data_payload_closep(struct data_payload **p)
{
	data_payload_close(*p);
}
