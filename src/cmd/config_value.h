/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_CONFIG_VALUE_H
#define CMD_CONFIG_VALUE_H

#include "cmd/config_table.h"

/* Check the value of a key and put it where the table says. Returns 0 or E_CONFIG; the text names neither key
 * nor line ("must be a duration like 90s, 15m or 1h30m"), and no secret. Memory is the arena's or the
 * tree's. */
int config_value(struct arena *a, const struct config_key *key, const struct json_value *v,
		 struct config *out, struct err *err);
/* The default of a key, which has one, put where the table says. */
void config_value_default(struct arena *a, const struct config_key *key, struct config *out);

/* Go's durations ("1h30m", "250ms", "1.5h", "0"), and days and weeks ("90d"); parts of a second count as a
 * whole one. False: malformed, negative, or above 290 years. */
bool config_duration(struct str text, int64_t *seconds);
/* RFC 4648 section 4 with padding; line ends are passed over. False: malformed. */
bool config_base64(struct arena *a, struct str text, struct str *out);

#endif
