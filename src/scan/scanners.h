/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_SCANNERS_H
#define SCAN_SCANNERS_H

#include "scan/scanner.h"

/* One file of this directory each; listed in scan/table.c. */
extern const struct scanner scanner_whiteout, scanner_os_release, scanner_dpkg, scanner_apk, scanner_rpm,
	scanner_alpm, scanner_rhel_repository, scanner_rhcc_dockerfile, scanner_rhcc_labels,
	scanner_bottlerocket, scanner_chisel, scanner_ubuntu_pro;

#endif
