/* SPDX-License-Identifier: Apache-2.0 */
/* The ordering of Python package versions:
 * [v][N!]N(.N)*[pre][post][dev][+local], any case, with separators that may be left out.
 * Source: PEP 440, now https://packaging.python.org/en/latest/specifications/version-specifiers/, "Summary of
 * permitted suffixes and relative ordering" and "Appendix: Parsing version strings with regular expressions".
 * Easily got wrong: 1.0.dev1 comes before 1.0a1, but 1.0a1.dev1 right before 1.0a1; and a local version comes
 * after the public one, with numbers after words. What is no version comes before all that are, in the order
 * of its bytes. */
#include "version/digits.h"
#include "version/version.h"

/* The phase of a version; 0 is the release itself. */
enum phase { PHASE_ALPHA = -3, PHASE_BETA = -2, PHASE_CANDIDATE = -1, PHASE_RELEASE = 0 };

struct pep440 {
	struct str epoch, release; /* release: "1.2.3" */
	enum phase phase;
	struct str phase_number; /* digits; empty: 0 */
	bool has_post, has_dev, has_local;
	struct str post, dev; /* digits; empty: 0 */
	struct str local; /* without the plus */
};

struct word {
	const char *text;
	int value;
};

static const struct word phases[] = {
	{ "alpha", PHASE_ALPHA },  { "a", PHASE_ALPHA },	   { "beta", PHASE_BETA },
	{ "b", PHASE_BETA },	   { "preview", PHASE_CANDIDATE }, { "pre", PHASE_CANDIDATE },
	{ "rc", PHASE_CANDIDATE }, { "c", PHASE_CANDIDATE },	   { NULL, 0 },
};
static const struct word posts[] = { { "post", 1 }, { "rev", 1 }, { "r", 1 }, { NULL, 0 } };
static const struct word devs[] = { { "dev", 1 }, { NULL, 0 } };

static struct str after(struct str s, size_t n)
{
	return str_sub(s, n, s.n - n);
}

static bool is_separator(struct str s)
{
	return s.n && (s.p[0] == '-' || s.p[0] == '_' || s.p[0] == '.');
}

static struct str take_digits(struct str *s)
{
	struct str run = digits_run(*s);

	*s = after(*s, run.n);
	return run;
}

/* One of the words, with separators around it and a number, which may all be missing. */
static bool take_part(struct str *s, const struct word *words, int *value, struct str *number)
{
	struct str rest = after(*s, is_separator(*s));

	for (; words->text; words++) {
		struct str word = str_of(words->text);

		if (rest.n < word.n || !str_eq_nocase(str_sub(rest, 0, word.n), word))
			continue;
		rest = after(rest, word.n);
		rest = after(rest, is_separator(rest));
		*number = take_digits(&rest);
		*value = words->value;
		*s = rest;
		return true;
	}
	return false;
}

/* "-1" is short for ".post1" */
static bool take_short_post(struct str *s, struct str *number)
{
	struct str rest = after(*s, 1);

	if (!str_starts(*s, STR("-")))
		return false;
	*number = take_digits(&rest);
	if (number->n)
		*s = rest;
	return number->n > 0;
}

static bool take_release(struct str *s, struct str *release)
{
	struct str start = *s;

	if (take_digits(s).n == 0)
		return false;
	while (s->n > 1 && s->p[0] == '.' && digits_run(after(*s, 1)).n) {
		*s = after(*s, 1);
		take_digits(s);
	}
	*release = str_sub(start, 0, start.n - s->n);
	return true;
}

static bool take_epoch(struct str *s, struct str *epoch)
{
	struct str run = digits_run(*s);

	if (run.n == 0 || run.n == s->n || s->p[run.n] != '!')
		return false;
	*epoch = run;
	*s = after(*s, run.n + 1);
	return true;
}

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Words and numbers with one separator between two. */
static bool is_local(struct str s)
{
	bool was_separator = true;

	for (size_t i = 0; i < s.n; i++) {
		bool separates = is_separator(after(s, i));

		if (separates ? was_separator : !is_alphanumeric(s.p[i]))
			return false;
		was_separator = separates;
	}
	return !was_separator;
}

