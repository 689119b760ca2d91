/* SPDX-License-Identifier: Apache-2.0 */
#include "../unit.h"

#include "base/arena.h"
#include "base/compress.h"

static struct str repeated(struct arena *a, size_t n)
{
	char *p = arena_alloc(a, n);

	for (size_t i = 0; i < n; i++)
		p[i] = (char)('a' + (i * i / 7) % 23);
	return (struct str){ p, n };
}

static void test_what_was_compressed_inflates_to_itself(void **state)
{
	static const enum compression kinds[] = { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };
	static const size_t sizes[] = { 1, 1000, 32768, 65537, 1000000 };
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			struct str plain = repeated(&a, sizes[i]), back;
			struct str packed = compress_bytes(&a, kinds[k], plain);
			autoinflate struct inflate *z = NULL;
			struct mem_reader in;
			struct err err = { 0 };

			mem_reader_open(&in, packed);
			assert_int_equal(inflate_open(&in.reader, &z, &err), 0);
			assert_int_equal(inflate_compression(z), kinds[k]);
			assert_int_equal(reader_all(inflate_reader(z), &a, 1 << 20, &back, &err), 0);
			assert_true(str_eq(plain, back));
		}
}

static void test_same_bytes_give_the_same_member(void **state)
{
	autoarena struct arena a = { 0 };
	struct str plain = repeated(&a, 5000);

	(void)state;
	assert_true(str_eq(compress_bytes(&a, COMPRESSION_GZIP, plain),
			   compress_bytes(&a, COMPRESSION_GZIP, plain)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_compressed_inflates_to_itself),
		cmocka_unit_test(test_same_bytes_give_the_same_member),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
