/* SPDX-License-Identifier: Apache-2.0 */
/* Which images does a vulnerability concern: asked by Clair's notifier with whole vulnerabilities, and by
 * people with a name. Source: Clair 4.9's internal indexer API; the latter is ours. What a reader would get
 * wrong: every vulnerability that was sent comes back, as it was sent, whether it affects anything or not. */
#include "api/peer.h"
#include "api/request.h"
#include "api/routes.h"
#include "engine/affected.h"
#include "report/clair_objects.h"
#include "report/clair_parse.h"

#include <stdlib.h>

enum { PAGE = 500, PAGE_MAX = 10000, NAMED_MAX = 20000 };

/* The vulnerabilities of a question, parallel. */
struct question {
	const struct json_value **values;
	struct str *ids;
	const struct advisory **advisories;
	size_t n;
};

static int parse_question(struct request *r, struct question *q, struct err *err)
{
	struct arena *a = request_arena(r);
	struct json_value *body = ARENA_NEW(a, struct json_value);
	const struct json_value *list;

	TRY(json_parse(a, r->x->body, body, err));
	list = body->type == JSON_ARRAY ? body : json_get(body, "vulnerabilities");
	if (body->type != JSON_ARRAY && body->type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "neither a list of vulnerabilities nor an object with one");
	if (!list || list->type != JSON_ARRAY)
		return 0;
	q->values = ARENA_ARRAY(a, const struct json_value *, list->n);
	q->ids = ARENA_ARRAY(a, struct str, list->n);
	q->advisories = ARENA_ARRAY(a, const struct advisory *, list->n);
	for (; q->n < list->n; q->n++) {
		struct advisory *advisory = ARENA_NEW(a, struct advisory);

		TRY(clair_parse_vulnerability(&r->x->task, &list->items[q->n], false, advisory, &q->ids[q->n],
					      err));
		q->values[q->n] = &list->items[q->n];
		q->advisories[q->n] = advisory;
	}
	return 0;
}

static void write_affected(struct json_writer *w, const struct question *q, const affected_list *found)
{
	json_object_begin(w);
	json_key(w, "vulnerabilities");
	json_object_begin(w);
	for (size_t i = 0; i < q->n; i++) {
		json_key_str(w, q->ids[i]);
		json_tree_write(w, q->values[i]);
	}
	json_object_end(w);
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
	affected_list found = { 0 };
	struct json_body b;

	if (parse_question(r, &q, err) < 0)
		return request_blame(r, 400, err_wrap(err, "failed to deserialize vulnerabilities"));
	if (engine_affected(&r->x->task, r->api->options.index, q.advisories, q.n, STR(""), 0, &found, err) <
	    0)
		return err_wrap(err, "could not retrieve affected manifests");
	json_body_begin(r, &b);
	write_affected(&b.json, &q, &found);
	return json_body_end(r, &b, err);
}

/* ---- by name ---- */

static int named(struct request *r, advisory_list *out, struct err *err)
{
	TRY(advisories_named(r->api->options.advisories, &r->x->task, r->name, NAMED_MAX, out, err));
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
	if (text.n && (!str_u64(text, PAGE_MAX, &n) || n == 0))
		return request_blame(r, 400,
				     err_set(err, E_FORMAT, "limit: a number from 1 to %d", PAGE_MAX));
	out->limit = (size_t)n;
	(void)http_query_of(r->x, "after", &out->after);
	return 0;
}

static void write_page(struct json_writer *w, struct str name, const str_list *manifests,
		       const struct page *page)
{
	json_object_begin(w);
	json_member(w, "name", name);
	json_key(w, "manifests");
	json_array_begin(w);
	VEC_EACH (const struct str, m, manifests)
		json_str(w, *m);
	json_array_end(w);
	if (manifests->n == page->limit)
		json_member(w, "next", manifests->p[manifests->n - 1]);
	json_object_end(w);
}

static int affected_here(struct request *r, const advisory_list *list, const struct page *page, str_list *out,
			 struct err *err)
{
	affected_list found = { 0 };

	TRY(engine_affected(&r->x->task, r->api->options.index, list->p, list->n, page->after, page->limit,
			    &found, err));
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
	for (size_t i = 0; i < found->n && out->n < page->limit; i++)
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
