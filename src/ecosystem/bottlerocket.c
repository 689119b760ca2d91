/* SPDX-License-Identifier: Apache-2.0 */
/* Bottlerocket: packages of its inventory, and an updateinfo.xml for all releases
 * (https://advisories.bottlerocket.aws/, matching.md 5.10). Easy to get wrong: a release has no package
 * versions of its own, so that an advisory is about whatever release is below the fixed version. */
#include "ecosystem/by_binary.h"
#include "ecosystem/ecosystems.h"

#define ADVISORIES "https://advisories.bottlerocket.aws/updateinfo.xml.gz"

static bool applies(const struct record *r)
{
	return by_binary_is(r, "bottlerocket", "Bottlerocket");
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	return by_binary_key(a, STR("bottlerocket"), STR("rolling"), r->package, out);
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	const struct feed_source source = {
		.url = discovery_setting(d, "url", STR(ADVISORIES)),
		.mirror_path = STR("bottlerocket/updateinfo.xml.gz"),
		.namespace = STR("bottlerocket:rolling"),
		.distribution = { .did = STR("bottlerocket"),
				  .name = STR("Bottlerocket"),
				  .pretty_name = STR("Bottlerocket") },
	};
	int found = d->exists(d, source.url, source.mirror_path, err);

	(void)task;
	if (found > 0)
		VEC_PUSH(out->arena, &out->sources, source);
	return found < 0 ? found : 0;
}

const struct ecosystem ecosystem_bottlerocket = {
	.name = "bottlerocket",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_bottlerocket, NULL },
	.matcher = &(const struct matcher){ .name = "bottlerocket",
					    .applies = applies,
					    .keys = keys,
					    .affects = by_binary_affects_rpm },
	.updaters = &(const struct updater_set){ .name = "bottlerocket",
						 .discover = discover,
						 .format = FEED_UPDATEINFO,
						 .parser_version = 1 },
	.caveat = "Bottlerocket publishes fixed issues only",
};
