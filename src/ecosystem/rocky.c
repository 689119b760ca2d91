/* SPDX-License-Identifier: Apache-2.0 */
/* Rocky Linux: rpm packages, and its errata as OSV records, which Apollo answers in pages
 * (https://apollo.build.resf.org/api/v3/osv/, matching.md 5.7). Easy to get wrong: unlike AlmaLinux' they are
 * about source packages, in one document for all releases; and an rpm header gives the version of its source
 * without the epoch, which the fixed version has. */
#include "ecosystem/by_binary.h"
#include "ecosystem/by_source.h"
#include "ecosystem/ecosystems.h"
#include "ecosystem/errata.h"

#define APOLLO "https://apollo.build.resf.org/api/v3/osv/"

static const char *const releases[] = { "8", "9", "10" };

enum { RELEASES = sizeof(releases) / sizeof(releases[0]) };

static bool applies(const struct record *r)
{
	return by_binary_is(r, "rocky", "Rocky Linux");
}

/* "9.4" is of release 9. */
static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	struct str major, minor;

	str_cut(r->distribution->version_id, '.', &major, &minor);
	if (major.n == 0)
		return 0;
	out[0].namespace = str_format(a, "rocky:" STR_FMT, STR_ARG(major));
	out[0].package = by_source_name(r->package);
	return 1;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	struct str installed = by_source_evr(a, r->package, advisory->fixed_in);

	if (by_source_is_kernel_headers(r->package) ||
	    errata_has_fix(r->package, installed, advisory, STR(".module+el")))
		return NOT_AFFECTED;
	return by_binary_compare_rpm(a, installed, advisory, reason);
}

static void add_distribution(struct feed_sources *out, const char *release)
{
	VEC_PUSH(out->arena, &out->distributions,
		 ((struct distribution){
			 .did = STR("rocky"),
			 .name = STR("Rocky Linux"),
			 .version = str_of(release),
			 .version_id = str_of(release),
			 .pretty_name = str_format(out->arena, "Rocky Linux %s", release),
		 }));
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	struct arena *a = out->arena;
	struct str folder = discovery_folder(a, d, "url", APOLLO);
	struct str first = str_format(a, STR_FMT "?page=1&size=100", STR_ARG(folder));
	int found = d->exists(d, first, STR("rocky/osv/1.json"), err);

	(void)task;
	if (found <= 0)
		return found;
	for (size_t i = 0; i < RELEASES; i++)
		add_distribution(out, releases[i]);
	VEC_PUSH(a, &out->sources,
		 ((struct feed_source){
			 .url = str_format(a, STR_FMT "?page={page}&size=100", STR_ARG(folder)),
			 .mirror_path = STR("rocky/osv/{page}.json"),
		 }));
	return 0;
}

const struct ecosystem ecosystem_rocky = {
	.name = "rocky",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_rpm, NULL },
	.matcher = &(const struct matcher){ .name = "rocky",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects },
	.updaters = &(const struct updater_set){ .name = "rocky",
						 .discover = discover,
						 .format = FEED_OSV,
						 .parser_version = 1,
						 .transport = TRANSPORT_PAGES },
	.caveat = "Rocky Linux publishes fixed issues only",
};
