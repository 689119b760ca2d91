/* SPDX-License-Identifier: Apache-2.0 */
/* Registries of languages as Clair's advisories name them (matching.md 1.3). The thing to know: a repository
 * with a key is something else (Red Hat's), whatever its name. */
#include "ecosystem/language.h"

bool language_has(const struct record *record, const char *registry)
{
	for (size_t i = 0; i < record->repository_count; i++) {
		const struct repository *r = record->repositories[i];

		if (r->key.n == 0 && str_eq(r->name, str_of(registry)))
			return true;
	}
	return false;
}

struct str language_namespace(const struct advisory *advisory)
{
	static const char *const registries[] = { "npm", "pypi" };

	for (size_t i = 0; i < sizeof(registries) / sizeof(registries[0]); i++)
		if (advisory->repository_key.n == 0 &&
		    str_eq(advisory->repository_name, str_of(registries[i])))
			return str_of(registries[i]);
	return (struct str){ NULL, 0 };
}
