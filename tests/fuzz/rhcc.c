/* SPDX-License-Identifier: Apache-2.0 */
/* A layer with the description of a container: "d" and a Dockerfile, or labels. */
#include "scanned_layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = { data, data + size, false };
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	bool is_dockerfile = get_u8(&c) == 'd';
	struct str text = get_bytes(&c, cursor_left(&c));

	scanned_layer_file(&tar,
			   is_dockerfile ? STR("root/buildinfo/Dockerfile-x-v1.2-3")
					 : STR("root/buildinfo/labels.json"),
			   text);
	scanned_layer_run(&task, &tar, is_dockerfile ? &scanner_rhcc_dockerfile : &scanner_rhcc_labels);
	return 0;
}
