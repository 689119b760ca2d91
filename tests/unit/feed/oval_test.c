/* SPDX-License-Identifier: Apache-2.0 */
/* OVAL: the rows of each publisher's documents. The small documents are ours, after the shape of real ones.
 */
#include "../source_file.h"
#include "../unit.h"
#include "rows.h"

#include "base/inflate.h"
#include "base/limits.h"
#include "feed/oval.h"

/* release: "ubuntu:18.04", or "" for a document that names its own, Oracle's. */
static int parse(const char *release, struct str text, size_t budget, struct rows *rows, struct err *err)
{
	static const struct distribution oracle[] = {
		{ .did = STR("ol"), .version_id = STR("5"), .version_code_name = STR("Oracle Linux 5") },
		{ .did = STR("ol"), .version_id = STR("8"), .version_code_name = STR("Oracle Linux 8") },
	};
	struct feed_source source = { .namespace = str_of(release) };
	struct str did, version;

	str_cut(source.namespace, ':', &did, &version);
	source.distribution.did = did;
	source.distribution.version = version;
	return rows_parse_job(
		oval_parse,
		(struct feed_job){ .source = &source, .distributions = oracle, .distribution_count = 2 },
		text, budget, rows, err);
}

#define METADATA(more) "<metadata><title> T </title><description> d </description>" more "</metadata>"
#define CRITERION(n, comment) "<criterion test_ref='o:tst:" #n "' comment='" comment "'/>"
#define TEST(type, n, object, state)                                                                         \
	"<l:" type "_test id='o:tst:" #n "'><l:object object_ref='o:obj:" #object "'/>" state "</l:" type    \
	"_test>"
#define WITH_STATE(n) "<l:state state_ref='o:ste:" #n "'/>"
#define OBJECT(type, n, name) "<l:" type "_object id='o:obj:" #n "'>" name "</l:" type "_object>"
#define STATE(type, n, what) "<l:" type "_state id='o:ste:" #n "'>" what "</l:" type "_state>"
#define EVR(operation, text) "<l:evr operation='" operation "'>" text "</l:evr>"

#define DPKG                                                                                                 \
	TEST("dpkginfo", 1, 1, "")                                                                           \
	TEST("dpkginfo", 2, 2, WITH_STATE(2))                                                                \
	TEST("dpkginfo", 3, 1, WITH_STATE(3)) TEST("dpkginfo", 4, 1, WITH_STATE(4)) TEST("family", 5, 1, "")
#define RPM                                                                                                  \
	TEST("rpminfo", 1, 1, "")                                                                            \
	TEST("rpminfo", 2, 1, WITH_STATE(2))                                                                 \
	TEST("rpminfo", 3, 2, WITH_STATE(3))                                                                 \
	TEST("rpminfo", 4, 2, WITH_STATE(4))                                                                 \
	TEST("rpminfo", 5, 2, WITH_STATE(5)) TEST("rpminfo", 6, 3, "") TEST("rpminfo", 7, 1, WITH_STATE(7))

static const char dpkg_tables[] = "<tests>" DPKG "</tests><objects>" OBJECT("dpkginfo", 1,
									    "<l:name>a</l:name>")
	OBJECT("dpkginfo", 2, "<l:name var_ref='o:var:1'/>") "</objects><states>" STATE(
		"dpkginfo", 2, EVR("less than", " 0:1-2 ")) STATE("dpkginfo", 3, EVR("equals", "1"))
		STATE("dpkginfo", 4,
		      EVR("less than", "1.2+esm3")) "</states><variables><constant_variable "
						    "id='o:var:1'><value>b</value><value>c</value>"
						    "</constant_variable></variables>";

static const char rpm_tables[] = "<tests>" RPM "</tests><objects>" OBJECT("rpminfo", 1, "<l:name>a</l:name>")
	OBJECT("rpminfo", 2, "<l:name>b</l:name>") "</objects><states>" STATE(
		"rpminfo", 2, EVR("less than", "0: 1-2\n") "<l:arch operation='pattern match'>x|y</l:arch>")
		STATE("rpminfo", 3, "<l:signature_keyid>1</l:signature_keyid>")
			STATE("rpminfo", 4, EVR("less than or equal", "0:3-1"))
				STATE("rpminfo", 5, EVR("greater than", "0:2"))
					STATE("rpminfo", 7, EVR("less than", "0")) "</states>";

