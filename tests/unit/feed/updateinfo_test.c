/* SPDX-License-Identifier: Apache-2.0 */
/* updateinfo.xml: what each kind of update becomes. The small documents are ours, after the shape of
 * Amazon's.
 */
#include "../source_file.h"
#include "../unit.h"
#include "rows.h"

#include "base/limits.h"
#include "base/time.h"
#include "feed/updateinfo.h"

static const struct feed_source amazon = { .namespace = STR("amzn:2"),
					   .distribution = { .did = STR("amzn") } };

#define UPDATE(more) "<updates><update type='security'>" more "</update></updates>"
#define PACKAGES(more) "<pkglist><collection short='x'><name>x</name>" more "</collection></pkglist>"
#define PACKAGE                                                                                              \
	"<package name='a' epoch='0' version='1' release='2' arch='x86_64'><filename>a</filename></package>"
#define ROW(package, fixed, severity, arch)                                                                  \
	"amzn:2|" package "|binary||ALAS2-1|" fixed "|affected||" severity "|equals " arch "\n"
#define ONE "<id>ALAS2-1</id>"

static void updates_become_advisories(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ UPDATE(ONE "<severity>medium</severity>" PACKAGES(PACKAGE)),
		  ROW("a", "1-2", "medium|Medium", "x86_64") },
		{ UPDATE(ONE "<severity>important</severity>" PACKAGES(PACKAGE)),
		  ROW("a", "1-2", "important|High", "x86_64") },
		{ UPDATE(ONE "<severity>low</severity>" PACKAGES(PACKAGE)),
		  ROW("a", "1-2", "low|Low", "x86_64") },
		{ UPDATE(ONE "<severity>critical</severity>" PACKAGES(PACKAGE)),
		  ROW("a", "1-2", "critical|Critical", "x86_64") },
		/* exact case, as Clair has it */
		{ UPDATE(ONE "<severity>Critical</severity>" PACKAGES(PACKAGE)),
		  ROW("a", "1-2", "Critical|Unknown", "x86_64") },
		/* what comes after the packages counts too */
		{ UPDATE(PACKAGES(PACKAGE) "<severity> low </severity><id>\n ALAS2-1 </id>"),
		  ROW("a", "1-2", "low|Low", "x86_64") },
		{ UPDATE(ONE PACKAGES("<package name='a' epoch='1' version='1' release='2' arch='noarch'/>"
				      "<package name='b' version='1.0' release='2.amzn2' arch='aarch64'/>")),
		  ROW("a", "1:1-2", "|Unknown", "noarch") ROW("b", "1.0-2.amzn2", "|Unknown", "aarch64") },
		{ UPDATE(ONE PACKAGES("<package name='a' version='1' release='2'/>")),
		  "amzn:2|a|binary||ALAS2-1|1-2|affected|||Unknown| \n" },
		{ UPDATE(ONE "<pkglist><collection><module name='m' stream='3'/>" PACKAGE
			     "</collection><collection>" PACKAGE "</collection></pkglist>"),
		  "amzn:2|a|binary|m:3|ALAS2-1|1-2|affected|||Unknown|equals x86_64\n" ROW(
			  "a", "1-2", "|Unknown", "x86_64") },
		{ UPDATE(ONE), "" },
		{ "<updates/>", "" },
		{ "<updates><other><update/></other></updates>", "" },
		{ UPDATE(PACKAGES(PACKAGE)),
		  "skipped: line 1: update \"\": no id, or a field is too long\n" },
		{ "<updates>\n<update>" ONE PACKAGES(
			  "<package version='1' release='2'/><package name='b' release='2'/>"
			  "<package name='c' version='1'/><package name='d' version='1:2' release='3'/>"
			  "<package name='e' epoch='x' version='1' release='3'/>" PACKAGE) "</update></"
											   "updates>",
		  "skipped: line 2: update \"ALAS2-1\": a package has no name or version, or a field is "
		  "malformed\n" ROW("a", "1-2", "|Unknown", "x86_64") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rows rows = { 0 };
		struct err err = { 0 };

		assert_int_equal(rows_parse(updateinfo_parse, &amazon, str_of(cases[i].text), 0, &rows, &err),
				 0);
		assert_str_is(buffer_str(&rows.text), cases[i].want);
		arena_reset(&rows.arena);
	}
}

static void texts_are_collected(void **state)
{
	static const struct {
		const char *date, *want; /* empty: not known */
	} dates[] = {
		{ "2011-09-27 22:46", "2011-09-27T22:46:00Z" },
		{ "2011-09-27 22:46:01", "2011-09-27T22:46:01Z" },
		{ "2011-09-27", "2011-09-27T00:00:00Z" },
		{ "2011-09-27T22:46:01Z", "2011-09-27T22:46:01Z" },
		{ "2011-09-27 later", "2011-09-27T00:00:00Z" },
		{ "yesterday", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		autoarena struct arena a = { 0 };
		struct rows rows = { 0 };
		struct err err = { 0 };
		char buf[32];
		struct str text = str_format(
			&a,
			UPDATE(ONE "<issued date='%s'/><description> what\n it is </description><references>"
				   "<reference href='https://x.example/1'/><reference href='two words'/>"
				   "<reference href=' https://x.example/2 '/><reference/>"
				   "<reference href='https://x.example/1'/></references>" PACKAGES(PACKAGE)),
			dates[i].date);

		assert_int_equal(rows_parse(updateinfo_parse, &amazon, text, 0, &rows, &err), 0);
		assert_str_is(rows.description, "what\n it is");
		assert_str_is(rows.links, "https://x.example/1 https://x.example/2");
		if (dates[i].want[0])
			assert_string_equal(time_rfc3339(rows.issued, buf), dates[i].want);
		else
			assert_int_equal(rows.issued, 0);
		arena_reset(&rows.arena);
	}
}

static void what_is_no_updateinfo_is_an_error(void **state)
{
	static const char *const cases[] = {
		"",   "<html></html>",	      "<update/>", "<updates>", "<updates><update>" ONE "</updates>",
		"{}", "<updates/><updates/>",
	};
	static const struct feed_source other = { .namespace = STR("x:1"),
						  .distribution = { .did = STR("x") } };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (rows_parse(updateinfo_parse, &amazon, str_of(cases[i]), 0, &rows, &err) != E_FORMAT)
			fail_msg("%s is taken", cases[i]);
		arena_reset(&rows.arena);
	}
	assert_int_equal(rows_parse(updateinfo_parse, &other, STR("<updates/>"), 0, &rows, &err),
			 E_UNSUPPORTED);
}

