/* SPDX-License-Identifier: Apache-2.0 */
/* URLs: a base in the first line, a reference behind it. A joined URL is as long as its parts at most, and
 * joining with an empty reference changes nothing the second time. */
#include "net/url.h"

#include "base/arena.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size }, base, reference, joined, again, out;
	struct err err;

	str_cut(text, '\n', &base, &reference);
	joined = url_join(&a, base, reference);
	assert(joined.n <= base.n + reference.n + 1);
	url_is_http(joined);
	url_redact(&a, joined);
	url_file_path(&a, base, &out, &err);
	again = url_escape(&a, reference, STR("/"));
	if (url_unescape(&a, again, &out, &err) < 0 || !str_eq(out, reference))
		__builtin_trap();
	return 0;
}
