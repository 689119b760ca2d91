/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_CONFIG_MASK_H
#define CMD_CONFIG_MASK_H

#include "base/json.h"

/* A copy of a configuration document with "***" for what is secret: keys, passwords, headers, passwords
 * inside of connection strings and URLs, and members of free-form mappings that are called like secrets. */
struct json_value config_mask(struct arena *a, const struct json_value *document);
/* "postgresql://user:***@host/db", "host=db password=***"; "***" when it cannot be told apart. */
struct str config_mask_connstring(struct arena *a, struct str text);

#endif
