/* SPDX-License-Identifier: Apache-2.0 */
/* The list of scanners, in the order of scanner_ids (model/scanner_id.c): their results are stored by
 * position, so a new scanner goes to the end of both. */
#include "scan/scanners.h"

const struct scanner *const scanners[] = {
	&scanner_whiteout,
	&scanner_os_release,
	&scanner_dpkg,
	&scanner_apk,
	&scanner_rpm,
	&scanner_alpm,
	&scanner_rhel_repository,
	&scanner_rhcc_dockerfile,
	&scanner_rhcc_labels,
	&scanner_bottlerocket,
	&scanner_chisel,
	&scanner_ubuntu_pro,
	NULL,
};
