/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_ADVISORY_CODEC_H
#define MODEL_ADVISORY_CODEC_H

#include "base/cursor.h"
#include "base/err.h"
#include "model/advisory.h"

/* Append one advisory (all but id and updater). Strings equal to those of *previous are not repeated.
 * *previous holds the advisory before it in the same batch (zero for the first) and becomes a copy of this
 * one, whose strings are in `copies`. */
void advisory_encode(const struct advisory *a, struct advisory *previous, struct arena *copies,
		     struct buffer *out);

/* Read the next advisory of a batch as if an attacker wrote it: lengths, UTF-8, enums. *a holds the one
 * before (zero for the first) and becomes this one; strings borrow from the batch. Returns 1, 0 at the end,
 * E_FORMAT. */
int advisory_decode(struct cursor *in, struct advisory *a, struct err *err);

#endif
