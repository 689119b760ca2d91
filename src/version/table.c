/* SPDX-License-Identifier: Apache-2.0 */
/* The list of version orderings. An advisory's ecosystem names the one it uses; a new ordering is one file
 * and one row here. */
#include "version/version.h"

const struct ordering *const orderings[] = { &ordering_deb,    &ordering_rpm,	 &ordering_apk,
					     &ordering_pacman, &ordering_pep440, NULL };

const struct ordering *ordering_find(struct str name)
{
	for (const struct ordering *const *o = orderings; *o; o++)
		if (str_eq(str_of((*o)->name), name))
			return *o;
	return NULL;
}
