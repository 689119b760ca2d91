/* SPDX-License-Identifier: Apache-2.0 */
/* The types of plain YAML scalars, as Go's reader gives them, because configurations were written for it.
 * Source: YAML 1.2.2 section 10.3.2 (core schema), https://yaml.org/spec/1.2.2/ ; what the Go package adds to
 * it is in its documentation, https://pkg.go.dev/gopkg.in/yaml.v3 (section "Compatibility"): underscores in
 * numbers, 0b and octal numbers with a leading 0. What a reader would get wrong: yes and no are strings here;
 * who wants a truth value of them must ask for one. */
#include "base/yaml_scalar.h"

#include "base/limits.h"

#include <inttypes.h>

static bool is_one_of(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_eq(s, str_of(*words)))
			return true;
	return false;
}

/* Null and truth. False when s is another word. */
static bool is_literal(struct str s, enum json_type *type)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const trues[] = { "true", "True", "TRUE", NULL };
	static const char *const falses[] = { "false", "False", "FALSE", NULL };

	if (is_one_of(s, nulls))
		*type = JSON_NULL;
	else if (is_one_of(s, trues))
		*type = JSON_TRUE;
	else if (is_one_of(s, falses))
		*type = JSON_FALSE;
	else
		return false;
	return true;
}

static size_t digits_of(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

static struct str after(struct str s, size_t n)
{
	return str_sub(s, n, s.n - n);
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* All of s in a base, at most max. */
static bool in_base(struct str s, unsigned base, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		int d = digit_value(s.p[i]);

		if (d >= (int)base || v > (max - (uint64_t)d) / base)
			return false;
		v = v * base + (uint64_t)d;
	}
	*out = v;
	return s.n > 0;
}

/* 0x1f, 0o17, 0b11 and 017. Without sign. */
static bool is_based(struct str s, uint64_t max, uint64_t *out)
{
	char letter = s.n > 1 ? (char)(s.p[1] | 0x20) : 0;

	if (s.n < 2 || s.p[0] != '0')
		return false;
	if (letter == 'x')
		return in_base(after(s, 2), 16, max, out);
	if (letter == 'o')
		return in_base(after(s, 2), 8, max, out);
	if (letter == 'b')
		return in_base(after(s, 2), 2, max, out);
	return in_base(after(s, 1), 8, max, out);
}

/* The parts of digits[.digits][e[sign]digits], one side of the point may be missing. */
struct decimal {
	struct str whole, fraction, exponent;
};

static bool is_decimal(struct str s, struct decimal *out)
{
	struct str rest = after(s, digits_of(s));
	size_t sign;

	*out = (struct decimal){ str_sub(s, 0, s.n - rest.n), { NULL, 0 }, { NULL, 0 } };
	if (rest.n && rest.p[0] == '.') {
		rest = after(rest, 1);
		out->fraction = str_sub(rest, 0, digits_of(rest));
		rest = after(rest, out->fraction.n);
	}
	if (out->whole.n + out->fraction.n == 0)
		return false;
	if (rest.n == 0)
		return true;
	if ((rest.p[0] | 0x20) != 'e')
		return false;
	out->exponent = after(rest, 1);
	sign = out->exponent.n && (out->exponent.p[0] == '+' || out->exponent.p[0] == '-');
	rest = after(out->exponent, sign);
	return rest.n && digits_of(rest) == rest.n;
}

static struct str without_underscores(struct arena *a, struct str s)
{
	char *p;
	size_t n = 0;

	if (str_find(s, '_') == s.n)
		return s;
	p = arena_alloc_raw(a, s.n);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_')
			p[n++] = s.p[i];
	return (struct str){ p, n };
}

/* As JSON writes it: no plus, no leading zeros, digits on both sides of the point. */
static struct str decimal_text(struct arena *a, bool is_negative, const struct decimal *d)
{
	struct str whole = d->whole;

	while (whole.n > 1 && whole.p[0] == '0')
		whole = after(whole, 1);
	if (whole.n == 0)
		whole = STR("0");
	return str_format(a, "%s" STR_FMT "%s" STR_FMT "%s" STR_FMT, is_negative ? "-" : "", STR_ARG(whole),
			  d->fraction.n ? "." : "", STR_ARG(d->fraction), d->exponent.n ? "e" : "",
			  STR_ARG(d->exponent));
}

/* The number that s is, as text. False when it is none. */
static bool is_number(struct arena *a, struct str s, struct str *out)
{
	bool is_signed = s.n && (s.p[0] == '-' || s.p[0] == '+');
	bool is_negative = is_signed && s.p[0] == '-';
	struct str rest = after(s, is_signed);
	uint64_t max = is_negative ? (uint64_t)INT64_MAX + 1 : UINT64_MAX, v;
	struct decimal d;

	if (rest.n == 0 || !((rest.p[0] >= '0' && rest.p[0] <= '9') || rest.p[0] == '.'))
		return false;
	rest = without_underscores(a, rest);
	if (is_based(rest, max, &v)) {
		*out = str_format(a, "%s%" PRIu64, is_negative && v ? "-" : "", v);
		return true;
	}
	if (!is_decimal(rest, &d))
		return false;
	*out = decimal_text(a, is_negative, &d);
	return true;
}

int yaml_scalar(struct arena *a, struct str plain, struct json_value *out, struct err *err)
{
	static const char *const no_json[] = { ".inf",	".Inf",	 ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
					       "-.Inf", "-.INF", ".nan", ".NaN",  ".NAN",  NULL };
	struct json_value v = { .type = JSON_STRING, .text = plain };

	if (is_literal(plain, &v.type)) {
		v.text = (struct str){ NULL, 0 };
	} else if (is_one_of(plain, no_json)) {
		return err_set(err, E_FORMAT, STR_FMT " is no number that JSON can hold", STR_ARG(plain));
	} else if (is_number(a, plain, &v.text)) {
		v.type = JSON_NUMBER;
		if (v.text.n > LIMIT_JSON_NUMBER_BYTES)
			return err_set(err, E_LIMIT, "number of %zu bytes, limit %u", v.text.n,
				       LIMIT_JSON_NUMBER_BYTES);
	}
	*out = v;
	return 0;
}
