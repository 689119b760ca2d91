/* SPDX-License-Identifier: Apache-2.0 */
/* A layer of Red Hat: four bytes length of a content manifest (little endian), the manifest, dnf's history.
 */
#include "scanned_layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = { data, data + size, false };
	size_t n = get_le32(&c);
	struct str manifest = get_bytes(&c, n < cursor_left(&c) ? n : cursor_left(&c));
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };

	if (manifest.n)
		scanned_layer_file(&tar, STR("root/buildinfo/content_manifests/x.json"), manifest);
	scanned_layer_file(&tar, STR("var/lib/dnf/history.sqlite"), get_bytes(&c, cursor_left(&c)));
	scanned_layer_run(&task, &tar, &scanner_rhel_repository);
	return 0;
}
