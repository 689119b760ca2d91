/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_BY_SOURCE_H
#define ECOSYSTEM_BY_SOURCE_H

#include "ecosystem/ecosystem.h"
#include "version/version.h"

/* Name and version of the source package, or the package's own where none is known. */
struct str by_source_name(const struct package *p);
struct str by_source_version(const struct package *p);

/* The installed version to compare with an rpm version about the source. A header says the source's version
 * without its epoch: it is the package's own where the rest is the same, else the one of `fixed`. A `fixed`
 * without epoch is compared without. In the arena or borrowed. */
struct str by_source_evr(struct arena *a, const struct package *p, struct str fixed);
/* kernel-headers: no code of the kernel's is in it (9.3.5). */
bool by_source_is_kernel_headers(const struct package *p);

/* Verdict of an advisory about a source package: fixed_in "" affects every version, "0" none, anything else
 * the versions below it. A version that the ordering cannot read is UNDECIDED, with the reason in the arena.
 */
enum verdict by_source_affects(struct arena *a, const struct ordering *ordering, struct str installed,
			       const struct advisory *advisory, struct str *reason);

#endif
