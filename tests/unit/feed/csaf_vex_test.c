/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds of Red Hat's VEX documents: lines, archives, limits, and the corpus of real ones. */
#include "csaf.h"

#include "base/inflate.h"
#include "base/tar_write.h"

#define REPLACED "replaced: CVE-2024-1001\n"
#define DELETED "{\"document\":{\"tracking\":{\"id\":\"CVE-2024-1002\",\"status\":\"deleted\"}}}"
#define EMPTY(id) "{" HEAD(id) "}"

static void a_bad_document_leaves_the_others_alone(void **state)
{
	static const struct {
		const char *document, *want;
	} examples[] = {
		{ EMPTY("CVE-2024-1001") "\n" DELETED "\n", REPLACED "replaced: CVE-2024-1002\n" },
		{ EMPTY("CVE-2024-1001") "\n\n" DELETED, REPLACED "replaced: CVE-2024-1002\n" },
		{ "{\n  \"document\": {\n    \"tracking\": {\"id\": \"CVE-2024-1001\"\n}\n}\n}\n" DELETED,
		  REPLACED "replaced: CVE-2024-1002\n" },
		{ "{\"document\":[\n" EMPTY("CVE-2024-1001") "\n",
		  "skipped: document 1: line 2 column 1: the document breaks off\n" REPLACED },
		{ EMPTY("CVE-2024-1001") "\n<html>\n" DELETED,
		  REPLACED "skipped: document 2: line 1 column 1: a value is expected\nreplaced: "
			   "CVE-2024-1002\n" },
		{ EMPTY("CVE-2024-1001") " x\n" DELETED,
		  "skipped: document 1: line 1 column 67: bytes after the "
		  "document\nreplaced: CVE-2024-1002\n" },
		{ EMPTY("RHSA-2024:1"),
		  "skipped: document 1: \"RHSA-2024:1\": line 1: not the id of a CVE\n" },
		{ "{}", "skipped: document 1: line 0: not the id of a CVE\n" },
		{ "{\"document\":7,\"product_tree\":7,\"vulnerabilities\":7}\n" DELETED,
		  "skipped: document 1: line 0: not the id of a CVE\nreplaced: CVE-2024-1002\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct rows rows = { 0 };
		struct err err = { 0 };

		assert_int_equal(csaf_parse_text(str_of(examples[i].document), 0, &rows, &err), 0);
		assert_str_is(buffer_str(&rows.text), examples[i].want);
		arena_reset(&rows.arena);
	}
}

static void what_is_no_feed_is_an_error(void **state)
{
	static const char *const texts[] = { "", " \n", "<html>", "[]" };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(csaf_parse_text(str_of(texts[i]), 0, &rows, &err), E_FORMAT);
}

static void of_one_document_few_things_are_told(void **state)
{
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		csaf_parse_text(STR(ONE("curl", STATUS("fixed", "\"p\",\"p\",\"p\",\"p\",\"p\",\"p\""))), 0,
				&rows, &err),
		0);
	assert_int_equal(rows.skipped, LIMIT_CSAF_NOTES + 1);
	assert_true(str_ends(buffer_str(&rows.text), STR("document 1: 2 more products are left out\n")));
	arena_reset(&rows.arena);
}

/* ---- archives ---- */

static void add_member(struct buffer *archive, const char *path, struct str content)
{
	const struct tar_member m = { .path = str_of(path), .type = '0', .size = content.n, .mode = 0644 };

	tar_write_header(archive, &m);
	put_bytes(archive, content);
	tar_write_padding(archive, content.n);
}

static void members_of_years_are_documents(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer archive = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	add_member(&archive, "2024/cve-2024-1001.json", STR(EMPTY("CVE-2024-1001")));
	add_member(&archive, "2014/cve-2014-1001.json", STR(EMPTY("CVE-2014-1001")));
	add_member(&archive, "2024/cve-2024-1003.json", STR("{\"document\":"));
	add_member(&archive, "2024/cve-2024-1003.json.asc", STR("{"));
	add_member(&archive, "old/cve-2024-1004.json", STR("{"));
	add_member(&archive, "old/cve-2024-1005.json", STR("{"));
	add_member(&archive, "index.json", STR("{"));
	add_member(&archive, "vex/2015/cve-2015-1001.json", STR(EMPTY("CVE-2015-1001")));
	tar_write_trailer(&archive);
	assert_int_equal(csaf_parse_text(buffer_str(&archive), 0, &rows, &err), 0);
	assert_str_is(buffer_str(&rows.text),
		      REPLACED "skipped: 2024/cve-2024-1003.json: line 1 column 13: the document breaks off\n"
			       "skipped: \"old/cve-2024-1004.json\": its folder is no year\n"
			       "skipped: \"index.json\": its folder is no year\n"
			       "replaced: CVE-2015-1001\n");
	arena_reset(&rows.arena);
}

