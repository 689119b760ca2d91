/* SPDX-License-Identifier: Apache-2.0 */
/* What `clair report` makes of a service's answers: lists of findings and the three outputs. */
#include "../unit.h"

#include "base/cursor.h"
#include "cmd/remote_report.h"

#define REPORT                                                                                               \
	"{\"manifest_hash\":\"sha256:0\",\"packages\":{\"1\":{\"id\":\"1\",\"name\":\"zlib\",\"version\":"   \
	"\"1.2\"},\"2\":{\"id\":\"2\",\"name\":\"a<b\",\"version\":\"3\"},\"3\":{\"id\":\"3\",\"name\":"     \
	"\"clean\",\"version\":\"1\"}},\"vulnerabilities\":{\"7\":{\"id\":\"7\",\"name\":\"CVE-2099-2\","    \
	"\"normalized_severity\":\"High\",\"fixed_in_version\":\"fixed=2.0&introduced=1\"},\"8\":{\"id\":"   \
	"\"8\",\"name\":\"CVE-2099-1\",\"normalized_severity\":\"Low\",\"fixed_in_version\":\"\"}},"         \
	"\"package_vulnerabilities\":{\"1\":[\"7\",\"8\"],\"2\":[\"8\"]}}"

static void findings_are_sorted_and_decoded(void **state)
{
	autotask struct task task = { 0 };
	remote_findings list = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(remote_findings_list(&task, STR(REPORT), &list, &err), 0);
	assert_int_equal(list.n, 3);
	assert_str_is(list.p[0].package, "a<b");
	assert_str_is(list.p[1].name, "CVE-2099-1");
	assert_str_is(list.p[2].name, "CVE-2099-2");
	assert_str_is(list.p[2].fixed_in, "2.0");
	assert_int_equal(list.p[2].severity, SEVERITY_HIGH);
}

static void odd_answers_are_errors(void **state)
{
	static const char *const odd[] = { "", "[]", "{}", "{\"package_vulnerabilities\":[]}", "{" };

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		autotask struct task task = { 0 };
		remote_findings list = { 0 };
		struct err err = { 0 };

		assert_int_equal(remote_findings_list(&task, str_of(odd[i]), &list, &err), E_FORMAT);
	}
}

static struct str written(struct task *task, const char *format)
{
	struct remote_result results[] = {
		{ .reference = STR("registry.example/dir/app:1"),
		  .digest = STR("sha256:0"),
		  .report = STR(REPORT) },
		{ .reference = STR("other"), .error = { .code = E_IO, .text = "no <luck>" } },
		{ .reference = STR("clean:2"),
		  .report = STR("{\"packages\":{},\"package_vulnerabilities\":{}}") },
	};
	struct buffer b = { .arena = &task->arena };
	struct err err = { 0 };
	struct mem_writer to;

	mem_writer_open(&to, &b);
	for (const struct remote_format *f = remote_formats; f->name; f++)
		if (str_eq(str_of(f->name), str_of(format)))
			assert_int_equal(f->write(task, results, 3, &to.writer, &err), 0);
	return buffer_str(&b);
}

static void text_is_aligned(void **state)
{
	autotask struct task task = { 0 };

	(void)state;
	assert_str_is(written(&task, "text"), "app:1   found a<b  3   CVE-2099-1\n"
					      "app:1   found zlib 1.2 CVE-2099-1\n"
					      "app:1   found zlib 1.2 CVE-2099-2 (fixed: 2.0)\n"
					      "other   error no <luck>\n"
					      "clean:2 ok\n");
}

static void json_is_what_came_and_null(void **state)
{
	autotask struct task task = { 0 };

	(void)state;
	assert_str_is(written(&task, "json"), REPORT "null{\"packages\":{},\"package_vulnerabilities\":{}}");
}

static void xml_has_a_case_for_each_package_and_escapes(void **state)
{
	static const char *const parts[] = {
		"<testsuite name=\"registry.example/dir/app:1\" tests=\"3\" errors=\"0\" failures=\"2\">",
		"<property name=\"manifest\" value=\"sha256:0\">",
		"<testcase name=\"a&lt;b 3\"><failure message=\"1 vulnerability\">",
		"    CVE-2099-1\n    CVE-2099-2\n</failure>",
		"<testcase name=\"clean 1\"></testcase>",
		"<error message=\"no &lt;luck&gt;\">",
	};
	autotask struct task task = { 0 };
	struct str xml = written(&task, "xml");

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (str_search(xml, str_of(parts[i])) == xml.n)
			fail_msg("no %s in " STR_FMT, parts[i], STR_ARG(xml));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_are_sorted_and_decoded),
		cmocka_unit_test(odd_answers_are_errors),
		cmocka_unit_test(text_is_aligned),
		cmocka_unit_test(json_is_what_came_and_null),
		cmocka_unit_test(xml_has_a_case_for_each_package_and_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