static const struct {
	const char *what, *release, *definition, *want;
} cases[] = {
	{ "ubuntu: every row of a test", "ubuntu:18.04",
	  METADATA("<advisory><severity>Low</severity></advisory>") "<criteria>" CRITERION(1, "needs fixing")
		  CRITERION(2, "") CRITERION(3, "") CRITERION(5, "") "</criteria>",
	  "ubuntu:18.04|a|binary||T||affected|||Low| \n"
	  "ubuntu:18.04|b|binary||T|0:1-2|affected|||Low| \n"
	  "ubuntu:18.04|c|binary||T|0:1-2|affected|||Low| \n" },
	{ "ubuntu: what comments say", "ubuntu:18.04",
	  METADATA("") "<criteria>" CRITERION(1,
					      "a decision has been made to ignore this issue") "</criteria>",
	  "ubuntu:18.04|a|binary||T||will_not_fix|decision has been made to ignore||Unknown| \n" },
	{ "ubuntu: a fix for subscribers", "ubuntu:18.04",
	  METADATA("") "<criteria>" CRITERION(4, "") "</criteria>",
	  "ubuntu:18.04|a|binary||T|1.2+esm3|will_not_fix|fixed with Ubuntu Pro: "
	  "1.2+esm3||Unknown| \n"
	  "ubuntu:18.04+esm|a|binary||T|1.2+esm3|affected|||Unknown| \n" },
	{ "ubuntu: a fix of one channel", "ubuntu:18.04",
	  METADATA("") "<criteria>" CRITERION(4, "a package in esm-apps/bionic, is affected")
		  CRITERION(3, "a package in esm-infra/bionic, is affected") "</criteria>",
	  "ubuntu:18.04|a|binary||T|1.2+esm3|will_not_fix|fixed with Ubuntu Pro (esm-apps): "
	  "1.2+esm3||Unknown| \n"
	  "ubuntu:18.04+esm-apps|a|binary||T|1.2+esm3|affected|||Unknown| \n" },
	{ "ubuntu: an open issue of a channel", "ubuntu:18.04",
	  METADATA("") "<criteria>" CRITERION(1, "a package in esm-infra/bionic, needs fixing") "</criteria>",
	  "ubuntu:18.04|a|binary||T||affected|||Unknown| \n" },
	{ "rpm: state, signature, module, a test named twice", "photon:3.0",
	  METADATA("<advisory><severity>Important</severity></advisory>") "<criteria>" CRITERION(1, "")
		  CRITERION(2, "") CRITERION(2, "") "<criteria>" CRITERION(
			  3, "Module n:18 is enabled") "</criteria></criteria>",
	  "photon:3.0|a|binary|n:18|T||affected||Important|High| \n"
	  "photon:3.0|a|binary|n:18|T|0:1-2|affected||Important|High|pattern match x|y\n" },
	{ "rpm: a version 0", "photon:3.0", METADATA("") "<criteria>" CRITERION(7, "") "</criteria>",
	  "photon:3.0|a|binary||T|0|not_affected|||Unknown| \n" },
	{ "rpm: what is missing is told once", "photon:3.0",
	  METADATA("") "<criteria>" CRITERION(6, "") CRITERION(99, "") CRITERION(1, "") "</criteria>",
	  "photon:3.0|a|binary||T||affected|||Unknown| \n"
	  "skipped: line 1: \"o:def:1\": a test, object, state or variable is missing, as for 1 "
	  "definitions\n" },
	{ "suse: not affected", "sles:15",
	  METADATA("<advisory><severity>Moderate</severity></advisory>") "<criteria>" CRITERION(
		  3, "b is not affected") "</criteria>",
	  "sles:15|b|binary||T|0|not_affected|is not affected|Moderate|Medium| \n" },
	{ "suse: service packs", "sles:15",
	  METADATA(
		  "") "<criteria operator='OR'><criteria operator='AND'><criteria "
		      "operator='OR'>" CRITERION(90, "SUSE Linux Enterprise Server 15 SP1-LTSS is installed") CRITERION(
			      91,
			      "SUSE Linux Enterprise Module for Basesystem 15 is "
			      "installed") "</criteria>"
					   "<criteria operator='OR'>" CRITERION(
						   1,
						   "a is installed") "</criteria></"
								     "criteria>"
								     "<criteria "
								     "operator='AND'"
								     ">" CRITERION(92, "SU"
										       "SE"
										       " L"
										       "in"
										       "ux"
										       " E"
										       "nt"
										       "er"
										       "pr"
										       "is"
										       "e "
										       "Se"
										       "rv"
										       "er"
										       " 1"
										       "5 "
										       "SP"
										       "3 "
										       "is"
										       " i"
										       "ns"
										       "ta"
										       "ll"
										       "e"
										       "d") CRITERION(1, "")
									     CRITERION(
										     2,
										     "") "</"
											 "criteria"
											 ">"
											 "<criteri"
											 "a "
											 "operator"
											 "='AND'"
											 ">" CRITERION(93,
												       "S"
												       "U"
												       "S"
												       "E"
												       " "
												       "M"
												       "a"
												       "n"
												       "a"
												       "g"
												       "e"
												       "r"
												       " "
												       "S"
												       "e"
												       "r"
												       "v"
												       "e"
												       "r"
												       " "
												       "4"
												       "."
												       "1"
												       " "
												       "i"
												       "s"
												       " "
												       "i"
												       "n"
												       "s"
												       "t"
												       "a"
												       "l"
												       "l"
												       "e"
												       "d")
												 CRITERION(
													 7,
													 "") "</"
													     "criteri"
													     "a></"
													     "criteri"
													     "a>",
	  "sles:15|a|binary||T||affected|only in 15, 15.1, 15.3||Unknown| \n"
	  "sles:15|a|binary||T|0:1-2|affected|only in 15.3||Unknown|pattern match x|y\n"
	  "sles:15|a|binary||T|0|not_affected|||Unknown| \n"
	  "skipped: line 1: \"o:def:1\": a test, object, state or variable is missing, as for 1 "
	  "definitions\n" },
	{ "suse: a product beside the packages", "sles:15",
	  METADATA("") "<criteria operator='OR'>" CRITERION(
		  3, "SUSE Linux Enterprise Server 15 SP3 is installed") CRITERION(1, "") "</criteria>",
	  "sles:15|a|binary||T||affected|||Unknown| \n" },
	{ "azure: bounds", "mariner:2.0",
	  "<metadata><title>T</title><reference source='CVE' "
	  "ref_id='CVE-1'/><patchable>true</patchable>"
	  "<severity>High</severity></metadata><criteria>" CRITERION(4, "") CRITERION(5, "")
		  CRITERION(2, "") "</criteria>",
	  "mariner:2.0|b|source||CVE-1||affected|> 0:2, <= 0:3-1|High|High| \n"
	  "mariner:2.0|a|source||CVE-1|0:1-2|affected||High|High|pattern match x|y\n" },
	{ "azure: not applicable", "azurelinux:3.0",
	  "<metadata><title>T</title><patchable>Not "
	  "Applicable</patchable></metadata><criteria>" CRITERION(4, "") "</criteria>",
	  "azurelinux:3.0|b|source||T|0|not_affected|Not Applicable||Unknown| \n" },
	{ "oracle: releases and architectures", "",
	  METADATA(
		  "<affected><platform>Oracle Linux 8</platform><platform>Oracle Linux 99</platform>"
		  "<platform> Oracle Linux 5 </platform></affected>"
		  "<advisory><severity>CRITICAL</severity></advisory>") "<criteria><"
									"criteria>" CRITERION(
										3,
										"Oracle"
										" Linux"
										" arch "
										"is "
										"x86_"
										"64") "<criteria"
										      ">" CRITERION(
											      1,
											      "") "<"
												  "/"
												  "c"
												  "r"
												  "i"
												  "t"
												  "e"
												  "r"
												  "i"
												  "a"
												  ">"
												  "<"
												  "/"
												  "c"
												  "r"
												  "i"
												  "t"
												  "e"
												  "r"
												  "i"
												  "a"
												  ">" CRITERION(
													  1,
													  "") "</criteria>",
	  "ol:8|a|binary||T||affected||CRITICAL|Critical|pattern match x86_64|i386|i586|i686|noarch\n"
	  "ol:5|a|binary||T||affected||CRITICAL|Critical|pattern match x86_64|i386|i586|i686|noarch\n"
	  "ol:8|a|binary||T||affected||CRITICAL|Critical| \n"
	  "ol:5|a|binary||T||affected||CRITICAL|Critical| \n" },
	{ "oracle: no release that counts", "",
	  METADATA("<affected><platform>Oracle VM 3</platform></affected>") "<criteria>" CRITERION(
		  1, "") "</criteria>",
	  "" },
	{ "oracle: Ksplice only", "",
	  METADATA("<affected><platform>Oracle Linux "
		   "8</platform></affected><advisory><affected_cpe_list>"
		   "<cpe>cpe:/a:oracle:linux:8::userspace_ksplice</cpe></affected_cpe_list></"
		   "advisory>") "<criteria>" CRITERION(1, "") "</criteria>",
	  "" },
	{ "oracle: Ksplice and others", "",
	  METADATA("<affected><platform>Oracle Linux "
		   "8</platform></affected><advisory><affected_cpe_list>"
		   "<cpe>cpe:/a:oracle:linux:8::userspace_ksplice</cpe><cpe>cpe:/"
		   "a:oracle:linux:8::baseos</cpe>"
		   "</affected_cpe_list></advisory>") "<criteria>" CRITERION(1, "") "</criteria>",
	  "ol:8|a|binary||T||affected|||Unknown| \n" },
	{ "no title", "sles:15", "<metadata/><criteria>" CRITERION(1, "") "</criteria>",
	  "skipped: line 1: \"o:def:1\": no title, or a field is too long\n" },
};

