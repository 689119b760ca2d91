/* SPDX-License-Identifier: Apache-2.0 */
/* An rpmdb.sqlite with its log (tests/data/rpm/make.py), whole and broken. */
#include "rpm_walk.h"

#include "format/rpm_sqlite.h"

static struct walk walk(struct str file, struct str wal)
{
	autotask struct task task = { 0 };
	struct walk w = { .damages = 1 };
	struct rpm_blobs *blobs;

	if (rpm_sqlite_open(&task, file, wal, &blobs, &w.damage) == 0)
		w = walk_blobs(blobs);
	return w;
}

static void the_log_adds_the_newest_packages(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/rpmdb.sqlite"),
		   wal = source_file(&a, "tests/data/rpm/rpmdb.sqlite-wal");

	(void)state;
	assert_string_equal(walk(file, STR("")).names, "alpha beta gpg-pubkey ");
	assert_string_equal(walk(file, wal).names, "alpha beta gpg-pubkey old ");
	assert_int_equal(walk(file, wal).damages, 0);
}

static void another_database_is_none_of_rpm(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/types.sqlite");

	(void)state;
	assert_int_equal(walk(file, STR("")).damage.code, E_NOTFOUND);
	assert_int_equal(walk(STR(""), STR("")).damage.code, E_FORMAT);
}

static void a_cut_file_yields_what_is_left_and_says_so(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/rpmdb.sqlite");

	(void)state;
	for (size_t n = 0; n < file.n; n += 512) {
		struct str cut = exact_copy(file, n);
		struct walk w = walk(cut, STR(""));

		assert_true(w.damages > 0 && w.damage.text[0]);
		free((char *)cut.p);
	}
}

static void a_cut_log_is_read_to_its_last_commit(void **state)
{
	autoarena struct arena a = { 0 };
	struct str file = source_file(&a, "tests/data/rpm/rpmdb.sqlite"),
		   wal = source_file(&a, "tests/data/rpm/rpmdb.sqlite-wal");

	(void)state;
	for (size_t n = 0; n < wal.n; n += n < 64 ? 1 : 100) {
		struct str cut = exact_copy(wal, n);
		struct walk w = walk(file, cut);

		assert_int_equal(w.damages, 0);
		assert_true(w.blobs == 3 || w.blobs == 4);
		free((char *)cut.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_log_adds_the_newest_packages),
		cmocka_unit_test(another_database_is_none_of_rpm),
		cmocka_unit_test(a_cut_file_yields_what_is_left_and_says_so),
		cmocka_unit_test(a_cut_log_is_read_to_its_last_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
