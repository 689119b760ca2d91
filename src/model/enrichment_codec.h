/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_ENRICHMENT_CODEC_H
#define MODEL_ENRICHMENT_CODEC_H

#include "base/cursor.h"
#include "base/err.h"
#include "base/limits.h"
#include "model/enrichment.h"

/* Append one enrichment: tags and data. At most LIMIT_ENRICHMENT_TAGS tags. */
void enrichment_encode(const struct enrichment *e, struct buffer *out);

/* Read the next enrichment of a batch as if an attacker wrote it: lengths, UTF-8, and that the data are one
 * JSON object without raw control bytes, since reports take them as they are. Strings borrow from the batch,
 * out->tags is `tags`. Returns 1, 0 at the end, E_FORMAT. */
int enrichment_decode(struct cursor *in, struct str tags[LIMIT_ENRICHMENT_TAGS], struct enrichment *out,
		      struct err *err);

#endif
