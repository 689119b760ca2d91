/* SPDX-License-Identifier: Apache-2.0 */
/* The databases that `clair` knows: it starts without libpq. */
#include "store/db_driver.h"

const struct db_driver *const db_drivers[] = { &db_sqlite, NULL };
const unsigned db_connections = 1;
