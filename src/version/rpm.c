/* SPDX-License-Identifier: Apache-2.0 */
/* The order of rpm versions: [epoch:]version-release, with name and architecture where the text has them.
 * Source: rpm-version(7) of rpm 6, whose rules are those of rpm 4.15 and later; what it leaves open was asked
 * of librpm 4.18. Easy to get wrong: `~` sorts before the end of the text and `^` after it but before
 * anything else; bytes that are neither letters nor digits only separate, however many there are; `1` sorts
 * before `1-`. */
#include "version/version.h"

/* What a text says. Missing parts are empty; has_release and has_name tell an empty part from none. */
struct nevra {
	struct str name, epoch, version, release, arch;
	bool has_name, has_release;
};

/* The only suffixes of a release that are taken for an architecture. */
static const char *const architectures[] = { "aarch64", "i686", "noarch", "ppc64le", "riscv",
					     "s390x",	"src",	"x86_64", NULL };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_separator(char c)
{
	return !is_digit(c) && !is_letter(c) && c != '~' && c != '^';
}

static struct str drop(struct str s, size_t n)
{
	return str_sub(s, n, s.n - n);
}

static size_t digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n;
}

/* Take the leading digits, or else the leading letters. */
static struct str take_run(struct str *s, bool want_digits)
{
	size_t n = 0;

	while (n < s->n && (want_digits ? is_digit(s->p[n]) : is_letter(s->p[n])))
		n++;
	*s = drop(*s, n);
	return (struct str){ s->p - n, n };
}

static struct str skip_separators(struct str s)
{
	while (s.n && is_separator(s.p[0]))
		s = drop(s, 1);
	return s;
}

static int compare_numbers(struct str a, struct str b)
{
	while (a.n && a.p[0] == '0')
		a = drop(a, 1);
	while (b.n && b.p[0] == '0')
		b = drop(b, 1);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return str_cmp(a, b);
}

/* Compare one pair of runs. Both texts begin with a letter or digit. */
static int compare_runs(struct str *a, struct str *b)
{
	bool is_number = is_digit(a->p[0]);
	struct str x = take_run(a, is_number), y = take_run(b, is_number);

	if (y.n == 0)
		return is_number ? 1 : -1;
	return is_number ? compare_numbers(x, y) : str_cmp(x, y);
}

static bool begins(struct str s, char c)
{
	return s.n && s.p[0] == c;
}

/* Deal with `~` or `^` in front of either text. Returns -1 or 1: decided; 0: neither has one; 2: both had,
 * go on behind it. */
static int compare_marks(struct str *a, struct str *b, char mark)
{
	bool in_a = begins(*a, mark), in_b = begins(*b, mark);

	if (in_a && in_b) {
		*a = drop(*a, 1);
		*b = drop(*b, 1);
		return 2;
	}
	if (!in_a && !in_b)
		return 0;
	if (mark == '^' && (in_a ? b->n : a->n) == 0) /* more than the end of the text, less than the rest */
		return in_a ? 1 : -1;
	return in_a ? -1 : 1;
}

static int compare_text(struct str a, struct str b)
{
	if (str_eq(a, b))
		return 0;
	for (;;) {
		int c;

		a = skip_separators(a);
		b = skip_separators(b);
		c = compare_marks(&a, &b, '~');
		if (c == 0)
			c = compare_marks(&a, &b, '^');
		if (c == 2)
			continue;
		if (c == 0 && (a.n == 0 || b.n == 0))
			return (a.n > 0) - (b.n > 0);
		if (c == 0)
			c = compare_runs(&a, &b);
		if (c)
			return c;
	}
}

/* An epoch is digits before the first colon; any other colon is part of the version, as for librpm. */
static void split_epoch(struct nevra *v)
{
	size_t n = digits(v->version);

	v->epoch = STR("0");
	if (n == v->version.n || v->version.p[n] != ':')
		return;
	if (n)
		v->epoch = str_sub(v->version, 0, n);
	v->version = drop(v->version, n + 1);
}

static void split_arch(struct nevra *v)
{
	struct str release, arch;

	if (!str_rcut(v->release, '.', &release, &arch))
		return;
	for (size_t i = 0; architectures[i]; i++) {
		if (str_eq(arch, str_of(architectures[i]))) {
			v->release = release;
			v->arch = arch;
		}
	}
}

static struct nevra parse(struct str text)
{
	struct nevra v = { .version = text };
	struct str rest;

	v.has_release = str_rcut(text, '-', &rest, &v.release);
	if (v.has_release) {
		v.has_name = str_rcut(rest, '-', &v.name, &v.version);
		if (!v.has_name) {
			v.version = rest;
			v.name = (struct str){ NULL, 0 };
		}
		split_arch(&v);
	}
	split_epoch(&v);
	return v;
}

static int compare(struct str a, struct str b)
{
	struct nevra x = parse(a), y = parse(b);
	int c = x.has_name != y.has_name ? x.has_name - y.has_name : compare_text(x.name, y.name);

	if (c == 0)
		c = compare_text(x.epoch, y.epoch);
	if (c == 0)
		c = compare_text(x.version, y.version);
	if (c == 0 && x.has_release != y.has_release)
		c = x.has_release - y.has_release;
	if (c == 0)
		c = compare_text(x.release, y.release);
	if (c == 0 && !x.arch.n != !y.arch.n)
		c = x.arch.n ? 1 : -1;
	return c ? c : compare_text(x.arch, y.arch);
}

/* A version is there, has something to compare in it, and nothing is blank or a control character. */
static bool valid(struct str text)
{
	struct nevra v = parse(text);
	bool has_any = false;

	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 0x7f)
			return false;
	for (size_t i = 0; i < v.version.n; i++)
		has_any = has_any || !is_separator(v.version.p[i]);
	return has_any;
}

const struct ordering ordering_rpm = { "rpm", valid, compare };
