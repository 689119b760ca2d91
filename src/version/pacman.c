/* SPDX-License-Identifier: Apache-2.0 */
/* The order of pacman's versions: [epoch:]pkgver[-pkgrel]. Source: vercmp(8) of pacman 6; what it leaves open
 * was asked of vercmp itself. It looks like rpm's order and is not: `~` and `^` only separate, a longer run
 * of separators is the newer one, and letters behind the common part make a version older, not newer: "1.0rc"
 * is before "1.0", "1.0.rc" after it. A pkgrel counts only when both have one, so that "1.0" equals every
 * release of 1.0. */
#include "version/digits.h"
#include "version/version.h"

struct evr {
	struct str epoch, version, release;
	bool has_release;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct str drop(struct str s, size_t n)
{
	return str_sub(s, n, s.n - n);
}

static size_t separators(struct str s)
{
	size_t n = 0;

	while (n < s.n && !is_digit(s.p[n]) && !is_letter(s.p[n]))
		n++;
	return n;
}

static struct str take_letters(struct str *s)
{
	size_t n = 0;

	while (n < s->n && is_letter(s->p[n]))
		n++;
	*s = drop(*s, n);
	return (struct str){ s->p - n, n };
}

static struct str take_digits(struct str *s)
{
	struct str run = digits_run(*s);

	*s = drop(*s, run.n);
	return run;
}

/* Compare one pair of runs. Both texts begin with a letter or digit; numbers are newer than letters. */
static int compare_runs(struct str *a, struct str *b)
{
	bool is_number = is_digit(a->p[0]);

	if (is_number != is_digit(b->p[0]))
		return is_number ? 1 : -1;
	if (is_number) {
		struct str x = take_digits(a), y = take_digits(b);

		return digits_compare(x, y);
	} else {
		struct str x = take_letters(a), y = take_letters(b);

		return str_cmp(x, y);
	}
}

/* What is left when one of the texts has come to its end. */
static int compare_rests(struct str a, struct str b)
{
	if (a.n == 0 && b.n == 0)
		return 0;
	if (a.n)
		return is_letter(a.p[0]) ? -1 : 1;
	return is_letter(b.p[0]) ? 1 : -1;
}

static int compare_text(struct str a, struct str b)
{
	if (str_eq(a, b))
		return 0;
	while (a.n && b.n) {
		size_t n = separators(a), m = separators(b);
		int c;

		a = drop(a, n);
		b = drop(b, m);
		if (a.n == 0 || b.n == 0)
			break;
		c = n != m ? (n < m ? -1 : 1) : compare_runs(&a, &b);
		if (c)
			return c;
	}
	return compare_rests(a, b);
}

static struct evr parse(struct str text)
{
	struct evr v = { .epoch = STR("0"), .version = text };
	struct str epoch = digits_run(text), version;

	if (epoch.n < text.n && text.p[epoch.n] == ':') {
		v.epoch = epoch.n ? epoch : v.epoch;
		v.version = drop(text, epoch.n + 1);
	}
	v.has_release = str_rcut(v.version, '-', &version, &v.release);
	v.version = version;
	return v;
}

static int compare(struct str a, struct str b)
{
	struct evr x = parse(a), y = parse(b);
	int c = compare_text(x.epoch, y.epoch);

	if (c == 0)
		c = compare_text(x.version, y.version);
	return c || !x.has_release || !y.has_release ? c : compare_text(x.release, y.release);
}

/* A version is there, has something to compare in it, and nothing is blank or a control character. */
static bool valid(struct str text)
{
	struct evr v = parse(text);

	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 0x7f)
			return false;
	return separators(v.version) < v.version.n;
}

const struct ordering ordering_pacman = { "pacman", valid, compare };
