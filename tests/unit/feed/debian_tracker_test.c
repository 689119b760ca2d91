/* SPDX-License-Identifier: Apache-2.0 */
/* debian_tracker: a row for each state that the tracker knows. The states and words are those of
 * https://security-tracker.debian.org/tracker/data/json as of 2024; the records around them are ours. */
#include "../source_file.h"
#include "../unit.h"
#include "lines.h"

#include "base/limits.h"
#include "feed/debian_tracker.h"

static const struct distribution releases[] = {
	{ .did = STR("debian"), .version_id = STR("12"), .version_code_name = STR("bookworm") },
	{ .did = STR("debian"), .version_id = STR("13"), .version_code_name = STR("trixie") },
};

static int parse_for(struct str text, const struct distribution *distributions, size_t n, struct lines *lines,
		     struct err *err)
{
	autotask struct task task = { 0 };
	const struct feed_source source = { 0 };
	struct mem_reader in;
	struct feed_job job = {
		.in = &in.reader,
		.source = &source,
		.distributions = distributions,
		.distribution_count = n,
		.sink = &lines->sink,
	};
	int result;

	mem_reader_open(&in, text);
	result = debian_tracker_parse(&task, &job, err);
	assert_true(task.arena.used_bytes < 1000); /* the namespaces; nothing piles up */
	return result;
}

static int parse(struct str text, struct lines *lines, struct err *err)
{
	return parse_for(text, releases, 2, lines, err);
}

/* One release's entry; what follows "debian:12 pkg CVE-2024-1 ". */
static const struct {
	const char *entry, *want;
} states[] = {
	{ "\"status\":\"resolved\",\"fixed_version\":\"1.2-3+deb12u1\",\"urgency\":\"medium\"",
	  "1.2-3+deb12u1 affected medium High " },
	{ "\"status\":\"resolved\",\"fixed_version\":\"0\",\"urgency\":\"unimportant\"",
	  "0 not_affected unimportant Low " },
	{ "\"status\":\"resolved\",\"urgency\":\"low**\"", "- affected low** Unknown " },
	{ "\"status\":\"resolved\",\"fixed_version\":\"1:2-1\",\"urgency\":\"end-of-life\"",
	  "1:2-1 affected end-of-life Unknown " },
	{ "\"status\":\"open\",\"urgency\":\"not yet assigned\"", "- affected not yet assigned Unknown " },
	{ "\"status\":\"open\",\"urgency\":\"low\"", "- affected low Medium " },
	{ "\"status\":\"open\",\"urgency\":\"high\"", "- affected high Critical " },
	{ "\"status\":\"open\",\"urgency\":\"HIGH\"", "- affected HIGH Critical " },
	{ "\"status\":\"open\",\"urgency\":\"high**\"", "- affected high** Unknown " },
	{ "\"status\":\"open\"", "- affected - Unknown " },
	{ "\"status\":\"open\",\"urgency\":\"low\",\"nodsa\":\"Minor issue\",\"nodsa_reason\":\"\"",
	  "- no_advisory low Medium Minor issue" },
	{ "\"status\":\"open\",\"urgency\":\"low\",\"nodsa\":\"Minor issue\"",
	  "- no_advisory low Medium Minor issue" },
	{ "\"status\":\"open\",\"urgency\":\"low\",\"nodsa\":\"Too intrusive\",\"nodsa_reason\":\"ignored\"",
	  "- will_not_fix low Medium Too intrusive" },
	{ "\"status\":\"open\",\"urgency\":\"low\",\"nodsa\":\"Next DSA\",\"nodsa_reason\":\"postponed\"",
	  "- fix_deferred low Medium Next DSA" },
	{ "\"status\":\"open\",\"urgency\":\"end-of-life\"", "- end_of_life end-of-life Unknown " },
	{ "\"status\":\"open\",\"urgency\":\"end-of-life\",\"nodsa\":\"x\",\"nodsa_reason\":\"ignored\"",
	  "- end_of_life end-of-life Unknown x" },
	{ "\"status\":\"undetermined\",\"urgency\":\"not yet assigned\"",
	  "- under_investigation not yet assigned Unknown " },
	{ "\"status\":\"open\",\"fixed_version\":null,\"nodsa\":null,\"urgency\":\"low\"",
	  "- affected low Medium " },
};

