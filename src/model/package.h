/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_PACKAGE_H
#define MODEL_PACKAGE_H

#include "base/str.h"

enum package_kind { PACKAGE_UNKNOWN, PACKAGE_BINARY, PACKAGE_SOURCE, PACKAGE_ANCESTRY, PACKAGE_LAYER };

/* An installed package. source_name empty: no source package known. Versions are as the package manager
 * writes them; rpm: [epoch:]version-release, epoch left out when 0.
 * Identity (same id): name, version, kind, module, arch (indexer.md 5.1). */
struct package {
	struct str name, version, arch, module;
	enum package_kind kind;
	struct str source_name, source_version;
	struct str normalized_version;
	struct str repository_hint; /* internal; never in a report */
	struct str filepath; /* language packages: the file that is the evidence */
	int scanner; /* position in scanner_ids of who found it; -1 unknown */
};

/* 63-bit content hash of the identity; of the source package for package_source_hash (0: none). */
uint64_t package_hash(const struct package *p);
uint64_t package_source_hash(const struct package *p);
const char *package_kind_name(enum package_kind kind); /* "", "binary", "source", "ancestry", "layer" */

#endif
