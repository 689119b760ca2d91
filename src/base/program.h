/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Another program of this build: beside the running one, or below ../libexec/clair or ../lib/clair. *out is
 * NUL-terminated, in the arena. E_NOTFOUND says where it looked. */
int program_find(struct arena *a, const char *name, const char **out, struct err *err);

#endif
