/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_DISTRIBUTION_H
#define MODEL_DISTRIBUTION_H

#include "base/str.h"

/* An operating system release, as Clair describes one (indexer.md 2.2). Empty fields are unknown.
 * release is ours: the exact version from a release file (debian_version "12.4", alpine-release "3.19.1");
 * it is not part of the identity. */
struct distribution {
	struct str did, name, version, version_code_name, version_id, arch, cpe, pretty_name;
	struct str release;
};

/* Equal in all fields of the identity. */
bool distribution_eq(const struct distribution *a, const struct distribution *b);
/* Public identifier: 63-bit content hash of the identity. */
uint64_t distribution_hash(const struct distribution *d);

#endif
