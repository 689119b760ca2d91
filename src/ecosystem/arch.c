/* SPDX-License-Identifier: Apache-2.0 */
/* Arch Linux: pacman's packages, rolling, and the groups of its security tracker
 * (https://security.archlinux.org/all.json, matching.md 5.3). Easy to get wrong: there are no releases, so
 * whatever VERSION_ID says plays no part; and groups name packages as they are installed, not their base.
 * Arch Linux ARM and Manjaro build or copy the same packages under the same versions. */
#include "ecosystem/by_source.h"
#include "ecosystem/ecosystems.h"

#define TRACKER "https://security.archlinux.org/all.json"

static bool applies(const struct record *r)
{
	static const char *const dids[] = { "arch", "archarm", "manjaro" };

	for (size_t i = 0; r->distribution && i < sizeof(dids) / sizeof(dids[0]); i++)
		if (str_eq(r->distribution->did, str_of(dids[i])))
			return true;
	return false;
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	(void)a;
	out[0].namespace = STR("arch:rolling");
	out[0].package = r->package->name;
	return 1;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	return by_source_affects(a, &ordering_pacman, r->package->version, advisory, reason);
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	const struct feed_source source = {
		.url = discovery_setting(d, "url", STR(TRACKER)),
		.mirror_path = STR("arch/all.json"),
		.namespace = STR("arch:rolling"),
		.distribution = { .did = STR("arch"),
				  .name = STR("Arch Linux"),
				  .pretty_name = STR("Arch Linux") },
	};
	int found = d->exists(d, source.url, source.mirror_path, err);

	(void)task;
	if (found > 0)
		VEC_PUSH(out->arena, &out->sources, source);
	return found < 0 ? found : 0;
}

const struct ecosystem ecosystem_arch = {
	.name = "arch",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_alpm, NULL },
	.matcher = &(
		const struct matcher){ .name = "arch", .applies = applies, .keys = keys, .affects = affects },
	.updaters = &(const struct updater_set){ .name = "arch",
						 .discover = discover,
						 .format = FEED_ARCH,
						 .parser_version = 1 },
};