static void a_broken_archive_is_an_error(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer archive = { .arena = &a }, none = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	add_member(&archive, "2024/cve-2024-1001.json", STR(EMPTY("CVE-2024-1001")));
	archive.n -= 512 - 20;
	assert_int_equal(csaf_parse_text(buffer_str(&archive), 0, &rows, &err), E_FORMAT);
	assert_int_equal(rows.skipped, 0);
	arena_reset(&rows.arena);
	add_member(&none, "2014/cve-2014-1001.json", STR(EMPTY("CVE-2014-1001")));
	tar_write_trailer(&none);
	assert_int_equal(csaf_parse_text(buffer_str(&none), 0, &rows, &err), E_FORMAT);
	arena_reset(&rows.arena);
}

/* ---- limits ---- */

static void a_huge_document_is_left_out(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("{\"vulnerabilities\":[{\"product_status\":{\"fixed\":[\"p\""));
	while (b.n <= LIMIT_CSAF_DOCUMENT_BYTES)
		put_bytes(&b,
			  STR(",\"p\",\"p\",\"p\",\"p\",\"p\",\"p\",\"p\",\"p\",\"p\",\"p\",\"p\",\"p\""));
	put_bytes(&b, STR("]}}]}\n" DELETED));
	assert_int_equal(csaf_parse_text(buffer_str(&b), 0, &rows, &err), 0);
	assert_int_equal(rows.skipped, 1);
	assert_true(str_search(buffer_str(&rows.text),
			       STR("bytes of memory are needed\nreplaced: CVE-2024-1002\n")) < rows.text.n);
	arena_reset(&rows.arena);
}

static void more_products_than_the_limit_are_too_many(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		char id[32];

		b.n = 0;
		put_bytes(&b, STR("{\"vulnerabilities\":[{\"product_status\":{\"fixed\":[0"));
		for (unsigned i = 0; i < LIMIT_CSAF_PRODUCTS + more; i++) {
			snprintf(id, sizeof(id), ",\"%u\"", i);
			put_bytes(&b, str_of(id));
		}
		put_bytes(&b, STR("]}}]," HEAD("CVE-2024-1001") "}"));
		assert_int_equal(csaf_parse_text(buffer_str(&b), 0, &rows, &err), 0);
		assert_int_equal(rows.skipped, more);
		arena_reset(&rows.arena);
	}
}

static void a_fix_of_many_architectures_is_for_all(void **state)
{
	autoarena struct arena a = { 0 };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	for (unsigned n = LIMIT_CSAF_ARCHES; n <= LIMIT_CSAF_ARCHES + 1; n++) {
		struct buffer tree = { .arena = &a }, of = { .arena = &a }, ids = { .arena = &a };
		struct str text;

		for (unsigned i = 0; i < n; i++) {
			put_bytes(&tree,
				  str_format(&a,
					     ",{\"product\":{\"product_id\":\"c%u\",\"product_identification_"
					     "helper\":{\"purl\":\"pkg:rpm/redhat/p@1?arch=a%u\"}}}",
					     i, i));
			put_bytes(
				&of,
				str_format(&a,
					   "%s{\"category\":\"default_component_of\",\"full_product_name\":"
					   "{\"product_id\":\"p%u\"},\"product_reference\":\"c%u\",\"relates_"
					   "to_product_reference\":\"os\"}",
					   i ? "," : "", i, i));
			put_bytes(&ids, str_format(&a, "%s\"p%u\"", i ? "," : "", i));
		}
		text = str_format(&a,
				  "{" HEAD("CVE-2024-1001") ",\"product_tree\":{\"branches\":[" OS STR_FMT
							    "],\"relationships\":[" STR_FMT
							    "]},\"vulnerabilities\":[{\"product_status\":{"
							    "\"known_not_affected\":[" STR_FMT "]}}]}",
				  STR_ARG(buffer_str(&tree)), STR_ARG(buffer_str(&of)),
				  STR_ARG(buffer_str(&ids)));
		assert_int_equal(csaf_parse_text(text, 0, &rows, &err), 0);
		assert_int_equal(rows.n, 1);
		assert_int_equal(str_search(buffer_str(&rows.text), STR("pattern match a0|a1|")) <
					 rows.text.n,
				 n == LIMIT_CSAF_ARCHES);
		arena_reset(&rows.arena);
	}
}

static void the_sink_may_refuse(void **state)
{
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(csaf_parse_text(STR(FIXED("pkg:rpm/redhat/curl@1-2")), 1, &rows, &err), E_IO);
	arena_reset(&rows.arena);
}

/* ---- the corpus ---- */

static size_t count(struct str text, struct str what)
{
	size_t n = 0;

	for (;;) {
		size_t at = str_search(text, what);

		if (at == text.n)
			return n;
		n++;
		text = str_sub(text, at + what.n, text.n - at - what.n);
	}
}

