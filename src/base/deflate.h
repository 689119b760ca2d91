/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_DEFLATE_H
#define BASE_DEFLATE_H

#include "base/err.h"
#include "base/str.h"

struct arena;

/* Compress bytes into one gzip member, fast rather than small; in the arena. gzip_isal.c or gzip_zlib.c: the
 * build takes one. E_LIMIT: more than LIMIT_DEFLATE_BYTES. */
int gzip_compress(struct arena *a, struct str in, struct str *out, struct err *err);

#endif
