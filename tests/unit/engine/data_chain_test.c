/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a folder of prebuilt databases: what is read, what is refused, and the way through its
 * changes. */
#include "../unit.h"

#include "engine/data_chain.h"

#define ZEROS "00000000000000000000000000000000000000000000000000000000000000"
#define SHA(two) "sha256:" two ZEROS
#define ENTRY(name, size, digest) "\"name\":\"" name "\",\"size\":" size ",\"digest\":\"" digest "\""
#define FULL "\"full\":{" ENTRY("a.clair", "1000", SHA("aa")) ",\"content\":\"" SHA("cc") "\"}"
#define DELTA(from, to, size)                                                                                \
	"{" ENTRY("d.clair", size, SHA("dd")) ",\"from\":\"" SHA(from) "\",\"to\":\"" SHA(to) "\"}"
#define INDEX(deltas) "{\"format\":1," FULL ",\"deltas\":[" deltas "]}"

/* From "bb" to "cc", in bytes and changes; 0: none. */
static void the_cheapest_chain_is_found(void **state)
{
	static const struct {
		const char *text;
		unsigned count;
		uint64_t bytes;
	} cases[] = {
		{ INDEX(""), 0, 0 },
		{ INDEX(DELTA("b1", "cc", "1")), 0, 0 },
		{ INDEX(DELTA("bb", "c1", "1")), 0, 0 },
		{ INDEX(DELTA("bb", "cc", "999")), 1, 999 },
		{ INDEX(DELTA("bb", "cc", "1000")), 0, 0 },
		{ INDEX(DELTA("bb", "01", "500") "," DELTA("01", "cc", "500")), 0, 0 },
		{ INDEX(DELTA("bb", "01", "5") "," DELTA("01", "cc", "5")), 2, 10 },
		{ INDEX(DELTA("01", "cc", "5") "," DELTA("bb", "01", "5")), 2, 10 },
		{ INDEX(DELTA("bb", "cc", "11") "," DELTA("bb", "01", "5") "," DELTA("01", "cc", "5")), 2,
		  10 },
		{ INDEX(DELTA("bb", "cc", "9") "," DELTA("bb", "01", "5") "," DELTA("01", "cc", "5")), 1, 9 },
		{ INDEX(DELTA("bb", "01", "1") "," DELTA("01", "bb", "1") "," DELTA("01", "01", "1")), 0, 0 },
		{ INDEX(DELTA("bb", "bb", "1") "," DELTA("bb", "01", "1") "," DELTA("01", "cc", "1")), 2, 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct data_entry *chain[DATA_CHAIN_MAX];
		struct data_index index;
		struct err err = { 0 };
		uint64_t bytes = 0;

		print_message("case %zu\n", i);
		assert_int_equal(data_index_parse(&a, str_of(cases[i].text), &index, &err), 0);
		assert_int_equal(data_chain(&index, STR(SHA("bb")), chain), cases[i].count);
		for (unsigned k = 0; k < cases[i].count; k++)
			bytes += chain[k]->size_bytes;
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static struct str content(struct arena *a, unsigned n)
{
	return str_format(a, "sha256:%064x", n);
}

static void chains_have_an_end(void **state)
{
	autoarena struct arena a = { 0 };
	const struct data_entry *chain[DATA_CHAIN_MAX];
	struct data_index index = { .full = { .size_bytes = 1000, .to = content(&a, 100) } };

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		VEC_PUSH(&a, &index.deltas,
			 ((struct data_entry){
				 .size_bytes = 1, .from = content(&a, i), .to = content(&a, i + 1) }));
	assert_int_equal(data_chain(&index, content(&a, 79), chain), 0);
	assert_int_equal(data_chain(&index, content(&a, 80), chain), DATA_CHAIN_MAX);
	for (unsigned i = 0; i < DATA_CHAIN_MAX; i++)
		assert_ptr_equal(chain[i], &index.deltas.p[80 + i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cheapest_chain_is_found),
		cmocka_unit_test(chains_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
