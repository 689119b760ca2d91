/* SPDX-License-Identifier: Apache-2.0 */
/* WWW-Authenticate. A Bearer challenge has a realm, and nothing is longer than the header. */
#include "image/registry_challenge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct registry_challenge c;

	registry_challenge_parse(&a, (struct str){ (const char *)data, size }, &c);
	if (c.scheme == CHALLENGE_BEARER && c.realm.n == 0)
		__builtin_trap();
	if (c.realm.n + c.service.n + c.scope.n + c.error.n > size)
		__builtin_trap();
	return 0;
}
