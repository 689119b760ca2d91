/* SPDX-License-Identifier: Apache-2.0 */
/* Finds names and versions in the free text of release files. The patterns are Clair's regular expressions
 * and the wording of the files themselves; there is no specification of either. Easily got wrong: everything
 * here is searched in bytes that anybody may have written, so each search is one pass and gives slices, never
 * copies of unbounded length. */
#include "scan/release_text.h"

#include "base/arena.h"

bool release_after(struct str *rest, struct str text)
{
	size_t at = str_search(*rest, text);

	if (at == rest->n)
		return false;
	*rest = str_sub(*rest, at + text.n, rest->n - at - text.n);
	return true;
}

bool release_after_start(struct str *rest, struct str text)
{
	if (!str_starts(*rest, text))
		return false;
	*rest = str_sub(*rest, text.n, rest->n - text.n);
	return true;
}

static bool matches(const char *p, struct str pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (pattern.p[i] == '?' ? p[i] == '\n' : p[i] != pattern.p[i])
			return false;
	return true;
}

bool release_contains(struct str text, struct str pattern)
{
	for (size_t i = 0; i + pattern.n <= text.n; i++)
		if (matches(text.p + i, pattern))
			return true;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

struct str release_number(struct str s)
{
	size_t n = 0;

	while (n < s.n && (is_digit(s.p[n]) || (s.p[n] == '.' && n > 0)))
		n++;
	while (n > 0 && s.p[n - 1] == '.')
		n--;
	return (struct str){ s.p, n };
}

struct str release_first_components(struct str version, unsigned n)
{
	for (size_t i = 0; i < version.n; i++)
		if (version.p[i] == '.' && --n == 0)
			return str_sub(version, 0, i);
	return version;
}

bool release_is_number(struct str s)
{
	uint64_t ignored;

	return s.n <= 9 && str_u64(s, UINT64_MAX, &ignored);
}

bool release_is_version(struct str s)
{
	return s.n && release_number(s).n == s.n;
}

struct str release_in_parentheses(struct str s)
{
	struct str before, inside;

	s = str_trim(s);
	if (!str_ends(s, STR(")")) || !str_rcut(s, '(', &before, &inside))
		return STR("");
	return str_sub(inside, 0, inside.n - 1);
}

struct str release_title(struct arena *a, struct str s)
{
	struct str copy = str_copy(a, s);

	if (copy.n && copy.p[0] >= 'a' && copy.p[0] <= 'z')
		((char *)copy.p)[0] = (char)(copy.p[0] - 32);
	return copy;
}

bool release_split(struct str line, struct str *name, struct str *version)
{
	struct str between = STR(" release ");
	size_t at = str_search(line, between);

	if (at == line.n)
		return false;
	*name = str_trim(str_sub(line, 0, at));
	*version = release_number(str_sub(line, at + between.n, line.n - at - between.n));
	return name->n && version->n;
}

static struct str without_leading_space(struct str s)
{
	while (s.n && (s.p[0] == ' ' || (s.p[0] >= '\t' && s.p[0] <= '\r')))
		s = str_sub(s, 1, s.n - 1);
	return s;
}

bool release_rhel_major(struct str text, struct str *major)
{
	while (release_after(&text, STR("Red Hat Enterprise Linux "))) {
		struct str rest = text;

		if (!release_after_start(&rest, STR("Server")))
			release_after_start(&rest, STR("Atomic Host"));
		rest = without_leading_space(rest);
		release_after_start(&rest, STR("release"));
		rest = release_first_components(release_number(without_leading_space(rest)), 1);
		if (!release_is_number(rest))
			continue;
		*major = rest;
		return true;
	}
	return false;
}

/* ".../alpine/v3.19/main" */
static bool branch_of(struct str url, struct str *branch)
{
	struct str directory, repository;

	while (str_ends(url, STR("/")))
		url.n--;
	if (!str_rcut(url, '/', &directory, &repository) || !str_eq(repository, STR("main")))
		return false;
	if (!str_rcut(directory, '/', &directory, branch) || !str_ends(directory, STR("/alpine")))
		return false;
	if (str_eq(*branch, STR("edge")))
		return true;
	return release_after_start(branch, STR("v")) && release_is_version(*branch);
}

bool release_apk_branch(struct str text, struct str *branch)
{
	struct str line, found, first = STR("");

	while (str_line(&text, &line)) {
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#' || line.p[0] == '@' || !branch_of(line, &found))
			continue;
		if (first.n && !str_eq(first, found))
			return false;
		first = found;
	}
	*branch = first;
	return first.n > 0;
}
