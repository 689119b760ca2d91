/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets: a decoded path is absolute, holds no NUL and is no longer than the target; a parameter
 * that is found is found again by the name it was escaped to. The same bytes are an address to listen on. */
#include "base/arena.h"
#include "net/http_target.h"
#include "net/url.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parameter(struct arena *a, struct str query)
{
	struct str name, rest, value, again, out;

	str_cut(query, '=', &name, &rest);
	http_target_parameter(a, query, name, &value);
	assert(value.n <= query.n);
	again = str_format(a, "a=1&" STR_FMT "=" STR_FMT, STR_ARG(url_escape(a, name, STR(""))),
			   STR_ARG(url_escape(a, value, STR(""))));
	if (str_eq(name, STR("a")))
		return;
	if (http_target_parameter(a, again, name, &out) != 1 || !str_eq(out, value))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size }, path, query, host, port;
	struct err err;

	if (http_target_listen(text, &host, &port, &err) == 0 && (port.n == 0 || host.n + port.n >= size))
		__builtin_trap();
	if (http_target_split(&a, text, &path, &query, &err) < 0)
		return 0;
	if (path.n > size || (path.p[0] != '/' && !str_eq(path, STR("*"))) || str_find(path, '\0') < path.n)
		__builtin_trap();
	if (size < 4096)
		check_parameter(&a, query);
	return 0;
}
