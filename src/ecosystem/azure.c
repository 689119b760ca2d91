/* SPDX-License-Identifier: Apache-2.0 */
/* Azure Linux and its predecessor CBL-Mariner: rpm packages, and an OVAL document for each release, about
 * source packages (matching.md 5.9). Easy to get wrong: an issue without a fix is known up to a version,
 * "<=", and one with a fix may begin at a version, ">"; such bounds are the text of the advisory's status. */
#include "ecosystem/by_binary.h"
#include "ecosystem/by_source.h"
#include "ecosystem/ecosystems.h"

#define DATA "https://raw.githubusercontent.com/microsoft/"

static const struct release {
	const char *did, *name, *version, *pretty_name, *repository, *file;
} releases[] = {
	{ "azurelinux", "Microsoft Azure Linux", "3.0", "Microsoft Azure Linux 3.0",
	  "AzureLinuxVulnerabilityData/main/", "azurelinux-3.0-oval.xml" },
	{ "mariner", "Common Base Linux Mariner", "2.0", "CBL-Mariner/Linux",
	  "AzureLinuxVulnerabilityData/main/", "cbl-mariner-2.0-oval.xml" },
	{ "mariner", "Common Base Linux Mariner", "1.0", "CBL-Mariner/Linux",
	  "CBL-MarinerVulnerabilityData/main/", "cbl-mariner-1.0-oval.xml" },
};

static bool is_mariner(const struct record *r)
{
	return by_binary_is(r, "mariner", "Common Base Linux Mariner");
}

static bool applies(const struct record *r)
{
	return is_mariner(r) || by_binary_is(r, "azurelinux", "Microsoft Azure Linux");
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	if (r->distribution->version.n == 0)
		return 0;
	out[0].namespace = str_format(a, "%s:" STR_FMT, is_mariner(r) ? "mariner" : "azurelinux",
				      STR_ARG(r->distribution->version));
	out[0].package = by_source_name(r->package);
	return 1;
}

/* ">= 1.2", "> 1.2" or "<= 1.2"; anything else holds. */
static bool bound_holds(struct str bound, struct str installed)
{
	struct str operation, version;
	int c;

	bound = str_trim(bound);
	if (!str_cut(bound, ' ', &operation, &version))
		return true;
	c = ordering_rpm.compare(installed, version);
	if (str_eq(operation, STR(">")))
		return c > 0;
	if (str_eq(operation, STR(">=")))
		return c >= 0;
	return !str_eq(operation, STR("<=")) || c <= 0;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	struct str installed = by_source_version(r->package), rest = advisory->status_text, bound;

	if (by_source_is_kernel_headers(r->package))
		return NOT_AFFECTED;
	while (advisory->status == STATUS_AFFECTED && rest.n) {
		str_cut(rest, ',', &bound, &rest);
		if (!bound_holds(bound, installed))
			return NOT_AFFECTED;
	}
	return by_binary_compare_rpm(a, installed, advisory, reason);
}

static void add_source(struct feed_sources *out, const struct release *r, struct str url, struct str path)
{
	struct feed_source *s = VEC_ADD(out->arena, &out->sources);

	*s = (struct feed_source){
		.url = url,
		.mirror_path = path,
		.namespace = str_format(out->arena, "%s:%s", r->did, r->version),
		.distribution = { .did = str_of(r->did),
				  .name = str_of(r->name),
				  .version = str_of(r->version),
				  .version_id = str_of(r->version),
				  .pretty_name = str_of(r->pretty_name) },
	};
}

/* The plain document, or a mirror's packed one. */
static int add_release(struct discovery *d, struct feed_sources *out, const struct release *r,
		       struct err *err)
{
	static const char *const endings[] = { "", ".gz" };
	struct str base = discovery_folder(out->arena, d, "url", DATA);

	for (size_t i = 0; i < 2; i++) {
		struct str url = str_format(out->arena, STR_FMT "%s%s%s", STR_ARG(base), r->repository,
					    r->file, endings[i]);
		struct str path = str_format(out->arena, "azurelinux/%s%s", r->file, endings[i]);
		int found = d->exists(d, url, path, err);

		TRY(found);
		if (!found)
			continue;
		add_source(out, r, url, path);
		return 0;
	}
	return 0;
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
		TRY(add_release(d, out, &releases[i], err));
		TRY(task_check(task, err));
	}
	return 0;
}

/* "azure/3.0" */
static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	return str_format(a, "azure/" STR_FMT, STR_ARG(source->distribution.version));
}

const struct ecosystem ecosystem_azure = {
	.name = "azure",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_rpm, NULL },
	.matcher = &(const struct matcher){ .name = "azure-matcher",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects },
	.updaters = &(const struct updater_set){ .name = "azure",
						 .discover = discover,
						 .updater_name = updater_name,
						 .format = FEED_OVAL,
						 .parser_version = 1 },
};
