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
extern const struct ecosystem ecosystem_arch, ecosystem_bottlerocket, ecosystem_fedora, ecosystem_rocky;
extern const struct ecosystem ecosystem_rhcc, ecosystem_rhel;
extern const struct ecosystem ecosystem_npm, ecosystem_pypi;

/* What Red Hat publishes for rhcc and rhel: advisories of both, and what ids of repositories and names of
 * containers stand for. */
extern const struct ecosystem ecosystem_rhel_vex, ecosystem_rhel_repositories, ecosystem_rhel_names;

/* Data about vulnerability names; nothing is matched. */
extern const struct ecosystem ecosystem_cvss, ecosystem_epss, ecosystem_kev;

#endif
