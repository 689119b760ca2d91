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
	assert_int_equal(rows_parse(osv_parse, &alma, STR("{\"id\":\"ALSA-1\"}"), 0, &rows, &err), E_FORMAT);
	assert_int_equal(rows_parse(osv_parse, &alma, buffer_str(&none), 0, &rows, &err), E_FORMAT);
	assert_int_equal(rows_parse(osv_parse, &other, buffer_str(&none), 0, &rows, &err), E_UNSUPPORTED);
	zip_entry(&damaged, STR("a.json"), STR("{\"id\":\"ALSA-1\",\"affected\":[]}"),
		  ZIP_DEFLATED | ZIP_BAD_CRC);
	zip_end(&damaged);
	assert_int_equal(rows_parse(osv_parse, &alma, buffer_str(&damaged), 0, &rows, &err), E_FORMAT);
	assert_int_equal(rows.skipped, 0);
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
		put_bytes(&b, STR("," AFFECTED_(NINE, "p", FIXED("2"))));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_become_advisories),
		cmocka_unit_test(texts_are_collected),
		cmocka_unit_test(what_is_no_archive_of_records_is_an_error),
		cmocka_unit_test(a_huge_record_is_left_out),
		cmocka_unit_test(more_builds_than_the_limit_are_left_out),
		cmocka_unit_test(the_sink_may_refuse),
		cmocka_unit_test(real_archives_are_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
