/* SPDX-License-Identifier: Apache-2.0 */
/* Distributions that publish advisories about source packages with the first fixed version (matching.md 8):
 * the shared half of their matchers. The installed version is the source's: a binary package may carry an
 * epoch or a rebuild suffix that its source has not. */
#include "ecosystem/by_source.h"

struct str by_source_name(const struct package *p)
{
	return p->source_name.n ? p->source_name : p->name;
}

struct str by_source_version(const struct package *p)
{
	return p->source_name.n && p->source_version.n ? p->source_version : p->version;
}

static enum verdict unreadable(struct arena *a, const struct ordering *ordering, const char *whose,
			       struct str version, struct str *reason)
{
	*reason = str_format(a, "%s version \"" STR_FMT "\" is not a %s version", whose, STR_ARG(version),
			     ordering->name);
	return UNDECIDED;
}

enum verdict by_source_affects(struct arena *a, const struct ordering *ordering, struct str installed,
			       const struct advisory *advisory, struct str *reason)
{
	struct str fixed = advisory->fixed_in;

	if (advisory->status == STATUS_NOT_AFFECTED || str_eq(fixed, STR("0")))
		return NOT_AFFECTED;
	if (fixed.n == 0 && advisory->status == STATUS_UNDER_INVESTIGATION) {
		*reason = STR("the publisher has not determined yet whether the package is affected");
		return UNDECIDED;
	}
	if (fixed.n == 0)
		return AFFECTED;
	if (!ordering->valid(installed))
		return unreadable(a, ordering, "installed", installed, reason);
	if (!ordering->valid(fixed))
		return unreadable(a, ordering, "fixed", fixed, reason);
	return ordering->compare(installed, fixed) < 0 ? AFFECTED : NOT_AFFECTED;
}
