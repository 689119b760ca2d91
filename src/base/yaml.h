/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/json.h"

/* YAML 1.1 as libyaml reads it, as a JSON tree: the first document; aliases are expanded within
 * LIMIT_JSON_TREE_BYTES; scalars as Go's YAML reader types them (true, false, null, ~, numbers; quoted:
 * strings); keys must be scalars; duplicate keys are E_FORMAT. line (of each value and key) is set for
 * errors. An empty document is an empty object. Errors name line and column. */
int yaml_parse(struct arena *a, struct str text, struct json_value *out, struct err *err);

#endif
