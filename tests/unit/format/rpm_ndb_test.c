/* SPDX-License-Identifier: Apache-2.0 */
/* A Packages.db of four packages (tests/data/rpm/make.py), whole and broken. */
#include "rpm_walk.h"

#include "format/rpm_ndb.h"

static struct walk walk(struct str file)
{
	autotask struct task task = { 0 };
	struct walk w = { .damages = 1 };
	struct rpm_blobs *blobs;

	if (rpm_ndb_open(&task, file, &blobs, &w.damage) == 0)
		w = walk_blobs(blobs);
	return w;
}

static void packages_come_in_the_order_of_slots(void **state)
{
	autoarena struct arena a = { 0 };
	struct walk w = walk(source_file(&a, "tests/data/rpm/Packages.db"));

	(void)state;
	assert_string_equal(w.names, "alpha beta old gpg-pubkey ");
	assert_int_equal(w.damages, 0);
}

static void the_magic_tells_a_file_of_this_kind(void **state)
{
	(void)state;
	assert_true(rpm_ndb_is(STR("RpmP....")));
	assert_true(rpm_ndb_is(STR("RpmX")));
	assert_false(rpm_ndb_is(STR("Rpm")));
	assert_int_equal(walk(STR("RpmX")).damage.code, E_FORMAT);
}

static void damage_costs_only_what_it_hits(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/Packages.db");
	static const struct {
		size_t at;
		const char *bytes;
		size_t n;
		const char *names, *says;
	} cases[] = {
		{ 32, "slot", 4, "beta old gpg-pubkey ", "slot at byte 32 is none" },
		{ 40, "\xff\xff\xff\x7f", 4, "beta old gpg-pubkey ", "package 1: blocks" },
		{ 44, "\1\0\0\0", 4, "beta old gpg-pubkey ", "package 1: blocks" },
		{ 4096, "????", 4, "beta old gpg-pubkey ", "package 1: blob of package 1" },
		{ 4100, "\11", 1, "beta old gpg-pubkey ", "package 1: blob of package 9" },
		{ 4108, "\xff\xff", 2, "beta old gpg-pubkey ", "package 1: blob of package 1" },
		/* a wrong checksum is told, but the package is there */
		{ 4104, "\2", 1, "alpha beta old gpg-pubkey ", "package 1: blob with a wrong checksum" },
		{ 40, "\0\0\0\0", 4, "beta old gpg-pubkey ", "" },
		{ 12, "\xff", 1, "alpha beta old gpg-pubkey ", "cut: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct walk w = walk(patched(&a, file, cases[i].at, cases[i].bytes, cases[i].n));

		assert_string_equal(w.names, cases[i].names);
		if (!strstr(w.damage.text, cases[i].says))
			fail_msg("\"%s\" does not say \"%s\"", w.damage.text, cases[i].says);
		assert_int_equal(w.damage.code != 0, cases[i].says[0] != 0);
	}
}

static void slots_that_share_a_blob_end_at_the_size_of_the_file(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/Packages.db");
	struct walk w;

	(void)state;
	for (size_t at = 48; at < 4096; at += 16)
		file = patched(&a, file, at, file.p + 32, 16);
	w = walk(file);
	assert_true(w.blobs > 1 && w.blobs < 20);
	assert_non_null(strstr(w.damage.text, "overlap"));
}

static void a_cut_file_yields_what_is_left_and_says_so(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/Packages.db");
	unsigned most = 0;

	(void)state;
	for (size_t n = 0; n < file.n; n += n % 512 == 64 ? 448 : 64) {
		struct str cut = exact_copy(file, n);
		struct walk w = walk(cut);

		assert_true(w.damages > 0 && w.damage.text[0]);
		assert_true(w.blobs >= most);
		most = w.blobs;
		free((char *)cut.p);
	}
	assert_true(most > 0);
}

static void any_single_damaged_byte_is_survived(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/Packages.db"), copy = exact_copy(file, file.n);

	(void)state;
	for (size_t i = 0; i<file.n; i += i> 128 && i < 4096 ? 7 : 1) {
		((char *)copy.p)[i] ^= (char)0xff;
		walk(copy);
		((char *)copy.p)[i] = file.p[i];
	}
	free((char *)copy.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_come_in_the_order_of_slots),
		cmocka_unit_test(the_magic_tells_a_file_of_this_kind),
		cmocka_unit_test(damage_costs_only_what_it_hits),
		cmocka_unit_test(slots_that_share_a_blob_end_at_the_size_of_the_file),
		cmocka_unit_test(a_cut_file_yields_what_is_left_and_says_so),
		cmocka_unit_test(any_single_damaged_byte_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
