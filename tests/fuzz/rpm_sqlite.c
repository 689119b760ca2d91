/* SPDX-License-Identifier: Apache-2.0 */
/* The blobs of an rpmdb.sqlite: four bytes length of the database (little endian), database, log. */
#include "base/cursor.h"
#include "format/rpm_header.h"
#include "format/rpm_sqlite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = { data, data + size, false };
	size_t n = get_le32(&c);
	struct str file = get_bytes(&c, n < cursor_left(&c) ? n : cursor_left(&c)), blob;
	struct str wal = get_bytes(&c, cursor_left(&c));
	autotask struct task task = { 0 };
	struct rpm_header header;
	struct rpm_blobs *blobs;
	struct err err;
	int got;

	if (rpm_sqlite_open(&task, file, wal, &blobs, &err) < 0)
		return 0;
	while ((got = blobs->next(blobs, &blob, &err)) != 0)
		if (got > 0)
			rpm_header_parse(blob, &header, &err);
	return 0;
}
