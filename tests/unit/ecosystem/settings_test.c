/* SPDX-License-Identifier: Apache-2.0 */
/* updaters.config: the table of keys, the types of values, and what the documentation says of both */
#include "../source_file.h"
#include "../unit.h"

#include "ecosystem/ecosystem.h"
#include "ecosystem/settings.h"

static void keys_are_found_for_sets_and_for_updaters(void **state)
{
	static const struct {
		const char *of, *key;
		bool is_known;
	} cases[] = {
		{ "alpine", "url", true },
		{ "alpine", "URL", true },
		{ "alpine", "mirror", false },
		{ "Alpine", "url", false },
		{ "ubuntu", "url", true },
		{ "ubuntu/updater/jammy", "url", true },
		{ "ubuntu/updater", "url", false },
		{ "ubuntu/updater/jammy", "force", false },
		{ "oracle-2023-updater", "compression", true },
		{ "debian/updater", "json_url", true },
		{ "aws", "url", false },
		{ "", "url", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s %s\n", cases[i].of, cases[i].key);
		assert_int_equal(updater_setting_find(str_of(cases[i].of), str_of(cases[i].key)) != NULL,
				 cases[i].is_known);
	}
}

static void values_have_types(void **state)
{
	static const struct {
		const char *of, *key, *value, *want; /* NULL: good */
	} cases[] = {
		{ "alpine", "url", "\"https://a.example\"", NULL },
		{ "alpine", "url", "\"\"", NULL },
		{ "alpine", "url", "null", NULL },
		{ "alpine", "url", "5", "must be a URL that begins with http:// or https://" },
		{ "alpine", "url", "\"file:///a\"", "must be a URL that begins with http:// or https://" },
		{ "clair.cvss", "feed_root", "\"https://a.example/b\"", "must end with /" },
		{ "clair.cvss", "feed_root", "\"https://a.example/b/\"", NULL },
		{ "clair.epss", "url", "\"https://a.example/b.csv\"", "must end with .gz" },
		{ "debian", "dists_urls", "[\"https://a.example/\"]", NULL },
		{ "debian", "dists_urls", "\"https://a.example/\"", "must be a list of URLs" },
		{ "debian", "dists_urls", "[1]", "must be a list of URLs" },
		{ "osv", "allowlist", "[\"go\"]", NULL },
		{ "osv", "allowlist", "[[]]", "must be a list of texts" },
		{ "ubuntu", "force", "[{\"name\":\"xenial\",\"version\":\"16.04\"}]", NULL },
		{ "ubuntu", "force", "[{\"name\":\"xenial\"}]",
		  "must be a list of mappings with name and version" },
		{ "rhel-vex", "ignore_kernel_packages", "\"yes\"", "must be true or false" },
		{ "rhel-vex", "compressed_file_timeout", "120", "must be a duration like 90s or 2m" },
		{ "ubuntu", "name", "{}", "must be a text" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct updater_setting *s = updater_setting_find(str_of(cases[i].of),
								       str_of(cases[i].key));
		autoarena struct arena a = { 0 };
		struct json_value v;
		struct err err = { 0 };

		print_message("%s.%s: %s\n", cases[i].of, cases[i].key, cases[i].value);
		assert_non_null(s);
		assert_int_equal(json_parse(&a, str_of(cases[i].value), &v, &err), 0);
		assert_int_equal(updater_setting_check(s, &v, &err), cases[i].want ? E_CONFIG : 0);
		if (cases[i].want)
			assert_string_equal(err.text, cases[i].want);
	}
}

static void nearest_names_are_proposed(void **state)
{
	autoarena struct arena a = { 0 };

	(void)state;
	assert_string_equal(updater_setting_nearest_name(&a, STR("debain")), "debian");
	assert_string_equal(updater_setting_nearest_key(&a, STR("debian"), STR("miror_url")), "mirror_url");
	assert_null(updater_setting_nearest_key(&a, STR("nothing"), STR("url")));
	assert_null(updater_setting_nearest_name(&a, STR("something else entirely")));
}

static void folders_end_with_a_slash_and_empty_is_not_set(void **state)
{
	autoarena struct arena a = { 0 };
	struct json_value settings;
	struct discovery d = { .settings = &settings };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(json_parse(&a, STR("{\"URL\":\"https://a.example/b\",\"other\":\"\",\"n\":null}"),
				    &settings, &err),
			 0);
	assert_str_is(discovery_folder(&a, &d, "url", "https://x.example/"), "https://a.example/b/");
	assert_str_is(discovery_folder(&a, &d, "other", "https://x.example/"), "https://x.example/");
	assert_str_is(discovery_folder(&a, &d, "missing", ""), "");
	assert_null(discovery_value(&d, "n"));
	d.settings = NULL;
	assert_str_is(discovery_setting(&d, "url", STR("x")), "x");
}

/* ---- discovery against a pretended publisher that has everything, at one address ---- */

struct pretend {
	struct discovery discovery;
	unsigned strangers; /* questions to other addresses */
};

static bool is_ours(struct pretend *p, struct str url)
{
	bool is = url.n == 0 || str_starts(url, STR("http://a.example/"));

	p->strangers += !is;
	return is;
}

static int pretend_exists(struct discovery *d, struct str url, struct str path, struct err *err)
{
	(void)path;
	(void)err;
	return is_ours((struct pretend *)d, url) && str_search(url, STR("/v4.0")) == url.n;
}

static int pretend_get(struct discovery *d, struct str url, struct str path, size_t max, struct str *out,
		       struct err *err)
{
	(void)path;
	(void)max;
	(void)err;
	if (!is_ours((struct pretend *)d, url))
		return 0;
	*out = str_ends(url, STR("/series"))
		       ? STR("{\"entries\":[{\"active\":true,\"name\":\"noble\",\"version\":\"24.04\"}]}")
		       : STR("Version: 12.1\n");
	return 1;
}

static int pretend_list(struct discovery *d, struct str url, struct str path, struct str **names,
			size_t *count, struct err *err)
{
	static struct str found[] = { STR("bookworm"), STR("opensuse.leap.15.6.xml.gz"), STR("v3.20") };

	(void)path;
	(void)err;
	if (url.n == 0 || !is_ours((struct pretend *)d, url))
		return 0;
	*names = found;
	*count = sizeof(found) / sizeof(found[0]);
	return 1;
}

static const struct ecosystem *ecosystem_of(const char *set)
{
	for (const struct ecosystem *const *e = ecosystems; *e; e++)
		if ((*e)->updaters && strcmp((*e)->updaters->name, set) == 0)
			return *e;
	return NULL;
}

static void discovery_asks_at_the_addresses_of_the_settings(void **state)
{
	static const struct {
		const char *set, *settings, *want; /* the address of the last document */
	} cases[] = {
		{ "alma", "{\"url\":\"http://a.example/b\"}", "http://a.example/b/AlmaLinux:10/all.zip" },
		{ "alpine", "{\"url\":\"http://a.example/\"}", "http://a.example/v3.20/community.json" },
		{ "azure", "{\"url\":\"http://a.example/\"}",
		  "http://a.example/CBL-MarinerVulnerabilityData/main/cbl-mariner-1.0-oval.xml" },
		{ "clair.epss", "{\"url\":\"http://a.example/e/s.csv.gz\"}", "http://a.example/e/s.csv.gz" },
		{ "clair.kev", "{\"feed_root\":\"http://a.example/k\"}", "http://a.example/k" },
		{ "debian", "{\"json_url\":\"http://a.example/json\",\"mirror_url\":\"http://a.example/m\"}",
		  "http://a.example/json" },
		{ "debian",
		  "{\"json_url\":\"http://a.example/j\",\"dists_urls\":[\"http://a.example/1\","
		  "\"http://a.example/2/\"]}",
		  "http://a.example/j" },
		{ "minimos", "{\"url\":\"http://a.example/m\"}", "http://a.example/m" },
		{ "photon", "{\"url\":\"http://a.example/p\"}",
		  "http://a.example/p/com.vmware.phsa-photon5.xml" },
		{ "suse", "{\"url\":\"http://a.example/s\"}",
		  "http://a.example/s/opensuse.leap.15.6.xml.gz" },
		{ "ubuntu",
		  "{\"url\":\"http://a.example/\",\"oval_url\":\"http://a.example/o\",\"force\":[{\"name\":"
		  "\"xenial\",\"version\":\"16.04\"},{\"name\":\"noble\",\"version\":\"24.04\"}]}",
		  "http://a.example/o/com.ubuntu.xenial.cve.oval.xml.bz2" },
		{ "wolfi", "{\"url\":\"http://a.example/w.json\"}", "http://a.example/w.json" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task t = { 0 };
		struct feed_sources out = { .arena = &t.arena };
		struct json_value settings;
		struct pretend p = { .discovery = { .exists = pretend_exists,
						    .get = pretend_get,
						    .list = pretend_list,
						    .settings = &settings } };
		struct err err = { 0 };

		print_message("%s %s\n", cases[i].set, cases[i].settings);
		assert_int_equal(json_parse(&t.arena, str_of(cases[i].settings), &settings, &err), 0);
		assert_int_equal(ecosystem_of(cases[i].set)->updaters->discover(&t, &p.discovery, &out, &err),
				 0);
		assert_true(out.sources.n > 0);
		assert_str_is(out.sources.p[out.sources.n - 1].url, cases[i].want);
		assert_int_equal(p.strangers, 0);
	}
}

/* Every set that is there may be named, and every row is in the documentation. */
static void every_key_is_documented(void **state)
{
	autoarena struct arena a = { 0 };
	struct str page = source_file(&a, "docs/configuration.md");

	(void)state;
	if (!page.p)
		skip();
	for (const struct updater_setting *s = updater_settings; s->key; s++) {
		struct str row = str_format(&a, "\n| %s | `%s` | %s |", s->of, s->key,
					    s->flags & SETTING_OURS ? "ours" : "");

		if (str_search(page, row) == page.n)
			fail_msg("docs/configuration.md has no row " STR_FMT, STR_ARG(row));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_found_for_sets_and_for_updaters),
		cmocka_unit_test(values_have_types),
		cmocka_unit_test(nearest_names_are_proposed),
		cmocka_unit_test(folders_end_with_a_slash_and_empty_is_not_set),
		cmocka_unit_test(discovery_asks_at_the_addresses_of_the_settings),
		cmocka_unit_test(every_key_is_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
