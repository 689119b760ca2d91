/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_CSAF_VEX_H
#define FEED_CSAF_VEX_H

#include "feed/feed.h"

/* Red Hat's VEX documents: a tar archive of them (those of a folder that is a year from 2015 on), or
 * documents of which each begins on a line of its own. For each, sink->replaced with its CVE id, then its
 * advisories: nothing more for one that is deleted. A document that cannot be read is left out and told with
 * its name and the reason. Advisories are about rpms (namespace of model/cpe_label.h) and container images
 * ("rhcc"); ranges of images are "rhctag". Published at
 * https://security.access.redhat.com/data/csaf/v2/vex/; docs/formats/csaf_vex.md. */
feed_parser csaf_vex_parse;

#endif
