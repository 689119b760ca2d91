/* SPDX-License-Identifier: Apache-2.0 */
/* config_mask: no secret is shown, all else is. */
#include "../unit.h"

#include "base/cursor.h"
#include "base/yaml.h"
#include "base/yaml_write.h"
#include "cmd/config_mask.h"

static const struct {
	const char *text, *want;
} strings[] = {
	{ "", "" },
	{ "sqlite:/var/lib/clair", "sqlite:/var/lib/clair" },
	{ "/var/lib/clair", "/var/lib/clair" },
	{ "postgresql://clair@db/clair", "postgresql://clair@db/clair" },
	{ "postgresql://clair:S3CRET@db/clair?sslmode=require",
	  "postgresql://clair:***@db/clair?sslmode=require" },
	{ "postgres://u:S3/CR@ET@db", "postgres://u:***@db" },
	{ "postgresql:///db?user=u&password=S3CRET&sslmode=disable",
	  "postgresql:///db?user=u&password=***&sslmode=disable" },
	{ "postgresql://db/x?sslpassword=S3CRET", "postgresql://db/x?sslpassword=***" },
	{ "host=db password=S3CRET user=u", "host=db password=*** user=u" },
	{ "host=db password='S3 C\\'RET' user='a b'", "host=db password=*** user='a b'" },
	{ "PASSWORD = S3\\ CRET host=db", "PASSWORD=*** host=db" },
	{ "host=db password='S3CRET", "***" },
	{ "host=db S3CRET", "***" },
	{ "password=", "password=***" },
};

static void connection_strings_lose_their_passwords(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str got = config_mask_connstring(&a, str_of(strings[i].text));

		if (!str_eq(got, str_of(strings[i].want)))
			fail_msg("%s gave " STR_FMT, strings[i].text, STR_ARG(got));
		assert_int_equal(str_search(got, STR("S3")), got.n);
	}
}

static void documents_lose_their_secrets(void **state)
{
	static const char text[] =
		"Indexer: {ConnString: 'host=db password=S3CRET'}\n"
		"auth: {psk: {key: S3CRET, keys: [S3CRET, S3CRET], iss: [quay]}, keyserver: {intraservice: "
		"S3CRET}}\n"
		"matcher: {indexer_addr: 'http://u:S3CRET@indexer/'}\n"
		"notifier:\n"
		"  webhook: {target: 'https://S3CRET@q/', headers: {X-Token: [S3CRET], Z: S3CRET}}\n"
		"  amqp: {uris: ['amqp://u:S3CRET@h/', 'amqps://h/?password=S3CRET'], routing_key: shown}\n"
		"  stomp: {uris: ['h:1'], user: {login: shown, passcode: 5}}\n"
		"updaters: {config: {x: {api_key: S3CRET, url: 'http://u:S3CRET@h/', deep: [{Token: {a: "
		"S3CRET}}], n: 5}}}\n"
		"trace: {otlp: {http: {headers: {a: S3CRET}}}, sentry: {dsn: 'https://S3CRET@s/'}}\n";
	static const char want[] =
		"Indexer:\n  ConnString: \"host=db password=***\"\n"
		"auth:\n  psk:\n    key: \"***\"\n    keys:\n      - \"***\"\n      - \"***\"\n"
		"    iss:\n      - quay\n  keyserver:\n    intraservice: \"***\"\n"
		"matcher:\n  indexer_addr: \"http://u:***@indexer/\"\n"
		"notifier:\n  webhook:\n    target: \"https://***@q/\"\n    headers:\n"
		"      X-Token:\n        - \"***\"\n      Z: \"***\"\n"
		"  amqp:\n    uris:\n      - \"amqp://u:***@h/\"\n      - \"amqps://h/?password=***\"\n"
		"    routing_key: shown\n"
		"  stomp:\n    uris:\n      - \"h:1\"\n    user:\n      login: shown\n"
		"      passcode: \"***\"\n"
		"updaters:\n  config:\n    x:\n      api_key: \"***\"\n      url: \"http://u:***@h/\"\n"
		"      deep:\n        - Token:\n            a: \"***\"\n      \"n\": 5\n"
		"trace:\n  otlp:\n    http:\n      headers:\n        a: \"***\"\n  sentry:\n"
		"    dsn: \"***\"\n";
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct mem_writer to;
	struct json_value v;
	struct err err = { 0 };

	(void)state;
	if (yaml_parse(&a, str_of(text), &v, &err) < 0)
		fail_msg("%s", err.text);
	v = config_mask(&a, &v);
	mem_writer_open(&to, &b);
	assert_int_equal(yaml_write(&to.writer, &v, &err), 0);
	assert_str_is(buffer_str(&b), want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connection_strings_lose_their_passwords),
		cmocka_unit_test(documents_lose_their_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
