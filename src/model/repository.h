/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_REPOSITORY_H
#define MODEL_REPOSITORY_H

#include "base/str.h"

/* Where packages come from; identity: name, key, uri. */
struct repository {
	struct str name, key, uri, cpe;
};

uint64_t repository_hash(const struct repository *r);

#endif