static void each_state_has_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		autoarena struct arena a = { 0 };
		struct lines lines;
		struct err err = { 0 };
		struct str text = str_format(
			&a,
			"{\"pkg\":{\"CVE-2024-1\":{\"description\":\"d\",\"scope\":\"remote\","
			"\"debianbug\":1,\"releases\":{\"bookworm\":{\"repositories\":"
			"{\"bookworm\":\"1-1\"},%s}}}}}",
			states[i].entry);

		lines_open(&lines);
		assert_int_equal(parse(text, &lines, &err), 0);
		assert_str_is(buffer_str(&lines.text),
			      str_format(&a, "debian:12 pkg CVE-2024-1 %s\n", states[i].want).p);
		assert_str_is(lines.links, "https://security-tracker.debian.org/tracker/CVE-2024-1");
		assert_str_is(lines.description, "d");
		arena_reset(&lines.arena);
	}
}

#define OPEN "{\"status\":\"open\",\"urgency\":\"low\"}"
#define RECORD(releases) "{\"releases\":" releases "}"

static void only_releases_that_count_are_taken(void **state)
{
	struct lines lines;
	struct err err = { 0 };

	(void)state;
	lines_open(&lines);
	assert_int_equal(
		parse(STR("{\"a\":{\"CVE-1\":" RECORD(
			      "{\"sid\":" OPEN ",\"trixie\":" OPEN ",\"bookworm\":" OPEN
			      ",\"buster\":7}") ",\"TEMP-0-1\":" RECORD("{\"trixie\":" OPEN
									"}") "},\"b\":{\"CVE-"
									     "1\":" RECORD("{\"jessie"
											   "\":" OPEN
											   "}") "}}"),
		      &lines, &err),
		0);
	assert_str_is(buffer_str(&lines.text), "debian:12 a CVE-1 - affected low Medium \n"
					       "debian:13 a CVE-1 - affected low Medium \n"
					       "debian:13 a TEMP-0-1 - affected low Medium \n");
	arena_reset(&lines.arena);
}

static void empty_parts_say_nothing(void **state)
{
	static const char *const cases[] = { "{}", "{\"a\":{}}", "{\"a\":[]}",
					     "{\"a\":{\"CVE-1\":{\"releases\":[]}}}",
					     "{\"a\":{\"CVE-1\":{\"releases\":{}}}}" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lines lines;
		struct err err = { 0 };

		lines_open(&lines);
		assert_int_equal(parse(str_of(cases[i]), &lines, &err), 0);
		assert_str_is(buffer_str(&lines.text), "");
		arena_reset(&lines.arena);
	}
}