static void each_publisher_has_its_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct rows rows = { 0 };
		struct err err = { 0 };
		struct str text = str_format(
			&a,
			"<oval_definitions xmlns:l='u'><generator/><definitions><definition class='patch' "
			"id='o:def:1'>%s</definition></definitions>%s</oval_definitions>",
			cases[i].definition,
			strncmp(cases[i].release, "ubuntu", 6) == 0 ? dpkg_tables : rpm_tables);

		print_message("%s\n", cases[i].what);
		assert_int_equal(parse(cases[i].release, text, 0, &rows, &err), 0);
		assert_str_is(buffer_str(&rows.text), cases[i].want);
		arena_reset(&rows.arena);
	}
}

static void metadata_are_collected(void **state)
{
	autoarena struct arena a = { 0 };
	struct rows rows = { 0 };
	struct err err = { 0 };
	struct str text = str_format(
		&a,
		"<oval_definitions xmlns:l='u'><definitions><definition "
		"id='o:def:1'><metadata><title>T</title>"
		"<description>\n one\n two </description><reference ref_url='r1'/><reference ref_url='r2'/>"
		"<reference ref_url='r1'/><reference ref_url='a b'/><advisory><issued date='2007-06-26'/>"
		"<cve href='c1'/><bugzilla href='b1'/><ref> a1 </ref><cve href='r2'/></advisory></metadata>"
		"<criteria>%s</criteria></definition></definitions>%s</oval_definitions>",
		CRITERION(1, ""), rpm_tables);

	(void)state;
	assert_int_equal(parse("photon:1.0", text, 0, &rows, &err), 0);
	assert_str_is(rows.description, "one\n two");
	assert_str_is(rows.links, "r1 r2 a1 b1 c1");
	assert_int_equal(rows.issued, 1182816000);
	arena_reset(&rows.arena);
}

