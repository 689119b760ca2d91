/* SPDX-License-Identifier: Apache-2.0 */
/* The tar reader against libarchive: an archive that both read to its end has the same regular files, with
 * the same names, sizes and contents. Left out are archives where they differ on purpose
 * (docs/formats/tar.md, "Others"). Without libarchive there is nothing to compare. */
#include "tar_mutate.h"

#if __has_include(<archive.h>)
#include "format/tar_oracle.h"

#include <locale.h>
#include <stdlib.h>

/* A slash at the end of what may be the name of a file: to libarchive it is a directory then. */
static bool may_end_in_slash(struct str block)
{
	return block.p[156] != '5' && (block.p[99] == '/' || /* a name that fills its field */
				       str_search(block, (struct str){ "/\0", 2 }) < block.n ||
				       str_search(block, STR("/\n")) < block.n);
}

/* A size behind NULs: libarchive sees no number there. */
static bool has_size_behind_nul(struct str block)
{
	struct str field = str_sub(block, 124, 12);

	return field.p[0] == '\0' && str_strip(field, (struct str){ "\0", 1 }).n;
}

/* A real size in an old GNU header that is not of a sparse file: libarchive believes it. */
static bool has_stray_real_size(struct str block)
{
	return str_eq(str_sub(block, 257, 8), (struct str){ "ustar  \0", 8 }) && block.p[483];
}

/* A GNU long name that is empty: libarchive passes the member over, GNU tar and we call it ".". */
static bool has_empty_long_name(struct str bytes, size_t at)
{
	return bytes.p[at + 156] == 'L' && at + 512 < bytes.n && bytes.p[at + 512] == '\0';
}

/* Any block that could be a header of a kind on which the readers differ. */
static bool is_left_out(struct str bytes)
{
	static const char same[] = "01234567xLK";

	for (size_t at = 0; at + 512 <= bytes.n; at += 512) {
		struct str block = str_sub(bytes, at, 512);

		if (block.p[156] && !memchr(same, block.p[156], sizeof(same) - 1))
			return true;
		if (may_end_in_slash(block) || has_size_behind_nul(block) || has_stray_real_size(block) ||
		    has_empty_long_name(bytes, at))
			return true;
	}
	return str_search(bytes, STR("GNU.sparse.")) < bytes.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task task = { 0 };
	struct buffer ours = { .arena = &task.arena }, theirs = { .arena = &task.arena };
	struct str bytes = { (const char *)data, size };
	struct mem_reader in;
	struct err err;

	setlocale(LC_ALL, "C.UTF-8");
	if (is_left_out(bytes))
		return 0;
	mem_reader_open(&in, bytes);
	if (oracle_ours(&task, &in.reader, &ours, &err) < 0 || oracle_theirs(bytes, &theirs) < 0)
		return 0;
	if (!str_eq(buffer_str(&ours), buffer_str(&theirs)))
		abort();
	return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)data;
	(void)size;
	return 0;
}
#endif