static bool parse(struct str text, struct pep440 *out)
{
	struct str s = str_trim(text);
	int value = 0;

	*out = (struct pep440){ .phase = PHASE_RELEASE };
	if (s.n && (s.p[0] == 'v' || s.p[0] == 'V'))
		s = after(s, 1);
	take_epoch(&s, &out->epoch);
	if (!take_release(&s, &out->release))
		return false;
	if (take_part(&s, phases, &value, &out->phase_number))
		out->phase = (enum phase)value;
	out->has_post = take_short_post(&s, &out->post) || take_part(&s, posts, &value, &out->post);
	out->has_dev = take_part(&s, devs, &value, &out->dev);
	out->has_local = str_starts(s, STR("+"));
	if (!out->has_local)
		return s.n == 0;
	out->local = after(s, 1);
	return is_local(out->local);
}

/* Missing numbers are 0. */
static int compare_releases(struct str a, struct str b)
{
	int c = 0;

	while (c == 0 && (a.n || b.n)) {
		c = digits_compare(take_digits(&a), take_digits(&b));
		a = after(a, a.n > 0);
		b = after(b, b.n > 0);
	}
	return c;
}

/* A development version without anything else comes before all phases. */
static int phase_rank(const struct pep440 *v)
{
	bool is_bare_dev = v->phase == PHASE_RELEASE && !v->has_post && v->has_dev;

	return is_bare_dev ? PHASE_ALPHA - 1 : (int)v->phase;
}

static int compare_phases(const struct pep440 *a, const struct pep440 *b)
{
	int x = phase_rank(a), y = phase_rank(b);

	return x != y ? (x > y) - (x < y) : digits_compare(a->phase_number, b->phase_number);
}

static int compare_optional(bool has_a, struct str a, bool has_b, struct str b, int missing)
{
	if (has_a != has_b)
		return has_a ? -missing : missing;
	return digits_compare(a, b);
}

static struct str take_segment(struct str *s)
{
	struct str start = *s;

	while (s->n && !is_separator(*s))
		*s = after(*s, 1);
	start.n -= s->n;
	*s = after(*s, s->n > 0);
	return start;
}

static int compare_nocase(struct str a, struct str b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		int x = a.p[i] >= 'A' && a.p[i] <= 'Z' ? a.p[i] + 32 : a.p[i];
		int y = b.p[i] >= 'A' && b.p[i] <= 'Z' ? b.p[i] + 32 : b.p[i];

		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a.n > b.n) - (a.n < b.n);
}

static int compare_segments(struct str a, struct str b)
{
	bool is_number_a = digits_run(a).n == a.n, is_number_b = digits_run(b).n == b.n;

	if (is_number_a != is_number_b)
		return is_number_a ? 1 : -1;
	return is_number_a ? digits_compare(a, b) : compare_nocase(a, b);
}

static int compare_locals(const struct pep440 *v, const struct pep440 *w)
{
	struct str a = v->local, b = w->local;
	int c = 0;

	if (v->has_local != w->has_local)
		return v->has_local ? 1 : -1;
	while (c == 0 && a.n && b.n)
		c = compare_segments(take_segment(&a), take_segment(&b));
	return c ? c : (a.n > 0) - (b.n > 0);
}

static int pep440_compare(struct str a, struct str b)
{
	struct pep440 x, y;
	bool has_x = parse(a, &x), has_y = parse(b, &y);
	int c;

	if (!has_x || !has_y)
		return has_x != has_y ? (has_x ? 1 : -1) : str_cmp(a, b);
	c = digits_compare(x.epoch, y.epoch);
	if (c == 0)
		c = compare_releases(x.release, y.release);
	if (c == 0)
		c = compare_phases(&x, &y);
	if (c == 0)
		c = compare_optional(x.has_post, x.post, y.has_post, y.post, -1);
	if (c == 0)
		c = compare_optional(x.has_dev, x.dev, y.has_dev, y.dev, 1);
	return c ? c : compare_locals(&x, &y);
}

static bool pep440_valid(struct str version)
{
	struct pep440 ignored;

	return parse(version, &ignored);
}

const struct ordering ordering_pep440 = { "pep440", pep440_valid, pep440_compare };
