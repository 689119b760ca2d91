/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_PLACES_H
#define CMD_PLACES_H

#include "cmd/app.h"
#include "cmd/config.h"
#include "store/place.h"

/* Where the service's stores are, from its configuration: the connection strings; without one what the PG*
 * variables say; without those SQLite files in the data directory. */

/* Set app->data: data_dir of the configuration, --data, $STATE_DIRECTORY, else as app_data. Makes its
 * parents. */
int places_data(struct app *app, const struct config *c, struct err *err);
int places_index(const struct app *app, const struct config *c, struct store_place *out, struct err *err);
int places_advisories(const struct app *app, const struct config *c, struct store_place *out,
		      struct err *err);

#endif
