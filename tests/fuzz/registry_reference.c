/* SPDX-License-Identifier: Apache-2.0 */
/* References to images in registries. What is accepted is, as it is shown, accepted again, with the same
 * parts. */
#include "image/registry_reference.h"

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct registry_reference r, again;
	struct err err = { 0 };

	if (registry_reference_parse(&a, (struct str){ (const char *)data, size }, &r, &err) < 0)
		return err.code == E_CONFIG && err.text[0] ? 0 : (__builtin_trap(), 0);
	if (r.host.n == 0 || r.repository.n == 0 || (r.tag.n == 0 && r.digest.n == 0))
		__builtin_trap();
	registry_host_is_loopback(r.host);
	if (registry_reference_parse(&a, r.shown, &again, &err) < 0)
		__builtin_trap();
	if (!str_eq(r.host, again.host) || !str_eq(r.repository, again.repository) ||
	    !str_eq(r.tag, again.tag) || !str_eq(r.digest, again.digest) || !str_eq(r.key, again.key))
		__builtin_trap();
	return 0;
}
