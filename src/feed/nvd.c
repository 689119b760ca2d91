/* SPDX-License-Identifier: Apache-2.0 */
/* NVD's CVE records: {vulnerabilities: [{cve: {id, vulnStatus, metrics: {cvssMetricV31: [{type,
 * cvssData}]}}}]}. Source: NVD CVE API 2.0, https://nvd.nist.gov/developers/vulnerabilities, JSON schema
 * https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema. Easy to get wrong: a CVE has ratings of
 * several organisations; "Primary" marks NVD's own, or that of the CNA NVD accepts, and it is not always the
 * first, nor of the newest version of CVSS. */
#include "feed/nvd.h"

#include "base/limits.h"
#include "feed/cve_record.h"

struct nvd {
	struct task *task;
	const struct feed_job *job;
	struct json_reader *json;
	bool has_list;
};

/* What matters of one record. */
struct record {
	struct str id, status;
	struct json_value metrics;
	uint64_t line;
};

static void left_out(struct nvd *n, const struct record *r, const char *why)
{
	uint64_t line = r->line, column;

	if (!line)
		json_position(n->json, &line, &column);
	cve_record_left_out(n->task, n->job, line, r->id, why);
}

/* The first rating that is marked Primary, or NULL. */
static const struct json_value *primary(const struct json_value *ratings)
{
	if (!ratings || ratings->type != JSON_ARRAY)
		return NULL;
	for (size_t i = 0; i < ratings->n; i++)
		if (str_eq(json_get_str(&ratings->items[i], "type"), STR("Primary")))
			return &ratings->items[i];
	return NULL;
}

static int put(struct nvd *n, const struct record *r, const struct json_value *rating, struct err *err)
{
	const struct json_value *data = json_get(rating, "cvssData");
	struct buffer text = { .arena = &n->task->arena };
	struct mem_writer to;
	struct json_writer w;

	if (!data || data->type != JSON_OBJECT) {
		left_out(n, r, "a rating without cvssData");
		return 0;
	}
	mem_writer_open(&to, &text);
	json_writer_open(&w, &to.writer, 0, err);
	w.keeps_html = true;
	json_tree_write(&w, data);
	TRY(json_writer_end(&w));
	return cve_record_put(n->task, n->job, r->line, r->id, buffer_str(&text), err);
}

static int finish_record(struct nvd *n, const struct record *r, struct err *err)
{
	const struct json_value *rating = primary(json_get(&r->metrics, "cvssMetricV31"));

	if (!rating)
		rating = primary(json_get(&r->metrics, "cvssMetricV30"));
	if (!cve_record_is_id(r->id)) {
		left_out(n, r, "no CVE id");
		return 0;
	}
	if (!rating || str_eq_nocase(r->status, STR("Rejected")))
		return 0;
	return put(n, r, rating, err);
}

/* A string value into the arena; empty when it is something else. */
static int read_text(struct nvd *n, struct str *out, struct err *err)
{
	struct json_token token;

	TRY(json_next(n->json, &token, err));
	if (token.type != JSON_STRING)
		return json_skip(n->json, &token, err);
	*out = str_copy(
		&n->task->arena,
		str_sub(token.text, 0, token.text.n < LIMIT_FIELD_BYTES ? token.text.n : LIMIT_FIELD_BYTES));
	return 0;
}

static int read_metrics(struct nvd *n, struct json_value *out, struct err *err)
{
	struct json_token token;

	TRY(json_next(n->json, &token, err));
	return json_tree(n->json, &token, &n->task->arena, LIMIT_JSON_TREE_BYTES, out, err);
}

static int skip_value(struct nvd *n, struct err *err)
{
	struct json_token token;

	TRY(json_next(n->json, &token, err));
	return json_skip(n->json, &token, err);
}

/* The members of a cve object, after its brace. The configurations, most of its bytes, are passed over. */
static int read_members(struct nvd *n, struct record *r, struct err *err)
{
	struct json_token token;
	uint64_t column;

	json_position(n->json, &r->line, &column);
	for (;;) {
		TRY(json_next(n->json, &token, err));
		if (token.type == JSON_OBJECT_END)
			return 0;
		if (str_eq(token.text, STR("id")))
			TRY(read_text(n, &r->id, err));
		else if (str_eq(token.text, STR("vulnStatus")))
			TRY(read_text(n, &r->status, err));
		else if (str_eq(token.text, STR("metrics")))
			TRY(read_metrics(n, &r->metrics, err));
		else
			TRY(skip_value(n, err));
	}
}

static int read_cve(struct nvd *n, struct record *r, struct err *err)
{
	struct json_token token;

	TRY(json_next(n->json, &token, err));
	return token.type == JSON_OBJECT ? read_members(n, r, err) : json_skip(n->json, &token, err);
}

/* An element of vulnerabilities[]. */
static int read_element(struct nvd *n, const struct json_token *first, struct record *r, struct err *err)
{
	struct json_token token;

	if (first->type != JSON_OBJECT)
		return json_skip(n->json, first, err);
	for (;;) {
		TRY(json_next(n->json, &token, err));
		if (token.type == JSON_OBJECT_END)
			return 0;
		if (str_eq(token.text, STR("cve")))
			TRY(read_cve(n, r, err));
		else
			TRY(skip_value(n, err));
	}
}

static int read_record(struct nvd *n, const struct json_token *first, struct err *err)
{
	struct arena_mark mark = arena_mark(&n->task->arena);
	struct record r = { 0 };
	int result = read_element(n, first, &r, err);

	if (result == 0)
		result = finish_record(n, &r, err);
	arena_release(&n->task->arena, mark);
	return result;
}

static int read_list(struct nvd *n, struct err *err)
{
	struct json_token token;

	TRY(json_next(n->json, &token, err));
	if (token.type != JSON_ARRAY)
		return json_skip(n->json, &token, err);
	n->has_list = true;
	for (;;) {
		TRY(task_check(n->task, err));
		TRY(json_next(n->json, &token, err));
		if (token.type == JSON_ARRAY_END)
			return 0;
		TRY(read_record(n, &token, err));
	}
}

int nvd_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	autojson struct json_reader *json = json_reader_open(job->in);
	struct nvd n = { .task = task, .job = job, .json = json };
	struct json_token token;

	TRY(json_next(json, &token, err));
	if (token.type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "NVD's document is no JSON object");
	for (;;) {
		TRY(json_next(json, &token, err));
		if (token.type == JSON_OBJECT_END)
			break;
		if (str_eq(token.text, STR("vulnerabilities")))
			TRY(read_list(&n, err));
		else
			TRY(skip_value(&n, err));
	}
	TRY(json_next(json, &token, err));
	return n.has_list ? 0 : err_set(err, E_FORMAT, "NVD's document has no list of vulnerabilities");
}
