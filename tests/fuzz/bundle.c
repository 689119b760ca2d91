/* SPDX-License-Identifier: Apache-2.0 */
/* An offline bundle, read into a store that is made for each input, written from there and read again. */
#include "cmd/bundle.h"

#include "base/cursor.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static void remove_all(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)))
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	(void)rmdir(path);
}

static int read_text(struct advisory_store *s, struct str text)
{
	autotask struct task task = { 0 };
	struct bundle_totals totals;
	struct mem_reader from;
	struct err err = { 0 };

	mem_reader_open(&from, text);
	return bundle_read(&task, s, &from.reader, 1700000000, &totals, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[] = "/dev/shm/bundle-XXXXXX";
	autotask struct task task = { 0 };
	struct advisory_store *s = NULL;
	struct buffer b = { .arena = &task.arena };
	struct bundle_totals totals;
	struct mem_writer to;
	struct err err = { 0 };

	if (size > 65536 || !mkdtemp(dir))
		return 0;
	if (advisories_open(str_of(dir), STORE_WRITE, &s, &err) < 0)
		abort();
	(void)read_text(s, (struct str){ (const char *)data, size });
	mem_writer_open(&to, &b);
	if (bundle_write(&task, s, 1700000000, &to.writer, &totals, &err) < 0 ||
	    read_text(s, buffer_str(&b)) < 0)
		abort();
	advisories_close(s);
	remove_all(dir);
	return 0;
}
