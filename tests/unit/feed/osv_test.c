/* SPDX-License-Identifier: Apache-2.0 */
/* OSV records of distributions: what each becomes. The small records are ours, after the shape of AlmaLinux'.
 */
#include "../source_file.h"
#include "../unit.h"
#include "../zip_make.h"
#include "rows.h"

#include "base/limits.h"
#include "feed/osv.h"

static const struct feed_source alma = {
	.namespace = STR("almalinux:9"), .distribution = { .did = STR("almalinux"), .version_id = STR("9") }
};

static struct str archive(struct arena *a, struct str record)
{
	struct buffer b = { .arena = a };

	zip_entry(&b, STR("one.json"), record, ZIP_DEFLATED | ZIP_DESCRIPTOR);
	zip_entry(&b, STR("readme.txt"), STR("not a record"), 0);
	zip_end(&b);
	return buffer_str(&b);
}

#define RECORD(id, summary, affected)                                                                        \
	"{\"id\":\"" id "\",\"summary\":\"" summary "\",\"affected\":[" affected "]}"
#define AFFECTED_(ecosystem, name, events)                                                                   \
	"{\"package\":{\"ecosystem\":\"" ecosystem "\",\"name\":\"" name                                     \
	"\"},\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"}" events "]}]}"
#define FIXED(version) ",{\"fixed\":\"" version "\"}"
#define NINE "AlmaLinux:9"
#define ROW(package, module, fixed, words, severity)                                                         \
	"almalinux:9|" package "|binary|" module "|ALSA-1|" fixed "|affected|" words "|" severity "| \n"
#define BAD "skipped: \"ALSA-1\": a package has no name, or a range of another kind\n"

