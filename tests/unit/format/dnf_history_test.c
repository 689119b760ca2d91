/* SPDX-License-Identifier: Apache-2.0 */
/* dnf_history, over the databases of tests/data/dnf (make.py). */
#include "../unit.h"

#include "../source_file.h"

#include "base/cursor.h"
#include "format/dnf_history.h"

static struct str data(struct task *task, const char *name)
{
	struct str s = source_file(&task->arena, str_format(&task->arena, "tests/data/dnf/%s", name).p);

	assert_non_null(s.p);
	return s;
}

static struct str joined(struct arena *a, const str_list *list)
{
	struct buffer b = { .arena = a };

	VEC_EACH (const struct str, s, list) {
		put_bytes(&b, *s);
		put_u8(&b, ';');
	}
	return buffer_str(&b);
}

static struct str origin(const struct dnf_history *h, const char *name, uint32_t epoch, const char *version,
			 const char *release, const char *arch)
{
	const struct dnf_package p = { str_of(name), str_of(version), str_of(release), str_of(arch), epoch };

	return dnf_history_origin(h, &p);
}

static void check_origins(const struct dnf_history *h, const char *alpha)
{
	assert_str_is(origin(h, "alpha", 0, "1.0", "1", "noarch"), alpha);
	assert_str_is(origin(h, "beta", 2, "3.4", "5.el9", "x86_64"), "app stream");
	assert_str_is(origin(h, "gone", 0, "1", "1", "x86_64"), "extras"); /* as if never removed */
	assert_str_is(origin(h, "moved", 0, "2", "1", "x86_64"), "app stream");
	assert_str_is(origin(h, "kept", 0, "2", "1", "x86_64"), "base-rpms"); /* marked since */
	assert_str_is(origin(h, "beta", 0, "3.4", "5.el9", "x86_64"), "");
	assert_str_is(origin(h, "beta", 2, "3.4", "5.el9", "aarch64"), "");
	assert_str_is(origin(h, "other", 0, "1", "1", "noarch"), "");
}

static void both_generations_are_read(void **state)
{
	static const char *const names[] = { "history.sqlite", "transaction_history.sqlite" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		autotask struct task task = { 0 };
		struct dnf_history h;
		struct err err;

		assert_int_equal(dnf_history_read(&task, data(&task, names[i]), STR(""), &h, &err), 0);
		assert_int_equal(h.damages, 0);
		assert_str_is(joined(&task.arena, &h.repoids), "app stream;base-rpms;extras;");
		check_origins(&h, "base-rpms");
	}
}

static void the_log_has_the_newest_transactions(void **state)
{
	autotask struct task task = { 0 };
	struct str wal = data(&task, "history.sqlite-wal");
	struct dnf_history h;
	struct err err;

	(void)state;
	assert_int_equal(dnf_history_read(&task, data(&task, "history.sqlite"), wal, &h, &err), 0);
	check_origins(&h, "extras");
	assert_str_is(joined(&task.arena, &h.repoids), "app stream;base-rpms;extras;");
}

static void another_database_is_no_history(void **state)
{
	autotask struct task task = { 0 };
	struct str other = source_file(&task.arena, "tests/data/rpm/types.sqlite");
	struct dnf_history h;
	struct err err;

	(void)state;
	assert_int_equal(dnf_history_read(&task, other, STR(""), &h, &err), E_NOTFOUND);
	assert_string_equal(err.text, "table repo: no such table");
	assert_int_equal(dnf_history_read(&task, STR("x"), STR(""), &h, &err), E_FORMAT);
	assert_int_equal(dnf_history_read(&task, STR(""), STR(""), &h, &err), E_FORMAT);
}

static void every_cut_is_an_error_or_says_so(void **state)
{
	static const char *const names[] = { "history.sqlite", "transaction_history.sqlite" };
	autotask struct task data_task = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct str whole = data(&data_task, names[i]);

		for (size_t n = 0; n < whole.n; n += 256) {
			autotask struct task task = { 0 };
			char *copy = malloc(n ? n : 1);
			struct dnf_history h;
			struct err err = { 0 };
			int code;

			memcpy(copy, whole.p, n);
			code = dnf_history_read(&task, (struct str){ copy, n }, STR(""), &h, &err);
			assert_true(code == 0 || err.text[0]);
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_generations_are_read),
		cmocka_unit_test(the_log_has_the_newest_transactions),
		cmocka_unit_test(another_database_is_no_history),
		cmocka_unit_test(every_cut_is_an_error_or_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
