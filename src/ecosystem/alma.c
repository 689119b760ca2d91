/* SPDX-License-Identifier: Apache-2.0 */
/* AlmaLinux: rpm packages, and its errata as OSV records, an archive for each release
 * (https://osv.dev/, ecosystem AlmaLinux; matching.md 5.1). Easy to get wrong: streams of a module have
 * versions of their own, so an advisory about one says nothing of another (9.3); and a fix is built several
 * times, the version of one build above that of another (feed/osv.c). */
#include "ecosystem/by_binary.h"
#include "ecosystem/ecosystems.h"
#include "version/version.h"

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

static bool is_of_module(struct str version)
{
	return str_search(version, STR(".module_el")) < version.n;
}

/* Is the package of the module, and the stream, that the advisory is about? A package's module goes on after
 * the stream: "nodejs:18:8070020230101:abc". */
static bool is_same_module(const struct package *p, const struct advisory *advisory)
{
	struct str module = advisory->module;

	if (!is_of_module(advisory->fixed_in))
		return p->module.n == 0 && !is_of_module(p->version);
	if (p->module.n == 0)
		return false;
	if (module.n == 0)
		return true;
	return str_starts(p->module, module) && (p->module.n == module.n || p->module.p[module.n] == ':');
}

/* Does the package have one of the other builds of the fix, "also fixed in A, B", or a later one? */
static bool has_other_build(struct str version, struct str status_text)
{
	static const struct str begins = { "also fixed in ", 14 };
	struct str build;

	if (!str_starts(status_text, begins) || !ordering_rpm.valid(version))
		return false;
	status_text = str_sub(status_text, begins.n, status_text.n - begins.n);
	while (status_text.n) {
		str_cut(status_text, ',', &build, &status_text);
		build = str_trim(build);
		if (ordering_rpm.valid(build) && ordering_rpm.compare(version, build) >= 0)
			return true;
	}
	return false;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	if (advisory->fixed_in.n && !is_same_module(r->package, advisory))
		return NOT_AFFECTED;
	if (has_other_build(r->package->version, advisory->status_text))
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
						 .parser_version = 1 },
	.caveat = "AlmaLinux publishes fixed issues only",
};
