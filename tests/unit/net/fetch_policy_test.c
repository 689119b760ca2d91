/* SPDX-License-Identifier: Apache-2.0 */
/* Where URLs may lead: kinds of addresses in all spellings, rules and their order. */
#include "net/fetch_policy.h"

#include "base/arena.h"
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

enum { PASS, STRICT_ONLY, REFUSED };

/* What each mode says to an address. */
static const struct {
	const char *address;
	int want; /* PASS: in all modes; STRICT_ONLY: refused by strict; REFUSED: by default too */
	bool is_local; /* airgap lets it pass */
} addresses[] = {
	{ "8.8.8.8", PASS, false },
	{ "2606:4700::1111", PASS, false },
	{ "127.0.0.1", STRICT_ONLY, true },
	{ "127.255.0.9", STRICT_ONLY, true },
	{ "::1", STRICT_ONLY, true },
	{ "10.1.2.3", STRICT_ONLY, true },
	{ "172.31.255.255", STRICT_ONLY, true },
	{ "172.32.0.0", PASS, false },
	{ "192.168.0.1", STRICT_ONLY, true },
	{ "fd12::1", STRICT_ONLY, true },
	{ "100.64.0.1", STRICT_ONLY, false },
	{ "0.0.0.0", STRICT_ONLY, false },
	{ "::", STRICT_ONLY, false },
	{ "224.0.0.1", STRICT_ONLY, false },
	{ "255.255.255.255", STRICT_ONLY, false },
	{ "ff02::1", STRICT_ONLY, false },
	{ "2001:db8::1", STRICT_ONLY, false },
	{ "169.254.1.1", REFUSED, true },
	{ "fe80::1", REFUSED, true },
	{ "169.254.169.254", REFUSED, false },
	{ "100.100.100.200", REFUSED, false },
	{ "168.63.129.16", REFUSED, false },
	{ "192.0.0.192", REFUSED, false },
	{ "fd00:ec2::254", REFUSED, false },
	{ "fd20:ce::254", REFUSED, false },
	/* IPv4 inside of IPv6 */
	{ "::ffff:8.8.8.8", PASS, false },
	{ "::ffff:169.254.169.254", REFUSED, false },
	{ "::ffff:10.0.0.1", STRICT_ONLY, true },
	{ "::169.254.169.254", REFUSED, false },
	{ "::ffff:0:169.254.169.254", REFUSED, false },
	{ "64:ff9b::8.8.8.8", PASS, false },
	{ "64:ff9b::169.254.169.254", REFUSED, false },
	{ "64:ff9b::10.0.0.1", STRICT_ONLY, false },
	{ "64:ff9b:1::169.254.169.254", REFUSED, false },
	{ "2002:a9fe:a9fe::1", REFUSED, false },
	{ "2002:0808:0808::1", PASS, false },
	{ "2001:0:1:2:3:4:5601:5601", REFUSED, false },
	{ "2606::5efe:169.254.169.254", REFUSED, false },
	{ "2606::200:5efe:10.0.0.1", STRICT_ONLY, false },
};

static int check(const struct fetch_policy *p, const char *host, unsigned port, const char *address,
		 struct err *err)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
		return fetch_policy_check_address(p, str_of(host), port, (const void *)&v4, err);
	assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
	return fetch_policy_check_address(p, str_of(host), port, (const void *)&v6, err);
}

static void expect(const struct fetch_policy *p, const char *address, bool passes)
{
	struct err err = { 0 };
	int code = check(p, "host.example", 443, address, &err);

	if (code != (passes ? 0 : E_AUTH))
		fail_msg("%s in mode %d: %d %s", address, p->mode, code, err.text);
	if (!passes)
		assert_non_null(strstr(err.text, "disallowed by policy"));
}

static void test_addresses_are_judged_by_mode(void **state)
{
	struct fetch_policy any = { .mode = FETCH_ANY }, strict = { .mode = FETCH_STRICT },
			    usual = { .mode = FETCH_DEFAULT };
	struct fetch_policy airgap = { .mode = FETCH_ANY, .is_airgapped = true };

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		expect(&any, addresses[i].address, true);
		expect(&usual, addresses[i].address, addresses[i].want != REFUSED);
		expect(&strict, addresses[i].address, addresses[i].want == PASS);
		expect(&airgap, addresses[i].address, addresses[i].is_local);
	}
}

