/* SPDX-License-Identifier: Apache-2.0 */
/* Which proxy the environment asks for.
 * Sources: curl(1) "ENVIRONMENT"; the package golang.org/x/net/http/httpproxy, whose reading of NO_PROXY
 * services of this kind share: "example" is the host and all below it, ".example" too, networks and ports are
 * known, and loopback hosts are never asked through a proxy. Easy to get wrong: a CGI program gets the
 * client's header "Proxy:" as HTTP_PROXY, so that name is only believed where there is no REQUEST_METHOD. */
#include "net/proxy.h"

#include "net/fetch_policy.h"

#include <stdlib.h>

static const char *const loopback[] = { "127.0.0.0/8", "[::1]", "localhost", "*.localhost" };

static const char *first_of(const char *lower, const char *upper)
{
	const char *value = getenv(lower);

	if (value && *value)
		return value;
	value = upper ? getenv(upper) : NULL;
	return value && *value ? value : NULL;
}

static void add_rule(struct arena *a, struct str text, fetch_rules *to)
{
	struct fetch_rule rule;
	struct err ignored;

	if (fetch_rule_parse(a, text, &rule, &ignored) == 0)
		VEC_PUSH(a, to, rule);
}

/* "example", ".example", "*.example", "10.0.0.0/8", "*". */
static void add_exception(struct arena *a, struct str text, fetch_rules *to)
{
	if (str_starts(text, STR("*.")))
		text = str_sub(text, 1, text.n - 1);
	if (str_starts(text, STR(".")))
		text = str_sub(text, 1, text.n - 1);
	add_rule(a, text, to);
	add_rule(a, str_format(a, "*." STR_FMT, STR_ARG(text)), to);
}

static bool is_excepted(struct arena *a, struct str host, unsigned port)
{
	struct fetch_policy p = { .mode = FETCH_ANY };
	struct str list = str_of(first_of("no_proxy", "NO_PROXY")), part, word;
	struct err ignored;

	for (size_t i = 0; i < sizeof(loopback) / sizeof(loopback[0]); i++)
		add_rule(a, str_of(loopback[i]), &p.deny);
	while (list.n) {
		str_cut(list, ',', &part, &list);
		while (str_word(&part, &word))
			add_exception(a, word, &p.deny);
	}
	return fetch_policy_check_host(&p, host, port, &ignored) < 0;
}

struct str proxy_for(struct arena *a, bool is_tls, struct str host, unsigned port)
{
	bool is_cgi = getenv("REQUEST_METHOD") != NULL;
	const char *proxy = is_tls ? first_of("https_proxy", "HTTPS_PROXY")
				   : first_of("http_proxy", is_cgi ? NULL : "HTTP_PROXY");

	if (!proxy)
		proxy = first_of("all_proxy", "ALL_PROXY");
	if (!proxy || is_excepted(a, host, port))
		return (struct str){ "", 0 };
	return str_copy(a, str_of(proxy));
}
