/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_RPM_PACKAGE_H
#define SCAN_RPM_PACKAGE_H

#include "format/rpm_header.h"
#include "model/package.h"

struct arena;

/* The package that a header describes. All strings are the arena's.
 * False when name, version, release or architecture is not text within LIMIT_FIELD_BYTES; other fields that
 * are not are left empty. */
bool rpm_package_of_header(struct arena *a, const struct rpm_header *h, struct package *out);

/* The package of one line of a container-manifest-2 (without its line feed). False when malformed. */
bool rpm_package_of_manifest(struct arena *a, struct str line, struct package *out);

/* "sha256" of the payload and key id of the signature as a URL query, keys in order; empty when the header
 * has neither. */
struct str rpm_repository_hint(struct arena *a, const struct rpm_header *h);

#endif
