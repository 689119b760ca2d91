/* SPDX-License-Identifier: Apache-2.0 */
/* WWW-Authenticate as registries send it.
 * Source: RFC 9110, section 11.6.1 and 5.6.2 to 5.6.6 (tokens, quoted strings, parameters); RFC 6750, section
 * 3; the distribution project's "Token Authentication Specification". Easy to get wrong: commas separate
 * challenges and parameters alike, so a name is a scheme unless '=' follows; and scopes hold commas in quotes
 * ("repository:a/b:pull,push"). */
#include "image/registry_challenge.h"

#include "base/cursor.h"

static bool is_token_byte(char c)
{
	static const char marks[] = "!#$%&'*+-.^_`|~/"; /* '/' is in token68 only, and harmless here */

	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c != '\0' && strchr(marks, c) != NULL;
}

static void skip_blanks(struct str *rest, bool commas)
{
	while (rest->n && (rest->p[0] == ' ' || rest->p[0] == '\t' || (commas && rest->p[0] == ',')))
		*rest = str_sub(*rest, 1, rest->n - 1);
}

static struct str take_token(struct str *rest)
{
	struct str token = { rest->p, 0 };

	while (token.n < rest->n && is_token_byte(rest->p[token.n]))
		token.n++;
	*rest = str_sub(*rest, token.n, rest->n - token.n);
	return token;
}

/* "..." with backslashes undone; an unclosed one goes to the end. */
static struct str take_quoted(struct arena *a, struct str *rest)
{
	struct buffer b = { .arena = a };
	size_t i = 1;

	for (; i < rest->n && rest->p[i] != '"'; i++) {
		if (rest->p[i] == '\\' && i + 1 < rest->n)
			i++;
		put_u8(&b, (uint8_t)rest->p[i]);
	}
	i = i < rest->n ? i + 1 : i;
	*rest = str_sub(*rest, i, rest->n - i);
	return buffer_str(&b);
}

static struct str take_value(struct arena *a, struct str *rest)
{
	*rest = str_sub(*rest, 1, rest->n - 1); /* '=' */
	skip_blanks(rest, false);
	if (rest->n && rest->p[0] == '"')
		return take_quoted(a, rest);
	return str_copy(a, take_token(rest));
}

static void set_parameter(struct registry_challenge *c, struct str name, struct str value)
{
	if (str_eq_nocase(name, STR("realm")))
		c->realm = value;
	else if (str_eq_nocase(name, STR("service")))
		c->service = value;
	else if (str_eq_nocase(name, STR("scope")))
		c->scope = value;
	else if (str_eq_nocase(name, STR("error")))
		c->error = value;
}

static enum challenge_scheme scheme_of(struct str name)
{
	if (str_eq_nocase(name, STR("bearer")))
		return CHALLENGE_BEARER;
	return str_eq_nocase(name, STR("basic")) ? CHALLENGE_BASIC : CHALLENGE_NONE;
}

static void keep_stronger(const struct registry_challenge *c, struct registry_challenge *out)
{
	if (c->scheme == CHALLENGE_BEARER && c->realm.n == 0)
		return;
	if (c->scheme > out->scheme)
		*out = *c;
}

void registry_challenge_parse(struct arena *a, struct str value, struct registry_challenge *out)
{
	struct registry_challenge now = { 0 };

	*out = now;
	for (;;) {
		struct str name;

		skip_blanks(&value, true);
		if (value.n == 0)
			break;
		name = take_token(&value);
		skip_blanks(&value, false);
		if (name.n == 0) {
			value = str_sub(value, 1, value.n - 1);
		} else if (value.n && value.p[0] == '=') {
			set_parameter(&now, name, take_value(a, &value));
		} else {
			keep_stronger(&now, out);
			now = (struct registry_challenge){ .scheme = scheme_of(name) };
		}
	}
	keep_stronger(&now, out);
}

void registry_challenge_find(struct arena *a, const http_headers *headers, struct registry_challenge *out)
{
	*out = (struct registry_challenge){ 0 };
	VEC_EACH (const struct http_header, h, headers) {
		struct registry_challenge c;

		if (!str_eq_nocase(h->name, STR("WWW-Authenticate")))
			continue;
		registry_challenge_parse(a, h->value, &c);
		keep_stronger(&c, out);
	}
}
