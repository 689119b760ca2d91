/* SPDX-License-Identifier: Apache-2.0 */
/* Python packages of PyPI: advisories in ranges of versions (matching.md 8.4). What one would get wrong:
 * names that differ in case, or in what stands between their words, are one package
 * (https://packaging.python.org/en/latest/specifications/name-normalization/), and publishers and packages
 * spell them both ways. */
#include "ecosystem/ecosystems.h"
#include "ecosystem/language.h"
#include "ecosystem/osv_window.h"

#define REGISTRY "pypi"

static bool applies(const struct record *r)
{
	return language_has(r, REGISTRY);
}

static bool is_between(char c)
{
	return c == '-' || c == '_' || c == '.';
}

/* "ruamel-yaml" of "Ruamel.Yaml" */
static struct str normalized(struct arena *a, struct str name)
{
	char *to = arena_alloc(a, name.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!is_between(c))
			to[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
		else if (n == 0 || to[n - 1] != '-')
			to[n++] = '-';
	}
	return (struct str){ to, n };
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	struct str name = normalized(a, r->package->name);
	unsigned n = 0;

	out[n++] = (struct advisory_key){ STR(REGISTRY), name };
	if (!str_eq(name, r->package->name))
		out[n++] = (struct advisory_key){ STR(REGISTRY), r->package->name };
	return n;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	return osv_window_affects(a, &ordering_pep440, r->package->version, advisory, reason);
}

const struct ecosystem ecosystem_pypi = {
	.name = "pypi",
	.scanners = (const struct scanner_id *const[]){ NULL },
	.matcher = &(const struct matcher){ .name = "python",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects },
};
