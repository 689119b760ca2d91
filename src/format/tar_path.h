/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_TAR_PATH_H
#define FORMAT_TAR_PATH_H

#include "base/cursor.h"
#include "base/err.h"

/* Normalise the name of a member or link. dir is where a relative name starts: normalised, "." or empty
 * for the root. Joins with '/', resolves "." and ".." lexically and never above the root, drops leading
 * and trailing slashes; the root itself is ".". When the result is not valid UTF-8, every invalid byte
 * (and, then only, the bytes of U+FFFD) becomes \xNN.
 * name holds no NUL. *result has a NUL after it (not counted) and borrows from scratch, whose former content
 * is lost, or from a constant. Returns 0, or E_LIMIT for more than LIMIT_PATH_BYTES or LIMIT_PATH_DEPTH. */
int tar_path_normal(struct buffer *scratch, struct str dir, struct str name, struct str *result,
		    struct err *err);

#endif
