/* SPDX-License-Identifier: Apache-2.0 */
/* A layer with the status file of Ubuntu Pro's client. */
#include "scanned_layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };

	scanned_layer_file(&tar, STR("var/lib/ubuntu-advantage/status.json"),
			   (struct str){ (const char *)data, size });
	scanned_layer_run(&task, &tar, &scanner_ubuntu_pro);
	return 0;
}
