/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_CPE_LABEL_H
#define MODEL_CPE_LABEL_H

#include "model/cpe.h"

/* The namespace that statements about a product of Red Hat are kept in, and looked up by:
 * "rhel:PRODUCT:MAJOR" ("rhel:enterprise_linux:8", "rhel:rhel_eus:8", "rhel:openshift:4"); "rhel:PRODUCT"
 * when the version is any, not applicable, unset or a pattern; "rhel" when the product is. MAJOR is the
 * version up to its first point. Lower case, without the quoting of the formatted string. In the arena. */
struct str cpe_namespace(struct arena *a, const struct cpe *cpe);

#endif
