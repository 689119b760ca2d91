/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_LANGUAGE_H
#define ECOSYSTEM_LANGUAGE_H

#include "ecosystem/ecosystem.h"

/* What the matchers of languages share: their advisories and packages belong to a registry, the repository of
 * this name ("pypi"), which is their namespace too. */

/* Is the record a package of the registry? */
bool language_has(const struct record *record, const char *registry);
/* The registry that an advisory is about; empty: none that a matcher knows. */
struct str language_namespace(const struct advisory *advisory);

#endif
