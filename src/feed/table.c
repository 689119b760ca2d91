/* SPDX-License-Identifier: Apache-2.0 */
/* The parsers, by format. */
#include "feed/arch.h"
#include "feed/bodhi.h"
#include "feed/csaf_vex.h"
#include "feed/debian_tracker.h"
#include "feed/epss.h"
#include "feed/kev.h"
#include "feed/nvd.h"
#include "feed/osv.h"
#include "feed/oval.h"
#include "feed/red_hat_maps.h"
#include "feed/secdb.h"
#include "feed/updateinfo.h"

feed_parser *const feed_parsers[FEED_FORMAT_COUNT] = {
	[FEED_SECDB] = secdb_parse,
	[FEED_DEBIAN_TRACKER] = debian_tracker_parse,
	[FEED_OVAL] = oval_parse,
	[FEED_UPDATEINFO] = updateinfo_parse,
	[FEED_OSV] = osv_parse,
	[FEED_NVD] = nvd_parse,
	[FEED_EPSS] = epss_parse,
	[FEED_KEV] = kev_parse,
	[FEED_ARCH] = arch_parse,
	[FEED_CSAF_VEX] = csaf_vex_parse,
	[FEED_REPOSITORY_CPE] = red_hat_maps_cpes,
	[FEED_CONTAINER_NAMES] = red_hat_maps_names,
	[FEED_BODHI] = bodhi_parse,
};
