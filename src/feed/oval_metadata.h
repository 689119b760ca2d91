/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_OVAL_METADATA_H
#define FEED_OVAL_METADATA_H

#include "base/xml.h"
#include "feed/oval_document.h"

/* Read the definition that `begin` opened, to its end. Strings of *out are in scratch.
 * Returns 1; 0: it concerns none of the releases that count, or is to be left out; or an error. */
int oval_metadata(struct oval_document *d, struct xml_reader *x, struct arena *scratch,
		  const struct xml_event *begin, struct oval_definition *out, struct err *err);

#endif
