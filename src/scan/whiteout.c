/* SPDX-License-Identifier: Apache-2.0 */
/* Reports the deletions a layer makes: its whiteout entries, opaque markers included.
 * Source: OCI image-spec 1.1, layer.md "Whiteouts". What a deletion means for the layers below is decided
 * when they are put together, never here: a whiteout says nothing about its own layer. */
#include "scan/scanners.h"

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	size_t n;
	const struct str *paths = layer_files_whiteouts(files, &n);

	for (size_t i = 0; i < n; i++) {
		VEC_PUSH(out->arena, &out->whiteouts, paths[i]);
		TRY(task_check(task, err));
	}
	return 0;
}

const struct scanner scanner_whiteout = { .id = &id_whiteout, .scan = scan };
