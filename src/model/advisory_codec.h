/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_ADVISORY_CODEC_H
#define MODEL_ADVISORY_CODEC_H

#include "base/cursor.h"
#include "base/err.h"
#include "model/advisory.h"

/* Where the strings of the last advisory of a batch are in it. Zero-initialised: there is none yet. */
enum { ADVISORY_STRINGS = 24 };
struct advisory_encoder {
	struct {
		size_t at, n;
	} last[ADVISORY_STRINGS];
};

/* Append one advisory (all but id and updater) to the batch that `out` is. Strings equal to those of the
 * advisory before it are not repeated. */
void advisory_encode(struct advisory_encoder *e, const struct advisory *a, struct buffer *out);

/* Read the next advisory of a batch as if an attacker wrote it: lengths, UTF-8, enums. *a holds the one
 * before (zero for the first) and becomes this one; strings borrow from the batch. Returns 1, 0 at the end,
 * E_FORMAT. */
int advisory_decode(struct cursor *in, struct advisory *a, struct err *err);

#endif
