/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_BLOB_H
#define STORE_BLOB_H

#include "base/err.h"
#include "base/str.h"

/* Compressed for storing; empty stays empty. Results are in the arena. */
struct str blob_pack(struct arena *a, struct str bytes);
/* 0; E_FORMAT: not what blob_pack made; E_LIMIT: more than max bytes. */
int blob_unpack(struct arena *a, struct str packed, size_t max, struct str *out, struct err *err);

/* Does it begin as what blob_pack makes? No text does. */
bool blob_is_packed(struct str bytes);

#endif
