/* SPDX-License-Identifier: Apache-2.0 */
/* Publishers that say something about vulnerability names and nothing about packages: CVSS ratings (NVD),
 * exploit predictions (FIRST's EPSS), known exploitation (CISA's KEV); matching.md 6. Names and contents are
 * Clair's enrichers'. Easy to get wrong: NVD's documents go by the year of the id, not of publication, and
 * ids before 2002 are in that of 2002. */
#include "base/time.h"
#include "ecosystem/ecosystems.h"

#define NVD "https://nvd.nist.gov/feeds/json/cve/2.0/"
#define EPSS "https://epss.cyentia.com/"
#define KEV "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"

enum { NVD_FIRST_YEAR = 2002, YEAR_MAX = 9999, EPSS_DAYS = 7, DAY_SECONDS = 86400 };

static void add_source(struct feed_sources *out, struct str base, const char *folder, struct str name)
{
	struct feed_source *s = VEC_ADD(out->arena, &out->sources);

	*s = (struct feed_source){
		.url = str_format(out->arena, STR_FMT STR_FMT, STR_ARG(base), STR_ARG(name)),
		.mirror_path = str_format(out->arena, "%s" STR_FMT, folder, STR_ARG(name)),
	};
}

/* Add the document when it exists. Returns 1, 0 or an error. */
static int add_existing(struct discovery *d, struct feed_sources *out, struct str base, const char *folder,
			struct str name, struct err *err)
{
	int found;

	add_source(out, base, folder, name);
	found = d->exists(d, out->sources.p[out->sources.n - 1].url,
			  out->sources.p[out->sources.n - 1].mirror_path, err);
	if (found <= 0)
		out->sources.n--;
	return found;
}

/* The document with this whole address. */
static void add_at(struct feed_sources *out, struct str url, const char *folder)
{
	struct str base, name;

	if (!str_rcut(url, '/', &base, &name))
		return;
	add_source(out, (struct str){ url.p, base.n + 1 }, folder, name);
}

/* "2025-08-25", some days ago. */
static struct str date_of(struct arena *a, unsigned days_ago)
{
	char text[32];

	return str_copy(
		a, str_sub(str_of(time_rfc3339(time_now() - (int64_t)days_ago * DAY_SECONDS, text)), 0, 10));
}

/* ---- CVSS ---- */

static int discover_cvss(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	struct str root = discovery_setting(d, "feed_root", STR(NVD));
	uint64_t this_year = NVD_FIRST_YEAR;

	str_u64(str_sub(date_of(out->arena, 0), 0, 4), YEAR_MAX, &this_year);
	for (unsigned year = NVD_FIRST_YEAR; year <= this_year; year++) {
		struct str name = str_format(out->arena, "nvdcve-2.0-%u.json.gz", year);
		int found = add_existing(d, out, root, "nvd/", name, err);

		TRY(found);
		TRY(task_check(task, err));
		if (!found)
			continue;
		out->sources.p[out->sources.n - 1].first_year = year == NVD_FIRST_YEAR ? 1 : year;
		out->sources.p[out->sources.n - 1].last_year = year;
	}
	return 0;
}

const struct ecosystem ecosystem_cvss = {
	.name = "cvss",
	.scanners = (const struct scanner_id *const[]){ NULL },
	.updaters = &(const struct updater_set){ .name = "clair.cvss",
						 .discover = discover_cvss,
						 .format = FEED_NVD,
						 .parser_version = 1 },
};

/* ---- EPSS ---- */

static bool is_scores(struct str name)
{
	return str_starts(name, STR("epss_scores-2")) && str_ends(name, STR(".csv.gz"));
}

/* The newest document of a mirror that can be listed; empty: none. */
static struct str newest_scores(struct discovery *d)
{
	struct str *names = NULL, newest = { NULL, 0 };
	struct err ignored = { 0 };
	size_t n = 0;

	if (d->list(d, (struct str){ NULL, 0 }, STR("epss/"), &names, &n, &ignored) <= 0)
		return newest;
	for (size_t i = 0; i < n; i++)
		if (is_scores(names[i]))
			newest = names[i]; /* they are in order */
	return newest;
}

/* The newest of a mirror, that of the settings, yesterday's, or that of a few days before: today's comes in
 * the course of the day. */
static int discover_epss(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	struct str newest = newest_scores(d), set = discovery_setting(d, "url", (struct str){ NULL, 0 });

	if (newest.n) {
		add_source(out, STR(EPSS), "epss/", newest);
		return 0;
	}
	if (set.n) {
		add_at(out, set, "epss/");
		return 0;
	}
	for (unsigned day = 1; day <= EPSS_DAYS; day++) {
		struct str name = str_format(out->arena, "epss_scores-" STR_FMT ".csv.gz",
					     STR_ARG(date_of(out->arena, day)));
		int found = add_existing(d, out, STR(EPSS), "epss/", name, err);

		if (found)
			return found < 0 ? found : 0;
		TRY(task_check(task, err));
	}
	return 0;
}

const struct ecosystem ecosystem_epss = {
	.name = "epss",
	.scanners = (const struct scanner_id *const[]){ NULL },
	.updaters = &(const struct updater_set){ .name = "clair.epss",
						 .discover = discover_epss,
						 .format = FEED_EPSS,
						 .parser_version = 1 },
	.is_opt_in = true,
};

/* ---- KEV ---- */

static int discover_kev(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	const struct feed_source source = {
		.url = discovery_setting(d, "feed_root", STR(KEV)),
		.mirror_path = STR("kev/known_exploited_vulnerabilities.json"),
	};
	int found = d->exists(d, source.url, source.mirror_path, err);

	(void)task;
	if (found > 0)
		VEC_PUSH(out->arena, &out->sources, source);
	return found < 0 ? found : 0;
}

const struct ecosystem ecosystem_kev = {
	.name = "kev",
	.scanners = (const struct scanner_id *const[]){ NULL },
	.updaters = &(const struct updater_set){ .name = "clair.kev",
						 .discover = discover_kev,
						 .format = FEED_KEV,
						 .parser_version = 1 },
	.is_opt_in = true,
};
