/* SPDX-License-Identifier: Apache-2.0 */
/* A layer with two entries of pacman's database: the input is `desc`, and after a line "--" `files`. */
#include "scanned_layer.h"

#include "format/alpm_desc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_blocks(struct str text)
{
	struct str rest = text;
	struct alpm_block block;

	while (alpm_desc_next(&rest, &block)) {
		struct str value = alpm_desc_value(&block);

		if (!block.key.n || block.key.p < text.p)
			abort();
		if (block.values.n && block.values.p + block.values.n > text.p + text.n)
			abort();
		if (value.n > block.values.n || str_find(value, '\n') < value.n)
			abort();
	}
	if (rest.n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	struct str text = { (const char *)data, size }, separator = STR("\n--\n"), files = STR("");
	size_t at = str_search(text, separator);

	if (at < text.n) {
		files = str_sub(text, at + separator.n, text.n - at - separator.n);
		text.n = at + 1;
	}
	check_blocks(text);
	scanned_layer_file(&tar, STR("var/lib/pacman/local/a-1-1/desc"), text);
	scanned_layer_file(&tar, STR("var/lib/pacman/local/a-1-1/files"), files);
	scanned_layer_file(&tar, STR("root/var/lib/pacman/local/b/desc"), files);
	scanned_layer_run(&task, &tar, &scanner_alpm);
	return 0;
}
