/* SPDX-License-Identifier: Apache-2.0 */
/* Digests as text, and content hashes. */
#include "../unit.h"

#include "base/arena.h"
#include "model/digest.h"
#include "model/hash.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UPPER64 "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_digest_is_an_algorithm_and_as_many_hex_digits(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: malformed */
	} cases[] = {
		{ "sha256:" HEX64, "sha256:" HEX64 },
		{ "sha256:" UPPER64, "sha256:" HEX64 },
		{ "sha512:" HEX64 HEX64, "sha512:" HEX64 HEX64 },
		{ "", NULL },
		{ HEX64, NULL },
		{ "sha256:", NULL },
		{ "sha256:" HEX64 "0", NULL },
		{ "sha512:" HEX64, NULL },
		{ "SHA256:" HEX64, NULL },
		{ "md5:" HEX64, NULL },
		{ "sha256:g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", NULL },
		{ "sha256::123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", NULL },
	};
	autoarena struct arena a = { 0 };
	struct err err = { 0 };
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int code = digest_parse(&a, str_of(cases[i].text), &out, &err);

		assert_int_equal(code, cases[i].want ? 0 : E_FORMAT);
		if (cases[i].want)
			assert_str_is(out, cases[i].want);
	}
}

static void people_see_twelve_digits(void **state)
{
	(void)state;
	assert_str_is(digest_short(STR("sha256:" HEX64)), "sha256:0123456789ab");
	assert_str_is(digest_short(STR("sha256:01")), "sha256:01");
	assert_str_is(digest_short(STR("nonsense")), "nonsense");
}

static void content_hashes_tell_where_a_field_ends(void **state)
{
	const struct str one[] = { STR("a"), STR("bc") }, two[] = { STR("ab"), STR("c") };
	struct content_hash *h = content_hash_new();

	(void)state;
	assert_int_not_equal(content_hash_of(one, 2), content_hash_of(two, 2));
	content_hash_str(h, STR("a"));
	content_hash_str(h, STR("bc"));
	assert_int_equal(content_hash_end(h), content_hash_of(one, 2));
	assert_true(content_hash_of(one, 2) >> 63 == 0);
	assert_int_not_equal(content_hash_of(one, 0), 0);
}

/* Identifiers are public and stored: they may never change. From hashlib of Python, of the length in
 * 8 bytes, lowest first, and the field. */
static void content_hashes_stay_what_they_are(void **state)
{
	const struct str x = STR("x");
	struct content_hash *h = content_hash_new();

	(void)state;
	assert_int_equal(content_hash_of(&x, 1), 8974981862668969517u);
	content_hash_u64(h, 258);
	assert_int_equal(content_hash_end(h), 4328184645277754330u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_digest_is_an_algorithm_and_as_many_hex_digits),
		cmocka_unit_test(people_see_twelve_digits),
		cmocka_unit_test(content_hashes_tell_where_a_field_ends),
		cmocka_unit_test(content_hashes_stay_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
