/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_ECOSYSTEMS_H
#define ECOSYSTEM_ECOSYSTEMS_H

#include "ecosystem/ecosystem.h"

/* The rows of ecosystem/table.c, one file each. */
extern const struct ecosystem ecosystem_alpine, ecosystem_debian;
extern const struct ecosystem ecosystem_azure, ecosystem_oracle, ecosystem_photon, ecosystem_suse,
	ecosystem_ubuntu;
extern const struct ecosystem ecosystem_alma, ecosystem_aws, ecosystem_wolfi, ecosystem_chainguard,
	ecosystem_minimos;
extern const struct ecosystem ecosystem_arch, ecosystem_fedora, ecosystem_rocky;
extern const struct ecosystem ecosystem_rhcc, ecosystem_rhel;
extern const struct ecosystem ecosystem_npm, ecosystem_pypi;

/* Data about vulnerability names; nothing is matched. */
extern const struct ecosystem ecosystem_cvss, ecosystem_epss, ecosystem_kev;

#endif
