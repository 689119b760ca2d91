/* SPDX-License-Identifier: Apache-2.0 */
/* Names of platforms (CPE): reads the URI binding and the formatted string, writes the formatted string.
 * Source: NIST IR 7695, Common Platform Enumeration: Naming Specification 2.3, sections 6.1 and 6.2,
 * https://doi.org/10.6028/NIST.IR.7695.
 * Easily got wrong: in the URI binding an empty component means "any" and the sixth may hold five attributes
 * packed with `~`; a value that is a single hyphen must stay quoted, for a bare one means "not applicable".
 */
#include "model/cpe.h"

#include "base/cursor.h"
#include "base/limits.h"

enum { URI_COMPONENTS = 7, PACKED_ATTRIBUTES = 5 };

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_graphic(char c)
{
	return c > ' ' && c < 0x7f;
}

/* A character that stands for itself. */
static void put_literal(struct buffer *b, char c)
{
	if (!is_alnum(c) && c != '_' && c != '-' && c != '.')
		put_u8(b, '\\');
	put_u8(b, (uint8_t)c);
}

/* What was collected; a hyphen alone is quoted. */
static struct str finish_value(struct buffer *b)
{
	struct str s = buffer_str(b);

	return str_eq(s, STR("-")) ? STR("\\-") : s;
}

/* Wildcards may stand only at the beginning and at the end of a value. */
static bool wildcards_are_outside(struct str value)
{
	bool in_text = false, behind_text = false;

	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '*' || value.p[i] == '?') {
			behind_text = in_text;
			continue;
		}
		if (behind_text)
			return false;
		in_text = true;
		if (value.p[i] == '\\')
			i++;
	}
	return true;
}

static int check_part(const struct cpe *cpe, struct err *err)
{
	struct str part = cpe->attribute[CPE_PART];

	if (part.n > 1 || (part.n == 1 && str_find(STR("aoh*-"), part.p[0]) == 5))
		return err_set(err, E_FORMAT, "cpe: part \"" STR_FMT "\" is not a, o or h", STR_ARG(part));
	return 0;
}

/* --- URI binding --- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int put_percent(struct buffer *b, struct str rest, struct err *err)
{
	int high = rest.n >= 3 ? hex_digit(rest.p[1]) : -1, low = rest.n >= 3 ? hex_digit(rest.p[2]) : -1;
	int c = high < 0 || low < 0 ? -1 : high * 16 + low;

	if (c == 1 || c == 2)
		put_u8(b, c == 1 ? '?' : '*');
	else if (c >= 0 && is_graphic((char)c))
		put_literal(b, (char)c);
	else
		return err_set(err, E_FORMAT, "cpe: bad percent code");
	return 0;
}

static int uri_value(struct arena *a, struct str s, struct str *out, struct err *err)
{
	struct buffer b = { .arena = a };

	*out = s.n ? STR("-") : STR("");
	if (s.n == 0 || str_eq(s, STR("-")))
		return 0;
	s = str_lower(a, s);
	while (s.n) {
		size_t used = s.p[0] == '%' ? 3 : 1;

		if (used == 3)
			TRY(put_percent(&b, s, err));
		else if (is_alnum(s.p[0]) || str_find(STR("._-~"), s.p[0]) < 4)
			put_literal(&b, s.p[0]);
		else
			return err_set(err, E_FORMAT, "cpe: character 0x%02x must be percent-encoded",
				       (unsigned char)s.p[0]);
		s = str_sub(s, used, s.n - used);
	}
	*out = finish_value(&b);
	if (!wildcards_are_outside(*out))
		return err_set(err, E_FORMAT, "cpe: wildcard inside a value");
	return 0;
}

/* "~edition~sw_edition~target_sw~target_hw~other" */
static int unpack_edition(struct arena *a, struct str packed, struct cpe *out, struct err *err)
{
	static const enum cpe_attribute places[PACKED_ATTRIBUTES] = { CPE_EDITION, CPE_SW_EDITION,
								      CPE_TARGET_SW, CPE_TARGET_HW,
								      CPE_OTHER };
	struct str rest = str_sub(packed, 1, packed.n - 1), value;

	for (int i = 0; i < PACKED_ATTRIBUTES; i++) {
		str_cut(rest, '~', &value, &rest);
		TRY(uri_value(a, value, &out->attribute[places[i]], err));
	}
	if (rest.n)
		return err_set(err, E_FORMAT, "cpe: more than five packed attributes");
	return 0;
}

