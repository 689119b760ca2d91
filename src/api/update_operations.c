/* SPDX-License-Identifier: Apache-2.0 */
/* Update operations and what changed between two of them: what Clair's notifier asks of a matcher. Source:
 * Clair 4.9's internal matcher API. What a reader would get wrong: a difference without an earlier operation
 * is everything an updater says, a hundred megabytes for some, so it is written to an unlinked file and sent
 * from there. */
#include "api/request.h"
#include "api/routes.h"
#include "base/time.h"
#include "report/clair_objects.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NIL_UUID "00000000-0000-0000-0000-000000000000"

static void write_operation(struct json_writer *w, const struct update_operation *o)
{
	json_object_begin(w);
	json_member(w, "ref", o->ref.n ? o->ref : STR(NIL_UUID));
	json_member(w, "updater", o->updater);
	json_member(w, "fingerprint", o->fingerprint);
	clair_member_time(w, "date", o->date);
	json_member(w, "kind", o->ref.n ? str_of(operation_kind_name(o->kind)) : STR(""));
	json_object_end(w);
}

static int kind_of(struct request *r, enum operation_kind *out, struct err *err)
{
	struct str kind;

	(void)http_query_of(r->x, "kind", &kind);
	if (kind.n && !str_eq(kind, STR("vulnerability")) && !str_eq(kind, STR("enrichment")))
		return request_blame(r, 400,
				     err_set(err, E_FORMAT, "unknown kind: \"" STR_FMT "\"", STR_ARG(kind)));
	*out = str_eq(kind, STR("enrichment")) ? OPERATION_ENRICHMENT : OPERATION_VULNERABILITY;
	return 0;
}

/* As Go's strconv.ParseBool; what it cannot read is false. */
static bool is_true(struct str word)
{
	static const char *const words[] = { "1", "t", "T", "TRUE", "true", "True" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(word, str_of(words[i])))
			return true;
	return false;
}

static void write_operations(struct json_writer *w, const update_operations *all)
{
	json_object_begin(w);
	for (size_t i = 0; i < all->n; i++) {
		bool is_first = i == 0 || !str_eq(all->p[i].updater, all->p[i - 1].updater);

		if (is_first) {
			json_key_str(w, all->p[i].updater);
			json_array_begin(w);
		}
		write_operation(w, &all->p[i]);
		if (i + 1 == all->n || !str_eq(all->p[i].updater, all->p[i + 1].updater))
			json_array_end(w);
	}
	json_object_end(w);
}

int handle_update_operations(struct request *r, struct err *err)
{
	struct advisory_store *store = r->api->options.advisories;
	update_operations all = { 0 };
	enum operation_kind kind = OPERATION_VULNERABILITY;
	struct str newest, latest;
	struct json_body b;

	TRY(kind_of(r, &kind, err));
	(void)http_query_of(r->x, "latest", &latest);
	TRY(operations_newest(store, &r->x->task, kind, &newest, err));
	if (newest.n)
		request_etag(r, newest);
	if (newest.n && etag_match(&r->x->headers, newest) != ETAG_NONE) {
		request_send_status(r, 304);
		return 1;
	}
	TRY(operations_list(store, &r->x->task, kind, is_true(latest), &all, err));
	json_body_begin(r, &b);
	write_operations(&b.json, &all);
	return json_body_end(r, &b, err);
}

/* ---- UUIDs ---- */

/* The usual forms: plain, urn:uuid:, in braces, 32 digits; *out in lower case with hyphens. */
static bool parse_uuid(struct arena *a, struct str text, struct str *out)
{
	struct buffer b = { .arena = a };
	size_t digits = 0;

	if (str_starts(text, STR("urn:uuid:")))
		text = str_sub(text, 9, text.n - 9);
	else if (text.n == 38 && text.p[0] == '{' && text.p[37] == '}')
		text = str_sub(text, 1, 36);
	if (text.n != 36 && text.n != 32)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool is_place = text.n == 36 && (i == 8 || i == 13 || i == 18 || i == 23);

		if (is_place != (c == '-'))
			return false;
		if (is_place)
			continue;
		if (str_find(STR("0123456789abcdefABCDEF"), c) == 22)
			return false;
		if (digits == 8 || digits == 12 || digits == 16 || digits == 20)
			put_u8(&b, '-');
		put_u8(&b, (uint8_t)c);
		digits++;
	}
	*out = str_lower(a, buffer_str(&b));
	return true;
}

int handle_update_operation_delete(struct request *r, struct err *err)
{
	struct str ref;

	if (!parse_uuid(request_arena(r), r->name, &ref))
		return request_blame(r, 400,
				     err_set(err, E_FORMAT, "malformed path: \"" STR_FMT "\" is no UUID",
					     STR_ARG(r->name)));
	TRY(operation_delete(r->api->options.advisories, ref, time_now(), err));
	request_send_status(r, 200);
	return 1;
}

/* ---- difference ---- */

/* One half of the answer: an unlinked file, since the whole may be large. */
struct difference {
	struct diff_sink sink;
	struct fd_writer *to[2]; /* added, removed */
	uint64_t n[2];
};

