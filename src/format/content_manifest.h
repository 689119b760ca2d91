/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_CONTENT_MANIFEST_H
#define FORMAT_CONTENT_MANIFEST_H

#include "base/str.h"
#include "base/task.h"
#include "base/vec.h"

/* What Red Hat's build system says of a layer: the repositories that its packages may come from. */
struct content_manifest {
	str_list
		content_sets; /* in the order of the file, without repetition; suffixes of variants removed */
	bool has_content_sets; /* the member is there */
	bool from_dnf_hint; /* ask dnf's history instead */
	bool is_cut; /* more than LIMIT_CONTENT_SETS; the others are left out */
};

/* Read the JSON text of a manifest; strings are the task's. Members of other types than they should have, and
 * ids that are no text of a sane length, are passed over. Returns 0, E_FORMAT (no JSON object; err names line
 * and column), E_LIMIT (nesting, a string too long), or what task_check says. */
int content_manifest_parse(struct task *task, struct str text, struct content_manifest *out, struct err *err);

/* Can this be the id of a repository: text, neither empty nor longer than LIMIT_REPOID_BYTES? */
bool content_manifest_is_repoid(struct str id);

#endif