static int parse_uri(struct arena *a, struct str rest, struct cpe *out, struct err *err)
{
	struct str component;
	int i = 0;

	for (bool more = true; more; i++) {
		more = str_cut(rest, ':', &component, &rest);
		if (i == URI_COMPONENTS)
			return err_set(err, E_FORMAT, "cpe: more than seven components");
		if (i == CPE_EDITION && component.n && component.p[0] == '~')
			TRY(unpack_edition(a, component, out, err));
		else
			TRY(uri_value(a, component, &out->attribute[i], err));
	}
	return 0;
}

/* --- formatted string --- */

/* Take a component off *rest, up to the next colon that is not quoted. False when it is the last. */
static bool next_component(struct str *rest, struct str *component)
{
	for (size_t i = 0; i < rest->n; i++) {
		if (rest->p[i] == '\\') {
			i++;
		} else if (rest->p[i] == ':') {
			*component = str_sub(*rest, 0, i);
			*rest = str_sub(*rest, i + 1, rest->n - i - 1);
			return true;
		}
	}
	*component = *rest;
	return false;
}

static int formatted_value(struct arena *a, struct str s, struct str *out, struct err *err)
{
	struct buffer b = { .arena = a };

	if (s.n == 0 || str_eq(s, STR("*")) || str_eq(s, STR("-"))) {
		*out = s;
		return 0;
	}
	for (size_t i = 0; i < s.n; i++) {
		bool is_quoted = s.p[i] == '\\';

		if (is_quoted && ++i == s.n)
			return err_set(err, E_FORMAT, "cpe: nothing after a backslash");
		if (!is_graphic(s.p[i]))
			return err_set(err, E_FORMAT, "cpe: character 0x%02x", (unsigned char)s.p[i]);
		if (!is_quoted && (s.p[i] == '*' || s.p[i] == '?'))
			put_u8(&b, (uint8_t)s.p[i]);
		else
			put_literal(&b, s.p[i]);
	}
	*out = finish_value(&b);
	if (!wildcards_are_outside(*out))
		return err_set(err, E_FORMAT, "cpe: wildcard inside a value");
	return 0;
}

static int parse_formatted(struct arena *a, struct str rest, struct cpe *out, struct err *err)
{
	struct str component;

	for (int i = 0; i < CPE_ATTRIBUTES; i++) {
		bool more = next_component(&rest, &component);

		if (more != (i < CPE_ATTRIBUTES - 1))
			return err_set(err, E_FORMAT, "cpe: not 11 components");
		TRY(formatted_value(a, component, &out->attribute[i], err));
	}
	return 0;
}

int cpe_parse(struct arena *a, struct str text, struct cpe *out, struct err *err)
{
	struct cpe cpe = { 0 };

	if (text.n > LIMIT_FIELD_BYTES)
		return err_set(err, E_FORMAT, "cpe: %zu bytes, limit %u", text.n, LIMIT_FIELD_BYTES);
	if (str_starts(text, STR("cpe:/")))
		TRY(parse_uri(a, str_sub(text, 5, text.n - 5), &cpe, err));
	else if (str_starts(text, STR("cpe:2.3:")))
		TRY(parse_formatted(a, str_sub(text, 8, text.n - 8), &cpe, err));
	else
		return err_set(err, E_FORMAT, "cpe: begins with neither cpe:/ nor cpe:2.3:");
	TRY(check_part(&cpe, err));
	*out = cpe;
	return 0;
}

struct str cpe_format(struct arena *a, const struct cpe *cpe)
{
	struct buffer b = { .arena = a };
	size_t set = 0;

	put_bytes(&b, STR("cpe:2.3"));
	for (int i = 0; i < CPE_ATTRIBUTES; i++) {
		struct str value = cpe->attribute[i];

		set += value.n;
		put_u8(&b, ':');
		put_bytes(&b, value.n ? value : STR("*"));
	}
	return set ? buffer_str(&b) : STR("");
}

struct str cpe_normalise(struct arena *a, struct str text)
{
	struct cpe cpe;
	struct err err;

	return cpe_parse(a, text, &cpe, &err) < 0 ? STR("") : cpe_format(a, &cpe);
}
