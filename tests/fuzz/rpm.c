/* SPDX-License-Identifier: Apache-2.0 */
/* A layer with an rpm database: the first byte says which kind, the rest is the file; "s" has the length of
 * the database first (four bytes, little endian), and what follows it is the log. */
#include "scanned_layer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_sqlite(struct buffer *tar, struct cursor *c)
{
	size_t n = get_le32(c);
	struct str file = get_bytes(c, n < cursor_left(c) ? n : cursor_left(c));

	scanned_layer_file(tar, STR("var/lib/rpm/rpmdb.sqlite"), file);
	scanned_layer_file(tar, STR("var/lib/rpm/rpmdb.sqlite-wal"), get_bytes(c, cursor_left(c)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = { data, data + size, false };
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	uint8_t kind = get_u8(&c);

	if (kind == 's')
		add_sqlite(&tar, &c);
	else if (kind == 'b')
		scanned_layer_file(&tar, STR("Packages"), get_bytes(&c, cursor_left(&c)));
	else if (kind == 'n')
		scanned_layer_file(&tar, STR("usr/lib/sysimage/rpm/Packages.db"),
				   get_bytes(&c, cursor_left(&c)));
	else
		scanned_layer_file(&tar, STR("var/lib/rpmmanifest/container-manifest-2"),
				   get_bytes(&c, cursor_left(&c)));
	scanned_layer_run(&task, &tar, &scanner_rpm);
	return 0;
}
