/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge between image/, which needs the members of an archive, and sandbox/, which may list them:
 * neither knows the other. The one thing to know: what comes back crossed the boundary from the worker; the
 * sandbox has checked it, and image/ checks offsets against the file again when it reads. */
#include "cmd/lister.h"

static int list(const struct archive_lister *self, struct task *task, int fd, uint64_t size,
		archive_members *out, struct err *err)
{
	const struct worker_lister *l = (const struct worker_lister *)self;
	sandbox_members members = { 0 };

	TRY(sandbox_list_archive(task, l->sandbox, fd, size, &members, err));
	VEC_EACH (const struct sandbox_member, m, &members) {
		struct archive_member *member = VEC_ADD(&task->arena, out);

		*member = (struct archive_member){ .path = m->path,
						   .target = m->target,
						   .is_file = m->type == MEMBER_FILE,
						   .is_hard_link = m->type == MEMBER_HARD_LINK,
						   .is_symlink = m->type == MEMBER_SYMLINK,
						   .offset = m->offset,
						   .size = m->size };
	}
	return 0;
}

void worker_lister_open(struct worker_lister *l, const struct sandbox *sandbox)
{
	*l = (struct worker_lister){ { list }, sandbox };
}
