/* SPDX-License-Identifier: Apache-2.0 */
/* From headers and manifest lines to packages; the corpus adds the package lists of an image's every build.
 */
#include "../source_file.h"
#include "../unit.h"

#include "base/limits.h"
#include "scan/rpm_package.h"

static void sources_are_split_from_the_right(void **state)
{
	static const struct {
		const char *source_rpm, *name, *version;
	} cases[] = {
		{ "util-linux-2.32.1-42.el8_8.src.rpm", "util-linux", "2.32.1-42.el8_8" },
		{ "a-1-2.nosrc.rpm", "a", "1-2" },
		{ "a-1-2", "a", "1-2" },
		{ "a-1-2.rpm", "a", "1-2" },
		{ "a-1-2.rpm.src", "a", "1-2.rpm" },
		{ "a-b-c-1.0-2.3.src.rpm", "a-b-c", "1.0-2.3" },
		{ "(none)", "", "" },
		{ "", "", "" },
		{ "a-1.src.rpm", "", "" },
		{ "-1-2.src.rpm", "", "" },
		{ "a-1-2\xff.src.rpm", "", "" },
	};
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct rpm_header h = { .name = STR("n"),
					      .version = STR("1"),
					      .release = STR("2"),
					      .source_rpm = str_of(cases[i].source_rpm) };
		struct package p;

		assert_true(rpm_package_of_header(&a, &h, &p));
		assert_str_is(p.source_name, cases[i].name);
		assert_str_is(p.source_version, cases[i].version);
	}
}

static void the_module_is_name_and_stream(void **state)
{
	static const struct {
		const char *label, *module;
	} cases[] = {
		{ "nodejs:12:8030020201124152102:229f0a1c", "nodejs:12" },
		{ "a:b:c", "a:b" },
		{ "a:b", "" },
		{ "a", "" },
		{ "", "" },
		{ ":b:c", ":b" },
		{ "a:\xff:c", "" },
	};
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct rpm_header h = { .name = STR("n"),
					      .version = STR("1"),
					      .release = STR("2"),
					      .modularity_label = str_of(cases[i].label) };
		struct package p;

		assert_true(rpm_package_of_header(&a, &h, &p));
		assert_str_is(p.module, cases[i].module);
	}
}

static void an_epoch_is_written_unless_it_is_zero(void **state)
{
	autoarena struct arena a = { 0 };
	struct rpm_header h = {
		.name = STR("n"), .version = STR("1.0"), .release = STR("2"), .arch = STR("noarch")
	};
	struct package p;

	(void)state;
	assert_true(rpm_package_of_header(&a, &h, &p));
	assert_str_is(p.version, "1.0-2");
	assert_str_is(p.arch, "noarch");
	assert_int_equal(p.kind, PACKAGE_BINARY);
	h.epoch = UINT32_MAX;
	assert_true(rpm_package_of_header(&a, &h, &p));
	assert_str_is(p.version, "4294967295:1.0-2");
}

static void the_hint_has_digest_and_key(void **state)
{
	static const char signature[] =
		"\x88\x16\3\5\0\x60\0\0\0\x01\x23\x45\x67\x89\xab\xcd\xef\1\x08\xab\xcd\0\x08\xff";
	static const char hex[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	autoarena struct arena a = { 0 };
	struct rpm_header h = { .payload_digest = str_of(hex), .payload_digest_algorithm = 8 };

	(void)state;
	assert_str_is(rpm_repository_hint(&a, &h), str_format(&a, "hash=sha256%%3A%s", hex).p);
	h.signature = (struct str){ signature, sizeof(signature) - 1 };
	assert_str_is(rpm_repository_hint(&a, &h),
		      str_format(&a, "hash=sha256%%3A%s&key=0123456789abcdef", hex).p);
	h.payload_digest_algorithm = 10;
	assert_str_is(rpm_repository_hint(&a, &h), "key=0123456789abcdef");
	h.payload_digest_algorithm = 8;
	h.payload_digest = STR("0&key=1");
	assert_str_is(rpm_repository_hint(&a, &h), "key=0123456789abcdef");
	h.signature = STR("");
	assert_str_is(rpm_repository_hint(&a, &h), "");
}

static void what_is_no_text_is_no_package(void **state)
{
	autoarena struct arena a = { 0 };
	const struct rpm_header good = {
		.name = STR("n"), .version = STR("1"), .release = STR("2"), .arch = STR("x")
	};
	char *text = arena_alloc(&a, LIMIT_FIELD_BYTES + 2);
	struct str longest = { text, LIMIT_FIELD_BYTES }, longer = { text, LIMIT_FIELD_BYTES + 1 };
	struct rpm_header h;
	struct package p;

	(void)state;
	memset(text, 'a', LIMIT_FIELD_BYTES + 1);
	h = good, h.name = longest;
	assert_true(rpm_package_of_header(&a, &h, &p));
	h = good, h.name = longer;
	assert_false(rpm_package_of_header(&a, &h, &p));
	h = good, h.name = STR("\xff");
	assert_false(rpm_package_of_header(&a, &h, &p));
	h = good, h.version = STR("1\xff");
	assert_false(rpm_package_of_header(&a, &h, &p));
	h = good, h.release = longest; /* together with the version it is too long */
	assert_false(rpm_package_of_header(&a, &h, &p));
	h = good, h.arch = longer;
	assert_false(rpm_package_of_header(&a, &h, &p));
}

static void manifest_lines_have_ten_columns(void **state)
{
	static const struct {
		const char *line, *package; /* name|version|arch|source|source version */
	} cases[] = {
		{ "bash\t5.1.8-1.cm2\t1\t2\tMicrosoft "
		  "Corporation\t(none)\t3\tx86_64\t0\tbash-5.1.8-1.cm2.src.rpm",
		  "bash|5.1.8-1.cm2|x86_64|bash|5.1.8-1.cm2" },
		{ "a\t1-2\t1\t2\tv\t3\t3\tnoarch\t3\tb-1-2.src.rpm", "a|3:1-2|noarch|b|1-2" },
		{ "a\t1-2\t1\t2\tv\t0\t3\tnoarch\t0\t(none)", "a|1-2|noarch||" },
		{ "a\t1-2\t\t\t\t(none)\t\t\t\t", "a|1-2|||" },
		{ "a\t1-2\t1\t2\tv\t(none)\t3\tnoarch\t0", NULL },
		{ "a\t1-2\t1\t2\tv\t(none)\t3\tnoarch\t0\tb\tc", NULL },
		{ "a\t1\t1\t2\tv\t(none)\t3\tnoarch\t0\tb", NULL },
		{ "\t1-2\t1\t2\tv\t(none)\t3\tnoarch\t0\tb", NULL },
		{ "a\t1-2\t1\t2\tv\tx\t3\tnoarch\t0\tb", NULL },
		{ "a\xff\t1-2\t1\t2\tv\t0\t3\tnoarch\t0\tb", NULL },
		{ "", NULL },
	};
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct package p;
		bool ok = rpm_package_of_manifest(&a, str_of(cases[i].line), &p);

		assert_int_equal(ok, cases[i].package != NULL);
		if (ok)
			assert_str_is(str_format(&a, STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT,
						 STR_ARG(p.name), STR_ARG(p.version), STR_ARG(p.arch),
						 STR_ARG(p.source_name), STR_ARG(p.source_version)),
				      cases[i].package);
	}
}

