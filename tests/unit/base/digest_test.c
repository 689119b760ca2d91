/* SPDX-License-Identifier: Apache-2.0 */
/* digests: examples of FIPS 180-4 and RFC 1321, and the reader that checks. */
#include "../unit.h"

#include "base/digest.h"

#define ABC256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC512                                                                                               \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"   \
	"454d4423643ce80e2a9ac94fa54ca49f"

static void the_examples_of_the_standards_come_out(void **state)
{
	static const struct {
		enum hash_algorithm algorithm;
		const char *want;
	} cases[] = {
		{ HASH_SHA256, ABC256 },
		{ HASH_SHA512, ABC512 },
		{ HASH_MD5, "900150983cd24fb0d6963f7d28e17f72" },
	};
	unsigned char raw[64];
	char hex[129], text[72];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		autohasher struct hasher *h = hasher_new(cases[i].algorithm);

		for (int again = 0; again < 2; again++) { /* it starts anew after the end */
			hasher_add(h, "a", 1);
			hasher_add(h, "bc", 2);
			assert_string_equal(hex_of(raw, hasher_end(h, raw), hex), cases[i].want);
		}
	}
	assert_string_equal(digest_of(STR("abc"), text), "sha256:" ABC256);
	assert_string_equal(digest_of((struct str){ NULL, 0 }, text),
			    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* Read "abc" through a digest reader; returns the code of the last read. */
static int check(const char *expected, uint64_t size, char *actual, struct err *err)
{
	struct digest_reader d;
	struct mem_reader m;
	char buf[2];
	ssize_t got;

	mem_reader_open(&m, STR("abc"));
	TRY(digest_reader_open(&d, &m.reader, str_of(expected), size, err));
	while ((got = reader_read(&d.reader, buf, sizeof(buf), err)) > 0)
		;
	assert_int_equal(reader_read(&d.reader, buf, sizeof(buf), err), got); /* asked again, the same */
	if (actual && got == 0)
		memcpy(actual, d.actual, sizeof(d.actual));
	reader_close(&d.reader);
	return (int)got;
}

static void a_reader_checks_size_and_digest_at_the_end(void **state)
{
	struct err err = { 0 };
	char actual[136];

	(void)state;
	assert_int_equal(check("", UINT64_MAX, actual, &err), 0);
	assert_string_equal(actual, "sha256:" ABC256);
	assert_int_equal(check("sha256:" ABC256, 3, actual, &err), 0);
	assert_int_equal(check("sha512:" ABC512, 3, actual, &err), 0);
	assert_string_equal(actual, "sha512:" ABC512);
	assert_int_equal(check("sha256:" ABC256, 4, NULL, &err), E_FORMAT);
	assert_string_equal(err.text, "truncated: 3 bytes, expected 4");
	assert_int_equal(check("sha256:" ABC256, 2, NULL, &err), E_FORMAT);
	assert_string_equal(err.text, "more than the expected 2 bytes");
	assert_int_equal(check("sha256:00", 3, NULL, &err), E_FORMAT);
	assert_string_equal(err.text, "digest is sha256:" ABC256 ", expected sha256:00");
	assert_int_equal(check("md5:00", 3, NULL, &err), E_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_standards_come_out),
		cmocka_unit_test(a_reader_checks_size_and_digest_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
