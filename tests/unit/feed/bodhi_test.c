/* SPDX-License-Identifier: Apache-2.0 */
/* Fedora's updates: what each becomes. They are ours, after the shape of Bodhi's answers. */
#include "../unit.h"
#include "rows.h"

#include "base/limits.h"
#include "feed/bodhi.h"

static const struct feed_source fedora = {
	.namespace = STR("fedora:40"), .distribution = { .did = STR("fedora"), .version_id = STR("40") }
};

#define BUG(security, title) "{\"bug_id\":7,\"security\":" security ",\"title\":\"" title "\"}"
#define BUILD(nvr, epoch) "{\"nvr\":\"" nvr "\",\"type\":\"rpm\",\"epoch\":" epoch "}"
#define UPDATE(bugs, builds, more)                                                                           \
	"{\"alias\":\"FEDORA-2025-1\",\"severity\":\"high\",\"title\":\"p\",\"notes\":\"Update p\","         \
	"\"date_pushed\":\"2024-01-02 03:04:05\",\"url\":\"https://bodhi.example/1\",\"release\":{\"name\":" \
	"\"F40\"},\"bugs\":[" bugs "],\"builds\":[" builds "]" more "}"
#define PAGE(updates) "{\"updates\":[" updates "],\"page\":1,\"pages\":1}"
#define ROW(package, name, fixed) "fedora:40|" package "|source||" name "|" fixed "|affected||high|High| \n"
#define NOTHING "skipped: update \"fedora:40\": no update on the page is about packages of the release\n"

