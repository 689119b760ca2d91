/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_DNF_HISTORY_H
#define FORMAT_DNF_HISTORY_H

#include "base/map.h"
#include "base/task.h"
#include "base/vec.h"

/* What dnf remembers of its transactions: which repository each package came from. */
struct dnf_history {
	str_list repoids; /* of all that was ever installed; bytewise order, no repetition */
	struct map packages; /* for dnf_history_origin */
	size_t damages; /* rows and pages passed over */
	struct err damage; /* the first of them */
};

/* A package as rpm names it. */
struct dnf_package {
	struct str name, version, release, arch;
	uint32_t epoch;
};

/* Read a history of dnf 4 or 5. file and wal (may be empty) are borrowed for the call only; what is made is
 * the task's. Names that begin with "@" ("@System", "@commandline") are none of a repository and left out.
 * Returns 0; E_FORMAT, E_UNSUPPORTED, E_NOTFOUND (no such database, or a table or column is missing); or what
 * task_check says. */
int dnf_history_read(struct task *task, struct str file, struct str wal, struct dnf_history *out,
		     struct err *err);

/* The repository that a package was last installed from; empty when not known. */
struct str dnf_history_origin(const struct dnf_history *h, const struct dnf_package *package);

#endif