static void test_other_families_are_refused(void **state)
{
	struct fetch_policy p = { .mode = FETCH_ANY };
	struct sockaddr local = { .sa_family = AF_UNIX };
	struct err err;

	(void)state;
	assert_int_equal(fetch_policy_check_address(&p, STR("x"), 80, &local, &err), E_AUTH);
}

static const struct {
	const char *host;
	bool usual, strict;
} hosts[] = {
	{ "registry.example", true, true },
	{ "127.0.0.1", true, false },
	{ "[::1]", true, false },
	{ "[fe80::1%25eth0]", false, false },
	{ "localhost", true, false },
	{ "LOCALHOST.", true, false },
	{ "a.localhost", true, false },
	{ "169.254.169.254", false, false },
	{ "2852039166", false, false },
	{ "0xa9fea9fe", false, false },
	{ "0251.0376.0251.0376", false, false },
	{ "169.254.43518", false, false },
	{ "[::ffff:a9fe:a9fe]", false, false },
	{ "metadata.google.internal", false, false },
	{ "Metadata.Google.Internal.", false, false },
	{ "", false, false },
};

static void test_hosts_are_judged_by_name_and_literal(void **state)
{
	struct fetch_policy usual = { 0 }, strict = { .mode = FETCH_STRICT };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if ((fetch_policy_check_host(&usual, str_of(hosts[i].host), 80, &err) == 0) !=
			    hosts[i].usual ||
		    (fetch_policy_check_host(&strict, str_of(hosts[i].host), 80, &err) == 0) !=
			    hosts[i].strict)
			fail_msg("%s", hosts[i].host);
	}
}

static void add(struct arena *a, fetch_rules *to, const char *text)
{
	struct fetch_rule rule;
	struct err err;
	struct str rest = str_of(text), word;

	while (str_word(&rest, &word)) {
		if (fetch_rule_parse(a, word, &rule, &err) < 0)
			fail_msg("%s", err.text);
		VEC_PUSH(a, to, rule);
	}
}

static const struct {
	const char *allow, *deny, *host;
	unsigned port;
	const char *address;
	bool passes;
} rules[] = {
	/* addresses; the mode is strict */
	{ "10.0.0.0/8", "", "h", 443, "10.1.2.3", true },
	{ "10.0.0.0/8", "10.1.0.0/16", "h", 443, "10.1.2.3", false },
	{ "10.1.2.3", "10.0.0.0/8", "h", 443, "10.1.2.3", true },
	{ "10.0.0.0/8", "10.0.0.0/8", "h", 443, "10.1.2.3", false },
	{ "10.0.0.0/8:443", "10.0.0.0/8", "h", 443, "10.1.2.3", true },
	{ "10.0.0.0/8:443", "10.0.0.0/8", "h", 80, "10.1.2.3", false },
	{ "169.254.169.254", "", "h", 80, "169.254.169.254", true },
	{ "", "8.8.0.0/16", "h", 80, "8.8.8.8", false },
	{ "", "8.8.0.0/16", "h", 80, "64:ff9b::8.8.8.8", false },
	{ "::/0", "", "h", 80, "10.0.0.1", true },
	{ "0.0.0.0/0", "", "h", 80, "fd00::1", false },
	{ "[fd00::1]:80", "", "h", 80, "fd00::1", true },
	{ "[fd00::1]:80", "", "h", 81, "fd00::1", false },
	/* names */
	{ "registry.example", "", "Registry.Example.", 443, "10.1.2.3", true },
	{ "*.example", "", "registry.example", 443, "10.1.2.3", true },
	{ "*.example", "", "example", 443, "10.1.2.3", false },
	{ "*.example", "", "badexample", 443, "10.1.2.3", false },
	{ "*", "", "anything", 443, "10.1.2.3", true },
	{ "*.example", "a.example", "a.example", 443, "8.8.8.8", false },
	{ "a.example", "*.example", "a.example", 443, "8.8.8.8", true },
	{ "a.example", "*.example", "b.example", 443, "8.8.8.8", false },
	{ "a.example", "a.example", "a.example", 443, "8.8.8.8", false },
	{ "a.example:443", "a.example", "a.example", 443, "8.8.8.8", true },
	{ "a.example:443", "a.example", "a.example", 80, "8.8.8.8", false },
	/* a host allowed by name, its address denied */
	{ "a.example", "10.0.0.0/8", "a.example", 80, "10.0.0.1", false },
	{ "a.example", "10.0.0.0/8", "a.example", 80, "::ffff:10.0.0.1", false },
	{ "8.8.8.8", "a.example", "a.example", 80, "8.8.8.8", false },
};