static void the_sink_may_refuse(void **state)
{
	struct rows rows = { .refuse_at = 2 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(rows_parse(updateinfo_parse, &amazon,
				    STR(UPDATE(ONE PACKAGES(PACKAGE PACKAGE PACKAGE))), 0, &rows, &err),
			 E_IO);
	assert_int_equal(rows.n, 2);
	arena_reset(&rows.arena);
}

static void a_huge_update_is_refused(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("<updates><update><pkglist><collection>"));
	while (b.n < 24 * MIB)
		put_bytes(&b, STR("<package name='a' version='1' release='2' arch='x86_64'/>\n"));
	put_bytes(&b, STR("</collection></pkglist></update></updates>"));
	assert_int_equal(rows_parse(updateinfo_parse, &amazon, buffer_str(&b), 0, &rows, &err), E_LIMIT);
	arena_reset(&rows.arena);
}

static void the_real_document_is_read_whole(void **state)
{
	autoarena struct arena a = { 0 };
	struct str bytes = source_file(
		&a, "../shared/corpus/feeds/aws/2018.03/updates/x86_64/repodata/updateinfo.xml.gz");
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	if (!bytes.p) {
		print_message("skipped: no corpus\n");
		skip();
	}
	assert_int_equal(rows_parse(updateinfo_parse, &amazon, bytes, 0, &rows, &err), 0);
	assert_int_equal(rows.skipped, 0);
	assert_int_equal(rows.n, 19);
	assert_true(str_search(buffer_str(&rows.text),
			       STR("amzn:2|mod_ssl|binary||ALAS-2011-1|1:2.2.21-1.18.amzn1|affected||medium|"
				   "Medium|equals x86_64\n")) < rows.text.n);
	arena_reset(&rows.arena);
}

static void bottlerockets_advisories_are_called_by_their_cves(void **state)
{
	static const struct feed_source source = { .namespace = STR("bottlerocket:rolling"),
						   .distribution = { .did = STR("bottlerocket") } };
	static const struct {
		const char *references, *want;
	} cases[] = {
		{ "<reference href='https://a' id='CVE-2024-1' type='cve'/><reference id='CVE-2024-2' "
		  "type='cve'/>"
		  "<reference id='GHSA-x' type='ghsa'/>",
		  "bottlerocket:rolling|a|binary||CVE-2024-1|1-2|affected||moderate|Medium|equals x86_64\n"
		  "bottlerocket:rolling|a|binary||CVE-2024-2|1-2|affected||moderate|Medium|equals x86_64\n" },
		{ "<reference id='GHSA-x' type='ghsa'/>",
		  "bottlerocket:rolling|a|binary||ALAS2-1|1-2|affected||moderate|Medium|equals x86_64\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct rows rows = { 0 };
		struct err err = { 0 };
		struct str text = str_format(
			&a,
			UPDATE(ONE
			       "<severity>moderate</severity><references>%s</references>" PACKAGES(PACKAGE)),
			cases[i].references);

		assert_int_equal(rows_parse(updateinfo_parse, &source, text, 0, &rows, &err), 0);
		assert_str_is(buffer_str(&rows.text), cases[i].want);
		arena_reset(&rows.arena);
	}
}

static void too_many_pairs_of_packages_and_cves_are_left_out(void **state)
{
	static const struct feed_source source = { .namespace = STR("bottlerocket:rolling"),
						   .distribution = { .did = STR("bottlerocket") } };
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("<updates><update>" ONE));
	for (unsigned i = 0; i < 1001; i++)
		put_bytes(&b, STR("<reference id='CVE-2024-1' type='cve'/>"));
	for (unsigned i = 0; i < LIMIT_UPDATEINFO_ROWS / 1000; i++)
		put_bytes(&b, STR("<package name='a' version='1' release='2'/>"));
	put_bytes(&b, STR("</update></updates>"));
	assert_int_equal(rows_parse(updateinfo_parse, &source, buffer_str(&b), 0, &rows, &err), 0);
	assert_str_is(buffer_str(&rows.text),
		      "skipped: line 1: update \"ALAS2-1\": too many packages and CVEs\n");
	arena_reset(&rows.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates_become_advisories),
		cmocka_unit_test(texts_are_collected),
		cmocka_unit_test(what_is_no_updateinfo_is_an_error),
		cmocka_unit_test(the_sink_may_refuse),
		cmocka_unit_test(a_huge_update_is_refused),
		cmocka_unit_test(the_real_document_is_read_whole),
		cmocka_unit_test(bottlerockets_advisories_are_called_by_their_cves),
		cmocka_unit_test(too_many_pairs_of_packages_and_cves_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
