/* SPDX-License-Identifier: Apache-2.0 */
/* Ubuntu Pro (matching.md 9.3.6): what the client's newest status file says holds of the whole image, since
 * subscribing replaces packages of any layer below. Easy to get wrong: a later layer may turn the service
 * off, or delete the file. */
#include "engine/coalesce_internal.h"

static const struct findings *newest_status(const struct merge *m)
{
	int scanner = scanner_index(&id_ubuntu_pro);

	for (size_t i = m->n; i-- > 0;) {
		const struct findings *f = merge_findings_(m, i, scanner);

		if (f && f->databases.n)
			return merge_is_deleted_(m, i, m->n, f->databases.p[0].file) ? NULL : f;
	}
	return NULL;
}

void merge_ubuntu_pro_(struct merge *m)
{
	const struct findings *f = newest_status(m);
	uint32_t *indexes;

	if (!f || f->repositories.n == 0)
		return;
	indexes = ARENA_ARRAY(&m->task->arena, uint32_t, f->repositories.n);
	for (size_t i = 0; i < f->repositories.n; i++) {
		indexes[i] = (uint32_t)m->out->repositories.n;
		VEC_PUSH(&m->task->arena, &m->out->repositories, f->repositories.p[i]);
	}
	m->pro = indexes;
	m->pro_count = f->repositories.n;
}
