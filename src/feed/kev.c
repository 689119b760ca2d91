/* SPDX-License-Identifier: Apache-2.0 */
/* The catalog of vulnerabilities that are known to be exploited: {catalogVersion, vulnerabilities: [{cveID,
 * dateAdded, ...}]}. Source: CISA, https://www.cisa.gov/known-exploited-vulnerabilities-catalog, with its
 * JSON schema. Easy to get wrong: the version belongs to every entry but stands once, before the list; were
 * it behind, entries would go without, as the list is not kept. */
#include "feed/kev.h"

#include "base/limits.h"
#include "feed/cve_record.h"

struct kev {
	struct task *task;
	const struct feed_job *job;
	struct json_reader *json;
	struct str version;
	bool has_list;
};

static struct str object_of(struct kev *k, const struct json_value *entry, struct err *err)
{
	static const char *const names[][2] = {
		{ "date_added", "dateAdded" },
		{ "short_description", "shortDescription" },
		{ "required_action", "requiredAction" },
		{ "due_date", "dueDate" },
		{ "known_ransomware_campaign_use", "knownRansomwareCampaignUse" },
	};
	struct buffer text = { .arena = &k->task->arena };
	struct mem_writer to;
	struct json_writer w;

	mem_writer_open(&to, &text);
	json_writer_open(&w, &to.writer, 0, err);
	w.keeps_html = true;
	json_object_begin(&w);
	json_member(&w, "cve", json_get_str(entry, "cveID"));
	json_member(&w, "vulnerability_name", json_get_str(entry, "vulnerabilityName"));
	json_member(&w, "catalog_version", k->version);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_member(&w, names[i][0], json_get_str(entry, names[i][1]));
	json_object_end(&w);
	return json_writer_end(&w) < 0 ? (struct str){ NULL, 0 } : buffer_str(&text);
}

static int put_entry(struct kev *k, const struct json_value *entry, struct err *err)
{
	struct str id = json_get_str(entry, "cveID"), object;
	uint64_t line, column;

	json_position(k->json, &line, &column);
	if (!cve_record_is_id(id)) {
		cve_record_left_out(k->task, k->job, line, id, "no CVE id");
		return 0;
	}
	object = object_of(k, entry, err);
	return object.n ? cve_record_put(k->task, k->job, line, id, object, err) : err->code;
}

static int read_entry(struct kev *k, const struct json_token *first, struct err *err)
{
	struct arena *a = &k->task->arena;
	struct arena_mark mark = arena_mark(a);
	struct json_value entry;
	int result = json_tree(k->json, first, a, LIMIT_JSON_TREE_BYTES, &entry, err);

	if (result == 0)
		result = put_entry(k, &entry, err);
	arena_release(a, mark);
	return result;
}

static int read_list(struct kev *k, struct err *err)
{
	struct json_token token;

	TRY(json_next(k->json, &token, err));
	if (token.type != JSON_ARRAY)
		return json_skip(k->json, &token, err);
	k->has_list = true;
	for (;;) {
		TRY(task_check(k->task, err));
		TRY(json_next(k->json, &token, err));
		if (token.type == JSON_ARRAY_END)
			return 0;
		TRY(read_entry(k, &token, err));
	}
}

/* The first one counts. */
static int read_version(struct kev *k, struct err *err)
{
	struct json_token token;

	TRY(json_next(k->json, &token, err));
	if (token.type != JSON_STRING || k->version.n || token.text.n > LIMIT_FIELD_BYTES)
		return json_skip(k->json, &token, err);
	k->version = str_copy(&k->task->arena, token.text);
	return 0;
}

static int read_catalog(struct kev *k, struct err *err)
{
	struct json_token token;

	TRY(json_next(k->json, &token, err));
	if (token.type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "the catalog is no JSON object");
	for (;;) {
		TRY(json_next(k->json, &token, err));
		if (token.type == JSON_OBJECT_END)
			return json_next(k->json, &token, err);
		if (str_eq(token.text, STR("vulnerabilities"))) {
			TRY(read_list(k, err));
		} else if (str_eq(token.text, STR("catalogVersion"))) {
			TRY(read_version(k, err));
		} else {
			TRY(json_next(k->json, &token, err));
			TRY(json_skip(k->json, &token, err));
		}
	}
}

int kev_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	autojson struct json_reader *json = json_reader_open(job->in);
	struct kev k = { .task = task, .job = job, .json = json };
	struct arena_mark mark = arena_mark(&task->arena);
	int result = read_catalog(&k, err);

	arena_release(&task->arena, mark);
	TRY(result);
	return k.has_list ? 0 : err_set(err, E_FORMAT, "the catalog has no list of vulnerabilities");
}
