/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_BASE64_H
#define IMAGE_BASE64_H

#include "base/arena.h"
#include "base/str.h"

/* With padding, in the arena. */
struct str base64_encode(struct arena *a, struct str bytes);
/* False when the text is none; padding may be missing. */
bool base64_decode(struct arena *a, struct str text, struct str *out);

#endif
