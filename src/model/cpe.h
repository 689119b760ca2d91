/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_CPE_H
#define MODEL_CPE_H

#include "base/err.h"
#include "base/str.h"

struct arena;

enum cpe_attribute {
	CPE_PART,
	CPE_VENDOR,
	CPE_PRODUCT,
	CPE_VERSION,
	CPE_UPDATE,
	CPE_EDITION,
	CPE_LANGUAGE,
	CPE_SW_EDITION,
	CPE_TARGET_SW,
	CPE_TARGET_HW,
	CPE_OTHER,
	CPE_ATTRIBUTES,
};

/* The name of a platform. Attributes are spelled as in a CPE 2.3 formatted string: "*" any, "-" not
 * applicable, "" unset, else a value whose special characters are quoted with a backslash ("." "-" "_" are
 * not special); an unquoted "*" or "?" is a wildcard. */
struct cpe {
	struct str attribute[CPE_ATTRIBUTES];
};

/* Read a URI binding ("cpe:/o:redhat:enterprise_linux:8") or a formatted string ("cpe:2.3:o:...").
 * Attributes are in the arena. Returns 0 or E_FORMAT. */
int cpe_parse(struct arena *a, struct str text, struct cpe *out, struct err *err);

/* The formatted string, in the arena; empty when no attribute is set. */
struct str cpe_format(struct arena *a, const struct cpe *cpe);

/* The formatted string of a name in either binding; empty when it is none. */
struct str cpe_normalise(struct arena *a, struct str text);

/* How a name or attribute relates to another (NIST IR 7696, "Common Platform Enumeration: Name Matching"). */
enum cpe_relation {
	CPE_UNDEFINED,
	CPE_DISJOINT,
	CPE_SUBSET,
	CPE_EQUAL,
	CPE_SUPERSET,
};
/* Attribute by attribute; out: the relation of each. Unset counts as any. */
void cpe_compare(const struct cpe *source, const struct cpe *target, enum cpe_relation out[CPE_ATTRIBUTES]);
/* Every attribute of source is equal to or a superset of the target's. */
bool cpe_covers(const struct cpe *source, const struct cpe *target);

#endif
