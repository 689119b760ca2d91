/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DECIDE_H
#define ENGINE_DECIDE_H

#include "ecosystem/ecosystem.h"
#include "model/record.h"

/* The ecosystem whose matcher applies to the record, or NULL. */
const struct ecosystem *decide_ecosystem(const struct record *record);

/* The verdict on one record and one advisory of its keys. Pure. */
enum verdict decide(struct arena *a, const struct ecosystem *ecosystem, const struct record *record,
		    const struct advisory *advisory, struct str *reason);

#endif
