/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_PLATFORM_H
#define IMAGE_PLATFORM_H

#include "format/oci.h"

/* Which of several variants of an image is meant. */
struct platform_wish {
	struct oci_platform platform;
	bool is_given; /* by the user: it must match; otherwise it is the host's and only a preference */
};

/* text: "os/arch[/variant]"; empty: the host's. Returns 0, E_CONFIG, E_UNSUPPORTED (Windows). */
int platform_wish_parse(struct arena *a, struct str text, struct platform_wish *out, struct err *err);

/* The host's platform from `machine` as uname(2) gives it. */
struct oci_platform platform_of_machine(struct str machine);

/* How well `have` serves `wanted`: 0 not at all, higher is better. */
unsigned platform_score(const struct oci_platform *wanted, const struct oci_platform *have);

/* Attestations and other companions of images are no images. */
bool platform_is_image(const struct oci_descriptor *d);

/* The descriptor to take among the images of an index (at least one). Returns 0, E_NOTFOUND (the text lists
 * what there is), E_UNSUPPORTED (Windows only). */
int platform_choose(struct arena *a, const struct platform_wish *wish, const oci_descriptors *images,
		    const struct oci_descriptor **out, struct err *err);

/* May an image of this platform be scanned under this wish? Returns 0, E_NOTFOUND, E_UNSUPPORTED (Windows).
 */
int platform_check(struct arena *a, const struct platform_wish *wish, const struct oci_platform *have,
		   struct err *err);

#endif
