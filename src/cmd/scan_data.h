/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_SCAN_DATA_H
#define CMD_SCAN_DATA_H

#include "cmd/app.h"

/* Advisories for a scan that has none, or old ones: pulled from a mirror of prebuilt databases when one is
 * known, else fetched from their publishers. */
struct scan_data {
	struct str url; /* --data-url; empty: $CLAIR_DATA_URL */
	bool is_automatic; /* --auto-update */
	bool is_past; /* --as-of: what is there may be as old as it is */
};

/* Before the store is opened. Asks when it may: on a terminal, with nothing there and a mirror known.
 * E_NOTFOUND: there are none, and why; other errors: they could not be had. Old ones that could not be
 * renewed are a warning. */
int scan_data_prepare(struct app *app, const struct scan_data *wish, struct err *err);

#endif
