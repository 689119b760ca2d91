/* SPDX-License-Identifier: Apache-2.0 */
/* Digests: what is taken has the form, and is taken again as it is. */
#include "base/arena.h"
#include "model/digest.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size }, digest, again;
	struct err err = { 0 };

	if (digest_short(text).n > size)
		abort();
	if (digest_parse(&a, text, &digest, &err) < 0)
		return 0;
	if (digest.n != 7 + 64 && digest.n != 7 + 128)
		abort();
	if (digest_parse(&a, digest, &again, &err) < 0 || !str_eq(digest, again) ||
	    digest_short(digest).n != 19)
		abort();
	return 0;
}
