/* SPDX-License-Identifier: Apache-2.0 */
/* secdb: what each kind of entry becomes. The cases are ours; the odd strings are of kinds seen at
 * secdb.alpinelinux.org in 2024: several ids in one string, remarks, CVE_ for CVE-. */
#include "../source_file.h"
#include "../unit.h"
#include "lines.h"

#include "base/limits.h"
#include "feed/secdb.h"

static int parse(struct str text, struct lines *lines, struct err *err)
{
	autotask struct task task = { 0 };
	const struct feed_source source = { .namespace = STR("alpine:3.20") };
	struct mem_reader in;
	struct feed_job job = { .in = &in.reader, .source = &source, .sink = &lines->sink };
	int result;

	mem_reader_open(&in, text);
	result = secdb_parse(&task, &job, err);
	assert_int_equal(task.arena.used_bytes, 0); /* nothing piles up */
	return result;
}

#define HEAD "{\"distroversion\":\"v3.20\",\"reponame\":\"main\",\"archs\":[\"x86_64\"],\"packages\":["
#define PKG(name, fixes) "{\"pkg\":{\"name\":\"" name "\",\"secfixes\":" fixes "}}"
#define ROW(package, name, version) "alpine:3.20 " package " " name " " version " affected - Unknown \n"
#define NEVER(package, name) "alpine:3.20 " package " " name " 0 not_affected - Unknown \n"

