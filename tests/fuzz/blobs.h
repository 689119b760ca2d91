/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_BLOBS_H
#define TESTS_FUZZ_BLOBS_H

#include "base/task.h"
#include "format/rpm_blobs.h"
#include "format/rpm_header.h"

#include <stdlib.h>

typedef int open_blobs(struct task *task, struct str file, struct rpm_blobs **out, struct err *err);

/* The blobs of any file, and their headers. More than the file has is never delivered. */
static inline int check_blobs(open_blobs *open, const uint8_t *data, size_t size)
{
	struct str file = { (const char *)data, size }, blob;
	autotask struct task task = { 0 };
	struct rpm_header header;
	struct rpm_blobs *blobs;
	size_t total = 0;
	struct err err;
	int got;

	if (open(&task, file, &blobs, &err) < 0)
		return 0;
	while ((got = blobs->next(blobs, &blob, &err)) != 0) {
		if (got < 0)
			continue;
		total += blob.n;
		if (total > size)
			abort();
		rpm_header_parse(blob, &header, &err);
	}
	return 0;
}

#endif