/* Ids that are no "prefix:number" of the usual kind, or nearly the same. */
static void odd_ids_are_told_apart(void **state)
{
	static const char *const ids[] = {
		"o:tst:7", "o:tst:07", "p:tst:7", "7", "o:tst:99999999999999999999", "x"
	};
	autoarena struct arena a = { 0 };
	struct buffer tests = { .arena = &a }, criterions = { .arena = &a }, objects = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		put_bytes(&criterions, str_format(&a, "<criterion test_ref='%s'/>", ids[i]));
		put_bytes(&tests,
			  str_format(&a, "<rpminfo_test id='%s'><object object_ref='%s'/></rpminfo_test>",
				     ids[i], ids[i]));
		put_bytes(&objects,
			  str_format(&a, "<rpminfo_object id='%s'><name>p%zu</name></rpminfo_object>", ids[i],
				     i));
	}
	assert_int_equal(parse("sles:1",
			       str_format(&a,
					  "<oval_definitions><definitions><definition "
					  "id='d'><title>T</title><criteria>" STR_FMT
					  "</criteria></definition></definitions><tests>" STR_FMT
					  "</tests><objects>" STR_FMT "</objects></oval_definitions>",
					  STR_ARG(buffer_str(&criterions)), STR_ARG(buffer_str(&tests)),
					  STR_ARG(buffer_str(&objects))),
			       0, &rows, &err),
			 0);
	assert_int_equal(rows.n, 6);
	for (size_t i = 0; i < 6; i++)
		assert_true(str_search(buffer_str(&rows.text), str_format(&a, "|p%zu|", i)) < rows.text.n);
	arena_reset(&rows.arena);
}

