/* SPDX-License-Identifier: Apache-2.0 */
/* Identity of repositories: name, key and URI; the CPE follows from them. */
#include "model/repository.h"

#include "model/hash.h"

uint64_t repository_hash(const struct repository *r)
{
	const struct str fields[] = { r->name, r->key, r->uri };

	return content_hash_of(fields, sizeof(fields) / sizeof(fields[0]));
}
