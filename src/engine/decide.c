/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict: a pure function of a record and an advisory. It is never stored; whoever needs it asks again,
 * and everybody asks here. */
#include "engine/decide.h"

const struct ecosystem *decide_ecosystem(const struct record *record)
{
	for (size_t i = 0; ecosystems[i]; i++)
		if (ecosystems[i]->matcher && ecosystems[i]->matcher->applies(record))
			return ecosystems[i];
	return NULL;
}

/* "(aarch64|x86_64)", "amd64|noarch": what publishers write is names, one of which has to occur. */
static bool pattern_applies(struct str pattern, struct str arch)
{
	struct str name;

	if (str_starts(pattern, STR("(")) && str_ends(pattern, STR(")")))
		pattern = str_sub(pattern, 1, pattern.n - 2);
	while (pattern.n) {
		str_cut(pattern, '|', &name, &pattern);
		if (name.n && str_search(arch, name) < arch.n)
			return true;
	}
	return false;
}

/* Architecture operation of the advisory (matching.md 1.5). */
static bool arch_applies(struct str operation, struct str record_arch, struct str advisory_arch)
{
	if (advisory_arch.n == 0 || operation.n == 0)
		return true;
	if (record_arch.n == 0)
		return false;
	if (str_eq(operation, STR("equals")))
		return str_eq(record_arch, advisory_arch);
	if (str_eq(operation, STR("not equals")))
		return !str_eq(record_arch, advisory_arch);
	return str_eq(operation, STR("pattern match")) && pattern_applies(advisory_arch, record_arch);
}

enum verdict decide(struct arena *a, const struct ecosystem *ecosystem, const struct record *record,
		    const struct advisory *advisory, struct str *reason)
{
	if (!arch_applies(advisory->arch_operation, record->package->arch, advisory->arch))
		return NOT_AFFECTED;
	return ecosystem->matcher->affects(a, record, advisory, reason);
}

bool decide_clears(struct arena *a, const struct ecosystem *ecosystem, const struct record *record,
		   const struct advisory *statement)
{
	return ecosystem->matcher->clears && statement->status == STATUS_NOT_AFFECTED &&
	       arch_applies(statement->arch_operation, record->package->arch, statement->arch) &&
	       ecosystem->matcher->clears(a, record, statement);
}

bool decide_is_cleared(const struct advisory *advisory)
{
	return advisory->package_kind == PACKAGE_SOURCE && advisory->fixed_in.n == 0;
}
