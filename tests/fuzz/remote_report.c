/* SPDX-License-Identifier: Apache-2.0 */
/* A service's answer, as `clair report` reads and prints it in each format. */
#include "cmd/remote_report.h"

#include "base/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (const struct remote_format *f = remote_formats; f->name; f++) {
		autotask struct task task = { 0 };
		struct remote_result r = { .reference = STR("image"),
					   .report = { (const char *)data, size } };
		struct buffer b = { .arena = &task.arena };
		struct err err = { 0 };
		struct mem_writer to;

		mem_writer_open(&to, &b);
		(void)f->write(&task, &r, 1, &to.writer, &err);
	}
	return 0;
}