static void what_is_no_oval_is_an_error(void **state)
{
	static const struct {
		const char *release, *text;
		int want;
	} documents[] = {
		{ "sles:1", "", E_FORMAT },
		{ "sles:1", "<html/>", E_FORMAT },
		{ "sles:1", "<oval_definitions/>", E_FORMAT },
		{ "sles:1", "<oval_definitions><definitions/></oval_definitions>", 0 },
		{ "sles:1", "<oval_definitions><definitions>", E_FORMAT },
		{ "sles:1", "<oval_definitions><definitions/></oval_definitions>x", E_FORMAT },
		{ "beos:5", "<oval_definitions><definitions/></oval_definitions>", E_UNSUPPORTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct rows rows = { 0 };
		struct err err = { 0 };

		assert_int_equal(parse(documents[i].release, str_of(documents[i].text), 0, &rows, &err),
				 documents[i].want);
		arena_reset(&rows.arena);
	}
}

/* A document of n tests, and a definition that names the first of them `modules` times in modules. */
static struct str large(struct arena *a, size_t n, size_t modules, size_t values)
{
	struct buffer b = { .arena = a };

	put_bytes(&b, STR("<oval_definitions><definitions><definition id='d'><title>T</title><criteria>"));
	for (size_t i = 0; i < n; i++)
		put_bytes(&b, str_format(a, "<criterion test_ref='o:tst:%zu'/>", i + 1));
	for (size_t i = 0; i < modules; i++)
		put_bytes(&b, str_format(a, "<criterion comment='Module m%zu is enabled'/>", i));
	put_bytes(&b, STR("</criteria></definition></definitions><tests>"));
	for (size_t i = 0; i < n; i++)
		put_bytes(
			&b,
			str_format(
				a,
				"<rpminfo_test id='o:tst:%zu'><object object_ref='o:obj:1'/></rpminfo_test>",
				i + 1));
	put_bytes(&b, STR("</tests><objects><rpminfo_object id='o:obj:1'><name var_ref='v'/></rpminfo_object>"
			  "</objects><variables><constant_variable id='v'>"));
	for (size_t i = 0; i < values; i++)
		put_bytes(&b, STR("<value>x</value>"));
	put_bytes(&b, STR("</constant_variable></variables></oval_definitions>"));
	return buffer_str(&b);
}

static void limits_are_kept(void **state)
{
	static const struct {
		size_t tests, modules, values, budget;
		int want;
		uint64_t rows;
	} documents[] = {
		{ 10, LIMIT_OVAL_MODULES + 5, 2, 0, 0, 20 * LIMIT_OVAL_MODULES },
		{ 100, 10, 1000, 0, 0, LIMIT_OVAL_ROWS },
		{ 100, 10, 1001, 0, E_LIMIT, LIMIT_OVAL_ROWS },
		{ 20000, 0, 1, 256 * KIB, E_LIMIT, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		autoarena struct arena a = { 0 };
		struct rows rows = { 0 };
		struct err err = { 0 };

		assert_int_equal(
			parse("sles:1",
			      large(&a, documents[i].tests, documents[i].modules, documents[i].values),
			      documents[i].budget, &rows, &err),
			documents[i].want);
		assert_int_equal(rows.n, documents[i].rows);
		arena_reset(&rows.arena);
	}
}

static void a_huge_definition_is_refused(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("<oval_definitions><definitions><definition id='d'>"));
	while (b.n < LIMIT_OVAL_DEFINITION_BYTES)
		put_bytes(&b, str_format(&a, "<reference ref_url='https://example.org/%0500zu'/>", b.n));
	put_bytes(&b, STR("</definition></definitions></oval_definitions>"));
	assert_int_equal(parse("sles:1", buffer_str(&b), 0, &rows, &err), E_LIMIT);
	arena_reset(&rows.arena);
}

static void the_sink_may_refuse(void **state)
{
	autoarena struct arena a = { 0 };
	struct rows rows = { .refuse_at = 2 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(parse("sles:1", large(&a, 5, 0, 1), 0, &rows, &err), E_IO);
	assert_int_equal(rows.n, 2);
	arena_reset(&rows.arena);
}

/* Counted apart from this parser, with an XML tree. Some samples are cut: their tests are not all there. */
static void real_documents_are_read_whole(void **state)
{
	static const struct {
		const char *release, *path;
		uint64_t rows, skipped;
		const char *has;
	} files[] = {
		{ "azurelinux:3.0", "azurelinux/azurelinux-3.0-oval.xml.gz", 1222, 0,
		  "azurelinux:3.0|oath-toolkit|source||CVE-2024-47191|0:2.6.7-3.azl3|affected||High|High| "
		  "\n" },
		{ "mariner:2.0", "azurelinux/cbl-mariner-2.0-oval.xml", 5, 0,
		  "mariner:2.0|bind|source||CVE-2022-3736||affected|<= 0:9.16.33-1.cm2|High|High| \n" },
		{ "photon:3.0", "photon/com.vmware.phsa-photon3.xml.gz", 778, 0,
		  "photon:3.0|sqlite-libs|binary||PHSA-2020:00001 sqlite Security Update. (Important)|"
		  "0:3.27.2-5.ph3|affected||Important|High| \n" },
		{ "sles:15", "suse/oval/suse.linux.enterprise.server.15.xml.gz", 0, 0, "" },
		{ "sles:12", "suse/oval/sample-sle-clair-v2.xml", 1, 1,
		  "sles:12|xfsprogs|binary||CVE-2012-2150|0:3.2.1-3.5|affected|only in 12, 12.1||Unknown| "
		  "\n" },
		{ "opensuse-leap:42.1", "suse/oval/sample-opensuse-clair-v2.xml", 2, 0,
		  "opensuse-leap:42.1|xfsprogs-devel|binary||CVE-2012-2150|0:3.2.1-5.1|affected|||Unknown| "
		  "\n" },
		{ "ubuntu:16.04", "ubuntu/samples-oval-clair-v2.xml", 2, 0,
		  "ubuntu:16.04|libmspack0|binary||CVE-2015-4471 on Ubuntu 16.04 LTS (xenial) - "
		  "medium.|0.4-3|"
		  "affected|||Medium| \n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str text = source_file(&a,
					      str_format(&a, "../shared/corpus/feeds/%s", files[i].path).p);
		struct rows rows = { 0 };
		struct err err = { 0 };

		if (!text.p) {
			print_message("skipped: no corpus\n");
			arena_reset(&a);
			skip();
		}
		assert_int_equal(parse(files[i].release, text, 0, &rows, &err), 0);
		assert_int_equal(rows.n, files[i].rows);
		assert_int_equal(rows.skipped, files[i].skipped);
		print_message("%s\n", files[i].path);
		assert_true(!files[i].has[0] ||
			    str_search(buffer_str(&rows.text), str_of(files[i].has)) < rows.text.n);
		arena_reset(&rows.arena);
	}
}

/* Red Hat published OVAL before VEX; read as Photon does, whose words are the same, it has a row for each of
 * its five definitions. */
static void an_old_document_of_red_hat_is_read_whole(void **state)
{
	autoarena struct arena a = { 0 };
	struct str stored = source_file(&a,
					"../shared/corpus/feeds/rhel/sample-oval-ansible-2.8.oval.xml.bz2"),
		   text;
	autoinflate struct inflate *inflated = NULL;
	struct rows rows = { 0 };
	struct mem_reader in;
	struct err err = { 0 };

	(void)state;
	if (!stored.p) {
		print_message("skipped: no corpus\n");
		skip();
	}
	mem_reader_open(&in, stored);
	assert_int_equal(inflate_open(&in.reader, &inflated, &err), 0);
	assert_int_equal(reader_all(inflate_reader(inflated), &a, MIB, &text, &err), 0);
	assert_int_equal(parse("photon:8", text, 0, &rows, &err), 0);
	assert_int_equal(rows.n, 5);
	assert_int_equal(rows.skipped, 0);
	assert_true(str_search(buffer_str(&rows.text),
			       STR("|ansible|binary||RHSA-2019:1708: ansible security and bug fix update "
				   "(Moderate)|0:2.8.2-1.el8ae|affected||Moderate|Medium|")) < rows.text.n);
	arena_reset(&rows.arena);
	assert_int_equal(parse("rhel:8", text, 0, &rows, &err), E_UNSUPPORTED);
	arena_reset(&rows.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_publisher_has_its_rows),
		cmocka_unit_test(metadata_are_collected),
		cmocka_unit_test(odd_ids_are_told_apart),
		cmocka_unit_test(what_is_no_oval_is_an_error),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(a_huge_definition_is_refused),
		cmocka_unit_test(the_sink_may_refuse),
		cmocka_unit_test(real_documents_are_read_whole),
		cmocka_unit_test(an_old_document_of_red_hat_is_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
