/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_ERRATA_H
#define ECOSYSTEM_ERRATA_H

#include "ecosystem/ecosystem.h"

/* Does the package have nothing to do with an advisory as feed/osv.c makes them: it is of another module, or
 * stream, than the advisory is about, or it has one of the other builds of the fix? installed: its version,
 * or its source's, as the advisory means it. mark: what versions of modules' packages have in them,
 * ".module_el". False: the comparison with fixed_in decides. */
bool errata_has_fix(const struct package *p, struct str installed, const struct advisory *advisory,
		    struct str mark);

#endif
