/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_YAML_WRITE_H
#define BASE_YAML_WRITE_H

#include "base/json.h"

/* A tree as a YAML document in block style, two blanks a level, that yaml_parse reads as the same tree.
 * Strings are quoted where a reader could take them for something else. Returns 0 or the writer's error. */
int yaml_write(struct writer *to, const struct json_value *v, struct err *err);

#endif
