/* SPDX-License-Identifier: Apache-2.0 */
/* Clair's index report, read back: what a matcher gets from an indexer of another process. Source: the
 * OpenAPI document of Clair 4.9. What a reader would get wrong: members come in any order, so environments
 * are kept by the ids they name and resolved at the end; ids are those of the maps' keys and mean nothing
 * outside of the document; and a finished report with a text in err is one of an image that could not be
 * read whole. */
#include "report/clair_parse.h"

#include "base/limits.h"
#include "base/map.h"
#include "model/digest.h"
#include "report/clair_member.h"

#include <stdlib.h>

/* An environment before the ids in it are resolved. */
struct loose_environment {
	struct str package, distribution, layer;
	str_list repositories;
	struct str package_db;
};

struct report_reader {
	struct task *task;
	struct json_reader *json;
	struct index_report report;
	struct index_report_state state;
	struct map packages, distributions, repositories, layers; /* id -> position + 1 */
	VEC(struct loose_environment) environments;
	size_t repository_ids; /* in all of them */
};

typedef int (*entry_fn)(struct report_reader *r, struct str key, const struct json_value *v, struct err *err);

static void remember(struct map *m, struct str key, size_t position)
{
	*map_put(m, key) = (void *)(uintptr_t)(position + 1);
}

/* Position of an id, or -1. */
static int64_t position_of(const struct map *m, struct str key)
{
	return (int64_t)(uintptr_t)map_get(m, key) - 1;
}

static int check_count(size_t n, const char *what, struct err *err)
{
	if (n >= LIMIT_REPORT_OBJECTS)
		return err_set(err, E_LIMIT, "index report has more than %u %s", LIMIT_REPORT_OBJECTS, what);
	return 0;
}

static int add_package(struct report_reader *r, struct str key, const struct json_value *v, struct err *err)
{
	struct indexed_package p = { 0 };
	struct clair_object o;

	TRY(check_count(r->report.packages.n, "packages", err));
	TRY(clair_object_open(&r->task->arena, v, "package", false, &o, err));
	TRY(clair_read_package(&o, &p.package, err));
	remember(&r->packages, key, r->report.packages.n);
	VEC_PUSH(&r->task->arena, &r->report.packages, p);
	return 0;
}

static int add_distribution(struct report_reader *r, struct str key, const struct json_value *v,
			    struct err *err)
{
	struct distribution d;
	struct clair_object o;

	TRY(check_count(r->report.distributions.n, "distributions", err));
	TRY(clair_object_open(&r->task->arena, v, "distribution", false, &o, err));
	TRY(clair_read_distribution(&o, &d, err));
	remember(&r->distributions, key, r->report.distributions.n);
	VEC_PUSH(&r->task->arena, &r->report.distributions, d);
	return 0;
}

static int add_repository(struct report_reader *r, struct str key, const struct json_value *v,
			  struct err *err)
{
	struct repository p;
	struct clair_object o;

	TRY(check_count(r->report.repositories.n, "repositories", err));
	TRY(clair_object_open(&r->task->arena, v, "repository", false, &o, err));
	TRY(clair_text(&o, "name", LIMIT_FIELD_BYTES, &p.name, err));
	TRY(clair_text(&o, "key", LIMIT_FIELD_BYTES, &p.key, err));
	TRY(clair_text(&o, "uri", LIMIT_FIELD_BYTES, &p.uri, err));
	TRY(clair_text(&o, "cpe", LIMIT_FIELD_BYTES, &p.cpe, err));
	remember(&r->repositories, key, r->report.repositories.n);
	VEC_PUSH(&r->task->arena, &r->report.repositories, p);
	return 0;
}

static int read_repository_ids(struct report_reader *r, const struct clair_object *o,
			       struct loose_environment *e, struct err *err)
{
	const struct json_value *list;

