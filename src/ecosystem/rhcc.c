/* SPDX-License-Identifier: Apache-2.0 */
/* Containers that Red Hat publishes, each a package by itself (matching.md 8.3), about which its VEX
 * documents speak as they do about rpm packages. What one would get wrong: streams of a container live side
 * by side, so an advisory is about a range of versions, and one without a range is about none; and a layer
 * below that of the container itself is known by the kind of its version ("unmatchable"). */
#include "ecosystem/by_source.h"
#include "ecosystem/ecosystems.h"
#include "ecosystem/redhat.h"
#include "version/normalized.h"

static bool is_ours(const struct repository *r)
{
	return str_eq(r->key, STR(REPOSITORY_KEY_RHCC));
}

static bool applies(const struct record *r)
{
	for (size_t i = 0; i < r->repository_count; i++)
		if (is_ours(r->repositories[i]))
			return true;
	return false;
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	(void)a;
	return redhat_add_keys(STR(REDHAT_CONTAINERS), r->package, out, 0);
}

static bool is_on(struct arena *a, const struct record *r, struct str advised)
{
	for (size_t i = 0; i < r->repository_count; i++) {
		const struct repository *repository = r->repositories[i];

		if (is_ours(repository) && (str_eq(repository->name, STR(REPOSITORY_NAME_CATALOG)) ||
					    redhat_covers(advised, redhat_platform(a, repository))))
			return true;
	}
	return false;
}

static bool is_about(struct arena *a, const struct record *r, const struct advisory *advisory)
{
	return str_eq(advisory->repository_key, STR(REPOSITORY_KEY_RHCC)) &&
	       redhat_concerns(r->package, advisory) &&
	       normalized_in_range(advisory->range, r->package->normalized_version) &&
	       is_on(a, r, advisory->repository_name);
}

/* A tag as an rpm version. */
static struct str as_rpm(struct arena *a, struct str tag)
{
	return str_find(tag, '-') < tag.n ? tag : str_format(a, STR_FMT "-0", STR_ARG(tag));
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	struct advisory tagged = *advisory;
	struct str version = r->package->version;

	if (!is_about(a, r, advisory))
		return NOT_AFFECTED;
	if (tagged.fixed_in.n)
		tagged.fixed_in = as_rpm(a, tagged.fixed_in);
	return by_source_affects(a, &ordering_rpm, version.n ? as_rpm(a, version) : version, &tagged, reason);
}

static bool clears(struct arena *a, const struct record *r, const struct advisory *statement)
{
	return redhat_names(r->package, statement) && is_about(a, r, statement);
}

const struct ecosystem ecosystem_rhcc = {
	.name = "rhcc",
	.scanners = (const struct scanner_id *const[]){ NULL },
	.matcher = &(const struct matcher){ .name = "rhel-container-matcher",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects,
					    .clears = clears },
	.fed_by = "rhel-vex",
};
