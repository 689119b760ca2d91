/* SPDX-License-Identifier: Apache-2.0 */
/* docs/distributions.md says of each set of updaters what the tables of the code say: where it asks, for
 * which releases, what its publisher leaves out. */
#include "../unit.h"

#include "../source_file.h"
#include "base/task.h"
#include "ecosystem/ecosystems.h"
#include "model/advisory.h"

enum { COLUMNS = 7, COLUMN_RELEASES = 2, COLUMN_FEED = 3, COLUMN_SAYS = 5, COLUMN_LIMITS = 6 };

/* Publishers that have whatever they are asked for, up to one release that is missing, and no lists of it. */

static int is_there(struct discovery *d, struct str url, struct str path, struct err *err)
{
	(void)d, (void)url, (void)err;
	return !str_starts(path, STR("alpine/v")) || str_starts(path, STR("alpine/v3.3/"));
}

static int get_nothing(struct discovery *d, struct str url, struct str path, size_t max, struct str *out,
		       struct err *err)
{
	(void)d, (void)url, (void)path, (void)max, (void)out, (void)err;
	return 0;
}

static int list_nothing(struct discovery *d, struct str url, struct str path, struct str **names,
			size_t *count, struct err *err)
{
	(void)d, (void)url, (void)path, (void)names, (void)count, (void)err;
	return 0;
}

/* The row of a set, cut into its columns. */
static void row_of(struct str page, const char *set, struct str out[COLUMNS])
{
	autoarena struct arena a = { 0 };
	struct str begins = str_format(&a, "\n| `%s` | ", set), row, rest;
	size_t at = str_search(page, begins);

	if (at == page.n)
		fail_msg("docs/distributions.md has no row for %s", set);
	row = str_sub(page, at + 3, page.n - at - 3);
	str_cut(row, '\n', &row, &rest);
	for (size_t i = 0; i < COLUMNS; i++) {
		str_cut(row, '|', &out[i], &row);
		out[i] = str_trim(out[i]);
	}
	if (row.n)
		fail_msg("%s: the row has more than %d columns", set, COLUMNS);
}

/* Does one of the addresses in backticks begin the url? */
static bool names_feed(struct str column, struct str url)
{
	struct str before, address;

	while (str_cut(column, '`', &before, &column)) {
		str_cut(column, '`', &address, &column);
		if (address.n && str_starts(url, address))
			return true;
	}
	return false;
}

/* "8, 9, 10" has "10"; what is "as listed" has any. */
static bool names_release(struct str column, struct str release)
{
	struct str one;

	if (release.n == 0 || str_starts(column, STR("as listed")))
		return true;
	while (column.n) {
		str_cut(column, ',', &one, &column);
		if (str_eq(str_trim(one), release))
			return true;
	}
	return false;
}

static void sources_of(const struct ecosystem *e, struct task *t, struct feed_sources *out)
{
	struct discovery d = { .exists = is_there, .get = get_nothing, .list = list_nothing };
	struct err err = { 0 };

	out->arena = &t->arena;
	assert_int_equal(e->updaters->discover(t, &d, out, &err), 0);
	assert_true(out->sources.n > 0);
}

/* Where it asks, and for which releases. */
static void check_sources(const struct ecosystem *e, const struct str row[COLUMNS])
{
	const char *set = e->updaters->name;
	autotask struct task t = { 0 };
	struct feed_sources found = { 0 };

	sources_of(e, &t, &found);
	VEC_EACH (const struct feed_source, s, &found.sources) {
		struct str release = s->distribution.version_id;

		if (!names_feed(row[COLUMN_FEED], s->url))
			fail_msg("%s: asks " STR_FMT, set, STR_ARG(s->url));
		if (!names_release(row[COLUMN_RELEASES], release))
			fail_msg("%s: has release " STR_FMT, set, STR_ARG(release));
	}
	VEC_EACH (const struct distribution, d, &found.distributions)
		if (!names_release(row[COLUMN_RELEASES], d->version_id))
			fail_msg("%s: has release " STR_FMT, set, STR_ARG(d->version_id));
}

/* What reports say of it, and whether it runs by itself. */
static void check_limits(const struct ecosystem *e, struct str limits)
{
	bool is_named = str_search(limits, STR("only when it is named")) < limits.n;

	if (e->caveat && str_search(limits, str_of(e->caveat)) == limits.n)
		fail_msg("%s: reports say \"%s\"", e->updaters->name, e->caveat);
	if (e->is_opt_in != is_named)
		fail_msg("%s: runs %sby itself", e->updaters->name, e->is_opt_in ? "not " : "");
}

static void every_set_has_a_row_that_is_true(void **state)
{
	autoarena struct arena a = { 0 };
	struct str page = source_file(&a, "docs/distributions.md"), row[COLUMNS];

	(void)state;
	assert_true(page.n > 0);
	for (size_t i = 0; ecosystems[i]; i++) {
		if (!ecosystems[i]->updaters)
			continue;
		row_of(page, ecosystems[i]->updaters->name, row);
		check_sources(ecosystems[i], row);
		check_limits(ecosystems[i], row[COLUMN_LIMITS]);
	}
}

static bool is_status(struct str word)
{
	if (str_eq(word, STR("fixed")))
		return true;
	for (int s = 0; s < STATUS_COUNT; s++)
		if (str_eq(word, str_of(advisory_status_name((enum advisory_status)s))))
			return true;
	return false;
}

static bool is_set(struct str name)
{
	for (size_t i = 0; ecosystems[i]; i++)
		if (ecosystems[i]->updaters && str_eq(name, str_of(ecosystems[i]->updaters->name)))
			return true;
	return false;
}

static void every_row_is_of_a_set_and_names_statuses(void **state)
{
	autoarena struct arena a = { 0 };
	struct str page = source_file(&a, "docs/distributions.md"), line, row[COLUMNS], name, word, rest;
	unsigned rows = 0;

	(void)state;
	for (struct str left = page; str_line(&left, &line);) {
		if (!str_starts(line, STR("| `")))
			continue;
		rest = str_sub(line, 3, line.n - 3);
		str_cut(rest, '`', &name, &rest);
		if (!is_set(name))
			fail_msg("no set is called " STR_FMT, STR_ARG(name));
		row_of(page, str_format(&a, STR_FMT, STR_ARG(name)).p, row);
		for (rest = row[COLUMN_SAYS]; rest.n; rows++) {
			str_cut(rest, ',', &word, &rest);
			if (!is_status(str_trim(word)))
				fail_msg(STR_FMT ": no status is called " STR_FMT, STR_ARG(name),
					 STR_ARG(word));
		}
	}
	assert_true(rows > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_set_has_a_row_that_is_true),
		cmocka_unit_test(every_row_is_of_a_set_and_names_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
