/* SPDX-License-Identifier: Apache-2.0 */
/* AlmaLinux: rpm packages, and its errata as OSV records, an archive for each release
 * (https://osv.dev/, ecosystem AlmaLinux; matching.md 5.1). Easy to get wrong: they are about
 * binary packages, unlike Rocky Linux', which are of the same form. */
#include "ecosystem/by_binary.h"
#include "ecosystem/ecosystems.h"
#include "ecosystem/errata.h"

#define BUCKET "https://osv-vulnerabilities.storage.googleapis.com/"

static const char *const releases[] = { "8", "9", "10" };

enum { RELEASES = sizeof(releases) / sizeof(releases[0]) };

static bool applies(const struct record *r)
{
	return by_binary_is(r, "almalinux", "AlmaLinux");
}

/* "9.4" is of release 9. */
static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	struct str major, minor;

	str_cut(r->distribution->version_id, '.', &major, &minor);
	return by_binary_key(a, STR("almalinux"), major, r->package, out);
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	if (errata_has_fix(r->package, r->package->version, advisory, STR(".module_el")))
		return NOT_AFFECTED;
	return by_binary_affects_rpm(a, r, advisory, reason);
}

static void add_source(struct feed_sources *out, struct str release, struct str url, struct str path)
{
	struct arena *a = out->arena;
	struct feed_source *s = VEC_ADD(a, &out->sources);

	*s = (struct feed_source){
		.url = url,
		.mirror_path = path,
		.namespace = str_format(a, "almalinux:" STR_FMT, STR_ARG(release)),
	};
	s->distribution = (struct distribution){
		.did = STR("almalinux"),
		.name = STR("AlmaLinux"),
		.version = release,
		.version_id = release,
		.pretty_name = str_format(a, "AlmaLinux " STR_FMT, STR_ARG(release)),
	};
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	struct str base = discovery_folder(out->arena, d, "url", BUCKET);

	for (size_t i = 0; i < RELEASES; i++) {
		struct str url = str_format(out->arena, STR_FMT "AlmaLinux:%s/all.zip", STR_ARG(base),
					    releases[i]);
		struct str path = str_format(out->arena, "osv/AlmaLinux:%s/all.zip", releases[i]);
		int found = d->exists(d, url, path, err);

		TRY(found);
		if (found)
			add_source(out, str_of(releases[i]), url, path);
		TRY(task_check(task, err));
	}
	return 0;
}

/* "alma/9" */
static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	return str_format(a, "alma/" STR_FMT, STR_ARG(source->distribution.version_id));
}

const struct ecosystem ecosystem_alma = {
	.name = "alma",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_rpm, NULL },
	.matcher = &(
		const struct matcher){ .name = "alma", .applies = applies, .keys = keys, .affects = affects },
	.updaters = &(const struct updater_set){ .name = "alma",
						 .discover = discover,
						 .updater_name = updater_name,
						 .format = FEED_OSV,
						 .parser_version = 2 },
	.caveat = "AlmaLinux publishes fixed issues only",
};
