/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: nothing that we did not sign is accepted, whatever its header says. The key is not in the corpus.
 */
#include "base/arena.h"
#include "net/jwt.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str keys[] = { STR("\x93\x11 a key that no input was signed with \xfe\x02") };
	static const struct jwt_keys accepted = { .keys = keys, .key_count = 1 };
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size }, token;
	struct err err = { 0 };

	if (jwt_verify(&accepted, text, 1000, &err) != E_AUTH || !err.text[0])
		__builtin_trap();
	/* a text that is no UTF-8, or holds a NUL, cannot be an issuer */
	if (size > 256 || !str_is_text(text) || size == 0)
		return 0;
	if (jwt_sign(&a, keys[0], text, 1000, &token, &err) < 0)
		return 0;
	assert(jwt_verify(&(struct jwt_keys){ keys, 1, &text, 1, true }, token, 1000, &err) == 0);
	return 0;
}