	TRY(clair_list(o, "repository_ids", &list, err));
	r->repository_ids += list ? list->n : 0;
	TRY(check_count(r->repository_ids, "repository_ids", err));
	for (size_t i = 0; list && i < list->n; i++) {
		if (list->items[i].type != JSON_STRING)
			return err_set(err, E_FORMAT, "repository_ids of environment: no string");
		VEC_PUSH(&r->task->arena, &e->repositories, str_copy(&r->task->arena, list->items[i].text));
	}
	return 0;
}

static int add_environment(struct report_reader *r, struct str key, const struct json_value *v,
			   struct err *err)
{
	struct loose_environment e = { .package = key };
	struct clair_object o;
	struct str layer;

	TRY(check_count(r->environments.n, "environments", err));
	TRY(clair_object_open(&r->task->arena, v, "environment", false, &o, err));
	TRY(clair_text(&o, "package_db", LIMIT_PATH_BYTES, &e.package_db, err));
	TRY(clair_text(&o, "introduced_in", LIMIT_FIELD_BYTES, &layer, err));
	TRY(clair_text(&o, "distribution_id", LIMIT_FIELD_BYTES, &e.distribution, err));
	TRY(read_repository_ids(r, &o, &e, err));
	e.layer = layer;
	if (layer.n)
		TRY(digest_parse(&r->task->arena, layer, &e.layer, err));
	VEC_PUSH(&r->task->arena, &r->environments, e);
	return 0;
}

static int add_environments(struct report_reader *r, struct str key, const struct json_value *v,
			    struct err *err)
{
	if (v->type != JSON_ARRAY && v->type != JSON_NULL)
		return err_set(err, E_FORMAT, "environments of a package are no array");
	for (size_t i = 0; i < v->n; i++)
		TRY(add_environment(r, key, &v->items[i], err));
	return 0;
}

/* Each member of a map, one at a time in memory of its own. */
static int read_map(struct report_reader *r, const struct json_token *first, entry_fn add, struct err *err)
{
	struct json_token token;

	if (first->type == JSON_NULL)
		return 0;
	if (first->type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "index report: a map is no object");
	for (;;) {
		autoarena struct arena scratch = { 0 };
		struct json_value v;
		struct str key;

		TRY(task_check(r->task, err));
		TRY(json_next(r->json, &token, err));
		if (token.type != JSON_KEY)
			return 0;
		key = str_copy(&r->task->arena, token.text);
		TRY(json_next(r->json, &token, err));
		TRY(json_tree(r->json, &token, &scratch, LIMIT_JSON_TREE_BYTES, &v, err));
		TRY(add(r, key, &v, err));
	}
}

static int read_scalar(struct report_reader *r, struct str key, const struct json_token *t, struct err *err)
{
	bool is_text = t->type == JSON_STRING;
	struct str text = is_text ? str_copy(&r->task->arena, t->text) : STR("");

	if (t->type == JSON_NULL)
		return 0;
	if (str_eq(key, STR("success"))) {
		r->state.success = t->type == JSON_TRUE;
		return t->type == JSON_TRUE || t->type == JSON_FALSE
			       ? 0
			       : err_set(err, E_FORMAT, "success of index report is no boolean");
	}
	if (!is_text)
		return err_set(err, E_FORMAT, STR_FMT " of index report is no string", STR_ARG(key));
	if (str_eq(key, STR("manifest_hash")))
		return digest_parse(&r->task->arena, text, &r->report.manifest_hash, err);
	*(str_eq(key, STR("state")) ? &r->state.state : &r->state.problem) = text;
	return 0;
}

static entry_fn map_of(struct str key)
{
	static const struct {
		const char *name;
		entry_fn add;
	} maps[] = { { "packages", add_package },
		     { "distributions", add_distribution },
		     { "repository", add_repository },
		     { "environments", add_environments } };

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		if (str_eq(key, str_of(maps[i].name)))
			return maps[i].add;
	return NULL;
}

static bool is_scalar(struct str key)
{
	return str_eq(key, STR("manifest_hash")) || str_eq(key, STR("state")) || str_eq(key, STR("err")) ||
	       str_eq(key, STR("success"));
}

