/* SPDX-License-Identifier: Apache-2.0 */
/* Which images does a vulnerability concern: asked by Clair's notifier with whole vulnerabilities, and by
 * people with a name. Source: Clair 4.9's internal indexer API; the latter is ours. What a reader would get
 * wrong: every vulnerability that was sent comes back, as it was sent, whether it affects anything or not. */
#include "api/peer.h"
#include "api/request.h"
#include "api/routes.h"
#include "base/limits.h"
#include "engine/affected.h"
#include "report/clair_objects.h"
#include "report/clair_parse.h"

#include <stdlib.h>

enum { PAGE = 500 };

/* The vulnerabilities of a question, parallel. */
struct question {
	struct json_value *values;
	struct str *ids;
	const struct advisory **advisories;
	size_t n;
};

/* Members that are null are absent, at every level (the reader has bounded them). */
static void drop_nulls(struct json_value *v)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->n; i++) {
		if (v->type == JSON_OBJECT && v->items[i].type == JSON_NULL)
			continue;
		drop_nulls(&v->items[i]);
		v->items[kept] = v->items[i];
		if (v->type == JSON_OBJECT)
			v->keys[kept] = v->keys[i];
		kept++;
	}
	v->n = kept;
}

/* The list in a body: {"vulnerabilities":[...]} as Clair's notifier sends it, or bare as its document has it.
 */
static int list_of(struct json_value *body, struct json_value **out, struct err *err)
{
	struct json_value *list = body;

	if (body->type == JSON_OBJECT)
		list = (struct json_value *)json_get(body, "vulnerabilities");
	if (list && list->type == JSON_NULL)
		list = NULL;
	if (list && list->type != JSON_ARRAY)
		return err_set(err, E_FORMAT, "neither a list of vulnerabilities nor an object with one");
	if (list && list->n > LIMIT_QUESTION_ADVISORIES)
		return err_set(err, E_LIMIT, "%zu vulnerabilities, limit %u", list->n,
			       LIMIT_QUESTION_ADVISORIES);
	*out = list;
	return 0;
}

/* As Clair: the first value counts, what comes after it does not. */
static int read_body(struct request *r, struct json_value *out, struct err *err)
{
	autojson struct json_reader *j = json_reader_open_text(r->x->body);
	struct json_token token;

	TRY(json_next(j, &token, err)); /* an empty body is an error */
	return json_tree(j, &token, request_arena(r), LIMIT_JSON_TREE_BYTES, out, err);
}

static int parse_question(struct request *r, struct question *q, struct err *err)
{
	struct arena *a = request_arena(r);
	struct json_value *body = ARENA_NEW(a, struct json_value), *list = NULL;

	TRY(read_body(r, body, err));
	TRY(list_of(body, &list, err));
	if (!list)
		return 0;
	q->values = list->items;
	q->ids = ARENA_ARRAY(a, struct str, list->n);
	q->advisories = ARENA_ARRAY(a, const struct advisory *, list->n);
	for (; q->n < list->n; q->n++) {
		struct advisory *advisory = ARENA_NEW(a, struct advisory);
		struct str *id = &q->ids[q->n];

		TRY(task_check(&r->x->task, err));
		TRY(clair_parse_vulnerability(&r->x->task, &list->items[q->n], false, advisory, id, err));
		if (!id->n) /* summaries have none: their place in the list */
			*id = str_format(a, "%zu", q->n);
		drop_nulls(&list->items[q->n]);
		q->advisories[q->n] = advisory;
	}
	return 0;
}

static int compare_ids(const void *a, const void *b, void *ctx)
{
	const struct str *ids = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int order = str_cmp(ids[x], ids[y]);

	return order ? order : (x > y) - (x < y);
}

/* Every vulnerability as it came, by its id; of two with one id the first. */
static void write_question(struct arena *a, struct json_writer *w, const struct question *q)
{
	uint32_t *order = ARENA_ARRAY(a, uint32_t, q->n);

	for (size_t i = 0; i < q->n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, q->n, sizeof(*order), compare_ids, q->ids);
	json_object_begin(w);
	for (size_t i = 0; i < q->n; i++) {
		if (i && str_eq(q->ids[order[i]], q->ids[order[i - 1]]))
			continue;
		if (q->values[order[i]].type == JSON_NULL)
			continue;
		json_key_str(w, q->ids[order[i]]);
		json_tree_write(w, &q->values[order[i]]);
	}
	json_object_end(w);
}

static void write_affected(struct arena *a, struct json_writer *w, const struct question *q,
			   const affected_list *found)
{
	json_object_begin(w);
	json_key(w, "vulnerabilities");
	write_question(a, w, q);
	json_key(w, "vulnerable_manifests");
	json_object_begin(w);
	VEC_EACH (const struct affected, f, found) {
		json_key_str(w, f->manifest);
		json_array_begin(w);
		VEC_EACH (const uint32_t, i, &f->advisories)
			json_str(w, q->ids[*i]);
		json_array_end(w);
	}
	json_object_end(w);
	json_object_end(w);
}

