/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_YAML_SCALAR_H
#define BASE_YAML_SCALAR_H

#include "base/json.h"

/* What a plain (unquoted) scalar is: null, false, true, a number (text: as JSON writes it, in the arena) or a
 * string (text: borrowed). yes, no, on and off are strings. E_FORMAT: infinity and not-a-number, which JSON
 * has not; E_LIMIT: a number above LIMIT_JSON_NUMBER_BYTES. */
int yaml_scalar(struct arena *a, struct str plain, struct json_value *out, struct err *err);

#endif
