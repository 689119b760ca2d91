/* SPDX-License-Identifier: Apache-2.0 */
/* What callers send: manifests, digests, vulnerabilities; and index reports read back. */
#include "sample.h"

#include "base/limits.h"
#include "report/clair_parse.h"
#include "report/writers.h"

#define HEX "1111111111111111111111111111111111111111111111111111111111111111"
#define A "sha256:" HEX
#define UPPER "sha256:ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD"
#define LOWER "sha256:abcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcdefabcd"
#define LAYER "{\"hash\":\"" A "\",\"uri\":\"https://registry.example/a\"}"

static void manifests_are_read_as_leniently_as_clair_does(void **state)
{
	static const struct {
		const char *body;
		int code;
	} cases[] = {
		{ "{\"hash\":\"" A "\",\"layers\":[" LAYER "]}", 0 },
		{ "{\"hash\":\"" A "\",\"layers\":[" LAYER "],\"more\":[1,{}]} trailing", 0 },
		{ "{\"hash\":\"" UPPER "\",\"layers\":[" LAYER "]}", 0 },
		{ "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"uri\":null,\"headers\":null}]}", 0 },
		{ "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A
		  "\",\"headers\":{\"Accept\":[],\"X\":null}}]}",
		  0 },
		{ "{\"layers\":[" LAYER "]}", E_CONFIG },
		{ "{\"hash\":null,\"layers\":[" LAYER "]}", E_CONFIG },
		{ "{\"hash\":\"" A "\"}", E_CONFIG },
		{ "{\"hash\":\"" A "\",\"layers\":null}", E_CONFIG },
		{ "{\"hash\":\"" A "\",\"layers\":[]}", E_CONFIG },
		{ "{\"Hash\":\"" A "\",\"layers\":[" LAYER "]}", E_CONFIG },
		{ "null", E_CONFIG },
		{ "{}", E_CONFIG },
		{ "", E_FORMAT },
		{ "[]", E_FORMAT },
		{ "\"" A "\"", E_FORMAT },
		{ "{\"hash\":\"\",\"layers\":[" LAYER "]}", E_FORMAT },
		{ "{\"hash\":\"sha256:abc\",\"layers\":[" LAYER "]}", E_FORMAT },
		{ "{\"hash\":\"md5:" HEX "\",\"layers\":[" LAYER "]}", E_FORMAT },
		{ "{\"hash\":1,\"layers\":[" LAYER "]}", E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":{}}", E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":[null]}", E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":[{}]}", E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"uri\":1}]}", E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"headers\":[]}]}", E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"headers\":{\"A\":\"b\"}}]}",
		  E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"headers\":{\"A\":[1]}}]}",
		  E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A
		  "\",\"headers\":{\"A\":[\"b\\r\\nHost: c\"]}}]}",
		  E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"headers\":{\"A b\":[\"c\"]}}]}",
		  E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"headers\":{\"\":[\"c\"]}}]}",
		  E_FORMAT },
		{ "{\"hash\":\"" A "\",\"layers\":[" LAYER, E_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task task = { 0 };
		struct manifest m = { 0 };
		struct err err = { 0 };

		if (clair_parse_manifest(&task, str_of(cases[i].body), &m, &err) != cases[i].code)
			fail_msg("%s: %s", cases[i].body, err.text);
		if (cases[i].code)
			assert_int_equal(m.layers.n, 0);
	}
}

static void a_manifest_is_read_whole(void **state)
{
	autotask struct task task = { 0 };
	struct manifest m;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		clair_parse_manifest(
			&task,
			STR("{\"hash\":\"" UPPER "\",\"layers\":[{\"hash\":\"" UPPER
			    "\",\"uri\":\"https://registry.example/"
			    "a?sig=s\",\"media_type\":\"m\",\"headers\":"
			    "{\"Authorization\":[\"Bearer abc\"],\"Accept\":[\"a\",\"b\"]}}," LAYER "]}"),
			&m, &err),
		0);
	assert_str_is(m.hash, LOWER);
	assert_int_equal(m.layers.n, 2);
	assert_str_is(m.layers.p[0].hash, LOWER);
	assert_str_is(m.layers.p[0].uri, "https://registry.example/a?sig=s");
	assert_str_is(m.layers.p[0].media_type, "m");
	assert_int_equal(m.layers.p[0].headers.n, 2);
	assert_str_is(m.layers.p[0].headers.p[0].name, "Authorization");
	assert_str_is(m.layers.p[0].headers.p[0].values[0], "Bearer abc");
	assert_int_equal(m.layers.p[0].headers.p[1].n, 2);
	assert_str_is(m.layers.p[0].headers.p[1].values[1], "b");
	assert_int_equal(m.layers.p[1].headers.n, 0);
}

