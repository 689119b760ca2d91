/* SPDX-License-Identifier: Apache-2.0 */
/* The small lists beside Red Hat's VEX archive (matching.md 4.8). They are read here and not by a worker,
 * since they say what is to be fetched; so only what looks exactly like a path of theirs is let through. What
 * one would get wrong: the order of entries is a habit, not a promise. */
#include "engine/vex_listing.h"

#include "base/time.h"

enum { PATH_MAX_BYTES = 64, NAME_MAX_BYTES = 64, YEAR_DIGITS = 4, DATE_BYTES = 10 };

#define ARCHIVE_PREFIX "csaf_vex_"
#define ARCHIVE_SUFFIX ".tar.zst"

/* "..." and what follows it. */
static bool take_quoted(struct str *s, struct str *out)
{
	struct str rest;

	if (!str_starts(*s, STR("\"")))
		return false;
	if (!str_cut(str_sub(*s, 1, s->n - 1), '"', out, &rest))
		return false;
	*s = rest;
	return true;
}

static bool is_file_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return s.n > 0;
}

/* "2023/cve-2023-0044.json" */
static bool is_path(struct str path, unsigned *year)
{
	struct str folder, file;
	uint64_t number;

	if (path.n > PATH_MAX_BYTES || !str_cut(path, '/', &folder, &file) || folder.n != YEAR_DIGITS ||
	    !str_u64(folder, 9999, &number) || !str_ends(file, STR(".json")))
		return false;
	*year = (unsigned)number;
	return is_file_name(str_sub(file, 0, file.n - 5));
}

int vex_listing_next(struct vex_listing *l, struct vex_entry *out, struct err *err)
{
	struct str line, when;

	do {
		if (!str_line(&l->rest, &line))
			return 0;
		l->line++;
		if (str_ends(line, STR("\r")))
			line.n--;
	} while (line.n == 0);
	if (!take_quoted(&line, &out->path) || !str_starts(line, STR(",")))
		return err_set(err, E_FORMAT, "line %u: not \"PATH\",\"TIME\"", l->line);
	line = str_sub(line, 1, line.n - 1);
	if (!take_quoted(&line, &when) || line.n || !time_parse(when, &out->changed))
		return err_set(err, E_FORMAT, "line %u: no time after the path", l->line);
	if (!is_path(out->path, &out->year))
		return err_set(err, E_FORMAT, "line %u: not a path as YEAR/cve-YEAR-NUMBER.json", l->line);
	return 1;
}

struct str vex_entry_cve(struct arena *a, const struct vex_entry *e)
{
	struct str name = str_sub(e->path, YEAR_DIGITS + 1, e->path.n - YEAR_DIGITS - 1 - 5);
	struct str copy = str_copy(a, name);
	char *p = (char *)copy.p;

	for (size_t i = 0; i < copy.n; i++)
		if (p[i] >= 'a' && p[i] <= 'z')
			p[i] = (char)(p[i] - 'a' + 'A');
	return copy;
}

int vex_archive_name(struct str text, struct str *name, int64_t *made, struct err *err)
{
	const struct str prefix = STR(ARCHIVE_PREFIX), suffix = STR(ARCHIVE_SUFFIX);
	struct str line = { NULL, 0 };

	str_line(&text, &line);
	while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
		line.n--;
	if (line.n != prefix.n + DATE_BYTES + suffix.n || !str_starts(line, prefix) ||
	    !str_ends(line, suffix) || !time_parse(str_sub(line, prefix.n, DATE_BYTES), made))
		return err_set(err, E_FORMAT,
			       "not the name of an archive (" ARCHIVE_PREFIX "YYYY-MM-DD" ARCHIVE_SUFFIX ")");
	*name = line;
	return 0;
}
