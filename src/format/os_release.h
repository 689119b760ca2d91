/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_OS_RELEASE_H
#define FORMAT_OS_RELEASE_H

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

struct os_release_field {
	struct str key, value;
};

/* The assignments of an os-release or lsb-release file, in the order of the file; a key may occur again. */
struct os_release {
	VEC(struct os_release_field) fields;
};

/* Read os-release(5) lines. Keys and most values borrow from text; values that were unquoted are in the
 * arena. Returns 0; E_FORMAT when a line has no `=` (err names it), and then out still holds all other lines,
 * for callers that are content with them; E_LIMIT above LIMIT_OS_RELEASE_BYTES. */
int os_release_parse(struct arena *a, struct str text, struct os_release *out, struct err *err);

/* Read lsb-release lines: cut at the first `=`, values without `"`, CR and LF at their ends. Other lines
 * are passed over. Returns 0, or E_LIMIT. */
int os_release_parse_lsb(struct arena *a, struct str text, struct os_release *out, struct err *err);

/* The value given last for a key; empty when there is none. */
struct str os_release_get(const struct os_release *r, struct str key);
bool os_release_has(const struct os_release *r, struct str key);

#endif
