/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_RPM_NDB_H
#define FORMAT_RPM_NDB_H

#include "base/task.h"
#include "format/rpm_blobs.h"

/* Is this the beginning of an ndb file: of packages (RpmP) or an index (RpmX)? */
bool rpm_ndb_is(struct str head);

/* Open rpm's `Packages.db`. file is borrowed; memory is the task's. Blobs come in the order of slots. A blob
 * whose checksum is wrong is delivered, and the mismatch is reported by the following call. Returns 0 or
 * E_FORMAT. */
int rpm_ndb_open(struct task *task, struct str file, struct rpm_blobs **out, struct err *err);

#endif
