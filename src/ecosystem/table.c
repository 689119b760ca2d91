/* SPDX-License-Identifier: Apache-2.0 */
/* The list of ecosystems. Everything that can be matched or updated stands here, and nowhere else. */
#include "ecosystem/ecosystems.h"

const struct ecosystem *const ecosystems[] = {
	&ecosystem_alma,
	&ecosystem_alpine,
	&ecosystem_arch,
	&ecosystem_aws,
	&ecosystem_azure,
	&ecosystem_bottlerocket,
	&ecosystem_chainguard,
	&ecosystem_debian,
	&ecosystem_fedora,
	&ecosystem_minimos,
	&ecosystem_npm,
	&ecosystem_oracle,
	&ecosystem_photon,
	&ecosystem_pypi,
	&ecosystem_rhcc,
	&ecosystem_rhel,
	&ecosystem_rocky,
	&ecosystem_suse,
	&ecosystem_ubuntu,
	&ecosystem_wolfi,
	&ecosystem_cvss,
	&ecosystem_epss,
	&ecosystem_kev,
	&ecosystem_rhel_vex,
	&ecosystem_rhel_repositories,
	&ecosystem_rhel_names,
	NULL,
};
