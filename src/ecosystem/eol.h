/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_EOL_H
#define ECOSYSTEM_EOL_H

#include "model/distribution.h"

#include <stdint.h>

/* The last day (midnight UTC, its beginning) on which a release has its publisher's support, or had; 0: it
 * has no such day yet, or the release is not known, which counts as supported. */
int64_t eol_date(const struct distribution *d);

#endif
