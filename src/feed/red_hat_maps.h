/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_RED_HAT_MAPS_H
#define FEED_RED_HAT_MAPS_H

#include "feed/feed.h"

/* What Red Hat publishes beside its vulnerabilities, as enrichments; docs/formats/red_hat_maps.md. */

/* Which product lines a repository of packages belongs to (repository-to-cpe.json): the tag is the
 * repository's id, the data {"cpes":["cpe:/o:redhat:enterprise_linux:8::baseos"]}. CPEs that are none are
 * left out. */
feed_parser red_hat_maps_cpes;

/* Which repositories of the catalogue a container is in (container-name-repos-map.json): the tag is the
 * container's name, the data {"repositories":["ubi8/ubi"]}. */
feed_parser red_hat_maps_names;

#endif
