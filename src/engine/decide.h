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

/* Is it a statement that the record's own package is not affected (matching.md 9.3 rule 4)? */
bool decide_clears(struct arena *a, const struct ecosystem *ecosystem, const struct record *record,
		   const struct advisory *statement);
/* Does such a statement of the same vulnerability beat this advisory? */
bool decide_is_cleared(const struct advisory *advisory);

#endif