/* before, n times what, with commas, after */
static struct str repeated(struct arena *a, const char *before, const char *what, size_t n, const char *after)
{
	struct buffer b = { .arena = a };

	put_bytes(&b, str_of(before));
	for (size_t i = 0; i < n; i++) {
		put_bytes(&b, i ? STR(",") : STR(""));
		put_bytes(&b, str_of(what));
	}
	put_bytes(&b, str_of(after));
	return buffer_str(&b);
}

static struct str filled(struct arena *a, const char *before, size_t n, const char *after)
{
	char *p = arena_alloc(a, n);

	memset(p, 'a', n);
	return str_format(a, "%s" STR_FMT "%s", before, (int)n, p, after);
}

static void manifests_have_limits(void **state)
{
	autotask struct task task = { 0 };
	struct arena *a = &task.arena;
	const char *uri = "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"uri\":\"";
	const char *value = "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"headers\":{\"A\":[\"";
	const char *values = "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"headers\":{\"A\":[";
	const char *names = "{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A "\",\"headers\":{";
	const char *layers = "{\"hash\":\"" A "\",\"layers\":[";
	struct {
		struct str fits, is_over;
	} cases[] = {
		{ repeated(a, layers, LAYER, LIMIT_MANIFEST_LAYERS, "]}"),
		  repeated(a, layers, LAYER, LIMIT_MANIFEST_LAYERS + 1, "]}") },
		{ filled(a, uri, LIMIT_LAYER_URI_BYTES, "\"}]}"),
		  filled(a, uri, LIMIT_LAYER_URI_BYTES + 1, "\"}]}") },
		{ filled(a, value, LIMIT_LAYER_HEADER_BYTES, "\"]}}]}"),
		  filled(a, value, LIMIT_LAYER_HEADER_BYTES + 1, "\"]}}]}") },
		{ repeated(a, values, "\"v\"", LIMIT_LAYER_HEADERS, "]}}]}"),
		  repeated(a, values, "\"v\"", LIMIT_LAYER_HEADERS + 1, "]}}]}") },
		{ repeated(a, names, "\"N\":[]", LIMIT_LAYER_HEADERS, "}}]}"),
		  repeated(a, names, "\"N\":[]", LIMIT_LAYER_HEADERS + 1, "}}]}") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct manifest m;
		struct err err = { 0 };

		if (clair_parse_manifest(&task, cases[i].fits, &m, &err) != 0)
			fail_msg("%zu: %s", i, err.text);
		assert_int_equal(clair_parse_manifest(&task, cases[i].is_over, &m, &err), E_LIMIT);
	}
}

static void errors_do_not_show_headers(void **state)
{
	autotask struct task task = { 0 };
	struct manifest m;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		clair_parse_manifest(&task,
				     STR("{\"hash\":\"" A "\",\"layers\":[{\"hash\":\"" A
					 "\",\"headers\":{\"Authorization\":[\"Bearer secret\\n\"]}}]}"),
				     &m, &err),
		E_FORMAT);
	assert_null(strstr(err.text, "secret"));
}

static void digests_are_lower_case(void **state)
{
	static const struct {
		const char *body;
		int code;
		size_t n;
	} cases[] = {
		{ "[]", 0, 0 },
		{ "null", 0, 0 },
		{ "[\"" A "\",\"" UPPER "\"]", 0, 2 },
		{ "[\"" A "\"", E_FORMAT, 0 },
		{ "[null]", E_FORMAT, 0 },
		{ "[1]", E_FORMAT, 0 },
		{ "[\"sha256:1\"]", E_FORMAT, 0 },
		{ "{}", E_FORMAT, 0 },
		{ "", E_FORMAT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task task = { 0 };
		digest_list list = { 0 };
		struct err err = { 0 };

		if (clair_parse_digests(&task, str_of(cases[i].body), &list, &err) != cases[i].code)
			fail_msg("%s: %s", cases[i].body, err.text);
		assert_int_equal(list.n, cases[i].n);
		if (list.n == 2)
			assert_str_is(list.p[1], LOWER);
	}
}

static void digests_have_a_limit(void **state)
{
	autotask struct task task = { 0 };
	digest_list list = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		clair_parse_digests(&task, repeated(&task.arena, "[", "\"\"", LIMIT_REQUEST_DIGESTS + 1, "]"),
				    &list, &err),
		E_LIMIT);
}

/* ---- index reports ---- */

