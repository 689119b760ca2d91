/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include "base/arena.h"
#include "base/str.h"

/* Our OpenAPI 3.1 document, made once from the table of routes. Strings are in the arena. */
struct openapi {
	struct str json; /* compact */
	struct str yaml; /* JSON with indentation, which is YAML 1.2 */
	struct str tag; /* sha256 of json, hex: the ETag of both, without quotes */
};
void openapi_make(struct arena *a, struct openapi *out);

#endif
