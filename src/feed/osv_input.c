/* SPDX-License-Identifier: Apache-2.0 */
/* How OSV records come: an archive with a file for each, as https://osv.dev/ collects them; pages of an API
 * (https://apollo.build.resf.org/api/v3/osv/); or the records themselves. Easy to get wrong: a damaged file
 * in an archive costs one record, but nothing that follows a syntax error in a page can be trusted, so that
 * is an error of the whole. */
#include "feed/osv_input.h"

#include "base/limits.h"
#include "base/vec.h"
#include "base/zip_stream.h"

/* The first bytes of a source, which were looked at, and then the rest. */
struct head_reader {
	struct reader reader, *rest;
	char head[2];
	size_t n, at;
};

static ssize_t head_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct head_reader *h = (struct head_reader *)r;

	if (h->at == h->n)
		return reader_read(h->rest, buf, n, err);
	n = n < h->n - h->at ? n : h->n - h->at;
	memcpy(buf, h->head + h->at, n);
	h->at += n;
	return (ssize_t)n;
}

static int head_open(struct head_reader *h, struct reader *in, struct err *err)
{
	ssize_t got = 1;

	*h = (struct head_reader){ .reader = { .read = head_read }, .rest = in };
	while (h->n < sizeof(h->head) && got > 0) {
		got = reader_read(in, h->head + h->n, sizeof(h->head) - h->n, err);
		h->n += got > 0 ? (size_t)got : 0;
	}
	return got < 0 ? (int)got : 0;
}

/* ---- archives ---- */

/* The document of an entry as a tree. */
static int read_tree(struct zip_stream *zip, struct arena *scratch, struct json_value *out, struct err *err)
{
	struct limit_reader limit;
	autojson struct json_reader *json = NULL;
	struct json_token token;
	int more;

	limit_reader_open(&limit, zip_stream_content(zip), LIMIT_OSV_RECORD_BYTES, "OSV record");
	json = json_reader_open(&limit.reader);
	TRY(json_next(json, &token, err));
	TRY(json_tree(json, &token, scratch, LIMIT_JSON_TREE_BYTES, out, err));
	more = json_next(json, &token, err);
	return more > 0 ? err_set(err, E_FORMAT, "more than one value") : more;
}

static int read_entry(struct zip_stream *zip, struct str name, struct osv_taker *taker, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct json_value record = { 0 };
	struct err failure = { 0 };
	int result;

	name = str_printable(&scratch, name);
	result = read_tree(zip, &scratch, &record, &failure);
	if (result < 0 && zip_stream_failed(zip)) {
		*err = failure;
		return result;
	}
	if (result == 0)
		return taker->record(taker, &scratch, name, &record, err);
	taker->damaged(taker, name, failure.text);
	return 0;
}

static int read_archive(struct task *task, struct reader *in, struct osv_taker *taker, uint64_t *records,
			struct err *err)
{
	autozip struct zip_stream *zip = zip_stream_open(in, LIMIT_FEED_INFLATED_BYTES);
	struct str name;
	int more;

	while ((more = zip_stream_next(zip, &name, err)) > 0) {
		TRY(task_check(task, err));
		if (!str_ends(name, STR(".json")))
			continue;
		++*records;
		TRY(read_entry(zip, name, taker, err));
	}
	if (more == 0 && *records == 0)
		return err_set(err, E_FORMAT, "the archive has no JSON documents");
	return more;
}

/* ---- pages and records ---- */

struct documents {
	struct task *task;
	struct json_reader *json;
	struct osv_taker *taker;
	uint64_t *records;
};

static int take(struct documents *d, struct arena *scratch, const struct json_value *record, struct err *err)
{
	++*d->records;
	return d->taker->record(d->taker, scratch,
				str_format(scratch, "record %llu", (unsigned long long)*d->records), record,
				err);
}

/* The rest of "advisories": [...] */
static int read_list(struct documents *d, struct err *err)
{
	struct json_token token;

	for (;;) {
		autoarena struct arena scratch = { 0 };
		struct json_value record;

		TRY(task_check(d->task, err));
		TRY(json_next(d->json, &token, err));
		if (token.type == JSON_ARRAY_END)
			return 0;
		TRY(json_tree(d->json, &token, &scratch, LIMIT_OSV_RECORD_BYTES, &record, err));
		TRY(take(d, &scratch, &record, err));
	}
}

/* Members of an object that may be a record, gathered as they come. */
struct gathered {
	struct arena scratch;
	VEC(struct json_value) values;
	VEC(struct str) keys;
	bool is_page;
};

static int read_member(struct documents *d, struct gathered *m, struct str key, struct err *err)
{
	struct json_token token;
	struct json_value *value;
	bool is_list = str_eq(key, STR("advisories"));

	key = str_copy(&m->scratch, key);
	TRY(json_next(d->json, &token, err));
	if (is_list && token.type == JSON_ARRAY) {
		m->is_page = true;
		return read_list(d, err);
	}
	if (m->scratch.used_bytes > LIMIT_OSV_RECORD_BYTES)
		return err_set(err, E_LIMIT, "OSV record: more than %llu bytes", LIMIT_OSV_RECORD_BYTES);
	value = VEC_ADD(&m->scratch, &m->values);
	VEC_PUSH(&m->scratch, &m->keys, key);
	return json_tree(d->json, &token, &m->scratch, LIMIT_OSV_RECORD_BYTES, value, err);
}

static int read_object(struct documents *d, struct gathered *m, struct err *err)
{
	struct json_value record;
	struct json_token token;

	for (;;) {
		TRY(json_next(d->json, &token, err));
		if (token.type == JSON_OBJECT_END)
			break;
		TRY(read_member(d, m, token.text, err));
	}
	if (m->is_page)
		return 0;
	record = (struct json_value){
		.type = JSON_OBJECT, .items = m->values.p, .keys = m->keys.p, .n = m->values.n
	};
	return take(d, &m->scratch, &record, err);
}

static int read_documents(struct task *task, struct reader *in, struct osv_taker *taker, uint64_t *records,
			  struct err *err)
{
	autojson struct json_reader *json = json_reader_open(in);
	struct documents d = { task, json, taker, records };
	int more;

	do {
		struct gathered gathered = { 0 };
		struct json_token token;
		int result = 0;

		TRY(json_next(json, &token, err));
		if (token.type != JSON_OBJECT)
			return err_set(err, E_FORMAT, "neither an archive nor an OSV record");
		result = read_object(&d, &gathered, err);
		arena_reset(&gathered.scratch);
		TRY(result);
		more = json_next_document(json, err);
	} while (more > 0);
	return more;
}

int osv_input_read(struct task *task, struct reader *in, struct osv_taker *taker, uint64_t *records,
		   struct err *err)
{
	struct head_reader head;

	*records = 0;
	TRY(head_open(&head, in, err));
	if (head.n == 2 && memcmp(head.head, "PK", 2) == 0)
		return read_archive(task, &head.reader, taker, records, err);
	return read_documents(task, &head.reader, taker, records, err);
}
