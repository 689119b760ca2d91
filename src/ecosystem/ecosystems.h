/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_ECOSYSTEMS_H
#define ECOSYSTEM_ECOSYSTEMS_H

#include "ecosystem/ecosystem.h"

/* The rows of ecosystem/table.c, one file each. */
extern const struct ecosystem ecosystem_alpine, ecosystem_debian;

#endif