static int read_member(struct report_reader *r, struct str key, struct err *err)
{
	entry_fn add = map_of(key);
	struct json_token token;

	TRY(json_next(r->json, &token, err));
	if (add)
		return read_map(r, &token, add, err);
	if (is_scalar(key))
		return read_scalar(r, key, &token, err);
	return json_skip(r->json, &token, err);
}

static int read_document(struct report_reader *r, struct err *err)
{
	struct json_token token;
	int rc = json_next(r->json, &token, err);

	TRY(rc);
	if (rc == 0 || token.type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "index report is no object");
	for (;;) {
		struct str key;

		TRY(json_next(r->json, &token, err));
		if (token.type != JSON_KEY)
			return 0;
		key = str_copy(&r->task->arena, token.text);
		TRY(read_member(r, key, err));
	}
}

static uint32_t layer_position(struct report_reader *r, struct str digest)
{
	int64_t at = position_of(&r->layers, digest);

	if (at < 0) {
		at = (int64_t)r->report.layers.n;
		VEC_PUSH(&r->task->arena, &r->report.layers, digest);
		remember(&r->layers, digest, (size_t)at);
	}
	return (uint32_t)at;
}

static void resolve_repositories(struct report_reader *r, const struct loose_environment *loose,
				 struct environment *out)
{
	uint32_t *list = ARENA_ARRAY(&r->task->arena, uint32_t, loose->repositories.n);

	VEC_EACH (const struct str, id, &loose->repositories) {
		int64_t at = position_of(&r->repositories, *id);

		if (at >= 0)
			list[out->repository_count++] = (uint32_t)at;
	}
	out->repositories = list;
}

static void resolve(struct report_reader *r)
{
	VEC_EACH (struct loose_environment, e, &r->environments) {
		int64_t package = position_of(&r->packages, e->package);
		struct environment found = { .package_db = e->package_db };

		if (package < 0)
			continue;
		found.layer = layer_position(r, e->layer);
		found.distribution = (int32_t)position_of(&r->distributions, e->distribution);
		resolve_repositories(r, e, &found);
		VEC_PUSH(&r->task->arena, &r->report.packages.p[package].environments, found);
	}
	VEC_EACH (struct indexed_package, p, &r->report.packages) {
		struct environment nowhere = { .distribution = -1 };

		if (p->environments.n)
			continue;
		nowhere.layer = layer_position(r, STR(""));
		VEC_PUSH(&r->task->arena, &p->environments, nowhere);
	}
}

static int compare_packages(const void *a, const void *b)
{
	const struct package *x = &((const struct indexed_package *)a)->package;
	const struct package *y = &((const struct indexed_package *)b)->package;
	int order = str_cmp(x->name, y->name);

	order = order ? order : str_cmp(x->version, y->version);
	order = order ? order : (int)x->kind - (int)y->kind;
	order = order ? order : str_cmp(x->module, y->module);
	return order ? order : str_cmp(x->arch, y->arch);
}

static void finish(struct report_reader *r)
{
	struct index_report *report = &r->report;

	resolve(r);
	if (report->packages.n)
		qsort(report->packages.p, report->packages.n, sizeof(*report->packages.p), compare_packages);
	report->distribution = report->distributions.n == 1 ? 0 : -1;
	report->is_incomplete = !r->state.success || r->state.problem.n > 0;
	if (report->is_incomplete && r->state.problem.n)
		VEC_PUSH(&r->task->arena, &report->notes, r->state.problem);
}

int clair_parse_index_report(struct task *task, struct str body, struct index_report *out,
			     struct index_report_state *state, struct err *err)
{
	autojson struct json_reader *json = json_reader_open_text(body);
	struct report_reader r = { .task = task, .json = json };

	r.packages.arena = r.distributions.arena = &task->arena;
	r.repositories.arena = r.layers.arena = &task->arena;
	TRY(read_document(&r, err));
	if (!r.report.manifest_hash.n)
		return err_set(err, E_FORMAT, "index report has no manifest_hash");
	finish(&r);
	*out = r.report;
	*state = r.state;
	return 0;
}
