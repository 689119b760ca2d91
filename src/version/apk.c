/* SPDX-License-Identifier: Apache-2.0 */
/* The ordering of Alpine package versions, as apk-tools 3 orders them:
 * digits(.digits)*[a-z]?(_suffix[digits])*(~hex)?(-rdigits)?
 * Source: apk-package(5) "pkgver",
 * https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-package.5.scd. Easily got wrong:
 * after the first component a number with a leading zero is compared as text, so that 1.06 < 1.5 and 8.2.0015
 * < 8.2.002; apk-tools 2 differs there and knows no ~hash. A version is a list of tokens and versions are
 * compared token by token; each kind of token has its place in one order, so that the order is total for any
 * bytes. */
#include "version/digits.h"
#include "version/version.h"

/* Of two different kinds at the same place, the later one belongs to the smaller version. */
enum token_kind {
	TOKEN_FIRST_DIGITS,
	TOKEN_DIGITS,
	TOKEN_LETTER,
	TOKEN_SUFFIX,
	TOKEN_SUFFIX_DIGITS,
	TOKEN_HASH,
	TOKEN_REVISION,
	TOKEN_END,
	TOKEN_INVALID,
};

struct token {
	enum token_kind kind;
	int suffix; /* TOKEN_SUFFIX: place in `suffixes` minus SUFFIX_NONE, negative: before the release */
	struct str text; /* digits, letter or hash; TOKEN_INVALID: all that is left */
};

enum { SUFFIX_NONE = 4 };
static const char *const suffixes[] = { "alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p" };

static struct token take(struct str *rest, enum token_kind kind, size_t n)
{
	struct token t = { kind, 0, str_sub(*rest, 0, n) };

	*rest = str_sub(*rest, n, rest->n - n);
	return t;
}

static struct token invalid(struct str *rest)
{
	return take(rest, TOKEN_INVALID, rest->n);
}

/* Pass over `prefix` bytes, then take the digits there must be. */
static struct token take_digits(struct str *rest, size_t prefix, enum token_kind kind)
{
	struct str after = str_sub(*rest, prefix, rest->n - prefix), run = digits_run(after);

	if (run.n == 0)
		return invalid(rest);
	*rest = after;
	return take(rest, kind, run.n);
}

static size_t run_of(struct str s, const char *set)
{
	size_t n = 0;

	while (n < s.n && s.p[n] && strchr(set, s.p[n]))
		n++;
	return n;
}

static struct token take_suffix(struct str *rest)
{
	struct str after = str_sub(*rest, 1, rest->n - 1);
	struct str word = str_sub(after, 0, run_of(after, "abcdefghijklmnopqrstuvwxyz"));

	for (int i = 0; i < (int)(sizeof(suffixes) / sizeof(suffixes[0])); i++) {
		if (i == SUFFIX_NONE || !str_eq(word, str_of(suffixes[i])))
			continue;
		*rest = str_sub(after, word.n, after.n - word.n);
		return (struct token){ TOKEN_SUFFIX, i - SUFFIX_NONE, word };
	}
	return invalid(rest);
}

static struct token take_hash(struct str *rest)
{
	struct str after = str_sub(*rest, 1, rest->n - 1);
	size_t n = run_of(after, "0123456789abcdef");

	if (n == 0)
		return invalid(rest);
	*rest = after;
	return take(rest, TOKEN_HASH, n);
}

static struct token take_bare_digits(struct str *rest, enum token_kind before)
{
	return before == TOKEN_SUFFIX ? take_digits(rest, 0, TOKEN_SUFFIX_DIGITS) : invalid(rest);
}

static struct token take_revision(struct str *rest, enum token_kind before)
{
	if (before >= TOKEN_REVISION || rest->n < 2 || rest->p[1] != 'r')
		return invalid(rest);
	return take_digits(rest, 2, TOKEN_REVISION);
}

static struct token first_token(struct str *rest)
{
	return take_digits(rest, 0, TOKEN_FIRST_DIGITS);
}

/* The token after one of the kind `before`. */
static struct token next_token(struct str *rest, enum token_kind before)
{
	bool after_digits = before <= TOKEN_DIGITS;
	char c;

	if (rest->n == 0)
		return (struct token){ .kind = TOKEN_END };
	c = rest->p[0];
	if (c == '.' && after_digits)
		return take_digits(rest, 1, TOKEN_DIGITS);
	if (c >= 'a' && c <= 'z' && after_digits)
		return take(rest, TOKEN_LETTER, 1);
	if (c == '_' && before < TOKEN_HASH)
		return take_suffix(rest);
	if (c == '~' && before < TOKEN_HASH)
		return take_hash(rest);
	if (c == '-')
		return take_revision(rest, before);
	return take_bare_digits(rest, before);
}

static int compare_numbers_or_text(struct str a, struct str b)
{
	return a.p[0] == '0' || b.p[0] == '0' ? str_cmp(a, b) : digits_compare(a, b);
}

static int compare_same_kind(const struct token *a, const struct token *b)
{
	switch (a->kind) {
	case TOKEN_FIRST_DIGITS:
	case TOKEN_SUFFIX_DIGITS:
	case TOKEN_REVISION: return digits_compare(a->text, b->text);
	case TOKEN_DIGITS: return compare_numbers_or_text(a->text, b->text);
	case TOKEN_SUFFIX: return (a->suffix > b->suffix) - (a->suffix < b->suffix);
	default: return str_cmp(a->text, b->text);
	}
}

static int compare_tokens(const struct token *a, const struct token *b)
{
	if (a->kind == b->kind)
		return compare_same_kind(a, b);
	if (a->kind == TOKEN_SUFFIX && a->suffix < 0)
		return -1;
	if (b->kind == TOKEN_SUFFIX && b->suffix < 0)
		return 1;
	return a->kind > b->kind ? -1 : 1;
}

static int apk_compare(struct str a, struct str b)
{
	struct token x = first_token(&a), y = first_token(&b);

	for (;;) {
		int c = compare_tokens(&x, &y);

		if (c != 0 || x.kind >= TOKEN_END)
			return c;
		x = next_token(&a, x.kind);
		y = next_token(&b, y.kind);
	}
}

static bool apk_valid(struct str version)
{
	struct token t = first_token(&version);

	while (t.kind < TOKEN_END)
		t = next_token(&version, t.kind);
	return t.kind == TOKEN_END;
}

const struct ordering ordering_apk = { "apk", apk_valid, apk_compare };
