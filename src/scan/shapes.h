/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_SHAPES_H
#define SCAN_SHAPES_H

#include "model/distribution.h"

struct arena;

/* Fill *out (zeroed) with the description of a release; texts are borrowed or in the arena. All return true
 * but shape_ubuntu, which returns false when id is not ubuntu or something is empty. */

bool shape_alpine(struct arena *a, struct str branch, struct distribution *out); /* "3.19" or "edge" */
bool shape_amazon(struct arena *a, struct str version, struct distribution *out); /* "2018.03", "2", "2023" */
bool shape_debian(struct arena *a, struct str number, struct str code_name, struct distribution *out);
bool shape_ubuntu(struct arena *a, struct str id, struct str version, struct str code_name,
		  struct distribution *out);
bool shape_oracle(struct arena *a, struct str major, struct distribution *out);
bool shape_photon(struct str version, struct distribution *out); /* "4.0" */
bool shape_leap(struct arena *a, struct str version, struct distribution *out); /* "15.5" */
bool shape_sles(struct arena *a, struct str major, struct distribution *out);
bool shape_rhel(struct arena *a, struct str major, struct distribution *out);

#endif
