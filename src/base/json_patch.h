/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_PATCH_H
#define BASE_JSON_PATCH_H

#include "base/json.h"

/* RFC 7386 merge patch: null deletes, objects merge, all else replaces. Trees share memory; in the arena. */
struct json_value json_merge(struct arena *a, const struct json_value *target,
			     const struct json_value *patch);
/* RFC 6902: add, remove, replace, move, copy, test. E_FORMAT: no patch, or a path that does not exist;
 * E_CONFLICT: a test failed. Errors name the operation by position. */
int json_patch(struct arena *a, const struct json_value *target, const struct json_value *patch,
	       struct json_value *out, struct err *err);

#endif
