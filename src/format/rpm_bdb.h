/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_RPM_BDB_H
#define FORMAT_RPM_BDB_H

#include "base/task.h"
#include "format/rpm_blobs.h"

/* Is this the beginning of a Berkeley DB hash file? head: at least 16 bytes for a yes. */
bool rpm_bdb_is(struct str head);

/* Open rpm's `Packages` hash file. file is borrowed; memory is the task's. Blobs come in the order of pages.
 * A value that is damaged is reported by the iteration and passed over, a hash page by the rest of it; pages
 * that the header counts and the file lacks are reported first. Returns 0, E_FORMAT, E_UNSUPPORTED (version,
 * encrypted, with checksums). */
int rpm_bdb_open(struct task *task, struct str file, struct rpm_blobs **out, struct err *err);

#endif
