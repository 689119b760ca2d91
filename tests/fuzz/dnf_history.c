/* SPDX-License-Identifier: Apache-2.0 */
/* A history of dnf with a log: four bytes length of the database (little endian), database, log. */
#include "base/cursor.h"
#include "base/limits.h"
#include "format/dnf_history.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct dnf_history *h)
{
	for (size_t i = 0; i < h->repoids.n; i++) {
		struct str id = h->repoids.p[i];

		if (id.n == 0 || id.n > LIMIT_REPOID_BYTES || id.p[0] == '@' || !str_is_text(id))
			abort();
		if (i && str_cmp(h->repoids.p[i - 1], id) >= 0)
			abort();
	}
	if (h->damages && !h->damage.text[0])
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = { data, data + size, false };
	size_t n = get_le32(&c);
	struct str file = get_bytes(&c, n < cursor_left(&c) ? n : cursor_left(&c));
	autotask struct task task = { 0 };
	struct dnf_history h;
	struct err err;

	if (dnf_history_read(&task, file, get_bytes(&c, cursor_left(&c)), &h, &err) == 0)
		check(&h);
	return 0;
}
