/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_VERSION_CASES_H
#define UNIT_VERSION_CASES_H

/* Runs tables of versions: "a < b", "a = b", "a > b", "valid v", "invalid v", "#" comments. */

#include "../source_file.h"
#include "../unit.h"

#include "version/version.h"

struct case_count {
	unsigned lines, skipped;
};

static void check_pair(const struct ordering *o, struct str a, char operator, struct str b)
{
	int want = operator== '<' ? -1 : operator== '>', got = o->compare(a, b);

	if (got != want || o->compare(b, a) != -want)
		fail_msg(STR_FMT " %c " STR_FMT ": compare says %d and %d", STR_ARG(a), operator, STR_ARG(b),
			 got, o->compare(b, a));
}

static void check_validity(const struct ordering *o, struct str version, bool want)
{
	if (o->valid(version) != want)
		fail_msg("\"" STR_FMT "\" is %s", STR_ARG(version), want ? "not valid" : "valid");
	assert_int_equal(o->compare(version, version), 0);
}

static void check_line(const struct ordering *o, struct str line, bool only_valid, struct case_count *count)
{
	struct str a, op, b, rest = line;

	count->lines++;
	if (str_starts(line, STR("invalid ")) || str_starts(line, STR("valid "))) {
		str_cut(line, ' ', &a, &b);
		check_validity(o, b, a.n == 5);
		return;
	}
	if (!str_word(&rest, &a) || !str_word(&rest, &op) || !str_word(&rest, &b) || op.n != 1)
		fail_msg("no case: " STR_FMT, STR_ARG(line));
	if (only_valid && !(o->valid(a) && o->valid(b))) {
		count->skipped++;
		return;
	}
	check_pair(o, a, op.p[0], b);
}

/* False when there is no such file. only_valid: pass over pairs that are not two valid versions. */
static bool check_cases(const struct ordering *o, const char *path, bool only_valid, struct case_count *count)
{
	autoarena struct arena a = { 0 };
	struct str text = source_file(&a, path), line;

	if (!text.p)
		return false;
	while (str_line(&text, &line))
		if (line.n && line.p[0] != '#' && !str_starts(line, STR("//")))
			check_line(o, line, only_valid, count);
	return true;
}

#endif
