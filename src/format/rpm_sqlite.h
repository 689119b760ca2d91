/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_RPM_SQLITE_H
#define FORMAT_RPM_SQLITE_H

#include "base/task.h"
#include "format/rpm_blobs.h"

/* Open an rpmdb.sqlite. file and wal (may be empty) are borrowed; memory is the task's. Blobs come in the
 * order of hnum. Returns 0, E_NOTFOUND (no table Packages: not an rpm database), or what sqlite_open says. */
int rpm_sqlite_open(struct task *task, struct str file, struct str wal, struct rpm_blobs **out,
		    struct err *err);

#endif