/* The text of a field in one object of the list; it has no escapes in the fields that we use. */
static struct str json_field(struct arena *a, struct str object, const char *key)
{
	struct str name = str_format(a, "\"%s\":\"", key), value, rest;
	size_t at = str_search(object, name);

	if (at == object.n)
		return STR("");
	at += name.n;
	str_cut(str_sub(object, at, object.n - at), '"', &value, &rest);
	return value;
}

/* name-[epoch:]version-release.src as the name of a source package file: no epoch. */
static struct str source_file_of(struct arena *a, struct str name, struct str nevra)
{
	struct str rest = str_sub(nevra, name.n + 1, nevra.n - name.n - 1), epoch, evr;

	if (!str_cut(rest, ':', &epoch, &evr))
		evr = rest;
	return str_format(a, STR_FMT "-" STR_FMT ".rpm", STR_ARG(name), STR_ARG(evr));
}

static void check_listed(struct arena *a, struct str object)
{
	struct str name = json_field(a, object, "name"), source = json_field(a, object, "srpm_name"),
		   source_nevra = json_field(a, object, "srpm_nevra");
	struct rpm_header h = { .name = name,
				.version = json_field(a, object, "version"),
				.release = json_field(a, object, "release"),
				.arch = json_field(a, object, "architecture") };
	struct package p;

	if (source_nevra.n)
		h.source_rpm = source_file_of(a, source, source_nevra);
	assert_true(rpm_package_of_header(a, &h, &p));
	assert_str_is(json_field(a, object, "nvra"),
		      str_format(a, STR_FMT "-" STR_FMT "%s" STR_FMT, STR_ARG(p.name), STR_ARG(p.version),
				 p.arch.n ? "." : "", STR_ARG(p.arch))
			      .p);
	assert_true(str_eq(p.source_name, source_nevra.n ? source : STR("")));
	if (source_nevra.n) /* name, a dash, perhaps an epoch, version-release, .src */
		assert_true(str_ends(source_nevra, str_format(a, STR_FMT ".src", STR_ARG(p.source_version))));
}

static void every_package_of_the_lists_is_understood(void **state)
{
	autoarena struct arena a = { 0 };
	struct str text = source_file(&a, "../shared/corpus/rpm-lists/ubi8_ubi.txtar.gz");
	const struct str begin = STR("{\"architecture\":");
	unsigned packages = 0;

	(void)state;
	if (!text.p) {
		print_message("skipped: no corpus\n");
		skip();
	}
	for (size_t at = str_search(text, STR("\"rpms\":[")); at < text.n;) {
		size_t next;

		text = str_sub(text, at, text.n - at);
		next = str_search(str_sub(text, 1, text.n - 1), begin) + 1;
		if (str_starts(text, begin) && str_search(str_sub(text, 0, next), STR("\"nvra\":")) < next) {
			check_listed(&a, str_sub(text, 0, next));
			packages++;
		}
		at = next;
	}
	print_message("%u packages\n", packages);
	assert_int_equal(packages, 704);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_are_split_from_the_right),
		cmocka_unit_test(the_module_is_name_and_stream),
		cmocka_unit_test(an_epoch_is_written_unless_it_is_zero),
		cmocka_unit_test(the_hint_has_digest_and_key),
		cmocka_unit_test(what_is_no_text_is_no_package),
		cmocka_unit_test(manifest_lines_have_ten_columns),
		cmocka_unit_test(every_package_of_the_lists_is_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
