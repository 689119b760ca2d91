/* SPDX-License-Identifier: Apache-2.0 */
/* Clair's report and index report: golden bytes, and the structure as another JSON parser reads it. */
#include "sample.h"

#include "report/clair_objects.h"

#include <cjson/cJSON.h>

static const struct report_options indented = { .target = { "demo", 4 }, .indent = 2 };

static void clair_report_is_as_it_was(void **state)
{
	struct sample s;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	sample_golden(&s, "clair.json", sample_write(&s, "clair", &indented));
	task_close(&s.task);
}

static void index_report_is_as_it_was(void **state)
{
	struct sample s;

	(void)state;
	sample_open(&s);
	sample_golden(&s, "index.json", sample_write(&s, "index", &indented));
	task_close(&s.task);
}

static cJSON *parsed(struct sample *s, const char *format)
{
	const struct report_options compact = { .target = STR("demo") };
	struct str text = sample_write(s, format, &compact);
	cJSON *document = cJSON_ParseWithLength(text.p, text.n);

	assert_non_null(document);
	return document;
}

static cJSON *member(const cJSON *object, const char *name)
{
	cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!value)
		fail_msg("no member %s", name);
	return value;
}

/* Keys equal the id inside and ascend as numbers. */
static void check_map(const cJSON *map)
{
	unsigned long long last = 0;
	const cJSON *value;

	assert_true(cJSON_IsObject(map));
	cJSON_ArrayForEach(value, map)
	{
		unsigned long long id = strtoull(value->string, NULL, 10);

		assert_string_equal(member(value, "id")->valuestring, value->string);
		assert_true(id > last);
		assert_true(id >> 63 == 0);
		last = id;
	}
}

static void ids_are_consistent(void **state)
{
	const cJSON *list, *id;
	struct sample s;
	cJSON *d;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	d = parsed(&s, "clair");
	check_map(member(d, "packages"));
	check_map(member(d, "distributions"));
	check_map(member(d, "repository"));
	check_map(member(d, "vulnerabilities"));
	assert_int_equal(cJSON_GetArraySize(member(d, "packages")), 3);
	assert_int_equal(cJSON_GetArraySize(member(d, "environments")), 3);
	assert_int_equal(cJSON_GetArraySize(member(d, "vulnerabilities")), 3);
	assert_int_equal(cJSON_GetArraySize(member(d, "package_vulnerabilities")), 2);
	cJSON_ArrayForEach(list, member(d, "package_vulnerabilities"))
	{
		unsigned long long last = 0;

		assert_non_null(cJSON_GetObjectItemCaseSensitive(member(d, "packages"), list->string));
		assert_true(cJSON_GetArraySize(list) > 0);
		cJSON_ArrayForEach(id, list)
		{
			assert_non_null(cJSON_GetObjectItemCaseSensitive(member(d, "vulnerabilities"),
									 id->valuestring));
			assert_true(strtoull(id->valuestring, NULL, 10) > last);
			last = strtoull(id->valuestring, NULL, 10);
		}
	}
	assert_int_equal(cJSON_GetArraySize(member(d, "enrichments")), 0);
	cJSON_Delete(d);
	task_close(&s.task);
}