static void updates_become_advisories(void **state)
{
	static const struct {
		const char *page, *want;
	} cases[] = {
		{ PAGE(UPDATE(BUG("true", "CVE-2025-0001 p: overflow [fedora-40]"),
			      BUILD("p-1.0-2.fc40", "null"), "")),
		  ROW("p", "CVE-2025-0001", "1.0-2.fc40") },
		{ PAGE(UPDATE(BUG("true", "CVE-2025-0001 p"), BUILD("p-q-1.0-2.fc40", "0"), "")),
		  ROW("p-q", "CVE-2025-0001", "0:1.0-2.fc40") },
		{ PAGE(UPDATE(
			  BUG("true", "CVE-2025-0001 CVE-2025-0002 p") "," BUG(
				  "true", "CVE-2025-0001 q") "," BUG("false", "CVE-2025-0003 is fixed in 2"),
			  BUILD("p-1-1", "1") "," BUILD("q-2-2", "null"), "")),
		  ROW("p", "CVE-2025-0001", "1:1-1") ROW("p", "CVE-2025-0002", "1:1-1")
			  ROW("q", "CVE-2025-0001", "2-2") ROW("q", "CVE-2025-0002", "2-2") },
		/* no flaw is named: it has its own name */
		{ PAGE(UPDATE(BUG("false", "p-2 is available"), BUILD("p-1-1", "null"), "")),
		  ROW("p", "FEDORA-2025-1", "1-1") },
		{ PAGE(UPDATE("", BUILD("p-1-1", "null"), ",\"bugs\":null")),
		  ROW("p", "FEDORA-2025-1", "1-1") },
		/* of other kinds, of another release */
		{ PAGE(UPDATE("", "{\"nvr\":\"p-1-1\",\"type\":\"module\"}", "")), NOTHING },
		{ PAGE(UPDATE("", BUILD("p-1-1", "null"), ",\"release\":{\"name\":\"F40F\"}")), NOTHING },
		{ PAGE(UPDATE("", BUILD("p-1-1", "null"), ",\"release\":{\"name\":\"F41\"}")), NOTHING },
		{ PAGE(UPDATE("", BUILD("p-1", "null") "," BUILD("q-1-1", "null"), "")),
		  "skipped: update \"p-1\": a build has no name, version and release\n" ROW(
			  "q", "FEDORA-2025-1", "1-1") },
		{ PAGE("{},7"), "skipped: update \"\": no name, or a field is too long\n"
				"skipped: update \"\": no name, or a field is too long\n" NOTHING },
		{ PAGE(""), "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rows rows = { 0 };
		struct err err = { 0 };

		assert_int_equal(rows_parse(bodhi_parse, &fedora, str_of(cases[i].page), 0, &rows, &err), 0);
		assert_str_is(buffer_str(&rows.text), cases[i].want);
		arena_reset(&rows.arena);
	}
}

static void severities_are_bodhis(void **state)
{
	static const struct {
		const char *word, *want;
	} cases[] = { { "low", "Low" },		{ "medium", "Medium" },	      { "high", "High" },
		      { "urgent", "Critical" }, { "unspecified", "Unknown" }, { "important", "High" },
		      { "moderate", "Medium" }, { "critical", "Critical" },   { "", "Unknown" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct rows rows = { 0 };
		struct err err = { 0 };
		struct str page = str_format(
			&a, PAGE(UPDATE("", BUILD("p-1-1", "null"), ",\"severity\":\"%s\"")), cases[i].word);

		assert_int_equal(rows_parse(bodhi_parse, &fedora, page, 0, &rows, &err), 0);
		assert_str_is(buffer_str(&rows.text),
			      str_format(&a, "fedora:40|p|source||FEDORA-2025-1|1-1|affected||%s|%s| \n",
					 cases[i].word, cases[i].want)
				      .p);
		arena_reset(&rows.arena);
	}
}

static void texts_are_collected(void **state)
{
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		rows_parse(bodhi_parse, &fedora,
			   STR(PAGE(UPDATE(BUG("true", "CVE-2025-0001"), BUILD("p-1-1", "null"), ""))), 0,
			   &rows, &err),
		0);
	assert_str_is(rows.description, "Update p");
	assert_str_is(rows.links, "https://bodhi.example/1 https://bugzilla.redhat.com/show_bug.cgi?id=7");
	assert_int_equal(rows.issued, 1704164645);
	arena_reset(&rows.arena);
}

static void what_is_no_page_is_an_error(void **state)
{
	static const char *const cases[] = { "",
					     "[]",
					     "{}",
					     "{\"updates\":{}}",
					     "{\"updates\":[]",
					     "{\"updates\":[}]}",
					     "{\"updates\":[]}7",
					     "{\"status\":\"error\"}" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rows rows = { 0 };
		struct err err = { 0 };

		assert_int_equal(rows_parse(bodhi_parse, &fedora, str_of(cases[i]), 0, &rows, &err),
				 E_FORMAT);
		arena_reset(&rows.arena);
	}
}

static void too_many_rows_are_left_out(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("{\"updates\":[{\"alias\":\"U\",\"release\":{\"name\":\"F40\"},\"bugs\":[{}"));
	for (unsigned i = 0; i < 1001; i++)
		put_bytes(&b, str_format(&a, ",{\"security\":true,\"title\":\"CVE-2025-%u\"}", 10000 + i));
	put_bytes(&b, STR("],\"builds\":[{}"));
	for (unsigned i = 0; i < LIMIT_BODHI_ROWS / 1000; i++)
		put_bytes(&b, STR("," BUILD("p-1-1", "null")));
	put_bytes(&b, STR("]}]}"));
	assert_int_equal(
		rows_parse(bodhi_parse, &fedora, buffer_str(&b), LIMIT_WORKER_ARENA_BYTES, &rows, &err), 0);
	assert_str_is(buffer_str(&rows.text),
		      "skipped: update \"U\": too many packages and vulnerabilities\n" NOTHING);
	arena_reset(&rows.arena);
}

static void a_huge_update_is_an_error(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("{\"updates\":[{\"alias\":\"U\",\"comments\":[0"));
	while (b.n <= LIMIT_BODHI_UPDATE_BYTES)
		put_bytes(&b, STR(",100000000000000000000000000000000000000"));
	put_bytes(&b, STR("]}]}"));
	assert_int_equal(
		rows_parse(bodhi_parse, &fedora, buffer_str(&b), LIMIT_WORKER_ARENA_BYTES, &rows, &err),
		E_LIMIT);
	arena_reset(&rows.arena);
}

static void the_sink_may_refuse(void **state)
{
	struct rows rows = { .refuse_at = 1 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(rows_parse(bodhi_parse, &fedora, STR(PAGE(UPDATE("", BUILD("p-1-1", "null"), ""))),
				    0, &rows, &err),
			 E_IO);
	arena_reset(&rows.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates_become_advisories),  cmocka_unit_test(severities_are_bodhis),
		cmocka_unit_test(texts_are_collected),	      cmocka_unit_test(what_is_no_page_is_an_error),
		cmocka_unit_test(too_many_rows_are_left_out), cmocka_unit_test(a_huge_update_is_an_error),
		cmocka_unit_test(the_sink_may_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