static void malformed_records_are_reported_and_the_rest_is_read(void **state)
{
	static const struct {
		const char *members, *want;
	} cases[] = {
		{ "\"a\":7", "skipped: line 1: package \"a\", \"\": malformed package\n" },
		{ "\"\":{\"CVE-1\":{}}", "skipped: line 1: package \"\", \"\": malformed package\n" },
		{ "\"a\":{\"CVE-1\":7}", "skipped: line 1: package \"a\", \"CVE-1\": malformed record\n" },
		{ "\"a\":{\"CVE-1\":{}}", "skipped: line 1: package \"a\", \"CVE-1\": malformed record\n" },
		{ "\"a\":{\"CVE-1\":{\"releases\":[7]}}",
		  "skipped: line 1: package \"a\", \"CVE-1\": malformed record\n" },
		{ "\n\"a\":{\n\"\":{\"releases\":{}}}",
		  "skipped: line 3: package \"a\", \"\": malformed record\n" },
		{ "\"a\":{\"CVE-1\":{\"releases\":{\"bookworm\":7}}}",
		  "skipped: line 1: package \"a\", \"CVE-1\": malformed entry of a release\n" },
		{ "\"a\":{\"CVE-1\":{\"releases\":{\"bookworm\":{}}}}",
		  "skipped: line 1: package \"a\", \"CVE-1\": malformed entry of a release\n" },
		{ "\"a\":{\"CVE-1\":{\"releases\":{\"bookworm\":{\"status\":\"new word\"}}}}",
		  "skipped: line 1: package \"a\", \"CVE-1\": malformed entry of a release\n" },
		{ "\"a\":{\"CVE-1\":{\"releases\":{\"bookworm\":{\"status\":\"open\",\"fixed_version\":5}}}}",
		  "skipped: line 1: package \"a\", \"CVE-1\": malformed entry of a release\n" },
		{ "\"a\":{\"CVE-1\":{\"description\":5,\"releases\":{\"bookworm\":" OPEN "}}}",
		  "debian:12 a CVE-1 - affected low Medium \n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct lines lines;
		struct err err = { 0 };

		lines_open(&lines);
		assert_int_equal(
			parse(str_format(&a, "{%s,\"z\":{\"CVE-9\":" RECORD("{\"bookworm\":" OPEN "}") "}}",
					 cases[i].members),
			      &lines, &err),
			0);
		assert_str_is(
			buffer_str(&lines.text),
			str_format(&a, "%sdebian:12 z CVE-9 - affected low Medium \n", cases[i].want).p);
		arena_reset(&lines.arena);
	}
}

static void what_is_no_tracker_is_an_error(void **state)
{
	static const char *const cases[] = { "",
					     "[]",
					     "null",
					     "{",
					     "{\"a\":{\"CVE-1\":{\"releases\":{",
					     "{\"a\":{}} {}",
					     "{\"a\":{\"CVE-1\":{\"releases\":{\"bookworm\":{]}}}}}",
					     "<html>" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lines lines;
		struct err err = { 0 };

		lines_open(&lines);
		assert_int_equal(parse(str_of(cases[i]), &lines, &err), E_FORMAT);
		arena_reset(&lines.arena);
	}
}

/* Three bytes a character: the limit is no multiple of it. */
static void long_text_is_cut_between_characters(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct lines lines;
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("{\"a\":{\"CVE-1\":{\"description\":\""));
	for (size_t i = 0; i < LIMIT_FEED_TEXT_BYTES / 3 + 10; i++)
		put_bytes(&b, STR("\xe2\x82\xac"));
	put_bytes(&b, STR("\",\"releases\":{\"bookworm\":" OPEN "}}}}"));
	lines_open(&lines);
	assert_int_equal(parse(buffer_str(&b), &lines, &err), 0);
	assert_int_equal(lines.description.n, LIMIT_FEED_TEXT_BYTES / 3 * 3);
	assert_true(str_is_text(lines.description));
	arena_reset(&lines.arena);
}

static void the_sink_may_refuse(void **state)
{
	struct lines lines;
	struct err err = { 0 };

	(void)state;
	lines_open(&lines);
	lines.fail_at = 1;
	assert_int_equal(parse(STR("{\"a\":{\"CVE-1\":" RECORD("{\"trixie\":" OPEN "}") "}}"), &lines, &err),
			 E_IO);
	arena_reset(&lines.arena);
}

/* The records of the samples, and how many rows their states give for all releases that they name. */
static void real_records_are_read_whole(void **state)
{
	static const char *const names[] = { "sid",    "trixie",  "bookworm", "bullseye",
					     "buster", "stretch", "jessie",   "wheezy" };
	static const struct {
		const char *path;
		uint64_t rows;
	} files[] = {
		{ "../shared/corpus/feeds/debian/samples/tracker-vunnel.json", 25 },
		{ "../shared/corpus/feeds/debian/samples/tracker-clair-v2.json", 7 },
	};
	struct distribution all[8] = { 0 };

	(void)state;
	for (size_t i = 0; i < 8; i++)
		all[i].version_id = all[i].version_code_name = str_of(names[i]);
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
		assert_int_equal(parse_for(text, all, 8, &lines, &err), 0);
		assert_int_equal(lines.skipped, 0);
		assert_int_equal(lines.advisories, files[i].rows);
		arena_reset(&lines.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_state_has_its_row),
		cmocka_unit_test(only_releases_that_count_are_taken),
		cmocka_unit_test(empty_parts_say_nothing),
		cmocka_unit_test(malformed_records_are_reported_and_the_rest_is_read),
		cmocka_unit_test(what_is_no_tracker_is_an_error),
		cmocka_unit_test(long_text_is_cut_between_characters),
		cmocka_unit_test(the_sink_may_refuse),
		cmocka_unit_test(real_records_are_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