/* Counted apart, from the JSON. */
static const struct {
	const char *path;
	size_t affected, not_affected, will_not_fix, fix_deferred, end_of_life;
	const char *has;
} real[] = {
	{ "2023/cve-2023-0044.json", 0, 0, 0, 0, 0, "replaced: CVE-2023-0044\n" },
	{ "2023/cve-2023-0118.json", 128, 1266, 0, 0, 0,
	  "rhel:satellite:6|ansible-collection-redhat-satellite|binary||CVE-2023-0118||not_affected|"
	  "vulnerable_code_not_present|Unknown|Unknown|pattern match noarch|rhel-cpe-repository "
	  "cpe:2.3:a:redhat:satellite:6.14:*:el8:*:*:*:*:*|\n" },
	{ "2023/cve-2023-38545.json", 75, 190, 0, 0, 0,
	  "rhel:jboss_core_services:1|jbcs-httpd24-apr-util-sqlite|binary||CVE-2023-38545||not_affected|"
	  "vulnerable_code_not_present|CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H|High|pattern match "
	  "amd64|x86_64|rhel-cpe-repository cpe:2.3:a:redhat:jboss_core_services:1:*:el7:*:*:*:*:*|\n" },
	{ "2023/cve-2023-4154.json", 0, 159, 0, 0, 0, "rhel:enterprise_linux:6|libsmbclient|" },
	{ "2023/cve-2023-42670.json", 0, 159, 0, 0, 0, "rhel:enterprise_linux:6|libsmbclient|" },
	{ "2024/cve-2024-0727.json", 26, 8, 3, 10, 11,
	  "rhel:enterprise_linux:6|openssl|source||CVE-2024-0727||end_of_life|Out of support scope|"
	  "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H|Low| |rhel-cpe-repository "
	  "cpe:2.3:o:redhat:enterprise_linux:6:*:*:*:*:*:*:*|\n" },
	{ "2024/cve-2024-24786.json", 1, 0, 0, 0, 0, "|cri-tools|binary||CVE-2024-24786|0:1.29.0-3.1.el9|" },
	{ "2026/cve-2026-2673.json", 1, 0, 0, 48, 0, "|fix_deferred|Fix deferred|" },
};
#define VEX "../shared/corpus/feeds/rhel/csaf/v2/vex/"

/* All of them, one after the other, as the archive has them. */
static void real_documents_are_read_whole(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer all = { .arena = &a };
	struct mem_reader in;
	autoinflate struct inflate *inflated = NULL;
	struct rows rows = { 0 };
	struct err err = { 0 };
	struct str archive = source_file(&a, VEX "csaf_vex_2026-08-20.tar.zst");

	(void)state;
	if (!archive.p) {
		print_message("skipped: no corpus\n");
		arena_reset(&a);
		skip();
	}
	for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
		struct str text = source_file(&a, str_format(&a, VEX "%s", real[i].path).p), lines;

		assert_int_equal(csaf_parse_text(text, 0, &rows, &err), 0);
		lines = buffer_str(&rows.text);
		assert_int_equal(rows.skipped, 0);
		assert_int_equal(count(lines, STR("|affected|")), real[i].affected);
		assert_int_equal(count(lines, STR("|not_affected|")), real[i].not_affected);
		assert_int_equal(count(lines, STR("|will_not_fix|")), real[i].will_not_fix);
		assert_int_equal(count(lines, STR("|fix_deferred|")), real[i].fix_deferred);
		assert_int_equal(count(lines, STR("|end_of_life|")), real[i].end_of_life);
		assert_true(str_search(lines, str_of(real[i].has)) < lines.n);
		put_bytes(&all, lines);
		arena_reset(&rows.arena);
	}
	mem_reader_open(&in, archive);
	assert_int_equal(inflate_open(&in.reader, &inflated, &err), 0);
	assert_int_equal(csaf_parse(inflate_reader(inflated), 0, &rows, &err), 0);
	assert_true(str_eq(buffer_str(&rows.text), buffer_str(&all)));
	arena_reset(&rows.arena);
}

static void an_advisory_of_red_hat_is_refused_with_its_line(void **state)
{
	autoarena struct arena a = { 0 };
	struct rows rows = { 0 };
	struct err err = { 0 };
	struct str text = source_file(&a, "../shared/corpus/feeds/rhel/sample-rhsa-2024_6163.json");

	(void)state;
	if (!text.p) {
		print_message("skipped: no corpus\n");
		skip();
	}
	assert_int_equal(csaf_parse_text(text, 0, &rows, &err), 0);
	assert_str_is(buffer_str(&rows.text),
		      "skipped: document 1: \"RHSA-2024:6163\": line 73: not the id of a CVE\n");
	arena_reset(&rows.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_document_leaves_the_others_alone),
		cmocka_unit_test(what_is_no_feed_is_an_error),
		cmocka_unit_test(of_one_document_few_things_are_told),
		cmocka_unit_test(members_of_years_are_documents),
		cmocka_unit_test(a_broken_archive_is_an_error),
		cmocka_unit_test(a_huge_document_is_left_out),
		cmocka_unit_test(more_products_than_the_limit_are_too_many),
		cmocka_unit_test(a_fix_of_many_architectures_is_for_all),
		cmocka_unit_test(the_sink_may_refuse),
		cmocka_unit_test(real_documents_are_read_whole),
		cmocka_unit_test(an_advisory_of_red_hat_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