static int write_one(struct difference *d, int which, const struct advisory *a, struct err *err)
{
	struct json_writer w;

	if (d->n[which]++)
		TRY(writer_str(&d->to[which]->writer, STR(","), err));
	json_writer_open(&w, &d->to[which]->writer, 0, err);
	clair_vulnerability_whole(&w, a);
	return json_writer_end(&w);
}

static int write_added(struct diff_sink *sink, const struct advisory *a, struct err *err)
{
	return write_one((struct difference *)sink, 0, a, err);
}

static int write_removed(struct diff_sink *sink, const struct advisory *a, struct err *err)
{
	return write_one((struct difference *)sink, 1, a, err);
}

/* The end of one file behind that of another. */
static int append(struct fd_writer *to, int from, struct err *err)
{
	struct fd_reader source;
	char buf[65536];
	ssize_t n;

	fd_reader_open(&source, from, 0, UINT64_MAX);
	while ((n = reader_read(&source.reader, buf, sizeof(buf), err)) > 0)
		TRY(to->writer.write(&to->writer, buf, (size_t)n, err));
	return (int)n;
}

struct mapping {
	void *at;
	size_t n;
};

static void unmap(void *ctx)
{
	struct mapping *m = ctx;

	munmap(m->at, m->n);
	free(m);
}

/* The file becomes the answer's body. */
static int answer_with(struct request *r, int fd, struct err *err)
{
	struct mapping *m = malloc(sizeof(*m));
	struct stat st;

	if (!m)
		abort(); /* out of memory */
	if (fstat(fd, &st) < 0 ||
	    (m->at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED) {
		free(m);
		return err_set(err, E_IO, "spool of a difference: %m");
	}
	m->n = (size_t)st.st_size;
	r->answer.body = (struct str){ m->at, m->n };
	r->answer.media = "application/json";
	r->answer.release = unmap;
	r->answer.release_ctx = m;
	return 0;
}

static int write_head(struct fd_writer *to, const struct update_operation *prev,
		      const struct update_operation *cur, struct err *err)
{
	static const struct update_operation none;
	struct json_writer w;

	TRY(writer_str(&to->writer, STR("{\"prev\":"), err));
	json_writer_open(&w, &to->writer, 0, err);
	write_operation(&w, prev ? prev : &none);
	TRY(json_writer_end(&w));
	TRY(writer_str(&to->writer, STR(",\"cur\":"), err));
	json_writer_open(&w, &to->writer, 0, err);
	write_operation(&w, cur);
	TRY(json_writer_end(&w));
	return writer_str(&to->writer, STR(",\"added\":["), err);
}

static int write_difference(struct request *r, const struct update_operation *prev,
			    const struct update_operation *cur, const int fds[2], struct err *err)
{
	struct arena *a = request_arena(r);
	struct difference d = { .sink = { write_added, write_removed },
				.to = { ARENA_NEW(a, struct fd_writer), ARENA_NEW(a, struct fd_writer) } };

	for (int i = 0; i < 2; i++)
		fd_writer_open(d.to[i], fds[i]);
	TRY(write_head(d.to[0], prev, cur, err));
	TRY(operations_diff(r->api->options.advisories, &r->x->task, prev, cur, &d.sink, err));
	TRY(fd_writer_flush(d.to[1], err));
	TRY(writer_str(&d.to[0]->writer, STR("],\"removed\":["), err));
	TRY(append(d.to[0], fds[1], err));
	TRY(writer_str(&d.to[0]->writer, STR("]}"), err));
	TRY(fd_writer_flush(d.to[0], err));
	return answer_with(r, fds[0], err);
}

/* 1 given and found, 0 not given. */
static int operation_of(struct request *r, const char *parameter, struct update_operation *out,
			struct err *err)
{
	struct str text, ref;
	int found;

	(void)http_query_of(r->x, parameter, &text);
	if (!text.n)
		return 0;
	if (!parse_uuid(request_arena(r), text, &ref))
		return request_blame(
			r, 400,
			err_set(err, E_FORMAT, "could not parse \"%s\" query param into uuid", parameter));
	if (str_eq(ref, STR(NIL_UUID)) && str_eq(str_of(parameter), STR("prev")))
		return 0;
	found = operation_find(r->api->options.advisories, &r->x->task, ref, out, err);
	TRY(found);
	if (!found)
		return err_set(err, E_NOTFOUND,
			       "could not get update operations: operation " STR_FMT " does not exist",
			       STR_ARG(ref));
	return 1;
}

int handle_update_diff(struct request *r, struct err *err)
{
	autoclose int added = -1, removed = -1;
	struct update_operation prev = { 0 }, cur = { 0 };
	int has_prev = operation_of(r, "prev", &prev, err), has_cur;

	TRY(has_prev);
	has_cur = operation_of(r, "cur", &cur, err);
	TRY(has_cur);
	if (!has_cur)
		return request_blame(r, 400, err_set(err, E_FORMAT, "\"cur\" query param is required"));
	TRY(fd_spool(&added, err));
	TRY(fd_spool(&removed, err));
	return write_difference(r, has_prev ? &prev : NULL, &cur, (const int[]){ added, removed }, err);
}
