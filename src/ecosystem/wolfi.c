/* SPDX-License-Identifier: Apache-2.0 */
/* Wolfi, Chainguard and MinimOS: apk packages, rolling, each with one document of the form of Alpine's secdb
 * (matching.md 5.2). Easy to get wrong: VERSION_ID of their images is the day of the first build, not a
 * release; and a version "0" is how they say that a finding is a false positive. */
#include "ecosystem/by_source.h"
#include "ecosystem/ecosystems.h"

static bool is_of(const struct record *r, const char *did)
{
	return r->distribution && str_eq(r->distribution->did, str_of(did));
}

static bool is_wolfi(const struct record *r)
{
	return is_of(r, "wolfi");
}

static bool is_chainguard(const struct record *r)
{
	return is_of(r, "chainguard");
}

static bool is_minimos(const struct record *r)
{
	return is_of(r, "minimos");
}

/* "wolfi:rolling" */
static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	out[0].namespace = str_format(a, STR_FMT ":rolling", STR_ARG(r->distribution->did));
	out[0].package = by_source_name(r->package);
	return 1;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	return by_source_affects(a, &ordering_apk, by_source_version(r->package), advisory, reason);
}

static const struct feed_source feeds[] = {
	{ .url = STR("https://packages.wolfi.dev/os/security.json"),
	  .mirror_path = STR("wolfi/os/security.json"),
	  .namespace = STR("wolfi:rolling"),
	  .distribution = { .did = STR("wolfi"), .name = STR("Wolfi"), .pretty_name = STR("Wolfi") } },
	{ .url = STR("https://packages.cgr.dev/chainguard/security.json"),
	  .mirror_path = STR("chainguard/security.json"),
	  .namespace = STR("chainguard:rolling"),
	  .distribution = { .did = STR("chainguard"),
			    .name = STR("Chainguard"),
			    .pretty_name = STR("Chainguard") } },
	{ .url = STR("https://packages.mini.dev/advisories/secdb/security.json"),
	  .mirror_path = STR("minimos/security.json"),
	  .namespace = STR("minimos:rolling"),
	  .distribution = { .did = STR("minimos"), .name = STR("MinimOS"), .pretty_name = STR("MinimOS") } },
};

static int add_feed(struct discovery *d, struct feed_sources *out, const struct feed_source *feed,
		    struct err *err)
{
	struct feed_source source = *feed;
	int found;

	source.url = discovery_setting(d, "url", feed->url);
	found = d->exists(d, source.url, source.mirror_path, err);
	if (found > 0)
		VEC_PUSH(out->arena, &out->sources, source);
	return found < 0 ? found : 0;
}

static int discover_wolfi(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	(void)task;
	return add_feed(d, out, &feeds[0], err);
}

static int discover_chainguard(struct task *task, struct discovery *d, struct feed_sources *out,
			       struct err *err)
{
	(void)task;
	return add_feed(d, out, &feeds[1], err);
}

static int discover_minimos(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	(void)task;
	return add_feed(d, out, &feeds[2], err);
}

static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	(void)a;
	return source->distribution.did;
}

#define CAVEAT "the publisher lists fixed issues and false positives only"

static const struct scanner_id *const apk_scanners[] = { &id_os_release, &id_apk, NULL };

const struct ecosystem ecosystem_wolfi = {
	.name = "wolfi",
	.scanners = apk_scanners,
	.matcher = &(const struct matcher){ .name = "wolfi",
					    .applies = is_wolfi,
					    .keys = keys,
					    .affects = affects },
	.updaters = &(const struct updater_set){ .name = "wolfi",
						 .discover = discover_wolfi,
						 .updater_name = updater_name,
						 .format = FEED_SECDB,
						 .parser_version = 1 },
	.caveat = CAVEAT,
};

const struct ecosystem ecosystem_chainguard = {
	.name = "chainguard",
	.scanners = apk_scanners,
	.matcher = &(const struct matcher){ .name = "chainguard",
					    .applies = is_chainguard,
					    .keys = keys,
					    .affects = affects },
	.updaters = &(const struct updater_set){ .name = "chainguard",
						 .discover = discover_chainguard,
						 .updater_name = updater_name,
						 .format = FEED_SECDB,
						 .parser_version = 1 },
	.caveat = CAVEAT,
};

const struct ecosystem ecosystem_minimos = {
	.name = "minimos",
	.scanners = apk_scanners,
	.matcher = &(const struct matcher){ .name = "minimos",
					    .applies = is_minimos,
					    .keys = keys,
					    .affects = affects },
	.updaters = &(const struct updater_set){ .name = "minimos",
						 .discover = discover_minimos,
						 .updater_name = updater_name,
						 .format = FEED_SECDB,
						 .parser_version = 1 },
	.caveat = CAVEAT,
};
