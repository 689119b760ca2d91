/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_REDHAT_H
#define ECOSYSTEM_REDHAT_H

#include "ecosystem/ecosystem.h"
#include "model/repoid.h"

/* What the matchers of Red Hat's packages (rhel.c) and containers (rhcc.c) share. */

/* Does the platform that an advisory names, a CPE in formatted binding, cover an installed one in the same
 * binding (matching.md 8.2)? */
bool redhat_covers(struct str advised, struct str installed);
/* The platform of a repository: its CPE in formatted binding, or its name's; in the arena or borrowed. Empty:
 * none is known. */
struct str redhat_platform(struct arena *a, const struct repository *repository);

/* Is the advisory about the package by its own name? */
bool redhat_names(const struct package *p, const struct advisory *advisory);
/* By its own name, or by that of its source? */
bool redhat_concerns(const struct package *p, const struct advisory *advisory);

/* The keys of a namespace: the package's own name and that of its source, each once. Returns how many there
 * are then; those that there is no room for are left out. */
unsigned redhat_add_keys(struct str namespace, const struct package *p, struct advisory_key out[MAX_KEYS],
			 unsigned n);

/* The namespace of an advisory of Red Hat's, from its repository; empty for those of others. */
struct str redhat_namespace(struct arena *a, const struct advisory *advisory);

/* Namespace of advisories about containers. */
#define REDHAT_CONTAINERS "rhcc"

#endif
