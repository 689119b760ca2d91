/* SPDX-License-Identifier: Apache-2.0 */
/* What Red Hat publishes for the matchers of its packages and its containers (rhel.c, rhcc.c): VEX documents
 * about both, and two maps that give meaning to what is found in images (matching.md 4.8): ids of
 * repositories to platforms, names of containers to repositories. What one would get wrong: the maps decide
 * nothing when an image is scanned; they are applied when its report is read, so that a newer one counts. */
#include "ecosystem/ecosystems.h"

#define VEX "https://security.access.redhat.com/data/csaf/v2/vex/"
#define METRICS "https://security.access.redhat.com/data/metrics/"

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	struct str folder = discovery_folder(out->arena, d, "url", VEX), path = STR("rhel/csaf/v2/vex/");
	int found = d->exists(d, str_format(out->arena, STR_FMT "archive_latest.txt", STR_ARG(folder)),
			      STR("rhel/csaf/v2/vex/archive_latest.txt"), err);

	(void)task;
	TRY(found);
	if (found)
		VEC_PUSH(out->arena, &out->sources,
			 ((struct feed_source){ .url = folder, .mirror_path = path }));
	return 0;
}

const struct ecosystem ecosystem_rhel_vex = {
	.name = "rhel-vex",
	.scanners = (const struct scanner_id *const[]){ NULL },
	.updaters = &(const struct updater_set){ .name = "rhel-vex",
						 .discover = discover,
						 .format = FEED_CSAF_VEX,
						 .parser_version = 1,
						 .transport = TRANSPORT_CSAF },
};

/* A document of the publisher's metrics. */
static int discover_map(struct discovery *d, struct feed_sources *out, const char *name, struct err *err)
{
	struct feed_source source = {
		.url = discovery_setting(d, "url", str_format(out->arena, METRICS "%s", name)),
		.mirror_path = str_format(out->arena, "rhel/metrics/%s", name),
	};
	int found = d->exists(d, source.url, source.mirror_path, err);

	TRY(found);
	if (found)
		VEC_PUSH(out->arena, &out->sources, source);
	return 0;
}

static int discover_repositories(struct task *task, struct discovery *d, struct feed_sources *out,
				 struct err *err)
{
	(void)task;
	return discover_map(d, out, "repository-to-cpe.json", err);
}

static int discover_names(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	(void)task;
	return discover_map(d, out, "container-name-repos-map.json", err);
}

const struct ecosystem ecosystem_rhel_repositories = {
	.name = "rhel-repository-to-cpe",
	.scanners = (const struct scanner_id *const[]){ NULL },
	.updaters = &(const struct updater_set){ .name = "rhel-repository-to-cpe",
						 .discover = discover_repositories,
						 .format = FEED_REPOSITORY_CPE,
						 .parser_version = 1 },
};

const struct ecosystem ecosystem_rhel_names = {
	.name = "rhel-container-names",
	.scanners = (const struct scanner_id *const[]){ NULL },
	.updaters = &(const struct updater_set){ .name = "rhel-container-names",
						 .discover = discover_names,
						 .format = FEED_CONTAINER_NAMES,
						 .parser_version = 1 },
};