int handle_affected_manifests(struct request *r, struct err *err)
{
	struct question q = { 0 };
	struct affected_question asked;
	affected_list found = { 0 };
	struct json_body b;

	if (parse_question(r, &q, err) < 0)
		return request_blame(r, 400, err_wrap(err, "failed to deserialize vulnerabilities"));
	asked = (struct affected_question){ .index = r->api->options.index,
					    .store = r->api->options.advisories,
					    .advisories = q.advisories,
					    .n = q.n };
	if (engine_affected(&r->x->task, &asked, &found, err) < 0)
		return err_wrap(err, "could not retrieve affected manifests");
	json_body_begin(r, &b);
	write_affected(request_arena(r), &b.json, &q, &found);
	return json_body_end(r, &b, err);
}

/* ---- by name ---- */

static int named(struct request *r, advisory_list *out, struct err *err)
{
	TRY(advisories_named(r->api->options.advisories, &r->x->task, r->name, LIMIT_NAMED_ADVISORIES, out,
			     err));
	if (!out->n)
		return request_blame(
			r, 404,
			err_set(err, E_NOTFOUND, "no advisory is about \"" STR_FMT "\"", STR_ARG(r->name)));
	return 0;
}

static void write_named(struct json_writer *w, const advisory_list *list)
{
	json_key(w, "vulnerabilities");
	json_array_begin(w);
	for (size_t i = 0; i < list->n; i++)
		clair_vulnerability_whole(w, list->p[i]);
	json_array_end(w);
}

int handle_vulnerability(struct request *r, struct err *err)
{
	advisory_list list = { 0 };
	struct json_body b;

	TRY(named(r, &list, err));
	json_body_begin(r, &b);
	json_object_begin(&b.json);
	json_member(&b.json, "name", r->name);
	write_named(&b.json, &list);
	json_object_end(&b.json);
	return json_body_end(r, &b, err);
}

struct page {
	struct str after;
	size_t limit;
};

static int page_of(struct request *r, struct page *out, struct err *err)
{
	struct str text;
	uint64_t n = PAGE;

	(void)http_query_of(r->x, "limit", &text);
	if (text.n && (!str_u64(text, LIMIT_PAGE_ROWS, &n) || n == 0))
		return request_blame(r, 400,
				     err_set(err, E_FORMAT, "limit: a number from 1 to %u", LIMIT_PAGE_ROWS));
	out->limit = (size_t)n;
	(void)http_query_of(r->x, "after", &out->after);
	return 0;
}

/* manifests: one more than the page has, when there are more. */
static void write_page(struct json_writer *w, struct str name, const str_list *manifests,
		       const struct page *page)
{
	json_object_begin(w);
	json_member(w, "name", name);
	json_key(w, "manifests");
	json_array_begin(w);
	for (size_t i = 0; i < manifests->n && i < page->limit; i++)
		json_str(w, manifests->p[i]);
	json_array_end(w);
	if (manifests->n > page->limit)
		json_member(w, "next", manifests->p[page->limit - 1]);
	json_object_end(w);
}

static int affected_here(struct request *r, const advisory_list *list, const struct page *page, str_list *out,
			 struct err *err)
{
	const struct affected_question asked = { .index = r->api->options.index,
						 .store = r->api->options.advisories,
						 .advisories = list->p,
						 .n = list->n,
						 .after = page->after,
						 .max = page->limit + 1 };
	affected_list found = { 0 };

	TRY(engine_affected(&r->x->task, &asked, &found, err));
	VEC_EACH (struct affected, f, &found)
		VEC_PUSH(request_arena(r), out, f->manifest);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The manifests of a peer's answer, sorted, of this page. */
static int take_page(struct request *r, struct str text, const struct page *page, str_list *out,
		     struct err *err)
{
	struct arena *a = request_arena(r);
	struct json_value *answer = ARENA_NEW(a, struct json_value);
	const struct json_value *found;
	struct str *sorted;

	TRY(json_parse(a, text, answer, err));
	found = json_get(answer, "vulnerable_manifests");
	if (!found || found->type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "the indexer's answer has no vulnerable_manifests");
	sorted = ARENA_ARRAY(a, struct str, found->n);
	for (size_t i = 0; i < found->n; i++)
		sorted[i] = found->keys[i];
	if (found->n)
		qsort(sorted, found->n, sizeof(*sorted), compare);
	for (size_t i = 0; i < found->n && out->n <= page->limit; i++)
		if (str_cmp(sorted[i], page->after) > 0)
			VEC_PUSH(a, out, sorted[i]);
	return 0;
}

static int affected_there(struct request *r, const advisory_list *list, const struct page *page,
			  str_list *out, struct err *err)
{
	struct json_body b;
	struct str answer;

	json_body_begin(r, &b);
	json_object_begin(&b.json);
	write_named(&b.json, list);
	json_object_end(&b.json);
	TRY(json_writer_end(&b.json));
	TRY(peer_affected(r->api, &r->x->task, buffer_str(&b.buffer), &answer, err));
	return take_page(r, answer, page, out, err);
}

int handle_vulnerability_affected(struct request *r, struct err *err)
{
	advisory_list list = { 0 };
	str_list manifests = { 0 };
	struct page page = { 0 };
	struct json_body b;

	TRY(page_of(r, &page, err));
	TRY(named(r, &list, err));
	TRY(r->api->options.index ? affected_here(r, &list, &page, &manifests, err)
				  : affected_there(r, &list, &page, &manifests, err));
	json_body_begin(r, &b);
	write_page(&b.json, r->name, &manifests, &page);
	return json_body_end(r, &b, err);
}
