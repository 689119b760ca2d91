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

/* "1:2-3" gives "1:" and "2-3". */
static struct str take_epoch(struct str *version)
{
	struct str whole = *version, epoch, rest;

	if (!str_cut(whole, ':', &epoch, &rest))
		return (struct str){ NULL, 0 };
	*version = rest;
	return str_sub(whole, 0, epoch.n + 1);
}

struct str by_source_evr(struct arena *a, const struct package *p, struct str fixed)
{
	struct str own = p->version, source = by_source_version(p), epoch_of_fix = take_epoch(&fixed);
	struct str epoch_of_own = take_epoch(&own), epoch = take_epoch(&source);

	if (epoch_of_fix.n == 0)
		return source;
	if (epoch.n == 0)
		epoch = str_eq(own, source) ? epoch_of_own : epoch_of_fix;
	return str_format(a, STR_FMT STR_FMT, STR_ARG(epoch), STR_ARG(source));
}

bool by_source_is_kernel_headers(const struct package *p)
{
	return str_eq(p->name, STR("kernel-headers")) && str_eq(by_source_name(p), STR("kernel"));
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
