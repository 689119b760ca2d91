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
	return false;
}

enum verdict decide(struct arena *a, const struct ecosystem *ecosystem, const struct record *record,
		    const struct advisory *advisory, struct str *reason)
{
	if (!arch_applies(advisory->arch_operation, record->package->arch, advisory->arch))
		return NOT_AFFECTED;
	return ecosystem->matcher->affects(a, record, advisory, reason);
}
