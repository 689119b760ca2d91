/* SPDX-License-Identifier: Apache-2.0 */
/* Finds which of Red Hat's repositories the packages of a layer come from. What the layer names are ids
 * ("rhel-8-for-x86_64-baseos-rpms"); which products they stand for is in a map that changes by the week, so
 * it is not looked up here: a repository is found without name and CPE, and gets them when a report is read.
 * Easy to miss: with from_dnf_hint the manifest's own list does not count. */
#include "scan/scanners.h"

#include "base/arena.h"
#include "base/limits.h"
#include "model/repoid.h"
#include "scan/collect.h"
#include "scan/rhel_content.h"

static bool wants(const struct tar_entry *entry, struct str head)
{
	(void)head;
	return rhel_content_wants(entry);
}

static int add_repositories(struct task *task, struct findings *out, const str_list *ids, struct err *err)
{
	VEC_EACH (const struct str, id, ids) {
		TRY(task_check(task, err));
		if (out->repositories.n == LIMIT_CONTENT_SETS) {
			collect_note(out, "more than %u repositories; the others are left out",
				     LIMIT_CONTENT_SETS);
			return 0;
		}
		VEC_PUSH(out->arena, &out->repositories,
			 ((struct repository){ .key = STR(REPOSITORY_KEY_RHEL_CPE),
					       .uri = repoid_query(out->arena, *id) }));
	}
	return 0;
}

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	struct rhel_content content;

	TRY(rhel_content_read(task, files, &scanner_rhel_repository, out, &content, err));
	return add_repositories(task, out, &content.repoids, err);
}

const struct scanner scanner_rhel_repository = { .id = &id_rhel_repository, .wants = wants, .scan = scan };