static void what_we_write_we_read(void **state)
{
	struct sample s;
	struct index_report back;
	struct index_report_state status;
	struct index_json_status again = { .state = STR("IndexFinished"), .success = true };
	struct str text;
	struct buffer bytes;
	struct mem_writer to;
	struct err err = { 0 };

	(void)state;
	sample_open(&s);
	bytes = (struct buffer){ .arena = &s.task.arena };
	mem_writer_open(&to, &bytes);
	assert_int_equal(index_json_write_status(&s.task, &s.index, &again, 0, &to.writer, &err), 0);
	text = buffer_str(&bytes);
	assert_int_equal(clair_parse_index_report(&s.task, text, &back, &status, &err), 0);
	assert_str_is(status.state, "IndexFinished");
	assert_true(status.success);
	assert_false(back.is_incomplete);
	assert_int_equal(back.packages.n, s.index.packages.n);
	bytes = (struct buffer){ .arena = &s.task.arena };
	assert_int_equal(index_json_write_status(&s.task, &back, &again, 0, &to.writer, &err), 0);
	assert_true(str_eq(text, buffer_str(&bytes)));
	task_close(&s.task);
}

static void members_come_in_any_order_and_may_be_missing(void **state)
{
	autotask struct task task = { 0 };
	struct index_report r;
	struct index_report_state status;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		clair_parse_index_report(
			&task,
			STR("{\"environments\":{\"7\":[{\"package_db\":\"db\",\"introduced_in\":\"" A
			    "\",\"distribution_id\":\"1\",\"repository_ids\":[\"9\",\"10\"]}],\"8\":null,"
			    "\"99\":[{}]},"
			    "\"packages\":{\"8\":{\"name\":\"b\",\"source\":null},\"7\":{\"name\":\"a\","
			    "\"version\":\"1\","
			    "\"kind\":\"BINARY\",\"source\":{\"name\":\"s\",\"version\":\"2\",\"source\":"
			    "\"\"},"
			    "\"detector\":null}},\"more\":{\"x\":[]},\"repository\":{\"9\":{\"name\":\"r\"}},"
			    "\"distributions\":{\"1\":{\"did\":\"debian\"}},\"success\":true,\"err\":"
			    "\"note\","
			    "\"state\":\"IndexFinished\",\"manifest_hash\":\"" UPPER "\"}"),
			&r, &status, &err),
		0);
	assert_str_is(r.manifest_hash, LOWER);
	assert_int_equal(r.packages.n, 2);
	assert_str_is(r.packages.p[0].package.name, "a");
	assert_int_equal(r.packages.p[0].package.kind, PACKAGE_BINARY);
	assert_str_is(r.packages.p[0].package.source_name, "s");
	assert_int_equal(r.packages.p[0].environments.n, 1);
	assert_int_equal(r.packages.p[0].environments.p[0].distribution, 0);
	assert_int_equal(r.packages.p[0].environments.p[0].repository_count, 1);
	assert_str_is(r.layers.p[r.packages.p[0].environments.p[0].layer], A);
	assert_int_equal(r.packages.p[1].environments.n, 1);
	assert_int_equal(r.packages.p[1].environments.p[0].distribution, -1);
	assert_str_is(r.layers.p[r.packages.p[1].environments.p[0].layer], "");
	assert_true(r.is_incomplete);
	assert_str_is(r.notes.p[0], "note");
}

static void broken_reports_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"[]",
		"null",
		"{}",
		"{\"manifest_hash\":\"x\"}",
		"{\"manifest_hash\":1}",
		"{\"manifest_hash\":\"" A "\",\"packages\":[]}",
		"{\"manifest_hash\":\"" A "\",\"packages\":{\"1\":1}}",
		"{\"manifest_hash\":\"" A "\",\"packages\":{\"1\":{\"name\":1}}}",
		"{\"manifest_hash\":\"" A "\",\"packages\":{\"1\":{\"source\":[]}}}",
		"{\"manifest_hash\":\"" A "\",\"environments\":{\"1\":{}}}",
		"{\"manifest_hash\":\"" A "\",\"environments\":{\"1\":[{\"introduced_in\":\"x\"}]}}",
		"{\"manifest_hash\":\"" A "\",\"environments\":{\"1\":[{\"repository_ids\":[1]}]}}",
		"{\"manifest_hash\":\"" A "\",\"state\":1}",
		"{\"manifest_hash\":\"" A "\",\"success\":\"yes\"}",
		"{\"manifest_hash\":\"" A "\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task task = { 0 };
		struct index_report r;
		struct index_report_state status;
		struct err err = { 0 };

		if (clair_parse_index_report(&task, str_of(cases[i]), &r, &status, &err) != E_FORMAT)
			fail_msg("%s: %s", cases[i], err.text);
	}
}

/* ---- vulnerabilities ---- */

static int parse(struct task *task, const char *text, bool is_file, struct advisory *out, struct str *id,
		 struct err *err)
{
	struct json_value v;

	assert_int_equal(json_parse(&task->arena, str_of(text), &v, err), 0);
	return clair_parse_vulnerability(task, &v, is_file, out, id, err);
}

