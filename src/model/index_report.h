/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_INDEX_REPORT_H
#define MODEL_INDEX_REPORT_H

#include "base/vec.h"
#include "model/distribution.h"
#include "model/package.h"
#include "model/repository.h"

/* Where a package was found. distribution: index into the report's distributions, or -1. */
struct environment {
	struct str package_db;
	uint32_t layer; /* index into the report's layers: the one that introduced it */
	int32_t distribution;
	const uint32_t *repositories; /* indexes; may be NULL */
	size_t repository_count;
};

struct indexed_package {
	struct package package;
	VEC(struct environment) environments; /* at least one */
};

/* All packages of one image, ordered: packages by (name, version, kind, module, arch), the others by id. */
struct index_report {
	struct str manifest_hash;
	VEC(struct str) layers; /* digests, base first; a digest may occur twice */
	VEC(struct indexed_package) packages;
	VEC(struct distribution) distributions;
	VEC(struct repository) repositories;
	int32_t distribution; /* of the image as it runs (merged view): index, or -1 */
	VEC(struct str)
	notes; /* "layer sha256:...: ..." warnings; a non-empty list of problems makes it incomplete */
	bool is_incomplete; /* some layer or database could not be read whole */
};

#endif