static void records_become_advisories(void **state)
{
	static const struct {
		const char *record, *want;
	} cases[] = {
		{ RECORD("ALSA-1", "Important: p update", AFFECTED_(NINE, "p", FIXED("32:1-2"))),
		  ROW("p", "", "32:1-2", "", "Important|High") },
		{ RECORD("ALSA-1", "Low: p", AFFECTED_(NINE, "p", FIXED("1-2"))),
		  ROW("p", "", "1-2", "", "Low|Low") },
		{ RECORD("ALSA-1", "Moderate: p", AFFECTED_(NINE, "p", "")),
		  ROW("p", "", "", "", "Moderate|Medium") },
		{ RECORD("ALSA-1", "Critical: p", AFFECTED_(NINE, "p", FIXED("1-2"))),
		  ROW("p", "", "1-2", "", "Critical|Critical") },
		{ RECORD("ALSA-1", "ALSA-1: p", AFFECTED_(NINE, "p", FIXED("1-2"))),
		  ROW("p", "", "1-2", "", "|Unknown") },
		/* another release, another kind of advisory, withdrawn */
		{ RECORD("ALSA-1", "Low: p", AFFECTED_("AlmaLinux:8", "p", FIXED("1-2"))), "" },
		{ RECORD("ALBA-1", "p", AFFECTED_(NINE, "p", FIXED("1-2"))), "" },
		{ "{\"id\":\"ALSA-1\",\"withdrawn\":\"2024-01-01T00:00:00Z\",\"affected\":[" AFFECTED_(
			  NINE, "p", FIXED("1-2")) "]}",
		  "" },
		/* builds of a fix are one advisory, each package has its own */
		{ RECORD("ALSA-1", "Low: m:3 update",
			 AFFECTED_(NINE, "p", FIXED("1-2.module_el9.2.0+3+a")) "," AFFECTED_(
				 NINE, "q",
				 FIXED("1-1")) "," AFFECTED_(NINE, "p",
							     FIXED("1-2.module_el9.4.0+1+"
								   "b")) "," AFFECTED_(NINE, "p",
										       FIXED("1-2.module_el9."
											     "3.0+7+"
											     "c"))),
		  ROW("p", "m:3", "1-2.module_el9.2.0+3+a",
		      "also fixed in 1-2.module_el9.4.0+1+b, 1-2.module_el9.3.0+7+c", "Low|Low")
			  ROW("q", "", "1-1", "", "Low|Low") },
		{ RECORD("ALSA-1", "Low: kernel:4.18.0 update", AFFECTED_(NINE, "p", FIXED("1-2.el9"))),
		  ROW("p", "", "1-2.el9", "", "Low|Low") },
		{ RECORD("ALSA-1", "Low: p",
			 AFFECTED_(NINE, "", FIXED("1")) "," AFFECTED_(NINE, "q", FIXED("1-2"))),
		  BAD ROW("q", "", "1-2", "", "Low|Low") },
		{ RECORD("ALSA-1", "Low: p", AFFECTED_(NINE, "p", FIXED("0"))), BAD },
		{ RECORD("ALSA-1", "Low: p", AFFECTED_(NINE, "p", FIXED("1") FIXED("2"))), BAD },
		{ RECORD("ALSA-1", "Low: p", AFFECTED_(NINE, "p", ",{\"last_affected\":\"1\"}")), BAD },
		{ RECORD("ALSA-1", "Low: p", AFFECTED_(NINE, "p", ",{\"introduced\":\"3\"}")), BAD },
		{ RECORD("ALSA-1", "Low: p", "{\"package\":{\"ecosystem\":\"AlmaLinux:9\",\"name\":\"p\"}}"),
		  BAD },
		{ "{\"id\":\"ALSA-1\"}", "skipped: \"one.json\": no id, or no list of what is affected\n" },
		{ "[]", "skipped: \"one.json\": no id, or no list of what is affected\n" },
		{ "{} {}", NULL },
		{ "{\"id\":", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct rows rows = { 0 };
		struct err err = { 0 };

		assert_int_equal(
			rows_parse(osv_parse, &alma, archive(&a, str_of(cases[i].record)), 0, &rows, &err),
			0);
		if (cases[i].want)
			assert_str_is(buffer_str(&rows.text), cases[i].want);
		else
			assert_true(str_starts(buffer_str(&rows.text), STR("skipped: \"one.json\": ")));
		arena_reset(&rows.arena);
	}
}

static void texts_are_collected(void **state)
{
	autoarena struct arena a = { 0 };
	struct rows rows = { 0 };
	struct err err = { 0 };
	struct str record = STR(
		"{\"id\":\"ALSA-1\",\"summary\":\"Low: p\",\"details\":\"Long. "
		"\",\"published\":\"2024-01-02T03:04:05Z\","
		"\"related\":[\"CVE-2024-1\",\"CVE-2024-2\",7],\"references\":[{\"url\":\"https://x.example/"
		"CVE-2024-1\"},"
		"{\"url\":\"two words\"},{}],\"affected\":[" AFFECTED_(NINE, "p", FIXED("1")) "]}");

	(void)state;
	assert_int_equal(rows_parse(osv_parse, &alma, archive(&a, record), 0, &rows, &err), 0);
	assert_str_is(rows.description, "Low: p\n\nLong.");
	assert_str_is(rows.links, "https://x.example/CVE-2024-1 https://nvd.nist.gov/vuln/detail/CVE-2024-2");
	assert_int_equal(rows.issued, 1704164645);
	arena_reset(&rows.arena);
}

static void what_is_no_archive_of_records_is_an_error(void **state)
{
	static const struct feed_source other = { .namespace = STR("x:1"),
						  .distribution = { .did = STR("x") } };
	autoarena struct arena a = { 0 };
	struct buffer damaged = { .arena = &a }, none = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	zip_end(&none);
	assert_int_equal(rows_parse(osv_parse, &alma, STR(""), 0, &rows, &err), E_FORMAT);
	assert_int_equal(rows_parse(osv_parse, &alma, STR("[]"), 0, &rows, &err), E_FORMAT);
	assert_int_equal(rows_parse(osv_parse, &alma, STR("P"), 0, &rows, &err), E_FORMAT);
	assert_int_equal(rows_parse(osv_parse, &alma, STR("{\"advisories\":[{]}"), 0, &rows, &err), E_FORMAT);
	assert_int_equal(rows_parse(osv_parse, &alma, STR("{} 7"), 0, &rows, &err), E_FORMAT);
	arena_reset(&rows.arena);
	assert_int_equal(rows_parse(osv_parse, &alma, buffer_str(&none), 0, &rows, &err), E_FORMAT);
	assert_int_equal(rows_parse(osv_parse, &other, buffer_str(&none), 0, &rows, &err), E_UNSUPPORTED);
	zip_entry(&damaged, STR("a.json"), STR("{\"id\":\"ALSA-1\",\"affected\":[]}"),
		  ZIP_DEFLATED | ZIP_BAD_CRC);
	zip_end(&damaged);
	assert_int_equal(rows_parse(osv_parse, &alma, buffer_str(&damaged), 0, &rows, &err), E_FORMAT);
	assert_int_equal(rows.skipped, 0);
}

/* ---- pages and records that name their releases ---- */

static const struct distribution rocky_releases[] = { { .did = STR("rocky"), .version_id = STR("8") },
						      { .did = STR("rocky"), .version_id = STR("9") } };
#define EIGHT "Rocky Linux:8"
#define MODULE(version) "0:" version ".module+el9.4.0+20787+4c237fd3"
#define ROCKY(release, package, module, name, fixed)                                                         \
	"rocky:" release "|" package "|source|" module "|" name "|" fixed "|affected||Important|High| \n"
#define NOTHING "skipped: \"\": no record is about a release that counts\n"

static void pages_and_single_records_are_read(void **state)
{
	static const char one[] = RECORD("RLSA-1", "Important: p update",
					 AFFECTED_(EIGHT, "p", FIXED("1:1-2.el8_4")));
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ one, ROCKY("8", "p", "", "RLSA-1", "1:1-2.el8_4") },
		{ RECORD("RXSA-1", "Important: p", AFFECTED_(EIGHT ":x", "p", FIXED("1-2"))) "\n" RECORD(
			  "RLSA-2", "Important: q", AFFECTED_("Rocky Linux:9", "q", FIXED("1-2"))) "\n",
		  ROCKY("8", "p", "", "RXSA-1", "1-2") ROCKY("9", "q", "", "RLSA-2", "1-2") },
		{ "{\"total\":2,\"advisories\":[" RECORD("RLSA-1", "Important: p", AFFECTED_(EIGHT, "p", FIXED("1-2"))) "," RECORD(
			  "RLSA-2", "Important: ruby:3.3 security update",
			  AFFECTED_("Rocky Linux:9", "ruby", FIXED(MODULE("3.3.1-2"))) "," AFFECTED_(
				  EIGHT, "ruby",
				  FIXED("3-1.el8")) "," AFFECTED_("Rocky Linux:9", "ruby",
								  FIXED(MODULE(
									  "3.3.1-2")))) "],\"links\":{"
											"\"next\":null}}",
		  ROCKY("8", "p", "", "RLSA-1", "1-2")
			  ROCKY("9", "ruby", "ruby:3.3", "RLSA-2", MODULE("3.3.1-2"))
				  ROCKY("8", "ruby", "", "RLSA-2", "3-1.el8") },
		{ "{\"advisories\":[7,{}]}",
		  "skipped: \"record 1\": no id, or no list of what is affected\n"
		  "skipped: \"record 2\": no id, or no list of what is affected\n" NOTHING },
		{ "{\"advisories\":[" RECORD("RLSA-1", "Important: p",
					     AFFECTED_("Rocky Linux:88", "p", FIXED("1-2"))) "]}",
		  NOTHING },
		{ "{\"advisories\":[" RECORD("RLBA-1", "p", AFFECTED_(EIGHT, "p", FIXED("1-2"))) "]}",
		  NOTHING },
		{ "{\"advisories\":[],\"total\":4000}", "" },
		{ "{\"advisories\":null,\"id\":\"RLSA-1\",\"affected\":[]}", NOTHING },
	};
	static const struct feed_source source = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct feed_job job = { .source = &source,
					      .distributions = rocky_releases,
					      .distribution_count = 2 };
		struct rows rows = { 0 };
		struct err err = { 0 };

		assert_int_equal(rows_parse_job(osv_parse, job, str_of(cases[i].text), 0, &rows, &err), 0);
		assert_str_is(buffer_str(&rows.text), cases[i].want);
		arena_reset(&rows.arena);
	}
}

