/* SPDX-License-Identifier: Apache-2.0 */
/* What one document of Red Hat's VEX says of products, as advisories. */
#include "csaf.h"

struct example {
	const char *document, *want;
};

static void check(const struct example *examples, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		autoarena struct arena a = { 0 };
		struct rows rows = { 0 };
		struct err err = { 0 };
		struct str want = str_format(&a, "%s%s", REPLACED, examples[i].want);

		assert_int_equal(csaf_parse_text(str_of(examples[i].document), 0, &rows, &err), 0);
		assert_str_is(buffer_str(&rows.text), want.p);
		arena_reset(&rows.arena);
	}
}
#define CHECK(examples) check((examples), sizeof(examples) / sizeof((examples)[0]))

static void package_urls_say_what_is_fixed(void **state)
{
	static const struct example examples[] = {
		{ FIXED("pkg:rpm/redhat/curl@7.61.1-33.el8?arch=x86_64"),
		  FIX("curl", "", "0:7.61.1-33.el8", ARCH("amd64|x86_64")) },
		{ FIXED("pkg:rpm/redhat/curl@7.61.1-33.el8?arch=aarch64&epoch=1"),
		  FIX("curl", "", "1:7.61.1-33.el8", ARCH("aarch64")) },
		{ FIXED("pkg:rpm/redhat/curl@7.61.1-33.el8"), FIX("curl", "", "0:7.61.1-33.el8", NO_ARCH) },
		{ FIXED("pkg:rpm/redhat/curl?arch=noarch"), FIX("curl", "", "", ARCH("noarch")) },
		{ FIXED("pkg:rpm/redhat/libstdc%2B%2B@1-2%2B3?arch=noarch"),
		  FIX("libstdc++", "", "0:1-2+3", ARCH("noarch")) },
		{ FIXED("pkg:rpm/redhat/nodejs@1-2?arch=noarch&rpmmod=nodejs:18:8090:a75119d5"),
		  FIX("nodejs", "nodejs:18", "0:1-2", ARCH("noarch")) },
		{ FIXED("pkg:rpm/redhat/nodejs@1-2?arch=noarch&rpmmod=nodejs%3A18"),
		  FIX("nodejs", "nodejs:18", "0:1-2", ARCH("noarch")) },
		{ FIXED("pkg:rpm/redhat/nodejs@1-2?arch=noarch&rpmmod=nodejs"),
		  "skipped: document 1: \"p\": purl: a module without stream\n" },
		{ FIXED("pkg:rpm/redhat/curl@1-2?arch=src"), "" },
		{ FIXED("pkg:rpm/redhat/curl@1-2?arch=nosrc"), "" },
		{ FIXED("pkg:rpm/fedora/curl@1-2?arch=noarch"), "" },
		{ FIXED("pkg:rpm/curl@1-2?arch=noarch"), "" },
		{ FIXED("pkg:maven/redhat/curl@1-2"), "" },
		{ FIXED("curl"), "skipped: document 1: \"p\": purl: does not begin with pkg:\n" },
		{ FIXED("pkg:rpm/redhat/curl@%zz"), "skipped: document 1: \"p\": purl: bad percent code\n" },
		{ FIXED("pkg:oci/quay-rhel8@sha256:12?arch=amd64&tag=v3.6.0-4"),
		  "rhcc|quay-rhel8|binary||CVE-2024-1001|v3.6.0-4|affected||" V3
		  "|High|pattern match amd64|x86_64|" RHCC("rhctag:0" NINE_ZEROS
							   "..rhctag:3.6.2147483647" SEVEN_ZEROS) },
		{ FIXED("pkg:oci/q@1?tag=4-22&repository_url=registry.example/quay/quay-rhel8"),
		  IMAGE_FIX("quay/quay-rhel8", "4-22", "rhctag:0.0.0", "rhctag:4.0.2147483647") },
		{ FIXED("pkg:oci/ubi8/ubi@1?tag=8.x"),
		  IMAGE_FIX("ubi8/ubi", "8.x", "rhctag:0.0.0", "rhctag:8.0.2147483647") },
		{ FIXED("pkg:oci/q@1?tag=latest"),
		  "skipped: document 1: \"p\": an image whose tag is 0 or does not begin with a number\n" },
		{ FIXED("pkg:oci/q@1"), "skipped: document 1: \"p\": an image without a tag\n" },
	};

	(void)state;
	CHECK(examples);
}

