/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of TARGET: the paths that exist in the first line, separated by blanks, the target behind it.
 * Whatever is accepted has a path that exists, or is a reference. */
#include "image/image_target.h"

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool exists(void *ctx, struct str path)
{
	struct str rest = *(struct str *)ctx, word;

	while (str_word(&rest, &word))
		if (str_eq(word, path))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str there, text;
	struct image_target t = { 0 };
	struct err err = { 0 };

	str_cut((struct str){ (const char *)data, size }, '\n', &there, &text);
	if (image_target_parse(&a, text, exists, &there, &t, &err) < 0)
		return err.code == 0 || err.text[0] == '\0' ? __builtin_trap(), 0 : 0;
	if (t.kind != IMAGE_REGISTRY && (!exists(&there, t.path) || (t.reference.n && t.digest.n)))
		__builtin_trap();
	image_reference_eq(t.reference, t.path);
	return 0;
}
