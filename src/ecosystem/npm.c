/* SPDX-License-Identifier: Apache-2.0 */
/* Packages of npm: advisories in ranges of normalized versions, which decide alone (matching.md 8, nodejs).
 * What one would get wrong: an advisory without any bound says that all versions are affected. */
#include "ecosystem/ecosystems.h"
#include "ecosystem/language.h"
#include "version/normalized.h"

#define REGISTRY "npm"

static bool applies(const struct record *r)
{
	return language_has(r, REGISTRY);
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	(void)a;
	out[0] = (struct advisory_key){ STR(REGISTRY), r->package->name };
	return 1;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	struct str version = r->package->normalized_version;
	struct normalized ignored;

	if (advisory->status == STATUS_NOT_AFFECTED)
		return NOT_AFFECTED;
	if (!advisory->range.n && !advisory->fixed_in.n)
		return AFFECTED;
	if (!advisory->range.n || !normalized_parse(version, &ignored)) {
		*reason = str_format(a, "%s \"" STR_FMT "\" is not known as numbers",
				     advisory->range.n ? "installed version" : "fixed version",
				     STR_ARG(advisory->range.n ? r->package->version : advisory->fixed_in));
		return UNDECIDED;
	}
	return normalized_in_range(advisory->range, version) ? AFFECTED : NOT_AFFECTED;
}

const struct ecosystem ecosystem_npm = {
	.name = "npm",
	.scanners = (const struct scanner_id *const[]){ NULL },
	.matcher = &(const struct matcher){ .name = "nodejs",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects },
};
