/* SPDX-License-Identifier: Apache-2.0 */
/* The ordering of Debian package versions: [epoch:]upstream[-revision].
 * Source: deb-version(7) "Sorting algorithm"; Debian Policy 5.6.12 "Version",
 * https://www.debian.org/doc/debian-policy/ch-controlfields.html#version.
 * Easily got wrong: `~` sorts before the end of a part, so 1.0~rc1 < 1.0, and letters sort before all other
 * characters. Text that is no valid version is ordered by the same rules, so that the order is total. */
#include "version/digits.h"
#include "version/version.h"

struct deb_version {
	struct str epoch, upstream, revision;
	bool epoch_is_number; /* or there is none */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool all_digits(struct str s)
{
	return s.n && digits_run(s).n == s.n;
}

/* An epoch that is no number is taken as part of the upstream version. */
static struct deb_version split(struct str text)
{
	struct deb_version v = { .epoch_is_number = true };
	struct str rest = str_trim(text), head, tail;

	if (str_cut(rest, ':', &head, &tail)) {
		v.epoch_is_number = all_digits(head);
		if (v.epoch_is_number) {
			v.epoch = head;
			rest = tail;
		}
	}
	str_rcut(rest, '-', &v.upstream, &v.revision);
	return v;
}

/* Only letters, digits, and bytes of `others`. */
static bool consists_of(struct str s, struct str others)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) && !is_letter(s.p[i]) && str_find(others, s.p[i]) == others.n)
			return false;
	return true;
}

/* dpkg refuses an underscore and a dash with nothing after it; feeds and old images have them. */
static bool deb_valid(struct str text)
{
	struct deb_version v = split(text);

	return v.epoch_is_number && v.upstream.n && is_digit(v.upstream.p[0]) &&
	       consists_of(v.upstream, STR(".-+~:_")) && consists_of(v.revision, STR("+.~_"));
}

/* The rank of s[i] inside a run of non-digits; the end of the run ranks between `~` and the letters. */
static int rank(struct str s, size_t i)
{
	if (i >= s.n || is_digit(s.p[i]))
		return 0;
	if (s.p[i] == '~')
		return -1;
	return is_letter(s.p[i]) ? s.p[i] : (unsigned char)s.p[i] + 256;
}

/* Compare the runs of non-digits that a and b start with, and take them off. */
static int compare_text(struct str *a, struct str *b)
{
	size_t i = 0;
	int x, y;

	do {
		x = rank(*a, i);
		y = rank(*b, i);
		i++;
	} while (x == y && x != 0);
	if (x != y)
		return x < y ? -1 : 1;
	*a = str_sub(*a, i - 1, a->n - (i - 1));
	*b = str_sub(*b, i - 1, b->n - (i - 1));
	return 0;
}

static int compare_part(struct str a, struct str b)
{
	while (a.n || b.n) {
		struct str x, y;
		int c = compare_text(&a, &b);

		if (c != 0)
			return c;
		x = digits_run(a);
		y = digits_run(b);
		c = digits_compare(x, y);
		if (c != 0)
			return c;
		a = str_sub(a, x.n, a.n - x.n);
		b = str_sub(b, y.n, b.n - y.n);
	}
	return 0;
}

static int deb_compare(struct str a, struct str b)
{
	struct deb_version x = split(a), y = split(b);
	int c = digits_compare(x.epoch, y.epoch);

	if (c == 0)
		c = compare_part(x.upstream, y.upstream);
	return c ? c : compare_part(x.revision, y.revision);
}

const struct ordering ordering_deb = { "deb", deb_valid, deb_compare };
