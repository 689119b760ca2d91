/* SPDX-License-Identifier: Apache-2.0 */
/* Oracle Linux: rpm packages, and an OVAL document for each year since 2007
 * (https://linux.oracle.com/security/oval/, matching.md 4.5). Easy to get wrong: one version has three
 * flavors. Fixes of Ksplice's and FIPS packages have higher numbers, and say nothing of the normal ones
 * (9.6). */
#include "base/time.h"
#include "ecosystem/by_binary.h"
#include "ecosystem/ecosystems.h"

#define OVAL "https://linux.oracle.com/security/oval/"

enum { FIRST_YEAR = 2007, LAST_YEAR = 2199, FIRST_RELEASE = 5, LAST_RELEASE = 10 };

enum flavor { FLAVOR_NORMAL, FLAVOR_KSPLICE, FLAVOR_FIPS };

static bool applies(const struct record *r)
{
	return by_binary_is(r, "ol", "Oracle Linux Server");
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	return by_binary_key(a, STR("ol"), r->distribution->version, r->package, out);
}

static enum flavor flavor_of(struct str version)
{
	if (str_search(version, STR(".ksplice")) < version.n)
		return FLAVOR_KSPLICE;
	return str_search(version, STR("_fips")) < version.n ? FLAVOR_FIPS : FLAVOR_NORMAL;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	if (advisory->fixed_in.n && flavor_of(advisory->fixed_in) != flavor_of(r->package->version))
		return NOT_AFFECTED;
	return by_binary_affects_rpm(a, r, advisory, reason);
}

static void add_distribution(struct feed_sources *out, int release)
{
	struct arena *a = out->arena;
	struct distribution *d = VEC_ADD(a, &out->distributions);
	struct str number = str_format(a, "%d", release);

	*d = (struct distribution){
		.did = STR("ol"),
		.name = STR("Oracle Linux Server"),
		.version = number,
		.version_id = number,
		.version_code_name = str_format(a, "Oracle Linux %d", release),
		.pretty_name = str_format(a, "Oracle Linux Server %d", release),
	};
}

static int add_file(struct discovery *d, struct feed_sources *out, struct str which, struct err *err)
{
	struct arena *a = out->arena;
	struct feed_source source = {
		.url = str_format(a, STR_FMT "com.oracle.elsa-" STR_FMT ".xml.bz2",
				  STR_ARG(discovery_folder(a, d, "url", OVAL)), STR_ARG(which)),
		.mirror_path = str_format(a, "oracle/oval/com.oracle.elsa-" STR_FMT ".xml.bz2",
					  STR_ARG(which)),
	};
	int found = d->exists(d, source.url, source.mirror_path, err);

	if (found > 0)
		VEC_PUSH(a, &out->sources, source);
	return found < 0 ? found : 0;
}

static int current_year(void)
{
	char now[32];
	uint64_t year;

	time_rfc3339(time_now(), now);
	return str_u64((struct str){ now, 4 }, LAST_YEAR, &year) ? (int)year : LAST_YEAR;
}

/* Mirrors may have the one file of all years instead. */
static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	for (int release = FIRST_RELEASE; release <= LAST_RELEASE; release++)
		add_distribution(out, release);
	for (int year = FIRST_YEAR; year <= current_year(); year++) {
		TRY(add_file(d, out, str_format(out->arena, "%d", year), err));
		TRY(task_check(task, err));
	}
	return out->sources.n ? 0 : add_file(d, out, STR("all"), err);
}

/* "oracle-2023-updater" */
static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	struct str path = source->mirror_path, before, which, rest;

	str_rcut(path, '-', &before, &which);
	str_cut(which, '.', &which, &rest);
	return str_format(a, "oracle-" STR_FMT "-updater", STR_ARG(which));
}

const struct ecosystem ecosystem_oracle = {
	.name = "oracle",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_rpm, NULL },
	.matcher = &(const struct matcher){ .name = "oracle",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects },
	.updaters = &(const struct updater_set){ .name = "oracle",
						 .discover = discover,
						 .updater_name = updater_name,
						 .format = FEED_OVAL,
						 .parser_version = 1 },
	.caveat = "Oracle publishes fixed issues only",
};
