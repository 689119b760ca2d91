/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_RHEL_CONTENT_H
#define SCAN_RHEL_CONTENT_H

#include "format/dnf_history.h"
#include "scan/scanner.h"

/* What a layer says about the repositories its packages come from: either a content manifest's list, or dnf's
 * history. */
struct rhel_content {
	str_list repoids; /* by one or the other */
	struct dnf_history history; /* empty unless the layer has one that counts */
};

/* Is it a file that says so? */
bool rhel_content_wants(const struct tar_entry *entry);

/* Read it from the files that the scanner `as` wanted. notes: where what is odd is told; NULL: nowhere.
 * History counts when there is no manifest, or when the manifest points to it. Returns 0, or what task_check
 * says. */
int rhel_content_read(struct task *task, const struct layer_files *files, const struct scanner *as,
		      struct findings *notes, struct rhel_content *out, struct err *err);

#endif