static void vulnerabilities_are_read_whole(void **state)
{
	autotask struct task task = { 0 };
	struct advisory v;
	struct str id;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		parse(&task,
		      "{\"id\":\"90\",\"updater\":\"u\",\"name\":\"CVE-2099-1\",\"description\":\"d\","
		      "\"issued\":"
		      "\"2020-01-02T03:04:05.678Z\",\"links\":\"l\",\"severity\":\"bad\",\"normalized_"
		      "severity\":\"High\","
		      "\"package\":{\"name\":\"p\",\"kind\":\"source\",\"arch\":\"x86\",\"module\":\"m\"},"
		      "\"distribution\":{\"did\":\"alpine\",\"version_id\":\"3.20\"},\"repository\":{"
		      "\"name\":\"r\",\"key\":\"k\","
		      "\"uri\":\"i\"},\"fixed_in_version\":\"2\",\"arch_op\":\"equals\",\"range\":{\"[\":"
		      "\"a\",\")\":\"b\"}}",
		      false, &v, &id, &err),
		0);
	assert_str_is(id, "90");
	assert_str_is(v.updater, "u");
	assert_str_is(v.name, "CVE-2099-1");
	assert_int_equal(v.issued, 1577934245);
	assert_int_equal(v.normalized_severity, SEVERITY_HIGH);
	assert_str_is(v.severity, "bad");
	assert_str_is(v.key.package, "p");
	assert_int_equal(v.package_kind, PACKAGE_SOURCE);
	assert_str_is(v.arch, "x86");
	assert_str_is(v.module, "m");
	assert_str_is(v.arch_operation, "equals");
	assert_str_is(v.distribution.did, "alpine");
	assert_str_is(v.repository_key, "k");
	assert_str_is(v.fixed_in, "2");
	assert_str_is(v.range, "a..b");
	assert_str_is(v.key.namespace, "");
}

static void vulnerabilities_may_lack_everything(void **state)
{
	static const struct {
		const char *text;
		bool is_file;
		int code;
		const char *package;
	} cases[] = {
		{ "{}", false, 0, "" },
		{ "null", false, 0, "" },
		{ "{\"package\":null,\"distribution\":null,\"repository\":null,\"range\":null}", false, 0,
		  "" },
		{ "{\"issued\":\"0001-01-01T00:00:00Z\"}", false, 0, "" },
		{ "{\"Package\":{\"Name\":\"p\"}}", false, 0, "" },
		{ "{\"Package\":{\"Name\":\"p\"}}", true, 0, "p" },
		{ "{\"severity\":\"Low\",\"repo\":{\"cpe\":\"\"}}", false, 0, "" },
		{ "[]", false, E_FORMAT, "" },
		{ "1", false, E_FORMAT, "" },
		{ "{\"issued\":\"yesterday\"}", false, E_FORMAT, "" },
		{ "{\"package\":[]}", false, E_FORMAT, "" },
		{ "{\"package\":{\"name\":[]}}", false, E_FORMAT, "" },
		{ "{\"id\":90}", false, E_FORMAT, "" },
		{ "{\"range\":\"a\"}", false, E_FORMAT, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task task = { 0 };
		struct advisory v = { 0 };
		struct str id;
		struct err err = { 0 };

		if (parse(&task, cases[i].text, cases[i].is_file, &v, &id, &err) != cases[i].code)
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_str_is(v.key.package, cases[i].package);
		assert_int_equal(v.issued, 0);
	}
}

static void a_summary_has_its_severity_in_the_other_place(void **state)
{
	autotask struct task task = { 0 };
	struct advisory v;
	struct str id;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		parse(&task, "{\"severity\":\"critical\",\"repo\":{\"name\":\"r\"}}", false, &v, &id, &err),
		0);
	assert_int_equal(v.normalized_severity, SEVERITY_CRITICAL);
	assert_str_is(v.repository_name, "r");
	assert_str_is(id, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifests_are_read_as_leniently_as_clair_does),
		cmocka_unit_test(a_manifest_is_read_whole),
		cmocka_unit_test(manifests_have_limits),
		cmocka_unit_test(errors_do_not_show_headers),
		cmocka_unit_test(digests_are_lower_case),
		cmocka_unit_test(digests_have_a_limit),
		cmocka_unit_test(what_we_write_we_read),
		cmocka_unit_test(members_come_in_any_order_and_may_be_missing),
		cmocka_unit_test(broken_reports_are_refused),
		cmocka_unit_test(vulnerabilities_are_read_whole),
		cmocka_unit_test(vulnerabilities_may_lack_everything),
		cmocka_unit_test(a_summary_has_its_severity_in_the_other_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
