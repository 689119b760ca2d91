/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_BY_BINARY_H
#define ECOSYSTEM_BY_BINARY_H

#include "ecosystem/ecosystem.h"

/* The one key of a binary package in a release: namespace did ":" release. Returns 0 when the release is
 * empty. */
unsigned by_binary_key(struct arena *a, struct str did, struct str release, const struct package *p,
		       struct advisory_key out[MAX_KEYS]);
/* Does the rpm package fall under an advisory about binary packages? fixed_in as for by_source_affects. */
enum verdict by_binary_affects_rpm(struct arena *a, const struct record *record,
				   const struct advisory *advisory, struct str *reason);
/* The same of an installed version. A fixed_in with a second dash is no version, though librpm would take
 * what is before it for a name: UNDECIDED. */
enum verdict by_binary_compare_rpm(struct arena *a, struct str installed, const struct advisory *advisory,
				   struct str *reason);
/* Is the distribution's did or name one of these? */
bool by_binary_is(const struct record *record, const char *did, const char *name);

#endif
