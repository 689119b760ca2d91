/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_RHCC_H
#define SCAN_RHCC_H

#include "base/task.h"
#include "model/findings.h"

/* A container of Red Hat's, as the files of its build describe it. */
struct rhcc_container {
	struct str component; /* name of the source package */
	struct str name; /* of the container: "ubi8/ubi" */
	struct str version, arch;
	struct str normalized; /* "rhctag:..." */
};

/* The normalized form of a tag ("v3.5.6-4" is rhctag:3.5.0...); false when it does not begin with a number.
 */
bool rhcc_normalized_tag(struct arena *a, struct str tag, struct str *out);

/* Add the packages that a container is: source, binary and ancestry. Left out with a note when a field is too
 * long. Returns 0 or E_LIMIT. */
int rhcc_collect(struct findings *f, uint32_t database, const struct rhcc_container *c, struct err *err);

#endif
