/* SPDX-License-Identifier: Apache-2.0 */
/* Package URLs. Examples are of the specification and of Red Hat's documents. */
#include "../unit.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "model/purl.h"

/* want: type|namespace|name|version|subpath|key=value ...; NULL: refused */
static const struct {
	const char *text, *want;
} cases[] = {
	{ "pkg:rpm/redhat/curl@7.61.1-33.el8?arch=src", "rpm|redhat|curl|7.61.1-33.el8||arch=src" },
	{ "pkg:rpm/redhat/openssl@3.0.7-27.el9?epoch=1&arch=x86_64",
	  "rpm|redhat|openssl|3.0.7-27.el9||arch=x86_64 epoch=1" },
	{ "pkg:rpm/redhat/nodejs@18-2.module%2Bel8+1?rpmmod=nodejs:18:80%3A1",
	  "rpm|redhat|nodejs|18-2.module+el8+1||rpmmod=nodejs:18:80:1" },
	{ "pkg:oci/quay@sha256:ab?repository_url=registry.example/quay&tag=v3.6+1",
	  "oci||quay|sha256:ab||repository_url=registry.example/quay tag=v3.6+1" },
	{ "pkg:GitHub/a/b/c@1#d/e/", "github|a/b|c|1|d/e|" },
	{ "pkg:npm/%40angular/animation@12.3.1", "npm|@angular|animation|12.3.1||" },
	{ "pkg://rpm//redhat/curl", "rpm|redhat|curl|||" },
	{ "pkg:rpm/curl?ARCH=noarch&epoch=", "rpm||curl|||arch=noarch" },
	{ "pkg:rpm/curl?a=1=2&b=?", "rpm||curl|||a=1=2 b=?" },
	{ "pkg:rpm/caf%C3%A9", "rpm||caf\xc3\xa9|||" },
	{ "pkg:rpm", NULL },
	{ "pkg:rpm/", NULL },
	{ "pkg:/a", NULL },
	{ "rpm/redhat/curl", NULL },
	{ "", NULL },
	{ "pkg:rpm/a?b", NULL },
	{ "pkg:rpm/a?=b", NULL },
	{ "pkg:rpm/a?b=1&b=2", NULL },
	{ "pkg:rpm/a?b=1&&c=2", NULL },
	{ "pkg:rpm/a%", NULL },
	{ "pkg:rpm/a%0", NULL },
	{ "pkg:rpm/a%00", NULL },
	{ "pkg:rpm/a%0a", NULL },
	{ "pkg:rpm/a%ff", NULL },
	{ "pkg:r\x01m/a", NULL },
	{ "pkg:rpm/a?\x7f=b", NULL },
};

static struct str show(struct arena *a, const struct purl *p)
{
	struct buffer b = { .arena = a };
	const struct str parts[] = { p->type, p->namespace, p->name, p->version, p->subpath };

	for (size_t i = 0; i < 5; i++) {
		put_bytes(&b, parts[i]);
		put_u8(&b, '|');
	}
	for (size_t i = 0; i < p->qualifier_count; i++)
		put_bytes(&b, str_format(a, "%s" STR_FMT "=" STR_FMT, i ? " " : "",
					 STR_ARG(p->qualifiers[i].key), STR_ARG(p->qualifiers[i].value)));
	return buffer_str(&b);
}

static void parts_are_told_apart_and_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct purl purl;
		struct err err = { 0 };
		int result = purl_parse(&a, str_of(cases[i].text), &purl, &err);

		assert_int_equal(result, cases[i].want ? 0 : E_FORMAT);
		if (cases[i].want)
			assert_str_is(show(&a, &purl), cases[i].want);
	}
}

static void qualifiers_are_found_by_key(void **state)
{
	autoarena struct arena a = { 0 };
	struct purl purl;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(purl_parse(&a, STR("pkg:rpm/a?x=1&arch=src"), &purl, &err), 0);
	assert_str_is(purl_get(&purl, "arch"), "src");
	assert_str_is(purl_get(&purl, "x"), "1");
	assert_str_is(purl_get(&purl, "y"), "");
}

static void limits_are_kept(void **state)
{
	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		autoarena struct arena a = { 0 };
		struct buffer many = { .arena = &a }, large = { .arena = &a };
		struct purl purl;
		struct err err = { 0 };

		for (unsigned i = 0; i < LIMIT_PURL_QUALIFIERS + more; i++)
			put_bytes(&many, str_format(&a, "%sk%u=1", i ? "&" : "pkg:rpm/a?", i));
		assert_int_equal(purl_parse(&a, buffer_str(&many), &purl, &err), more ? E_FORMAT : 0);
		put_bytes(&large, STR("pkg:rpm/"));
		while (large.n < LIMIT_FIELD_BYTES + more)
			put_u8(&large, 'a');
		assert_int_equal(purl_parse(&a, buffer_str(&large), &purl, &err), more ? E_FORMAT : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_told_apart_and_decoded),
		cmocka_unit_test(qualifiers_are_found_by_key),
		cmocka_unit_test(limits_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
