/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

/* What the two files hold; docs/store.md explains. */
extern const struct db_schema schema_advisories, schema_index;

#endif
