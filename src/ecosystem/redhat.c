/* SPDX-License-Identifier: Apache-2.0 */
/* The platforms that Red Hat's advisories are about: CPE names (NIST IR 7695, "Common Platform Enumeration:
 * Naming Specification"; matching.md 8.2). What one would get wrong: an advisory about enterprise_linux:9
 * means all of its repositories, though CPE's own rule has it so only as far as attributes are left open; so
 * the beginning of the name decides too. It has to end where a part of the name ends, or 8.1 would be 8.10.
 */
#include "ecosystem/redhat.h"

#include "model/cpe_label.h"

static bool has_wildcard(struct str s)
{
	return str_find(s, '*') < s.n || str_find(s, '?') < s.n;
}

/* CPE's own rule, for names that leave something open in the middle. */
static bool is_superset(struct str advised, struct str installed)
{
	autoarena struct arena scratch = { 0 };
	struct cpe source, target;
	struct err ignored;

	return cpe_parse(&scratch, advised, &source, &ignored) == 0 &&
	       cpe_parse(&scratch, installed, &target, &ignored) == 0 && cpe_covers(&source, &target);
}

static bool begins(struct str s, struct str prefix)
{
	return prefix.n <= s.n && str_eq_nocase(str_sub(s, 0, prefix.n), prefix);
}

static bool ends_part(struct str name, size_t at)
{
	return at == name.n || name.p[at] == ':' || name.p[at] == '.';
}

bool redhat_covers(struct str advised, struct str installed)
{
	struct str prefix = advised;

	if (!str_starts(advised, STR("cpe:2.3:")) || !str_starts(installed, STR("cpe:2.3:")))
		return false;
	while (str_ends(prefix, STR(":*")))
		prefix.n -= 2;
	if (begins(installed, prefix) && ends_part(installed, prefix.n))
		return true;
	return has_wildcard(prefix) && is_superset(advised, installed);
}

struct str redhat_platform(struct arena *a, const struct repository *repository)
{
	if (str_starts(repository->cpe, STR("cpe:2.3:")))
		return repository->cpe;
	if (str_starts(repository->name, STR("cpe:2.3:")))
		return repository->name;
	return cpe_normalise(a, repository->cpe.n ? repository->cpe : repository->name);
}

bool redhat_names(const struct package *p, const struct advisory *advisory)
{
	return p->kind == advisory->package_kind && str_eq(p->name, advisory->key.package);
}

bool redhat_concerns(const struct package *p, const struct advisory *advisory)
{
	return redhat_names(p, advisory) || (p->source_name.n && advisory->package_kind == PACKAGE_SOURCE &&
					     str_eq(p->source_name, advisory->key.package));
}

static unsigned add_key(struct advisory_key key, struct advisory_key out[MAX_KEYS], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (str_eq(out[i].namespace, key.namespace) && str_eq(out[i].package, key.package))
			return n;
	if (n < MAX_KEYS)
		out[n++] = key;
	return n;
}

unsigned redhat_add_keys(struct str namespace, const struct package *p, struct advisory_key out[MAX_KEYS],
			 unsigned n)
{
	n = add_key((struct advisory_key){ namespace, p->name }, out, n);
	if (p->source_name.n)
		n = add_key((struct advisory_key){ namespace, p->source_name }, out, n);
	return n;
}

struct str redhat_namespace(struct arena *a, const struct advisory *advisory)
{
	struct cpe cpe;
	struct err ignored;

	if (str_eq(advisory->repository_key, STR(REPOSITORY_KEY_RHCC)))
		return STR(REDHAT_CONTAINERS);
	if (str_eq(advisory->repository_key, STR(REPOSITORY_KEY_RHEL_CPE)) &&
	    cpe_parse(a, advisory->repository_name, &cpe, &ignored) == 0)
		return cpe_namespace(a, &cpe);
	return (struct str){ NULL, 0 };
}
