/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_MANIFEST_H
#define MODEL_MANIFEST_H

#include "base/str.h"
#include "base/vec.h"

/* What a client asks to be indexed (service.md 2.2, 2.3). */
struct manifest_header {
	struct str name;
	struct str *values;
	size_t n;
};
struct manifest_layer {
	struct str hash; /* "sha256:..." of the blob as transferred, lower case */
	struct str uri; /* where to fetch it; its query may be a secret */
	struct str media_type; /* a hint; may be empty */
	VEC(struct manifest_header) headers; /* secrets: never logged, never stored */
};
struct manifest {
	struct str hash;
	VEC(struct manifest_layer) layers; /* base first */
};

#endif