static void of_a_kernel_few_packages_count(void **state)
{
	static const struct {
		const char *name;
		bool counts;
	} names[] = {
		{ "kernel", true },
		{ "kernel-core", true },
		{ "kernel-modules-extra", true },
		{ "kernel-uki-virt-addons", true },
		{ "kernel-rt", true },
		{ "kernel-rt-kvm", true },
		{ "kernel-rt-64k-modules-core", true },
		{ "kernel-64k-core", true },
		{ "kernel-64k-kvm", false },
		{ "kernel-headers", false },
		{ "kernel-rt-devel", false },
		{ "kernel-64k-debug", false },
		{ "kernel-srpm-macros", false },
		{ "kpatch", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (int image = 0; image < 2; image++) {
			autoarena struct arena a = { 0 };
			struct rows rows = { 0 };
			struct err err = { 0 };
			struct str purl = str_format(&a, "pkg:%s/%s@1-1?tag=1", image ? "oci" : "rpm/redhat",
						     names[i].name);
			struct str text = str_format(&a,
						     "{%s,\"product_tree\":{\"branches\":[%s,{\"product\":{"
						     "\"product_id\":\"c\",\"product_identification_"
						     "helper\":{\"purl\":\"%s\"}}}],\"relationships\":[%s]"
						     "},%s}",
						     HEAD("CVE-2024-1001"), OS, purl.p, PART("p", "c", "os"),
						     SAYS(STATUS("fixed", "\"p\"") "," SCORE("\"p\"")));

			assert_int_equal(csaf_parse_text(text, 0, &rows, &err), 0);
			assert_int_equal(rows.n, names[i].counts);
			arena_reset(&rows.arena);
		}
}

#define CURL(arch) "pkg:rpm/redhat/curl@1-2?arch=" arch
#define BOTH "\"p\",\"q\",\"r\",\"s\""
#define MANY(members)                                                                                        \
	DOCUMENT(TREE(OS "," EUS "," PURL("cp", CURL("ppc64le")) "," PURL("cq", CURL("x86_64")) "," PURL(    \
			      "cr", "pkg:rpm/redhat/curl@1-3?arch=aarch64"),                                 \
		      PART("p", "cp", "os") "," PART("q", "cq", "os") "," PART("r", "cr", "os") "," PART(    \
			      "s", "cq", "eus")),                                                            \
		 members)

static void a_fix_is_one_row_for_all_architectures(void **state)
{
	static const struct example examples[] = {
		{ MANY(STATUS("fixed",
			      "\"p\",\"q\",\"p\",\"r\",\"s\"") "," SCORE(BOTH) "," IMPACT("Important", BOTH)),
		  FIX("curl", "", "0:1-2", ARCH("ppc64le|amd64|x86_64"))
			  FIX("curl", "", "0:1-3",
			      ARCH("aarch64")) "rhel:rhel_eus:8|curl|binary||CVE-2024-1001|"
					       "0:1-2|affected||" V3
					       "|High|pattern match amd64|x86_64|" EUS_REPOSITORY },
		{ MANY(STATUS("known_not_affected", "\"p\",\"q\",\"r\"")),
		  "rhel:enterprise_linux:8|curl|binary||CVE-2024-1001||not_affected||Unknown|Unknown|pattern "
		  "match ppc64le|amd64|x86_64|aarch64|" OS_REPOSITORY },
		{ DOCUMENT(TREE(OS "," PURL("a", "pkg:rpm/redhat/curl@1-2") "," PURL("b", CURL("s390x")),
				PART("p", "a", "os") "," PART("q", "b", "os")),
			   STATUS("known_not_affected", "\"q\",\"p\"")),
		  "rhel:enterprise_linux:8|curl|binary||CVE-2024-1001||not_affected||Unknown|Unknown| "
		  "|" OS_REPOSITORY },
	};

	(void)state;
	CHECK(examples);
}

static void the_lowest_version_of_an_image_reaches_to_the_beginning(void **state)
{
	static const struct example examples[] = {
		{ DOCUMENT(TREE(OS "," PURL("a", "pkg:oci/q@1?tag=v3.6-1") "," PURL(
					"b", "pkg:oci/q@2?tag=3.5-9") "," PURL("c", "pkg:oci/q@3?tag=3.5-10"),
				PART("p", "a", "os") "," PART("q", "b", "os") "," PART("r", "c", "os")),
			   STATUS("fixed", "\"p\",\"q\",\"r\"") "," SCORE("\"p\",\"q\",\"r\"") "," IMPACT(
				   "Important", "\"p\",\"q\",\"r\"")),
		  IMAGE_FIX("q", "v3.6-1", "rhctag:3.6.0", "rhctag:3.6.2147483647")
			  IMAGE_FIX("q", "3.5-9", "rhctag:0.0.0", "rhctag:3.5.2147483647")
				  IMAGE_FIX("q", "3.5-10", "rhctag:3.5.0", "rhctag:3.5.2147483647") },
		{ AFFECTED("pkg:oci/q", SCORE("")),
		  "rhcc|q|source||CVE-2024-1001||affected|||Unknown| |" RHCC(WHOLE) },
		{ NOT_AFFECTED("pkg:oci/q?arch=amd64"),
		  "rhcc|q|ancestry||CVE-2024-1001||not_affected||Unknown|Low|pattern match "
		  "amd64|x86_64|" RHCC(WHOLE) },
	};

	(void)state;
	CHECK(examples);
}

#define UNFIXED(status, words)                                                                               \
	"rhel:enterprise_linux:8|curl|source||CVE-2024-1001||" status "|" words "||Unknown| |" OS_REPOSITORY
#define WORDS(category, words)                                                                               \
	AFFECTED("pkg:rpm/redhat/curl?arch=src",                                                             \
		 "\"remediations\":[" REMEDY("workaround", "Turn it off",                                    \
					     "\"p\"") "," REMEDY(category, words, "\"p\"") "]")

static void what_is_not_fixed_keeps_the_publishers_words(void **state)
{
	static const struct example examples[] = {
		{ WORDS("none_available", "Affected"), UNFIXED("affected", "Affected") },
		{ WORDS("none_available", "Fix deferred"), UNFIXED("fix_deferred", "Fix deferred") },
		{ WORDS("no_fix_planned", "Will not fix"), UNFIXED("will_not_fix", "Will not fix") },
		{ WORDS("no_fix_planned", "Out of support scope"),
		  UNFIXED("end_of_life", "Out of support scope") },
		{ WORDS("none_available", "Who knows"), UNFIXED("affected", "Who knows") },
		{ WORDS("workaround", "Turn it on"), UNFIXED("affected", "") },
		{ ONE("pkg:rpm/redhat/curl?arch=src", STATUS("under_investigation", "\"p\"")),
		  UNFIXED("under_investigation", "") },
		{ AFFECTED("pkg:rpm/redhat/nodejs?rpmmod=nodejs:18", IMPACT("CRITICAL", "\"p\"")),
		  "rhel:enterprise_linux:8|nodejs|source|nodejs:18|CVE-2024-1001||affected|||Critical| "
		  "|" OS_REPOSITORY },
		{ ONE("pkg:rpm/redhat/curl@1-2?arch=noarch&epoch=3",
		      STATUS("known_not_affected", "\"p\"") ",\"flags\":[{\"label\":\"vulnerable_code_not_"
							    "present\",\"product_ids\":[\"p\"]}]"),
		  "rhel:enterprise_linux:8|curl|binary||CVE-2024-1001||not_affected|vulnerable_code_not_"
		  "present|"
		  "Unknown|Unknown|pattern match noarch|" OS_REPOSITORY },
		{ ONE("pkg:rpm/redhat/curl@1-2",
		      STATUS("fixed", "\"p\"") "," SCORE("\"p\"") ",\"remediations\":[" REMEDY(
			      "vendor_fix", "Update", "\"p\"") "]"),
		  "rhel:enterprise_linux:8|curl|binary||CVE-2024-1001|0:1-2|affected|https://x.example/1|" V3
		  "|Unknown| |" OS_REPOSITORY },
		{ ONE("pkg:rpm/redhat/curl@1-2", STATUS("recommended", "\"p\"")), "" },
	};

	(void)state;
	CHECK(examples);
}

#define SCORED(score) ONE("pkg:rpm/redhat/curl@1-2", STATUS("fixed", "\"p\"") ",\"scores\":[" score "]")
#define VECTOR(version, text) "\"cvss_v" version "\":{\"vectorString\":\"" text "\"}"
#define P_ONLY ",\"products\":[\"p\"]}"
#define V2 "AV:N/AC:M/Au:N/C:N/I:N/A:P"
#define V4 "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"
#define V3_ZERO "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"
#define RATED(vector)                                                                                        \
	"rhel:enterprise_linux:8|curl|binary||CVE-2024-1001|0:1-2|affected||" vector "|Unknown| "            \
	"|" OS_REPOSITORY
#define NO_SCORE "skipped: document 1: \"p\": a fix without a valid CVSS score\n"

static void the_newest_valid_vector_is_the_severity(void **state)
{
	static const struct example examples[] = {
		{ SCORED("{" VECTOR("2", V2) "," VECTOR("3", V3) "," VECTOR("4", V4) P_ONLY), RATED(V4) },
		{ SCORED("{" VECTOR("2", V2) "," VECTOR("3", V3) P_ONLY), RATED(V3) },
		{ SCORED("{" VECTOR("2", V2) P_ONLY), RATED(V2) },
		{ SCORED("{" VECTOR("2", V2) "," VECTOR("3", "CVSS:3.1/AV:Q") P_ONLY), RATED(V2) },
		{ SCORED("{" VECTOR("3", V3) P_ONLY ",{" VECTOR("4", V4) P_ONLY), RATED(V3) },
		{ SCORED("{" VECTOR("3", "CVSS:3.1/AV:Q") P_ONLY), NO_SCORE },
		{ SCORED("{" VECTOR("3", V3) ",\"products\":[\"q\"]}"), NO_SCORE },
		{ SCORED("{" VECTOR("3", V3_ZERO) P_ONLY), "" },
		{ ONE("pkg:rpm/redhat/curl@1-2",
		      STATUS("known_affected", "\"p\"") ",\"scores\":[{" VECTOR("3", V3_ZERO) P_ONLY "]"),
		  "" },
		{ ONE("pkg:rpm/redhat/curl@1-2", STATUS("fixed", "\"p\"") ",\"scores\":[{" VECTOR(
							 "3", V3_ZERO) P_ONLY "]," IMPACT("Low", "\"p\"")),
		  "rhel:enterprise_linux:8|curl|binary||CVE-2024-1001|0:1-2|affected||" V3_ZERO
		  "|Low| |" OS_REPOSITORY },
	};

	(void)state;
	CHECK(examples);
}

static void products_are_found_over_several_relationships(void **state)
{
	static const struct example examples[] = {
		/* a package of a module of a product line */
		{ DOCUMENT(TREE(OS "," PURL("c", CURL("noarch")),
				PART("m", "module", "os") "," PART("p", "c", "m")),
			   STATUS("known_not_affected", "\"p\"")),
		  "rhel:enterprise_linux:8|curl|binary||CVE-2024-1001||not_affected||Unknown|Unknown|pattern "
		  "match noarch|" OS_REPOSITORY },
		{ DOCUMENT(TREE(OS "," PURL("c", CURL("noarch")),
				PART("p", "n", "os") "," PART("n", "c", "os")),
			   STATUS("known_not_affected", "\"p\"")),
		  "rhel:enterprise_linux:8|curl|binary||CVE-2024-1001||not_affected||Unknown|Unknown|pattern "
		  "match noarch|" OS_REPOSITORY },
		{ DOCUMENT(TREE(OS, PART("p", "p", "p")), STATUS("known_not_affected", "\"p\"")), "" },
		{ DOCUMENT(TREE(OS "," PURL("c", CURL("noarch")), ""),
			   STATUS("known_not_affected", "\"c\",\"os\",\"none\",7")),
		  "" },
		{ DOCUMENT(TREE(CPE("os", "cpe:/x:y") "," PURL("c", CURL("noarch")), PART("p", "c", "os")),
			   STATUS("known_not_affected", "\"p\"")),
		  "skipped: document 1: \"p\": cpe: part \"x\" is not a, o or h\n" },
		{ DOCUMENT(TREE(CPE("os", "cpe:/") "," PURL("c", CURL("noarch")), PART("p", "c", "os")),
			   STATUS("known_not_affected", "\"p\"")),
		  "skipped: document 1: \"p\": cpe: empty, or long\n" },
		/* what is said comes before what it is about, and the id last */
		{ "{" SAYS(STATUS(
			  "known_not_affected",
			  "\"p\"")) ","
				    "\"product_tree\":{\"relationships\":[" PART(
					    "p", "c",
					    "os") "],\"branches\":[" PURL("c",
									  CURL("noarch")) "," OS
											  "]}," HEAD(
												  "CVE-2024-"
												  "1001") "}",
		  "rhel:enterprise_linux:8|curl|binary||CVE-2024-1001||not_affected||Unknown|Unknown|pattern "
		  "match noarch|" OS_REPOSITORY },
	};

	(void)state;
	CHECK(examples);
}

static void texts_are_collected(void **state)
{
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		csaf_parse_text(
			STR(ONE("pkg:rpm/redhat/curl@1-2?arch=noarch",
				STATUS("known_affected",
				       "\"p\"") ",\"notes\":[{\"category\":\"description\",\"text\":"
						"\"one\"},{"
						"\"category\":\"description\",\"text\":\"two\"},{"
						"\"category\":"
						"\"summary\",\"text\":\"three\"}],\"references\":[{"
						"\"category\":"
						"\"self\",\"url\":\"https://x.example/1\"},{\"category\":"
						"\"external\",\"url\":\"https://x.example/2\"}]")),
			0, &rows, &err),
		0);
	assert_str_is(rows.description, "two");
	assert_str_is(rows.links,
		      "https://x.example/1 https://x.example/2 "
		      "https://security.access.redhat.com/data/csaf/v2/vex/2024/cve-2024-1001.json");
	assert_int_equal(rows.issued, 1704164645);
	arena_reset(&rows.arena);
	assert_int_equal(
		csaf_parse_text(
			STR("{\"document\":{\"references\":[{\"category\":\"self\",\"url\":\"https://"
			    "y.example\"}],"
			    "\"tracking\":{\"id\":\"CVE-2024-1001\"}}," TREE(
				    OS "," PURL("c", CURL("src")),
				    PART("p", "c", "os")) "," SAYS(STATUS("known_affected", "\"p\"")) "}"),
			0, &rows, &err),
		0);
	assert_str_is(rows.links, "https://y.example");
	arena_reset(&rows.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(package_urls_say_what_is_fixed),
		cmocka_unit_test(of_a_kernel_few_packages_count),
		cmocka_unit_test(a_fix_is_one_row_for_all_architectures),
		cmocka_unit_test(the_lowest_version_of_an_image_reaches_to_the_beginning),
		cmocka_unit_test(what_is_not_fixed_keeps_the_publishers_words),
		cmocka_unit_test(the_newest_valid_vector_is_the_severity),
		cmocka_unit_test(products_are_found_over_several_relationships),
		cmocka_unit_test(texts_are_collected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