static void the_page_of_a_fix_is_one_of_its_links(void **state)
{
	static const struct {
		const char *links, *status_text, *want;
		enum advisory_status status;
	} cases[] = {
		{ "https://a.example", "https://b.example", "https://a.example https://b.example",
		  STATUS_AFFECTED },
		{ "", "https://b.example", "https://b.example", STATUS_AFFECTED },
		{ "https://a.example", "Affected", "https://a.example", STATUS_AFFECTED },
		{ "https://a.example", "https://b.example", "https://a.example", STATUS_WILL_NOT_FIX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct advisory advisory = { .links = str_of(cases[i].links),
						   .status_text = str_of(cases[i].status_text),
						   .status = cases[i].status };
		struct buffer text = { .arena = &a };
		struct mem_writer to;
		struct json_writer w;
		struct err err = { 0 };
		cJSON *d;

		mem_writer_open(&to, &text);
		json_writer_open(&w, &to.writer, 0, &err);
		clair_vulnerability(&w, &advisory);
		assert_int_equal(json_writer_end(&w), 0);
		d = cJSON_ParseWithLength((const char *)text.p, text.n);
		assert_string_equal(member(d, "links")->valuestring, cases[i].want);
		cJSON_Delete(d);
	}
}

static void every_package_has_a_source_and_environments(void **state)
{
	const cJSON *package, *e;
	struct sample s;
	cJSON *d;

	(void)state;
	sample_open(&s);
	d = parsed(&s, "index");
	cJSON_ArrayForEach(package, member(d, "packages"))
	{
		assert_true(cJSON_IsString(member(member(package, "source"), "id")));
		assert_true(cJSON_IsString(member(package, "normalized_version")));
		cJSON_ArrayForEach(e, member(member(d, "environments"), package->string))
		{
			const char *distribution = member(e, "distribution_id")->valuestring;

			assert_true(cJSON_IsArray(member(e, "repository_ids")));
			assert_true(!*distribution ||
				    cJSON_GetObjectItem(member(d, "distributions"), distribution));
		}
	}
	assert_true(cJSON_IsTrue(member(d, "success")));
	assert_string_equal(member(d, "err")->valuestring, "");
	cJSON_Delete(d);
	task_close(&s.task);
}

static void an_incomplete_index_is_no_success(void **state)
{
	struct sample s;
	cJSON *d;

	(void)state;
	sample_open(&s);
	s.index.is_incomplete = true;
	d = parsed(&s, "index");
	assert_string_equal(member(d, "state")->valuestring, "IndexFinished");
	assert_true(cJSON_IsFalse(member(d, "success")));
	assert_string_equal(member(d, "err")->valuestring,
			    "layer sha256:2222: a line of the database was odd");
	cJSON_Delete(d);
	task_close(&s.task);
}

static void enrichments_keep_their_order_and_are_lists(void **state)
{
	static const struct {
		enum enrichment_kind kind;
		const char *key;
	} kinds[] = {
		{ ENRICHMENT_CVSS,
		  "message/vnd.clair.map.vulnerability; enricher=clair.cvss schema=https://csrc.nist.gov/"
		  "schema/nvd/api/2.0/cve_api_json_2.0.schema" },
		{ ENRICHMENT_KEV, "message/vnd.clair.map.vulnerability; enricher=clair.kev schema=none" },
	};
	const struct str data[] = { STR("{\"baseScore\":9.8}"), STR("{\"baseScore\":5}") };
	const cJSON *map;
	struct sample s;
	cJSON *d;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	for (size_t i = 0; i < 2; i++) {
		enriched_list *list = &s.report.enrichments[kinds[i].kind];

		VEC_PUSH(&s.task.arena, list, ((struct enriched){ 7, data, 2 - i }));
		VEC_PUSH(&s.task.arena, list, ((struct enriched){ 1000, data + 1, 1 }));
	}
	d = parsed(&s, "clair");
	assert_int_equal(cJSON_GetArraySize(member(d, "enrichments")), 2);
	assert_string_equal(member(d, "enrichments")->child->string, kinds[0].key);
	for (size_t i = 0; i < 2; i++) {
		map = member(member(d, "enrichments"), kinds[i].key);
		assert_int_equal(cJSON_GetArraySize(map), 1);
		assert_int_equal(cJSON_GetArraySize(member(map->child, "7")), 2 - i);
		assert_true(member(member(map->child, "1000")->child, "baseScore")->valuedouble == 5);
	}
	cJSON_Delete(d);
	s.report.enrichments[ENRICHMENT_CVSS].n = 0;
	d = parsed(&s, "clair");
	assert_int_equal(cJSON_GetArraySize(member(d, "enrichments")), 0);
	cJSON_Delete(d);
	task_close(&s.task);
}

static void objects_written_before_are_taken_as_they_are(void **state)
{
	const struct written_vulnerability written[] = { { 7, STR("{\"id\":\"7\"}") },
							 { 42, STR("{\"id\":\"42\"}") },
							 { 1000, STR("{\"id\":\"1000\",\"x\":1}") } };
	const struct report_options options = { .vulnerabilities = written, .vulnerability_count = 3 };
	struct str text;
	struct sample s;

	(void)state;
	sample_open(&s);
	sample_matches(&s);
	text = sample_write(&s, "clair", &options);
	assert_true(str_search(text, STR("\"vulnerabilities\":{\"7\":{\"id\":\"7\"},\"42\":{\"id\":\"42\"},"
					 "\"1000\":{\"id\":\"1000\",\"x\":1}},")) < text.n);
	task_close(&s.task);
}

static void an_empty_report_has_empty_maps(void **state)
{
	static const char *const maps[] = { "packages",	    "distributions",   "repository",
					    "environments", "vulnerabilities", "package_vulnerabilities",
					    "enrichments" };
	struct sample s = { 0 };
	cJSON *d;

	(void)state;
	s.index.distribution = -1;
	s.report.index = &s.index;
	d = parsed(&s, "clair");
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		assert_true(cJSON_IsObject(member(d, maps[i])));
		assert_int_equal(cJSON_GetArraySize(member(d, maps[i])), 0);
	}
	cJSON_Delete(d);
	task_close(&s.task);
}

static void the_same_package_twice_is_listed_once(void **state)
{
	struct sample s;
	cJSON *d;

	(void)state;
	sample_open(&s);
	sample_found(&s, sample_package(&s, STR("busybox"), STR("1.36.1-r2"), STR("busybox")), 1, 0);
	d = parsed(&s, "index");
	assert_int_equal(cJSON_GetArraySize(member(d, "packages")), 3);
	assert_int_equal(cJSON_GetArraySize(member(d, "environments")), 3);
	cJSON_Delete(d);
	task_close(&s.task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clair_report_is_as_it_was),
		cmocka_unit_test(index_report_is_as_it_was),
		cmocka_unit_test(ids_are_consistent),
		cmocka_unit_test(the_page_of_a_fix_is_one_of_its_links),
		cmocka_unit_test(every_package_has_a_source_and_environments),
		cmocka_unit_test(an_incomplete_index_is_no_success),
		cmocka_unit_test(enrichments_keep_their_order_and_are_lists),
		cmocka_unit_test(objects_written_before_are_taken_as_they_are),
		cmocka_unit_test(an_empty_report_has_empty_maps),
		cmocka_unit_test(the_same_package_twice_is_listed_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
