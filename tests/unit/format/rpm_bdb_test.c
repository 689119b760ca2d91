/* SPDX-License-Identifier: Apache-2.0 */
/* Hash files that Berkeley DB 5.3 wrote in both byte orders (tests/data/rpm/make.py), whole and broken. */
#include "rpm_walk.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "format/rpm_bdb.h"

static struct walk walk(struct str file)
{
	autotask struct task task = { 0 };
	struct walk w = { .damages = 1 };
	struct rpm_blobs *blobs;

	if (rpm_bdb_open(&task, file, &blobs, &w.damage) == 0)
		w = walk_blobs(blobs);
	return w;
}

static size_t page_of_type(struct str file, char type, size_t from)
{
	while (from < file.n && file.p[from + 25] != type)
		from += 512;
	assert_true(from < file.n);
	return from;
}

static void both_byte_orders_are_read(void **state)
{
	autoarena struct arena a = { 0 };
	struct walk little = walk(source_file(&a, "tests/data/rpm/little.bdb"));
	struct walk big = walk(source_file(&a, "tests/data/rpm/big.bdb"));

	(void)state;
	assert_int_equal(little.blobs, 4);
	assert_int_equal(big.blobs, 4);
	assert_int_equal(little.damages + big.damages, 0);
	assert_non_null(strstr(little.names, "beta "));
	assert_non_null(strstr(big.names, "gpg-pubkey "));
}

static void the_magic_tells_a_hash_file(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/little.bdb");

	(void)state;
	assert_true(rpm_bdb_is(str_sub(file, 0, 16)));
	assert_true(rpm_bdb_is(source_file(&a, "tests/data/rpm/big.bdb")));
	assert_false(rpm_bdb_is(str_sub(file, 0, 15)));
	assert_false(rpm_bdb_is(STR("")));
	assert_false(rpm_bdb_is(STR("Package: alpha\nVersion: 1\n")));
	assert_int_equal(walk(STR("Package: alpha\n")).damage.code, E_FORMAT);
}

static void a_cut_file_yields_what_is_left_and_says_so(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/little.bdb");
	unsigned most = 0;

	(void)state;
	for (size_t n = 0; n < file.n; n += 512) {
		struct str cut = exact_copy(file, n);
		struct walk w = walk(cut);

		assert_true(w.damages > 0 && w.damage.text[0]);
		assert_true(w.blobs >= most);
		most = w.blobs;
		free((char *)cut.p);
	}
	for (size_t n = 0; n < 600; n++) {
		struct str cut = exact_copy(file, n);

		assert_true(walk(cut).damages > 0);
		free((char *)cut.p);
	}
}

static void a_damaged_value_costs_only_itself(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/little.bdb");
	size_t overflow = page_of_type(file, 7, 0);
	uint32_t number = (uint32_t)(overflow / 512);
	const char self[4] = { (char)number, 0, 0, 0 };
	const struct {
		size_t at;
		const char *bytes;
		size_t n;
		const char *says;
	} cases[] = {
		{ overflow + 16, self, 4, "used twice" },
		{ overflow + 16, "\xff\xff\xff\xff", 4, "not in a file" },
		{ overflow + 25, "\1", 1, "no overflow page" },
		{ overflow + 22, "\xff\xff", 2, "no overflow page" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct walk w = walk(patched(&a, file, cases[i].at, cases[i].bytes, cases[i].n));

		assert_int_equal(w.blobs, 3);
		assert_int_equal(w.damages, 1);
		if (!strstr(w.damage.text, cases[i].says))
			fail_msg("\"%s\" does not say \"%s\"", w.damage.text, cases[i].says);
	}
}

/* The last entry of the first hash page: a value in overflow pages. */
static size_t off_page_entry(struct str file)
{
	struct cursor c = cursor_of(str_sub(file, 512, 512));
	size_t entries, at;

	get_bytes(&c, 20);
	entries = get_le16(&c);
	get_bytes(&c, 4 + 2 * (entries - 1));
	at = 512 + get_le16(&c);
	assert_int_equal(file.p[at], 3);
	return at;
}

static void a_value_above_the_limit_is_passed_over(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/little.bdb");
	struct walk w = walk(patched(&a, file, off_page_entry(file) + 8, "\1\0\0\2", 4));

	(void)state;
	assert_int_equal(w.blobs, 3);
	assert_non_null(strstr(w.damage.text, "33554433 bytes, limit 33554432"));
}

static void a_damaged_page_costs_the_rest_of_it(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/little.bdb");
	size_t page = page_of_type(file, 13, 512);
	struct walk w = walk(patched(&a, file, page + 20, "\xff\xff", 2));

	(void)state;
	assert_true(w.damages > 0 && w.blobs < 4);
	w = walk(patched(&a, file, page + 26, "\xff\xff", 2));
	assert_int_equal(w.damages, 1);
	assert_non_null(strstr(w.damage.text, "entry 0"));
}

static void what_we_cannot_read_is_told(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/little.bdb");
	static const struct {
		size_t at;
		const char *bytes;
		int code;
	} cases[] = {
		{ 16, "\7", E_UNSUPPORTED }, { 16, "\13", E_UNSUPPORTED }, { 24, "\1", E_UNSUPPORTED },
		{ 26, "\1", E_UNSUPPORTED }, { 25, "\11", E_FORMAT },	   { 20, "\1", E_FORMAT },
		{ 22, "\2", E_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(walk(patched(&a, file, cases[i].at, cases[i].bytes, 1)).damage.code,
				 cases[i].code);
}

static void any_single_damaged_byte_is_survived(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/big.bdb"), copy = exact_copy(file, file.n);

	(void)state;
	for (size_t i = 0; i < file.n; i++) {
		((char *)copy.p)[i] ^= (char)0xff;
		walk(copy);
		((char *)copy.p)[i] = file.p[i];
	}
	free((char *)copy.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_byte_orders_are_read),
		cmocka_unit_test(the_magic_tells_a_hash_file),
		cmocka_unit_test(a_cut_file_yields_what_is_left_and_says_so),
		cmocka_unit_test(a_damaged_value_costs_only_itself),
		cmocka_unit_test(a_value_above_the_limit_is_passed_over),
		cmocka_unit_test(a_damaged_page_costs_the_rest_of_it),
		cmocka_unit_test(what_we_cannot_read_is_told),
		cmocka_unit_test(any_single_damaged_byte_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
