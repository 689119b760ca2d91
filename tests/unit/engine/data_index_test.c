/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a folder of prebuilt databases, and signatures. */
#include "../unit.h"

#include "base/signature.h"
#include "engine/data_index.h"

#define DIGEST "sha256:abababababababababababababababababababababababababababababababab"

static struct data_index some(struct arena *a)
{
	struct data_index index = {
		.full = { STR("advisories-1.clair"),
			  4096,
			  STR(DIGEST),
			  { NULL, 0 },
			  STR(DIGEST),
			  1787184000 },
	};
	const struct data_entry delta = {
		STR("delta-1.clair"), 10, STR(DIGEST), STR(DIGEST), STR(DIGEST), 0
	};

	VEC_PUSH(a, &index.deltas, delta);
	return index;
}

static void what_is_written_reads_the_same(void **state)
{
	autoarena struct arena a = { 0 };
	const struct data_index index = some(&a);
	struct data_index again;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(data_index_parse(&a, data_index_text(&a, &index), &again, &err), 0);
	assert_str_is(again.full.name, "advisories-1.clair");
	assert_int_equal(again.full.size_bytes, 4096);
	assert_int_equal(again.full.created, 1787184000);
	assert_int_equal(again.deltas.n, 1);
	assert_str_is(again.deltas.p[0].from, DIGEST);
}

static void names_are_plain(void **state)
{
	static const char *const bad[] = { "", "../x", "a/b", ".x", "x y", "x?y", "\xc3\xa4" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		autoarena struct arena a = { 0 };
		struct data_index index = some(&a), out;
		struct err err = { 0 };

		index.deltas.p[0].name = str_of(bad[i]);
		assert_int_equal(data_index_parse(&a, data_index_text(&a, &index), &out, &err), E_FORMAT);
	}
}

static const char private_key[] = "-----BEGIN PRIVATE KEY-----\n"
				  "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
				  "-----END PRIVATE KEY-----\n";
static const char public_key[] = "-----BEGIN PUBLIC KEY-----\n"
				 "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
				 "-----END PUBLIC KEY-----\n";

/* The key of RFC 8032, 7.1, TEST 1, whose message is empty. */
static void signatures_are_those_of_the_rfc(void **state)
{
	static const unsigned char wanted[] = { 0xe5, 0x56, 0x43, 0x00, 0xc3, 0x60, 0xac, 0x72 };
	unsigned char signature[SIGNATURE_BYTES];
	struct err err = { 0 };

	(void)state;
	assert_int_equal(signature_make(str_of(private_key), STR(""), signature, &err), 0);
	assert_memory_equal(signature, wanted, sizeof(wanted));
	assert_int_equal(signature_check(str_of(public_key), STR(""), signature, &err), 0);
	assert_int_equal(signature_check(str_of(public_key), STR("x"), signature, &err), E_AUTH);
	signature[5] ^= 1;
	assert_int_equal(signature_check(str_of(public_key), STR(""), signature, &err), E_AUTH);
	assert_int_equal(signature_check(STR("no key"), STR(""), signature, &err), E_CONFIG);
	assert_int_equal(signature_make(str_of(public_key), STR(""), signature, &err), E_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_the_same),
		cmocka_unit_test(names_are_plain),
		cmocka_unit_test(signatures_are_those_of_the_rfc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
