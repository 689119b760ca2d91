/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_CLAIR_MEMBER_H
#define REPORT_CLAIR_MEMBER_H

#include "base/json.h"
#include "model/advisory.h"
#include "model/package.h"

/* For clair_parse*.c only: members of Clair's objects, typed. Absent and null are the zero value. */
struct clair_object {
	struct arena *arena;
	const struct json_value *value; /* NULL, null: everything is absent */
	const char *what; /* for errors: "layer" */
	bool any_case; /* names of members in any case */
};

/* The object v; E_FORMAT when it is neither an object nor null. */
int clair_object_open(struct arena *a, const struct json_value *v, const char *what, bool any_case,
		      struct clair_object *out, struct err *err);
/* The last member of that name; NULL when absent or null. */
const struct json_value *clair_member(const struct clair_object *o, const char *name);
/* A string of at most max bytes, copied; E_FORMAT, E_LIMIT. */
int clair_text(const struct clair_object *o, const char *name, size_t max, struct str *out, struct err *err);
/* An object in the object; *out is empty when absent. */
int clair_inner(const struct clair_object *o, const char *name, struct clair_object *out, struct err *err);
/* An array; *out NULL when absent. */
int clair_list(const struct clair_object *o, const char *name, const struct json_value **out,
	       struct err *err);

int clair_read_package(const struct clair_object *o, struct package *out, struct err *err);
int clair_read_distribution(const struct clair_object *o, struct distribution *out, struct err *err);

#endif
