/* SPDX-License-Identifier: Apache-2.0 */
/* enrichers: from documents of a mirror to what is said of a CVE id */
#include "../unit.h"

#include "engine/update.h"
#include "store/enrichments.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct fixture {
	char dir[64];
	struct task task;
	struct log log;
	struct sandbox sandbox;
	struct advisory_store *store;
};

#define RECORD(id, score)                                                                                    \
	"{\"cve\":{\"id\":\"" id                                                                             \
	"\",\"vulnStatus\":\"Analyzed\",\"metrics\":{\"cvssMetricV31\":[{\"type\":\"Primary\",\"cvssData\":" \
	"{\"baseScore\":" score "}}]}}}"
#define NVD(records) "{\"vulnerabilities\":[" records "]}"

static void put_file(const struct fixture *f, const char *path, const char *text)
{
	char full[512], command[1200];
	FILE *out;

	snprintf(full, sizeof(full), "%s/mirror/%s", f->dir, path);
	snprintf(command, sizeof(command), "mkdir -p \"$(dirname '%s')\" && rm -f '%s'", full, full);
	assert_int_equal(system(command), 0);
	out = fopen(full, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const char *build = getenv("CLAIR_BUILD");
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-enrich-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	put_file(f, "nvd/nvdcve-2.0-2002.json.gz", NVD(RECORD("CVE-1999-0005", "1.0")));
	put_file(f, "nvd/nvdcve-2.0-2014.json.gz",
		 NVD(RECORD("CVE-2014-0160", "7.5") "," RECORD("CVE-2014-6271", "9.8")));
	put_file(f, "nvd/nvdcve-2.0-2015.json.gz", NVD(RECORD("CVE-2015-0001", "5.0")));
	put_file(f, "epss/epss_scores-2025-08-24.csv.gz", "cve,epss,percentile\nCVE-2014-0160,0.1,0.2\n");
	put_file(f, "epss/epss_scores-2025-08-25.csv.gz", "cve,epss,percentile\nCVE-2014-0160,0.9,0.99\n");
	put_file(f, "kev/known_exploited_vulnerabilities.json",
		 "{\"catalogVersion\":\"1\",\"vulnerabilities\":[{\"cveID\":\"CVE-2014-0160\"}]}");
	f->log.level = -1;
	f->sandbox.worker_path = str_format(&f->task.arena, "%s/clair-worker", build ? build : "build").p;
	assert_int_equal(
		advisories_open(str_format(&f->task.arena, "%s/data", f->dir), STORE_WRITE, &f->store, &err),
		0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	advisories_close(f->store);
	task_close(&f->task);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static struct update_totals update(struct fixture *f, const char *name, bool force)
{
	const struct update_options options = {
		.sandbox = &f->sandbox,
		.mirror = str_format(&f->task.arena, "%s/mirror", f->dir),
		.log = &f->log,
		.force = force,
	};
	const struct str names[] = { str_of(name) };
	struct update_totals totals;
	struct err err = { 0 };

	assert_int_equal(engine_update(&f->task, f->store, names, name ? 1 : 0, &options, &totals, &err), 0);
	return totals;
}

/* What is said of an id; of two texts, the first. */
static struct str said(struct fixture *f, const char *updater, const char *id)
{
	const struct str name = str_of(id);
	str_list found = { 0 };
	struct err err = { 0 };

	assert_int_equal(enrichments_find(f->store, &f->task, str_of(updater), &name, 1, &found, &err), 0);
	assert_true(found.n < 2);
	return found.n ? found.p[0] : (struct str){ NULL, 0 };
}

static uint64_t advisories_now(struct fixture *f)
{
	uint64_t generation;
	struct err err = { 0 };

	assert_int_equal(advisories_generation(f->store, &generation, &err), 0);
	return generation;
}

static void years_are_documents_of_one_updater(void **state)
{
	struct fixture *f = *state;
	uint64_t before = advisories_now(f);
	struct update_totals t = update(f, "clair.cvss", false);

	assert_int_equal(t.updaters, 1);
	assert_int_equal(t.changed, 1);
	assert_str_is(said(f, "clair.cvss", "CVE-1999-0005"), "{\"baseScore\":1.0}");
	assert_str_is(said(f, "clair.cvss", "CVE-2014-0160"), "{\"baseScore\":7.5}");
	assert_str_is(said(f, "clair.cvss", "CVE-2015-0001"), "{\"baseScore\":5.0}");
	assert_int_equal(advisories_now(f), before);
	t = update(f, "clair.cvss", false);
	assert_int_equal(t.updaters, 1);
	assert_int_equal(t.changed + t.failed, 0);
}

static void a_year_that_changed_replaces_only_its_own(void **state)
{
	struct fixture *f = *state;

	update(f, "clair.cvss", false);
	put_file(f, "nvd/nvdcve-2.0-2014.json.gz",
		 NVD(RECORD("CVE-2014-0160", "8.0") "," RECORD("CVE-2015-0001", "9.9")));
	assert_int_equal(update(f, "clair.cvss", false).changed, 1);
	assert_str_is(said(f, "clair.cvss", "CVE-2014-0160"), "{\"baseScore\":8.0}");
	assert_str_is(said(f, "clair.cvss", "CVE-2014-6271"), "");
	assert_str_is(said(f, "clair.cvss", "CVE-2015-0001"), "{\"baseScore\":5.0}");
	assert_str_is(said(f, "clair.cvss", "CVE-1999-0005"), "{\"baseScore\":1.0}");
	assert_int_equal(update(f, "clair.cvss", false).changed, 0);
}

static void a_year_that_is_gone_keeps_its_data(void **state)
{
	struct fixture *f = *state;
	char command[256];

	update(f, "clair.cvss", false);
	snprintf(command, sizeof(command), "rm '%s/mirror/nvd/nvdcve-2.0-2002.json.gz'", f->dir);
	assert_int_equal(system(command), 0);
	put_file(f, "nvd/nvdcve-2.0-2015.json.gz", NVD(RECORD("CVE-2015-0002", "5.0")));
	assert_int_equal(update(f, "clair.cvss", false).changed, 1);
	assert_str_is(said(f, "clair.cvss", "CVE-1999-0005"), "{\"baseScore\":1.0}");
	assert_str_is(said(f, "clair.cvss", "CVE-2015-0001"), "");
	assert_str_is(said(f, "clair.cvss", "CVE-2015-0002"), "{\"baseScore\":5.0}");
}

static void one_bad_year_leaves_all_as_it_was(void **state)
{
	static const char *const bad[] = { NVD(""), "{\"vulnerabilities\":[", "{}" };
	struct fixture *f = *state;

	update(f, "clair.cvss", false);
	put_file(f, "nvd/nvdcve-2.0-2014.json.gz", NVD(RECORD("CVE-2014-0160", "8.0")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_file(f, "nvd/nvdcve-2.0-2015.json.gz", bad[i]);
		assert_int_equal(update(f, "clair.cvss", false).failed, 1);
		assert_str_is(said(f, "clair.cvss", "CVE-2014-0160"), "{\"baseScore\":7.5}");
		assert_str_is(said(f, "clair.cvss", "CVE-2015-0001"), "{\"baseScore\":5.0}");
	}
	put_file(f, "nvd/nvdcve-2.0-2015.json.gz", NVD(""));
	assert_int_equal(update(f, "clair.cvss", true).changed, 1);
	assert_str_is(said(f, "clair.cvss", "CVE-2014-0160"), "{\"baseScore\":8.0}");
	assert_str_is(said(f, "clair.cvss", "CVE-2015-0001"), "");
}

static void only_cvss_runs_unless_others_are_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(update(f, NULL, false).changed, 1);
	assert_str_is(said(f, "clair.epss", "CVE-2014-0160"), "");
	assert_int_equal(update(f, "clair.epss", false).changed, 1);
	assert_int_equal(update(f, "clair.kev", false).changed, 1);
	assert_str_is(said(f, "clair.epss", "CVE-2014-0160"),
		      "{\"modelVersion\":\"\",\"date\":\"\",\"cve\":\"CVE-2014-0160\",\"epss\":0.9,"
		      "\"percentile\":0.99}"); /* the newest of the mirror */
	assert_true(str_starts(said(f, "clair.kev", "CVE-2014-0160"), STR("{\"cve\":\"CVE-2014-0160\",")));
	assert_int_equal(update(f, "clair.epss", false).changed, 0);
	put_file(f, "epss/epss_scores-2025-08-26.csv.gz", "cve,epss,percentile\nCVE-2014-6271,0.9,0.99\n");
	assert_int_equal(update(f, "clair.epss", false).changed, 1);
	assert_str_is(said(f, "clair.epss", "CVE-2014-0160"), "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(years_are_documents_of_one_updater),     CASE(a_year_that_changed_replaces_only_its_own),
		CASE(a_year_that_is_gone_keeps_its_data),     CASE(one_bad_year_leaves_all_as_it_was),
		CASE(only_cvss_runs_unless_others_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
