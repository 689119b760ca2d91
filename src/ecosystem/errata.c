/* SPDX-License-Identifier: Apache-2.0 */
/* What AlmaLinux' and Rocky Linux' errata have in common as OSV records (matching.md 5.1, 5.7). Easy to get
 * wrong: streams of a module have versions of their own, so an advisory about one says nothing of another
 * (9.3.8); and a fix is built several times, the version of one build above that of another (feed/osv.c). */
#include "ecosystem/errata.h"

#include "version/version.h"

static bool is_of_module(struct str version, struct str mark)
{
	return str_search(version, mark) < version.n;
}

/* Is the package of the module, and the stream, that the advisory is about? A package's module goes on after
 * the stream: "nodejs:18:8070020230101:abc". */
static bool is_same_module(const struct package *p, const struct advisory *advisory, struct str mark)
{
	struct str module = advisory->module;

	if (!is_of_module(advisory->fixed_in, mark))
		return p->module.n == 0 && !is_of_module(p->version, mark);
	if (p->module.n == 0)
		return false;
	if (module.n == 0)
		return true;
	return str_starts(p->module, module) && (p->module.n == module.n || p->module.p[module.n] == ':');
}

/* Does the package have one of the other builds of the fix, "also fixed in A, B", or a later one? */
static bool has_other_build(struct str version, struct str status_text)
{
	static const struct str begins = { "also fixed in ", 14 };
	struct str build;

	if (!str_starts(status_text, begins) || !ordering_rpm.valid(version))
		return false;
	status_text = str_sub(status_text, begins.n, status_text.n - begins.n);
	while (status_text.n) {
		str_cut(status_text, ',', &build, &status_text);
		build = str_trim(build);
		if (ordering_rpm.valid(build) && ordering_rpm.compare(version, build) >= 0)
			return true;
	}
	return false;
}

bool errata_has_fix(const struct package *p, struct str installed, const struct advisory *advisory,
		    struct str mark)
{
	if (advisory->fixed_in.n && !is_same_module(p, advisory, mark))
		return true;
	return has_other_build(installed, advisory->status_text);
}
