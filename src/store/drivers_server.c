/* SPDX-License-Identifier: Apache-2.0 */
/* The databases that `clair-server` knows. */
#include "store/db_driver.h"

const struct db_driver *const db_drivers[] = { &db_sqlite, &db_postgres, NULL };
const unsigned db_connections = 4;
