/* SPDX-License-Identifier: Apache-2.0 */
/* Maps from an id to a list of names: {"data": {"rhel-8-for-x86_64-baseos-rpms": {"cpes": [...]}}}, and
 * {"data": {"ubi8-container": ["ubi8", "ubi8/ubi"]}}.
 * Source: https://security.access.redhat.com/data/metrics/repository-to-cpe.json and
 * container-name-repos-map.json beside it; described at
 * https://redhatproductsecurity.github.io/security-data-guidelines/. Easy to get wrong: the lists differ in
 * depth; and an id without any name is as good as one that is not there, so it is left away. */
#include "feed/red_hat_maps.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/vec.h"
#include "feed/cve_record.h"
#include "model/cpe.h"

struct map_kind {
	const char *member; /* of the data of an enrichment */
	bool is_wrapped; /* the list is a member of an object, by that name */
	bool is_cpe; /* each name has to be one */
};

struct map_reader {
	struct task *task;
	const struct feed_job *job;
	const struct map_kind *kind;
	struct json_reader *json;
	uint64_t line; /* of the id at hand */
	struct str id;
	bool has_data;
};

/* ---- one id ---- */

static bool is_good(const struct map_reader *m, struct str name)
{
	autoarena struct arena a = { 0 };
	struct cpe cpe;
	struct err err;

	if (name.n == 0 || name.n > LIMIT_FIELD_BYTES)
		return false;
	return !m->kind->is_cpe || cpe_parse(&a, name, &cpe, &err) == 0;
}

static void left_out(struct map_reader *m, const char *why)
{
	cve_record_left_out(m->task, m->job, m->line, m->id, why);
}

static int read_list(struct map_reader *m, const struct json_token *first, str_list *names, struct err *err)
{
	struct json_token token;
	size_t bytes = 0;

	if (first->type != JSON_ARRAY)
		return json_skip(m->json, first, err);
	for (;;) {
		TRY(json_next(m->json, &token, err));
		if (token.type == JSON_ARRAY_END)
			return 0;
		if (token.type != JSON_STRING || !is_good(m, token.text)) {
			left_out(m, "a name that is none");
			TRY(json_skip(m->json, &token, err));
			continue;
		}
		bytes += token.text.n;
		if (bytes <= LIMIT_MAP_NAMES_BYTES)
			VEC_PUSH(&m->task->arena, names, str_copy(&m->task->arena, token.text));
	}
}

/* {"cpes": [...]} */
static int read_wrapped(struct map_reader *m, const struct json_token *first, str_list *names,
			struct err *err)
{
	struct json_token token;

	if (first->type != JSON_OBJECT)
		return json_skip(m->json, first, err);
	for (;;) {
		bool is_list;

		TRY(json_next(m->json, &token, err));
		if (token.type == JSON_OBJECT_END)
			return 0;
		is_list = str_eq(token.text, str_of(m->kind->member));
		TRY(json_next(m->json, &token, err));
		if (is_list)
			TRY(read_list(m, &token, names, err));
		else
			TRY(json_skip(m->json, &token, err));
	}
}

static int push(struct map_reader *m, const str_list *names, struct err *err)
{
	struct buffer text = { .arena = &m->task->arena };
	struct mem_writer to;
	struct json_writer w;

	mem_writer_open(&to, &text);
	json_writer_open(&w, &to.writer, 0, err);
	w.keeps_html = true;
	json_object_begin(&w);
	json_key(&w, m->kind->member);
	json_array_begin(&w);
	for (size_t i = 0; i < names->n; i++)
		json_str(&w, names->p[i]);
	json_array_end(&w);
	json_object_end(&w);
	TRY(json_writer_end(&w));
	return cve_record_put(m->task, m->job, m->line, m->id, buffer_str(&text), err);
}

static int read_value(struct map_reader *m, struct err *err)
{
	str_list names = { 0 };
	struct json_token first;

	TRY(json_next(m->json, &first, err));
	if (m->kind->is_wrapped)
		TRY(read_wrapped(m, &first, &names, err));
	else
		TRY(read_list(m, &first, &names, err));
	return names.n ? push(m, &names, err) : 0;
}

/* ---- the map ---- */

static int read_entry(struct map_reader *m, struct str id, struct err *err)
{
	struct arena_mark mark = arena_mark(&m->task->arena);
	struct json_token first;
	uint64_t column;
	int result;

	json_position(m->json, &m->line, &column);
	m->id = str_copy(&m->task->arena,
			 str_sub(id, 0, id.n < LIMIT_FIELD_BYTES ? id.n : LIMIT_FIELD_BYTES));
	if (id.n == 0 || id.n > LIMIT_FIELD_BYTES) {
		left_out(m, "an id that is empty, or long");
		result = json_next(m->json, &first, err);
		result = result < 0 ? result : json_skip(m->json, &first, err);
	} else {
		result = read_value(m, err);
	}
	arena_release(&m->task->arena, mark);
	return result;
}

static int read_data(struct map_reader *m, struct err *err)
{
	struct json_token token;

	TRY(json_next(m->json, &token, err));
	if (token.type != JSON_OBJECT)
		return json_skip(m->json, &token, err);
	m->has_data = true;
	for (;;) {
		TRY(task_check(m->task, err));
		TRY(json_next(m->json, &token, err));
		if (token.type == JSON_OBJECT_END)
			return 0;
		TRY(read_entry(m, token.text, err));
	}
}

static int read_document(struct map_reader *m, struct err *err)
{
	struct json_token token;

	TRY(json_next(m->json, &token, err));
	if (token.type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "line 1: no JSON object");
	for (;;) {
		TRY(json_next(m->json, &token, err));
		if (token.type == JSON_OBJECT_END)
			return json_next(m->json, &token, err);
		if (str_eq(token.text, STR("data"))) {
			TRY(read_data(m, err));
		} else {
			TRY(json_next(m->json, &token, err));
			TRY(json_skip(m->json, &token, err));
		}
	}
}

static int parse(struct task *task, const struct feed_job *job, const struct map_kind *kind, struct err *err)
{
	autojson struct json_reader *json = json_reader_open(job->in);
	struct map_reader m = { .task = task, .job = job, .kind = kind, .json = json };
	uint64_t line, column;

	TRY(read_document(&m, err));
	json_position(json, &line, &column);
	return m.has_data ? 0
			  : err_set(err, E_FORMAT, "line %llu: the map ends, and has no object \"data\"",
				    (unsigned long long)line);
}

int red_hat_maps_cpes(struct task *task, const struct feed_job *job, struct err *err)
{
	return parse(task, job, &(const struct map_kind){ "cpes", true, true }, err);
}

int red_hat_maps_names(struct task *task, const struct feed_job *job, struct err *err)
{
	return parse(task, job, &(const struct map_kind){ "repositories", false, false }, err);
}
