/* SPDX-License-Identifier: Apache-2.0 */
/* Containers as packages: what a build's tag and labels become. Source: Clair v4's reports on images of Red
 * Hat's catalog (indexer.md 3.4.4). Easy to get wrong: the version is the tag as it is; its normalized form
 * has only the first two numbers, which tell streams of a product apart, and the rest of the tag is compared
 * as rpm versions are. */
#include "scan/rhcc.h"

#include "base/arena.h"
#include "model/repoid.h"
#include "scan/collect.h"

bool rhcc_normalized_tag(struct arena *a, struct str tag, struct str *out)
{
	struct str major, minor, rest;
	uint64_t numbers[2] = { 0 };

	if (str_starts(tag, STR("v")))
		tag = str_sub(tag, 1, tag.n - 1);
	if (!str_starts(tag, STR("-")))
		str_cut(tag, '-', &tag, &rest);
	str_cut(tag, '.', &major, &rest);
	str_cut(rest, '.', &minor, &rest);
	if (!str_u64(major, INT32_MAX, &numbers[0]))
		return false;
	if (!str_u64(minor, INT32_MAX, &numbers[1]))
		numbers[1] = 0;
	*out = str_format(a, "rhctag:%llu.%llu.0.0.0.0.0.0.0.0", (unsigned long long)numbers[0],
			  (unsigned long long)numbers[1]);
	return true;
}

int rhcc_collect(struct findings *f, uint32_t database, const struct rhcc_container *c, struct err *err)
{
	const struct package packages[] = {
		{ .kind = PACKAGE_SOURCE, .name = c->component },
		{ .kind = PACKAGE_BINARY, .name = c->name, .source_name = c->component },
		{ .kind = PACKAGE_ANCESTRY, .name = c->name, .source_name = c->component },
	};

	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		struct package p = packages[i];

		p.version = c->version;
		p.arch = c->arch;
		p.normalized_version = c->normalized;
		p.repository_hint = STR(REPOSITORY_HINT_RHCC);
		p.source_version = p.source_name.n ? c->version : STR("");
		if (collect_clean_package(f->arena, &p))
			TRY(collect_package(f, database, &p, err));
		else
			collect_note(f, "a label of the container has no name, or is too long");
	}
	return 0;
}
