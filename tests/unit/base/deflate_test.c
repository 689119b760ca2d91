/* SPDX-License-Identifier: Apache-2.0 */
/* gzip_compress: what comes out inflates to what went in */
#include "../unit.h"

#include "base/arena.h"
#include "base/deflate.h"
#include "base/inflate.h"
#include "base/limits.h"

#include <stdlib.h>

static struct str inflated(struct arena *a, struct str gzip)
{
	autoinflate struct inflate *z = NULL;
	struct mem_reader m;
	struct err err = { 0 };
	struct str text = { 0 };

	mem_reader_open(&m, gzip);
	assert_int_equal(inflate_open(&m.reader, &z, &err), 0);
	assert_int_equal(inflate_compression(z), COMPRESSION_GZIP);
	assert_int_equal(reader_all(inflate_reader(z), a, 64 << 20, &text, &err), 0);
	return text;
}

static void check(struct str in, size_t max)
{
	autoarena struct arena a = { 0 };
	struct err err = { 0 };
	struct str out;

	assert_int_equal(gzip_compress(&a, in, &out, &err), 0);
	assert_true(out.n <= max);
	assert_true(str_eq(inflated(&a, out), in));
}

static void every_kind_of_text_comes_back(void **state)
{
	size_t n = (4 << 20) + 1234;
	char *text = malloc(n);
	uint64_t x = 1;

	(void)state;
	check(STR(""), 64);
	check(STR("a"), 64);
	memset(text, 'x', n);
	check((struct str){ text, n }, n / 50);
	for (size_t i = 0; i < n; i++) { /* nothing to compress */
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		text[i] = (char)x;
	}
	for (size_t i = 1; i < n; i = i * 2 + 1)
		check((struct str){ text, i }, i + i / 1000 + 600);
	check((struct str){ text, n }, n + n / 1000);
	for (size_t i = 0; i < n; i++)
		text[i] = "0123456789abcdef"[(unsigned char)text[i] & 15];
	check((struct str){ text, n }, n);
	free(text);
}

static void too_much_is_refused(void **state)
{
	autoarena struct arena a = { 0 };
	struct str out, in = { "", LIMIT_DEFLATE_BYTES + 1 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(gzip_compress(&a, in, &out, &err), E_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_text_comes_back),
		cmocka_unit_test(too_much_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
