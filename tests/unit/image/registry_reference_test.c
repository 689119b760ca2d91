/* SPDX-License-Identifier: Apache-2.0 */
/* References to images in registries, with their defaults. */
#include "image/registry_reference.h"

#include "base/arena.h"
#include "unit.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LONG_TAG                                                                                             \
	"tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt" \
	"ttttttttttttttttttttttttttttttt"

static const struct {
	const char *text, *host, *repository, *tag, *digest, *shown;
} good[] = {
	{ "alpine", "registry-1.docker.io", "library/alpine", "latest", "",
	  "docker.io/library/alpine:latest" },
	{ "alpine:3.18", "registry-1.docker.io", "library/alpine", "3.18", "",
	  "docker.io/library/alpine:3.18" },
	{ "a/b", "registry-1.docker.io", "a/b", "latest", "", "docker.io/a/b:latest" },
	{ "docker.io/alpine", "registry-1.docker.io", "library/alpine", "latest", "",
	  "docker.io/library/alpine:latest" },
	{ "index.docker.io/a/b", "registry-1.docker.io", "a/b", "latest", "", "docker.io/a/b:latest" },
	{ "registry.example/app", "registry.example", "app", "latest", "", "registry.example/app:latest" },
	{ "Registry.Example/app", "registry.example", "app", "latest", "", "registry.example/app:latest" },
	{ "localhost/app", "localhost", "app", "latest", "", "localhost/app:latest" },
	{ "localhost:5000/app:v1", "localhost:5000", "app", "v1", "", "localhost:5000/app:v1" },
	{ "127.0.0.1:5000/a/b/c:v1", "127.0.0.1:5000", "a/b/c", "v1", "", "127.0.0.1:5000/a/b/c:v1" },
	{ "[::1]:5000/app", "[::1]:5000", "app", "latest", "", "[::1]:5000/app:latest" },
	{ "registry.example/app@sha256:" HEX, "registry.example", "app", "", "sha256:" HEX,
	  "registry.example/app@sha256:" HEX },
	{ "registry.example/app:v1@sha256:" HEX, "registry.example", "app", "v1", "sha256:" HEX,
	  "registry.example/app:v1@sha256:" HEX },
	{ "a__b/c.d/e-f--g:T_1.x-y", "registry-1.docker.io", "a__b/c.d/e-f--g", "T_1.x-y", "",
	  "docker.io/a__b/c.d/e-f--g:T_1.x-y" },
};

static void test_references_get_their_defaults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		autoarena struct arena a = { 0 };
		struct registry_reference r;
		struct err err;

		if (registry_reference_parse(&a, str_of(good[i].text), &r, &err) < 0)
			fail_msg("%s: %s", good[i].text, err.text);
		assert_str_is(r.host, good[i].host);
		assert_str_is(r.repository, good[i].repository);
		assert_str_is(r.tag, good[i].tag);
		assert_str_is(r.digest, good[i].digest);
		assert_str_is(r.shown, good[i].shown);
		assert_str_is(r.key, r.is_hub ? "https://index.docker.io/v1/" : good[i].host);
	}
}

static const struct {
	const char *text, *says;
} bad[] = {
	{ "", "no name" },
	{ ":v1", "no name" },
	{ "@sha256:" HEX, "no name" },
	{ "app:", "no tag" },
	{ "app:-x", "no tag" },
	{ "app:a b", "no tag" },
	{ "app:" LONG_TAG, "no tag" },
	{ "app@sha256:12", "no digest" },
	{ "app@", "no digest" },
	{ "App", "lower case" },
	{ "a//b", "no name" },
	{ "/a", "no name" },
	{ "a/", "no name" },
	{ "a..b/c", "no host" },
	{ "a___b", "no name" },
	{ "-a", "no name" },
	{ "a-", "no name" },
	{ "a b", "no name" },
	{ "a\n", "no name" },
	{ "host:0/a", "no host" },
	{ "host:x/a", "no host" },
	{ "host:99999/a", "no host" },
	{ "-host.example/a", "no host" },
	{ "[::g]:5000/a", "no host" },
	{ "[::1]x/a", "no host" },
	{ "https://registry.example/a", "no host" },
	{ "user@registry.example/a", "no digest" },
};

static void test_what_is_no_reference_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		autoarena struct arena a = { 0 };
		struct registry_reference r;
		struct err err = { 0 };
		int code = registry_reference_parse(&a, str_of(bad[i].text), &r, &err);

		if (code != E_CONFIG || !strstr(err.text, bad[i].says))
			fail_msg("%s: %d %s", bad[i].text, code, err.text);
	}
}

static void test_loopback_hosts_are_known(void **state)
{
	static const char *const near[] = { "localhost", "localhost:5000", "127.0.0.1", "127.9.9.9:5000",
					    "[::1]:80" };
	static const char *const far[] = { "registry.example", "128.0.0.1", "127.example", "[::2]:80" };

	(void)state;
	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++)
		assert_true(registry_host_is_loopback(str_of(near[i])));
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++)
		assert_false(registry_host_is_loopback(str_of(far[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_references_get_their_defaults),
		cmocka_unit_test(test_what_is_no_reference_is_refused),
		cmocka_unit_test(test_loopback_hosts_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