static void entries_become_advisories(void **state)
{
	static const struct {
		const char *fixes, *want;
	} cases[] = {
		{ "{\"1.2-r0\":[\"CVE-2024-1\"]}", ROW("p", "CVE-2024-1", "1.2-r0") },
		{ "{\"1-r1\":[\"CVE-2024-1\"],\"2-r0\":[\"CVE-2024-1\",\"CVE-2024-2\"]}",
		  ROW("p", "CVE-2024-1", "1-r1") ROW("p", "CVE-2024-1", "2-r0")
			  ROW("p", "CVE-2024-2", "2-r0") },
		{ "{\"0\":[\"CVE-2024-3\"]}", NEVER("p", "CVE-2024-3") },
		{ "{\"1-r0\":[\"CVE-2019-1234 XSA-300\"]}",
		  ROW("p", "CVE-2019-1234", "1-r0") ROW("p", "XSA-300", "1-r0") },
		{ "{\"1-r0\":[\"CVE-2019-1,CVE-2019-2,\\tGHSA-aaaa-bbbb-cccc\"]}",
		  ROW("p", "CVE-2019-1", "1-r0") ROW("p", "CVE-2019-2", "1-r0")
			  ROW("p", "GHSA-aaaa-bbbb-cccc", "1-r0") },
		{ "{\"1-r0\":[\"CVE-2019-1 (+ regression fix)\"]}", ROW("p", "CVE-2019-1", "1-r0") },
		{ "{\"1-r0\":[\"CVE_2019-1\",\"ZBX-11023\"]}",
		  ROW("p", "CVE-2019-1", "1-r0") ROW("p", "ZBX-11023", "1-r0") },
		{ "{\"1-r0\":[\"ALPINE-13661\",\"CVE-\",\"???\",\"\",\"see upstream\"]}", "" },
		{ "{\"1-r0\":[]}", "" },
		{ "{\"1-r0\":null}", "" },
		{ "{}", "" },
		{ "[]", "" },
		{ "null", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct lines lines;
		struct err err = { 0 };

		lines_open(&lines);
		assert_int_equal(parse(str_format(&a, HEAD "{\"pkg\":{\"name\":\"p\",\"secfixes\":%s}}]}",
						  cases[i].fixes),
				       &lines, &err),
				 0);
		assert_str_is(buffer_str(&lines.text), cases[i].want);
		arena_reset(&lines.arena);
	}
}

static void malformed_records_are_reported_and_the_rest_is_read(void **state)
{
	static const struct {
		const char *record, *want;
	} cases[] = {
		{ "{\"pkg\":{\"secfixes\":{}}}", "skipped: line 1: package \"\": no name\n" },
		{ "{\"pkg\":{\"name\":\"\",\"secfixes\":{}}}", "skipped: line 1: package \"\": no name\n" },
		{ "{\"pkg\":{\"name\":5}}", "skipped: line 1: package \"\": no name\n" },
		{ "{\"pkg\":[]}", "skipped: line 1: package \"\": no name\n" },
		{ "7", "skipped: line 1: package \"\": no name\n" },
		{ "\n\n" PKG("q", "7"), "skipped: line 3: package \"q\": secfixes is no object\n" },
		{ PKG("q", "[7]"), "skipped: line 1: package \"q\": secfixes is no object\n" },
		{ PKG("q", "{\"\":[\"CVE-2024-1\"]}"),
		  "skipped: line 1: package \"q\": version is empty or too long\n" },
		{ PKG("q", "{\"1\":\"CVE-2024-1\"}"),
		  "skipped: line 1: package \"q\": list of identifiers is no array\n" },
		{ PKG("q", "{\"1\":[5,\"CVE-2024-1\"]}"),
		  "skipped: line 1: package \"q\": identifier is no string\n" ROW("q", "CVE-2024-1", "1") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct lines lines;
		struct err err = { 0 };

		lines_open(&lines);
		assert_int_equal(parse(str_format(&a, HEAD "%s," PKG("p", "{\"2\":[\"CVE-2024-9\"]}") "]}",
						  cases[i].record),
				       &lines, &err),
				 0);
		assert_str_is(buffer_str(&lines.text),
			      str_format(&a, "%s%s", cases[i].want, ROW("p", "CVE-2024-9", "2")).p);
		arena_reset(&lines.arena);
	}
}

static void documents_without_header_fields_are_read(void **state)
{
	struct lines lines;
	struct err err = { 0 };

	(void)state;
	lines_open(&lines);
	assert_int_equal(parse(STR("{\"packages\":[" PKG("p", "{\"1\":[\"CVE-2024-1\"]}") "],\"more\":[{}]}"),
			       &lines, &err),
			 0);
	assert_str_is(buffer_str(&lines.text), ROW("p", "CVE-2024-1", "1"));
	assert_str_is(lines.links, "https://security.alpinelinux.org/vuln/CVE-2024-1");
	arena_reset(&lines.arena);
	lines_open(&lines);
	assert_int_equal(parse(STR("{\"packages\":null}"), &lines, &err), 0);
	assert_int_equal(lines.advisories, 0);
}

static void what_is_no_secdb_is_an_error(void **state)
{
	static const char *const cases[] = {
		"",
		" ",
		"null",
		"[]",
		"\"x\"",
		"{}",
		"{\"packages\":{}}",
		"{\"packages\":7}",
		"{\"packages\":[",
		HEAD PKG("p", "{}") "}",
		HEAD PKG("p", "{}") "]} x",
		HEAD PKG("p", "{}") "]",
		"<html></html>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lines lines;
		struct err err = { 0 };

		lines_open(&lines);
		if (parse(str_of(cases[i]), &lines, &err) != E_FORMAT)
			fail_msg("%s is taken", cases[i]);
		assert_true(err.text[0] != '\0');
		arena_reset(&lines.arena);
	}
}

static void the_sink_may_refuse(void **state)
{
	struct lines lines;
	struct err err = { 0 };

	(void)state;
	lines_open(&lines);
	lines.fail_at = 2;
	assert_int_equal(parse(STR(HEAD PKG("p", "{\"1\":[\"CVE-2024-1 CVE-2024-2 CVE-2024-3\"]}") "]}"),
			       &lines, &err),
			 E_IO);
	assert_int_equal(lines.advisories, 2);
	arena_reset(&lines.arena);
}

static void long_names_and_versions_are_no_fields(void **state)
{
	autoarena struct arena a = { 0 };
	char *longer = arena_alloc(&a, LIMIT_FIELD_BYTES + 2);
	struct lines lines;
	struct err err = { 0 };

	(void)state;
	memset(longer, 'x', LIMIT_FIELD_BYTES + 1);
	lines_open(&lines);
	assert_int_equal(parse(str_format(&a,
					  "{\"packages\":[{\"pkg\":{\"name\":\"%s\",\"secfixes\":{}}},"
					  "{\"pkg\":{\"name\":\"p\",\"secfixes\":{\"%s\":[\"CVE-1-1\"],"
					  "\"1\":[\"CVE-%s\"]}}}]}",
					  longer, longer, longer),
			       &lines, &err),
			 0);
	assert_int_equal(lines.skipped, 2);
	assert_int_equal(lines.advisories, 0);
	arena_reset(&lines.arena);
}

/* Rolling distributions: links go to where the identifier comes from. */
static void links_lead_to_a_page_of_the_identifier(void **state)
{
	static const struct {
		const char *id, *want;
	} cases[] = {
		{ "CVE-2024-1", "https://nvd.nist.gov/vuln/detail/CVE-2024-1" },
		{ "GHSA-aaaa-bbbb-cccc", "https://github.com/advisories/GHSA-aaaa-bbbb-cccc" },
		{ "XSA-300", "" },
	};
	static const struct feed_source wolfi = { .namespace = STR("wolfi:rolling") };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task task = { 0 };
		struct lines lines;
		struct err err = { 0 };
		struct mem_reader in;
		struct feed_job job = { .in = &in.reader, .source = &wolfi, .sink = &lines.sink };

		lines_open(&lines);
		mem_reader_open(
			&in, str_format(&lines.arena, HEAD PKG("p", "{\"1\":[\"%s\"]}") "]}", cases[i].id));
		assert_int_equal(secdb_parse(&task, &job, &err), 0);
		assert_str_is(lines.links, cases[i].want);
		arena_reset(&lines.arena);
	}
}

/* Real documents, when they are at hand. */
static void real_documents_are_read_whole(void **state)
{
	static const struct {
		const char *path;
		uint64_t least, most;
	} files[] = {
		{ "../shared/corpus/feeds/alpine/v3.20/main.json", 100, UINT64_MAX },
		{ "../shared/corpus/feeds/alpine/v3.10/main.json", 1000, UINT64_MAX },
		{ "../shared/corpus/feeds/alpine/v3.6/main.json", 500, UINT64_MAX },
		{ "../shared/corpus/feeds/wolfi/os/security.json", 24708, 24708 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str text = source_file(&a, files[i].path);
		struct lines lines;
		struct err err = { 0 };

		if (!text.p) {
			print_message("skipped: no corpus\n");
			skip();
		}
		lines_open(&lines);
		assert_int_equal(parse(text, &lines, &err), 0);
		assert_int_equal(lines.skipped, 0);
		assert_in_range(lines.advisories, files[i].least, files[i].most);
		arena_reset(&lines.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_become_advisories),
		cmocka_unit_test(malformed_records_are_reported_and_the_rest_is_read),
		cmocka_unit_test(documents_without_header_fields_are_read),
		cmocka_unit_test(what_is_no_secdb_is_an_error),
		cmocka_unit_test(the_sink_may_refuse),
		cmocka_unit_test(long_names_and_versions_are_no_fields),
		cmocka_unit_test(links_lead_to_a_page_of_the_identifier),
		cmocka_unit_test(real_documents_are_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
