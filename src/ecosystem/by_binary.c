/* SPDX-License-Identifier: Apache-2.0 */
/* Distributions that publish advisories about binary packages with the first fixed version (matching.md 8):
 * the shared part of their matchers. The version is the package's own: that of its source may lack the epoch.
 */
#include "ecosystem/by_binary.h"

#include "ecosystem/by_source.h"

unsigned by_binary_key(struct arena *a, struct str did, struct str release, const struct package *p,
		       struct advisory_key out[MAX_KEYS])
{
	if (release.n == 0)
		return 0;
	out[0].namespace = str_format(a, STR_FMT ":" STR_FMT, STR_ARG(did), STR_ARG(release));
	out[0].package = p->name;
	return 1;
}

enum verdict by_binary_compare_rpm(struct arena *a, struct str installed, const struct advisory *advisory,
				   struct str *reason)
{
	struct str fixed = advisory->fixed_in;
	bool is_evr = str_find(fixed, '-') == str_rfind(fixed, '-');

	if (is_evr || advisory->status == STATUS_NOT_AFFECTED)
		return by_source_affects(a, &ordering_rpm, installed, advisory, reason);
	*reason = str_format(a, "fixed version \"" STR_FMT "\" is not an rpm version", STR_ARG(fixed));
	return UNDECIDED;
}

enum verdict by_binary_affects_rpm(struct arena *a, const struct record *record,
				   const struct advisory *advisory, struct str *reason)
{
	return by_binary_compare_rpm(a, record->package->version, advisory, reason);
}

bool by_binary_is(const struct record *record, const char *did, const char *name)
{
	const struct distribution *d = record->distribution;

	return d && (str_eq(d->did, str_of(did)) || str_eq(d->name, str_of(name)));
}