static void cves_may_stand_in_three_lists(void **state)
{
	static const struct feed_source source = { 0 };
	const struct feed_job job = { .source = &source,
				      .distributions = rocky_releases,
				      .distribution_count = 2 };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(rows_parse_job(osv_parse, job,
					STR("{\"id\":\"RLSA-1\",\"upstream\":[\"CVE-2024-1\"],\"aliases\":["
					    "\"CVE-2024-1\",\"CVE-2024-22\"],"
					    "\"related\":[\"CVE-2024-3\"],\"affected\":[" AFFECTED_(
						    EIGHT, "p", FIXED("1-2")) "]}"),
					0, &rows, &err),
			 0);
	assert_str_is(
		rows.links,
		"https://nvd.nist.gov/vuln/detail/CVE-2024-1 https://nvd.nist.gov/vuln/detail/CVE-2024-22 "
		"https://nvd.nist.gov/vuln/detail/CVE-2024-3");
	arena_reset(&rows.arena);
}

static void a_huge_record_is_left_out(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("{\"id\":\"ALSA-1\",\"affected\":[],\"numbers\":[1"));
	while (b.n <= LIMIT_OSV_RECORD_BYTES)
		put_bytes(&b, STR(",1000000000000000000000000000000000000000"));
	put_bytes(&b, STR("]}"));
	assert_int_equal(rows_parse(osv_parse, &alma, archive(&a, buffer_str(&b)), 0, &rows, &err), 0);
	assert_int_equal(rows.skipped, 1);
	arena_reset(&rows.arena);
}

