/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_CSAF_COMPONENT_H
#define FEED_CSAF_COMPONENT_H

#include "feed/csaf_document.h"

/* A package or container image that rows can be about. */
struct csaf_component {
	const char *problem; /* not NULL: why there can be no row, and nothing below counts */
	bool is_passed_over; /* of a kind, or by a name, that no row is made of */
	bool is_image; /* else an rpm */
	bool is_source; /* a source rpm by its architecture */
	struct str name, package; /* of the package URL; as rows spell it */
	struct str module, arch, fixed_in;
	const char *no_fix; /* not NULL: why it cannot be one that has the fix */
	int32_t tag[2]; /* of an image that has the fix */
	/* The first of the document that is the same but for its architecture; and but for its version. */
	const struct csaf_component *same_fix, *same_package;
};

/* What a product line is to rows. */
struct csaf_repository {
	const char *problem;
	struct str name, namespace; /* CPE as a formatted string; its label, model/cpe_label.h */
};

/* The two sides of a component product. NULL: it is none, or has no package URL, or no CPE. */
const struct csaf_component *csaf_component_of(struct csaf_document *d, const struct csaf_product *p);
const struct csaf_repository *csaf_component_repository(struct csaf_document *d,
							const struct csaf_product *p);

#endif
