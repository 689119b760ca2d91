/* SPDX-License-Identifier: Apache-2.0 */
/* VMware Photon OS: rpm packages, and an OVAL document for each release
 * (https://packages.vmware.com/photon/photon_oval_definitions/, matching.md 4.6). Easy to get wrong: the
 * release of the file "photon3" is called "3.0". */
#include "ecosystem/by_binary.h"
#include "ecosystem/ecosystems.h"

#define OVAL "https://packages.vmware.com/photon/photon_oval_definitions/"

enum { LAST_RELEASE = 5 };

static bool applies(const struct record *r)
{
	return r->distribution && str_eq(r->distribution->did, STR("photon"));
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	return by_binary_key(a, STR("photon"), r->distribution->version, r->package, out);
}

static void add_source(struct feed_sources *out, unsigned release, struct str url, struct str path)
{
	struct arena *a = out->arena;
	struct feed_source *s = VEC_ADD(a, &out->sources);
	struct str version = str_format(a, "%u.0", release);

	*s = (struct feed_source){
		.url = url,
		.mirror_path = path,
		.namespace = str_format(a, "photon:" STR_FMT, STR_ARG(version)),
	};
	s->distribution = (struct distribution){
		.did = STR("photon"),
		.name = STR("VMware Photon OS"),
		.version = version,
		.version_id = version,
		.pretty_name = STR("VMware Photon OS/Linux"),
	};
}

/* The plain document, or the packed one. */
static int add_release(struct discovery *d, struct feed_sources *out, unsigned release, struct err *err)
{
	static const char *const endings[] = { "", ".gz" };
	struct str base = discovery_folder(out->arena, d, "url", OVAL);

	for (size_t i = 0; i < 2; i++) {
		struct str url = str_format(out->arena, STR_FMT "com.vmware.phsa-photon%u.xml%s",
					    STR_ARG(base), release, endings[i]);
		struct str path = str_format(out->arena, "photon/com.vmware.phsa-photon%u.xml%s", release,
					     endings[i]);
		int found = d->exists(d, url, path, err);

		TRY(found);
		if (!found)
			continue;
		add_source(out, release, url, path);
		return 0;
	}
	return 0;
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	for (unsigned release = 1; release <= LAST_RELEASE; release++) {
		TRY(add_release(d, out, release, err));
		TRY(task_check(task, err));
	}
	return 0;
}

static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	return str_format(a, "photon-updater-" STR_FMT, STR_ARG(source->distribution.version));
}

const struct ecosystem ecosystem_photon = {
	.name = "photon",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_rpm, NULL },
	.matcher = &(const struct matcher){ .name = "photon",
					    .applies = applies,
					    .keys = keys,
					    .affects = by_binary_affects_rpm },
	.updaters = &(const struct updater_set){ .name = "photon",
						 .discover = discover,
						 .updater_name = updater_name,
						 .format = FEED_OVAL,
						 .parser_version = 1 },
	.caveat = "Photon's OVAL lists fixed issues only",
};