static void more_builds_than_the_limit_are_left_out(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };
	struct str text;
	unsigned commas = 0;

	(void)state;
	put_bytes(&b, STR("{\"id\":\"ALSA-1\",\"affected\":[" AFFECTED_(NINE, "p", FIXED("1"))));
	for (unsigned i = 0; i < 2 * LIMIT_OSV_BUILDS; i++)
		put_bytes(&b, str_format(&a, "," AFFECTED_(NINE, "p", FIXED("%u")), i + 2));
	put_bytes(&b, STR("]}"));
	assert_int_equal(rows_parse(osv_parse, &alma, archive(&a, buffer_str(&b)), 0, &rows, &err), 0);
	assert_int_equal(rows.n, 1);
	text = buffer_str(&rows.text);
	for (size_t i = 0; i < text.n; i++)
		commas += text.p[i] == ',';
	assert_int_equal(commas, LIMIT_OSV_BUILDS - 2);
	arena_reset(&rows.arena);
}

static void the_sink_may_refuse(void **state)
{
	autoarena struct arena a = { 0 };
	struct rows rows = { .refuse_at = 1 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		rows_parse(osv_parse, &alma,
			   archive(&a, STR(RECORD("ALSA-1", "Low: p", AFFECTED_(NINE, "p", FIXED("1"))))), 0,
			   &rows, &err),
		E_IO);
	arena_reset(&rows.arena);
}

/* Counted apart: pairs of an ALSA record and a package of the archive's own release. */
static void real_archives_are_read_whole(void **state)
{
	static const struct {
		const char *release;
		uint64_t rows;
	} files[] = { { "8", 27622 }, { "9", 22918 }, { "10", 6125 } };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str path = str_format(&a, "../shared/corpus/feeds/osv/AlmaLinux:%s/all.zip",
					     files[i].release);
		struct str bytes = source_file(&a, path.p);
		struct feed_source source = alma;
		struct rows rows = { 0 };
		struct err err = { 0 };

		if (!bytes.p) {
			print_message("skipped: no corpus\n");
			arena_reset(&a);
			skip();
		}
		source.distribution.version_id = str_of(files[i].release);
		assert_int_equal(rows_parse(osv_parse, &source, bytes, LIMIT_WORKER_ARENA_BYTES, &rows, &err),
				 0);
		assert_int_equal(rows.skipped, 0);
		assert_int_equal(rows.n, files[i].rows);
		if (str_eq(source.distribution.version_id, STR("10")))
			assert_true(
				str_search(buffer_str(&rows.text),
					   STR("almalinux:9|libxml2|binary||ALSA-2025:10630|2.12.5-7.el10_0|"
					       "affected||Important|High| \n")) < rows.text.n);
		arena_reset(&rows.arena);
	}
}

static void real_records_of_rocky_linux_are_read(void **state)
{
	static const struct feed_source source = { 0 };
	const struct feed_job job = { .source = &source,
				      .distributions = rocky_releases,
				      .distribution_count = 2 };
	autoarena struct arena a = { 0 };
	struct str bytes = source_file(&a, "../shared/corpus/feeds/osv/Rocky Linux/all.zip");
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	if (!bytes.p) {
		print_message("skipped: no corpus\n");
		skip();
	}
	assert_int_equal(rows_parse_job(osv_parse, job, bytes, LIMIT_WORKER_ARENA_BYTES, &rows, &err), 0);
	assert_int_equal(rows.skipped, 0);
	assert_int_equal(rows.n, 5);
	assert_true(str_search(buffer_str(&rows.text),
			       STR("rocky:8|java-11-openjdk|source||RLSA-2021:3891|1:11.0.13.0.8-1.el8_4|"
				   "affected||Important|High| \n")) < rows.text.n);
	assert_true(str_search(buffer_str(&rows.text),
			       STR("rocky:9|rubygem-pg|source|ruby:3.3|RLSA-2024:3671|"
				   "0:1.5.4-1.module+el9.4.0+20787+4c237fd3|affected||Moderate|Medium| \n")) <
		    rows.text.n);
	arena_reset(&rows.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_become_advisories),
		cmocka_unit_test(texts_are_collected),
		cmocka_unit_test(what_is_no_archive_of_records_is_an_error),
		cmocka_unit_test(pages_and_single_records_are_read),
		cmocka_unit_test(cves_may_stand_in_three_lists),
		cmocka_unit_test(a_huge_record_is_left_out),
		cmocka_unit_test(more_builds_than_the_limit_are_left_out),
		cmocka_unit_test(the_sink_may_refuse),
		cmocka_unit_test(real_archives_are_read_whole),
		cmocka_unit_test(real_records_of_rocky_linux_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
