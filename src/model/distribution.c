/* SPDX-License-Identifier: Apache-2.0 */
/* Identity of distributions: all fields but `release`, which is the patch level of one image and would make
 * every point release a distribution of its own. */
#include "model/distribution.h"

#include "model/hash.h"

enum { IDENTITY_FIELDS = 8 };

static void identity(const struct distribution *d, struct str out[IDENTITY_FIELDS])
{
	const struct str fields[IDENTITY_FIELDS] = { d->did,	    d->name, d->version, d->version_code_name,
						     d->version_id, d->arch, d->cpe,	 d->pretty_name };

	memcpy(out, fields, sizeof(fields));
}

bool distribution_eq(const struct distribution *a, const struct distribution *b)
{
	struct str x[IDENTITY_FIELDS], y[IDENTITY_FIELDS];

	identity(a, x);
	identity(b, y);
	for (int i = 0; i < IDENTITY_FIELDS; i++)
		if (!str_eq(x[i], y[i]))
			return false;
	return true;
}

uint64_t distribution_hash(const struct distribution *d)
{
	struct str fields[IDENTITY_FIELDS];

	identity(d, fields);
	return content_hash_of(fields, IDENTITY_FIELDS);
}
