/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a folder of prebuilt databases, in JSON (docs/formats/data-file.md). What one would get wrong:
 * names in it come from elsewhere and are put behind the folder's address, so only plain file names are let
 * through; and sizes bound what is downloaded, so they are checked here. */
#include "engine/data_index.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/time.h"
#include "store/data_file.h"

enum { FORMAT = 1, NAME_MAX_BYTES = 128 };

/* ---- reading ---- */

static bool is_plain(struct str name)
{
	if (name.n == 0 || name.n > NAME_MAX_BYTES || name.p[0] == '.')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '-' || c == '_'))
			return false;
	}
	return true;
}

static int read_entry(const struct json_value *v, const char *what, struct data_entry *out, struct err *err)
{
	int64_t size = json_get_int(v, "size", -1);

	out->name = json_get_str(v, "name");
	out->digest = json_get_str(v, "digest");
	if (!is_plain(out->name) || size <= 0 || !data_is_digest(out->digest))
		return err_set(err, E_FORMAT, "index: %s lacks a plain name, a size or a digest", what);
	if ((uint64_t)size > LIMIT_DATA_STORED_BYTES)
		return err_set(err, E_LIMIT, "index: %s has %lld bytes, limit %llu", what, (long long)size,
			       LIMIT_DATA_STORED_BYTES);
	out->size_bytes = (uint64_t)size;
	return 0;
}

static int read_full(const struct json_value *v, struct data_entry *out, struct err *err)
{
	TRY(read_entry(v, "the database", out, err));
	out->to = json_get_str(v, "content");
	if (!data_is_digest(out->to))
		return err_set(err, E_FORMAT, "index: the database lacks the digest of its content");
	if (!time_parse(json_get_str(v, "created"), &out->created))
		out->created = 0;
	return 0;
}

static int read_delta(const struct json_value *v, struct data_entry *out, struct err *err)
{
	TRY(read_entry(v, "a delta", out, err));
	out->from = json_get_str(v, "from");
	out->to = json_get_str(v, "to");
	if (!data_is_digest(out->from) || !data_is_digest(out->to))
		return err_set(err, E_FORMAT,
			       "index: a delta lacks the digests of what it leads from and to");
	return 0;
}

int data_index_parse(struct arena *a, struct str text, struct data_index *out, struct err *err)
{
	const struct json_value *deltas;
	struct json_value v;
	int64_t format;

	*out = (struct data_index){ 0 };
	if (json_parse(a, text, &v, err) < 0)
		return err_wrap(err, "index");
	format = json_get_int(&v, "format", -1);
	if (format > FORMAT)
		return err_set(err, E_UNSUPPORTED,
			       "index: format %lld, this program knows %d: use a newer program",
			       (long long)format, FORMAT);
	if (format != FORMAT)
		return err_set(err, E_FORMAT, "index: no format");
	TRY(read_full(json_get(&v, "full"), &out->full, err));
	deltas = json_get(&v, "deltas");
	if (deltas && (deltas->type != JSON_ARRAY || deltas->n > LIMIT_DATA_DELTAS))
		return err_set(err, E_LIMIT, "index: the deltas are no list, or more than %u",
			       LIMIT_DATA_DELTAS);
	for (size_t i = 0; deltas && i < deltas->n; i++)
		TRY(read_delta(&deltas->items[i], VEC_ADD(a, &out->deltas), err));
	return 0;
}

/* ---- writing ---- */

static void write_entry(struct json_writer *w, const struct data_entry *e)
{
	json_member(w, "name", e->name);
	json_key(w, "size");
	json_u64(w, e->size_bytes);
	json_member(w, "digest", e->digest);
}

static void write_full(struct json_writer *w, const struct data_entry *e)
{
	char created[32];

	json_object_begin(w);
	write_entry(w, e);
	json_member(w, "content", e->to);
	json_member(w, "created", str_of(time_rfc3339(e->created, created)));
	json_object_end(w);
}

static void write_delta(struct json_writer *w, const struct data_entry *e)
{
	json_object_begin(w);
	write_entry(w, e);
	json_member(w, "from", e->from);
	json_member(w, "to", e->to);
	json_object_end(w);
}

struct str data_index_text(struct arena *a, const struct data_index *index)
{
	struct buffer b = { .arena = a };
	struct err ignored = { 0 }; /* memory takes everything */
	struct json_writer w;
	struct mem_writer to;

	mem_writer_open(&to, &b);
	json_writer_open(&w, &to.writer, 1, &ignored);
	json_object_begin(&w);
	json_member_int(&w, "format", FORMAT);
	json_key(&w, "full");
	write_full(&w, &index->full);
	json_key(&w, "deltas");
	json_array_begin(&w);
	VEC_EACH (const struct data_entry, e, &index->deltas)
		write_delta(&w, e);
	json_array_end(&w);
	json_object_end(&w);
	(void)json_writer_end(&w);
	put_u8(&b, '\n');
	return buffer_str(&b);
}