static void test_rules_decide_first_and_the_narrower_wins(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		autoarena struct arena a = { 0 };
		struct fetch_policy p = { .mode = FETCH_STRICT };
		struct err err = { 0 };
		int code;

		add(&a, &p.allow, rules[i].allow);
		add(&a, &p.deny, rules[i].deny);
		code = fetch_policy_check_host(&p, str_of(rules[i].host), rules[i].port, &err);
		if (code == 0)
			code = check(&p, rules[i].host, rules[i].port, rules[i].address, &err);
		if ((code == 0) != rules[i].passes)
			fail_msg("+%s -%s %s:%u %s: %s", rules[i].allow, rules[i].deny, rules[i].host,
				 rules[i].port, rules[i].address, err.text);
	}
}

static const struct {
	const char *text;
	bool is_valid;
	const char *host;
	unsigned bits, port;
} parses[] = {
	{ "10.0.0.0/8", true, "", 104, 0 },
	{ " 10.0.0.0/8 ", true, "", 104, 0 },
	{ "192.0.2.7", true, "", 128, 0 },
	{ "192.0.2.7:80", true, "", 128, 80 },
	{ "10.0.0.0/8:443", true, "", 104, 443 },
	{ "fd00::/8", true, "", 8, 0 },
	{ "::/0", true, "", 0, 0 },
	{ "[fd00::/8]:443", true, "", 8, 443 },
	{ "[::1]", true, "", 128, 0 },
	{ "Registry.Example", true, "registry.example", 0, 0 },
	{ "registry.example.", true, "registry.example", 0, 0 },
	{ "registry.example:5000", true, "registry.example", 0, 5000 },
	{ "*.example", true, "*.example", 0, 0 },
	{ "*", true, "*", 0, 0 },
	{ "*:443", true, "*", 0, 443 },
	{ "", false, "", 0, 0 },
	{ ":80", false, "", 0, 0 },
	{ "10.0.0.0/33", false, "", 0, 0 },
	{ "fd00::/129", false, "", 0, 0 },
	{ "10.0.0.0/", false, "", 0, 0 },
	{ "10.0/8", false, "", 0, 0 },
	{ "10.1", false, "", 0, 0 },
	{ "0x7f000001", false, "", 0, 0 },
	{ "registry.example:0", false, "", 0, 0 },
	{ "registry.example:65536", false, "", 0, 0 },
	{ "registry.example:http", false, "", 0, 0 },
	{ "a..b", false, "", 0, 0 },
	{ "*.*.b", false, "", 0, 0 },
	{ "a*.b", false, "", 0, 0 },
	{ "https://registry.example", false, "", 0, 0 },
	{ "registry.example/v2", false, "", 0, 0 },
	{ "fe80::1%eth0", false, "", 0, 0 },
	{ "[::1", false, "", 0, 0 },
	{ "[::1]x", false, "", 0, 0 },
	{ "a\nb", false, "", 0, 0 },
};

static void test_rules_are_parsed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(parses) / sizeof(parses[0]); i++) {
		autoarena struct arena a = { 0 };
		struct fetch_rule r = { 0 };
		struct err err = { 0 };
		int code = fetch_rule_parse(&a, str_of(parses[i].text), &r, &err);

		if (code != (parses[i].is_valid ? 0 : E_CONFIG))
			fail_msg("\"%s\": %d %s", parses[i].text, code, err.text);
		assert_str_is(r.host, parses[i].host);
		assert_int_equal(r.bits, parses[i].bits);
		assert_int_equal(r.port, parses[i].port);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_are_judged_by_mode),
		cmocka_unit_test(test_other_families_are_refused),
		cmocka_unit_test(test_hosts_are_judged_by_name_and_literal),
		cmocka_unit_test(test_rules_decide_first_and_the_narrower_wins),
		cmocka_unit_test(test_rules_are_parsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
