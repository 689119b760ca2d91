/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_OPENAPI_SCHEMAS_H
#define API_OPENAPI_SCHEMAS_H

/* A component schema: its name, and its JSON text. */
struct openapi_schema {
	const char *name, *json;
};
extern const struct openapi_schema openapi_schemas[]; /* ends with a NULL name */

#endif
