/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include "model/distribution.h"
#include "model/package.h"
#include "model/repository.h"

/* What is decided on: a package in a context. All borrowed. */
struct record {
	const struct package *package;
	const struct distribution *distribution; /* NULL: unknown */
	const struct repository *const *repositories;
	size_t repository_count;
};

#endif
