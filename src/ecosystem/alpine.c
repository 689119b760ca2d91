/* SPDX-License-Identifier: Apache-2.0 */
/* Alpine Linux: apk packages, and the secdb that lists per release and repository which package version fixed
 * what (https://secdb.alpinelinux.org/, matching.md 4.1). It lists nothing that is not fixed: silence about a
 * package is no statement. */
#include "base/limits.h"
#include "ecosystem/by_source.h"
#include "ecosystem/ecosystems.h"

#define SECDB "https://secdb.alpinelinux.org/"

static bool applies(const struct record *r)
{
	return r->distribution && (str_eq(r->distribution->did, STR("alpine")) ||
				   str_eq(r->distribution->name, STR("Alpine Linux")));
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	if (r->distribution->version.n == 0)
		return 0;
	out[0].namespace = str_format(a, "alpine:" STR_FMT, STR_ARG(r->distribution->version));
	out[0].package = by_source_name(r->package);
	return 1;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	return by_source_affects(a, &ordering_apk, by_source_version(r->package), advisory, reason);
}

/* "v3.20" or "edge" */
static bool is_release(struct str name)
{
	struct str major, minor;
	uint64_t n;

	if (str_eq(name, STR("edge")))
		return true;
	if (!str_starts(name, STR("v")) || !str_cut(str_sub(name, 1, name.n - 1), '.', &major, &minor))
		return false;
	return str_u64(major, 99, &n) && str_u64(minor, 999, &n);
}

static struct str url_of(struct arena *a, const struct discovery *d, struct str release,
			 const char *repository)
{
	struct str base = discovery_folder(a, d, "url", SECDB);

	return str_format(a, STR_FMT STR_FMT "/%s.json", STR_ARG(base), STR_ARG(release), repository);
}

static void add_source(struct feed_sources *out, struct str url, struct str release, const char *repository)
{
	struct arena *a = out->arena;
	struct feed_source *s = VEC_ADD(a, &out->sources);
	struct str version = str_starts(release, STR("v")) ? str_sub(release, 1, release.n - 1) : release;

	*s = (struct feed_source){
		.url = url,
		.mirror_path = str_format(a, "alpine/" STR_FMT "/%s.json", STR_ARG(release), repository),
		.namespace = str_format(a, "alpine:" STR_FMT, STR_ARG(version)),
	};
	s->distribution = (struct distribution){
		.did = STR("alpine"),
		.name = STR("Alpine Linux"),
		.version_id = version,
		.pretty_name = str_format(a, "Alpine Linux " STR_FMT, STR_ARG(release)),
	};
}

static int add_release(struct discovery *d, struct feed_sources *out, struct str release, struct err *err)
{
	static const char *const repositories[] = { "main", "community" };

	release = str_copy(out->arena, release);
	for (size_t i = 0; i < 2; i++) {
		struct str url = url_of(out->arena, d, release, repositories[i]);
		struct str path = str_format(out->arena, "alpine/" STR_FMT "/%s.json", STR_ARG(release),
					     repositories[i]);
		int found = d->exists(d, url, path, err);

		if (found < 0)
			return found;
		if (found)
			add_source(out, url, release, repositories[i]);
	}
	return 0;
}

/* Without a listing: v3.3, v3.4 ... until one is missing after one was there, then the next major (4.1). */
static int probe_releases(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	struct str base = discovery_folder(out->arena, d, "url", SECDB);

	for (unsigned major = 3, minor = 3;; major++, minor = 0) {
		bool any = false;

		for (; minor < 200; minor++) {
			struct str release = str_format(out->arena, "v%u.%u", major, minor);
			int found = d->exists(
				d,
				str_format(out->arena, STR_FMT STR_FMT "/", STR_ARG(base), STR_ARG(release)),
				str_format(out->arena, "alpine/" STR_FMT "/", STR_ARG(release)), err);

			TRY(found);
			TRY(task_check(task, err));
			if (!found && (any || major > 3 || minor > 20))
				break;
			if (found)
				TRY(add_release(d, out, release, err));
			any = any || found;
		}
		if (!any)
			return add_release(d, out, STR("edge"), err);
	}
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	struct str *names = NULL;
	size_t n = 0;
	int listed = d->list(d, discovery_folder(out->arena, d, "url", SECDB), STR("alpine/"), &names, &n,
			     err);

	TRY(listed);
	for (size_t i = 0; listed && i < n; i++)
		if (is_release(names[i]))
			TRY(add_release(d, out, names[i], err));
	if (out->sources.n == 0)
		TRY(probe_releases(task, d, out, err));
	return 0;
}

/* "alpine-main-v3.20-updater", as Clair names it. */
static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	struct str path = str_sub(source->mirror_path, 7, source->mirror_path.n - 7), release, file;

	str_cut(path, '/', &release, &file);
	file.n -= 5; /* .json */
	return str_format(a, "alpine-" STR_FMT "-" STR_FMT "-updater", STR_ARG(file), STR_ARG(release));
}

const struct ecosystem ecosystem_alpine = {
	.name = "alpine",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_apk, NULL },
	.matcher = &(const struct matcher){ .name = "alpine-matcher",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects },
	.updaters = &(const struct updater_set){ .name = "alpine",
						 .discover = discover,
						 .updater_name = updater_name,
						 .format = FEED_SECDB,
						 .parser_version = 1 },
	.caveat = "Alpine publishes fixed issues only",
};
