/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ADVISORY_STORE_H
#define STORE_ADVISORY_STORE_H

#include "store/db.h"

/* Inside of the store of advisories, for the files that answer its questions. */
struct advisory_store {
	struct db_pool *db;
	int64_t as_of; /* not 0: a view (advisories_as_of); the connections are another's */
};

enum { UPDATER_ID_MAX = 1000000 };

#endif
