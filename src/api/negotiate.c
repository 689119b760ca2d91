/* SPDX-License-Identifier: Apache-2.0 */
/* Content negotiation and conditional requests.
 * Source: RFC 9110, HTTP Semantics, sections 12.4.2 (weights), 12.5.1 (Accept), 12.5.3 (Accept-Encoding) and
 * 13.1.2 (If-None-Match), https://www.rfc-editor.org/rfc/rfc9110 ; what Clair 4.9 does with them.
 * What a reader would get wrong: Clair takes the first entry of the highest weight that fits any offer, not
 * the offer of the highest weight, and answers 415 when none does; a weight of 0 is a refusal (Clair ignores
 * it), and the most specific entry that names an offer decides about that. */
#include "api/negotiate.h"

#include "base/limits.h"

/* One entry of a list: a media range, or a coding (type only). */
struct entry {
	struct str type, subtype;
	unsigned weight; /* thousandths */
};
struct entries {
	struct entry list[LIMIT_ACCEPT_ENTRIES];
	size_t n;
};

enum { WEIGHT_ONE = 1000, WEIGHT_BAD = 1001 };

static void skip_blanks(struct str *s)
{
	while (s->n && (s->p[0] == ' ' || s->p[0] == '\t'))
		*s = str_sub(*s, 1, s->n - 1);
}

static bool is_token_byte(char c)
{
	struct str marks = STR("!#$%&'*+-.^_`|~");
	char lower = (char)(c | 0x20);

	return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z') || str_find(marks, c) < marks.n;
}

/* Take a token off *s; false when there is none. */
static bool take_token(struct str *s, struct str *out)
{
	size_t n = 0;

	while (n < s->n && is_token_byte(s->p[n]))
		n++;
	*out = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n - n);
	return n > 0;
}

static bool take_byte(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_sub(*s, 1, s->n - 1);
	return true;
}

/* A quoted string, passed over; its value matters to nobody. */
static bool take_quoted(struct str *s)
{
	for (size_t i = 1; i < s->n; i++) {
		if (s->p[i] == '"') {
			*s = str_sub(*s, i + 1, s->n - i - 1);
			return true;
		}
		if (s->p[i] == '\\')
			i++;
	}
	return false;
}

/* "0", "1", "0.25": thousandths; further digits are dropped. */
static unsigned weight_of(struct str text)
{
	struct str whole, digits;
	unsigned value, unit = 100;

	str_cut(text, '.', &whole, &digits);
	if (whole.n != 1 || (whole.p[0] != '0' && whole.p[0] != '1'))
		return WEIGHT_BAD;
	value = whole.p[0] == '1' ? WEIGHT_ONE : 0;
	for (size_t i = 0; i < digits.n; i++, unit /= 10) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return WEIGHT_BAD;
		value += (unsigned)(digits.p[i] - '0') * unit;
	}
	return value > WEIGHT_ONE ? WEIGHT_BAD : value;
}

/* ";name=value" as often as they come. False: malformed. */
static bool take_parameters(struct str *s, unsigned *weight)
{
	for (;;) {
		struct str name, value = STR("");

		skip_blanks(s);
		if (!take_byte(s, ';'))
			return true;
		skip_blanks(s);
		if (!s->n || s->p[0] == ';' || s->p[0] == ',')
			continue; /* an empty one is allowed */
		if (!take_token(s, &name) || !take_byte(s, '='))
			return false;
		if (s->n && s->p[0] == '"' ? !take_quoted(s) : !take_token(s, &value))
			return false;
		if (str_eq_nocase(name, STR("q")))
			*weight = weight_of(value);
	}
}

static int add_entry(struct entries *e, const struct entry *entry, struct err *err)
{
	if (e->n == LIMIT_ACCEPT_ENTRIES)
		return err_set(err, E_LIMIT, "more than %u entries in Accept", LIMIT_ACCEPT_ENTRIES);
	e->list[e->n++] = *entry;
	return 0;
}

static int parse_accept(struct entries *e, struct str s, struct err *err)
{
	do {
		struct entry entry = { .weight = WEIGHT_ONE };

		skip_blanks(&s);
		if (!take_token(&s, &entry.type) || !take_byte(&s, '/') || !take_token(&s, &entry.subtype) ||
		    !take_parameters(&s, &entry.weight) || entry.weight == WEIGHT_BAD)
			return err_set(err, E_FORMAT, "Accept is no list of media types");
		TRY(add_entry(e, &entry, err));
	} while (take_byte(&s, ','));
	if (s.n)
		return err_set(err, E_FORMAT, "Accept is no list of media types");
	return 0;
}

/* How well an entry names an offer: 0 not at all, 1 by any type, 2 by its type, 3 exactly. */
static int specificity(const struct entry *e, const char *offer)
{
	struct str type, subtype;

	str_cut(str_of(offer), '/', &type, &subtype);
	if (str_eq(e->type, STR("*")))
		return str_eq(e->subtype, STR("*")) ? 1 : 0;
	if (!str_eq_nocase(e->type, type))
		return 0;
	if (str_eq(e->subtype, STR("*")))
		return 2;
	return str_eq_nocase(e->subtype, subtype) ? 3 : 0;
}

static bool is_refused(const struct entries *all, const char *offer)
{
	const struct entry *best = NULL;
	int most = 0;

	for (size_t i = 0; i < all->n; i++) {
		int s = specificity(&all->list[i], offer);

		if (s > most) {
			most = s;
			best = &all->list[i];
		}
	}
	return best && best->weight == 0;
}

/* Entries in order of weight, then place; NULL at the end. */
static const struct entry *next_entry(const struct entries *all, bool seen[])
{
	size_t best = all->n;

	for (size_t i = 0; i < all->n; i++)
		if (!seen[i] && all->list[i].weight > 0 &&
		    (best == all->n || all->list[i].weight > all->list[best].weight))
			best = i;
	if (best == all->n)
		return NULL;
	seen[best] = true;
	return &all->list[best];
}

static int choose_media(const struct entries *all, const char *const *offers, const char **out)
{
	bool seen[LIMIT_ACCEPT_ENTRIES] = { false };
	const struct entry *e;

	while ((e = next_entry(all, seen)) != NULL)
		for (size_t i = 0; offers[i]; i++)
			if (specificity(e, offers[i]) && !is_refused(all, offers[i])) {
				*out = offers[i];
				return 1;
			}
	return 0;
}

int negotiate_media(const http_headers *headers, const char *const *offers, const char **out, struct err *err)
{
	struct entries all = { .n = 0 };

	VEC_EACH (const struct http_header, h, headers)
		if (str_eq_nocase(h->name, STR("accept")) && str_trim(h->value).n)
			TRY(parse_accept(&all, str_trim(h->value), err));
	if (all.n == 0) {
		*out = offers[0];
		return 1;
	}
	return choose_media(&all, offers, out);
}

/* ---- codings ---- */

static const struct {
	const char *name;
	enum compression coding;
} codings[] = { { "gzip", COMPRESSION_GZIP },
		{ "x-gzip", COMPRESSION_GZIP },
		{ "zstd", COMPRESSION_ZSTD },
		{ "identity", COMPRESSION_NONE } };

struct coding_state {
	unsigned weight[3]; /* by what index_of says; 1001: not named */
	unsigned other; /* of "*" */
	enum compression best;
	unsigned best_weight;
};

static size_t index_of(enum compression c)
{
	return c == COMPRESSION_GZIP ? 0 : c == COMPRESSION_ZSTD ? 1 : 2;
}

static void take_coding(struct coding_state *s, struct str name, unsigned weight)
{
	if (weight == WEIGHT_BAD)
		weight = 0;
	if (str_eq(name, STR("*")))
		s->other = weight;
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		if (!str_eq_nocase(name, str_of(codings[i].name)))
			continue;
		s->weight[index_of(codings[i].coding)] = weight;
		if (weight > s->best_weight) {
			s->best_weight = weight;
			s->best = codings[i].coding;
		}
	}
}

/* Entries that cannot be read are passed over: a client that says nonsense gets what everybody reads. */
static void read_codings(struct coding_state *s, struct str value)
{
	struct str rest = value, part;

	for (unsigned n = 0; rest.n && n < LIMIT_ACCEPT_ENTRIES; n++) {
		unsigned weight = WEIGHT_ONE;
		struct str name;

		str_cut(rest, ',', &part, &rest);
		skip_blanks(&part);
		if (!take_token(&part, &name))
			continue;
		if (!take_parameters(&part, &weight) || part.n)
			weight = WEIGHT_BAD;
		take_coding(s, name, weight);
	}
}

/* "*" stands for what is not named: gzip first. */
static void apply_star(struct coding_state *s)
{
	static const enum compression order[] = { COMPRESSION_GZIP, COMPRESSION_NONE };

	if (s->other == WEIGHT_BAD || s->other <= s->best_weight)
		return;
	for (size_t i = 0; i < 2; i++)
		if (s->weight[index_of(order[i])] == WEIGHT_BAD) {
			s->best = order[i];
			s->best_weight = s->other;
			return;
		}
}

int negotiate_coding(const http_headers *headers, struct coding_choice *out)
{
	struct coding_state s = { { WEIGHT_BAD, WEIGHT_BAD, WEIGHT_BAD }, WEIGHT_BAD, COMPRESSION_NONE, 0 };
	unsigned identity;

	VEC_EACH (const struct http_header, h, headers)
		if (str_eq_nocase(h->name, STR("accept-encoding")))
			read_codings(&s, h->value);
	apply_star(&s);
	identity = s.weight[index_of(COMPRESSION_NONE)];
	out->identity_refused = identity == 0 || (identity == WEIGHT_BAD && s.other == 0);
	out->coding = s.best;
	return s.best_weight > 0 || !out->identity_refused;
}

/* ---- words and tags ---- */

bool header_has_word(const http_headers *headers, const char *name, struct str word)
{
	VEC_EACH (const struct http_header, h, headers) {
		struct str rest = h->value, part, head, tail;

		if (!str_eq_nocase(h->name, str_of(name)))
			continue;
		while (rest.n) {
			str_cut(rest, ',', &part, &rest);
			str_cut(part, ';', &head, &tail);
			if (str_eq_nocase(str_trim(head), word))
				return true;
		}
	}
	return false;
}

/* One entity tag off *s: its text without quotes. */
static bool take_tag(struct str *s, struct str *out)
{
	skip_blanks(s);
	if (str_starts(*s, STR("W/")))
		*s = str_sub(*s, 2, s->n - 2);
	if (!take_byte(s, '"'))
		return false;
	return str_cut(*s, '"', out, s);
}

static enum etag_match match_line(struct str s, struct str tag)
{
	struct str one;

	if (str_eq(str_trim(s), STR("*")))
		return ETAG_ANY;
	do {
		if (!take_tag(&s, &one))
			return ETAG_NONE;
		if (str_eq(one, tag))
			return ETAG_SAME;
		skip_blanks(&s);
	} while (take_byte(&s, ','));
	return ETAG_NONE;
}

enum etag_match etag_match(const http_headers *headers, struct str tag)
{
	enum etag_match found = ETAG_NONE;

	VEC_EACH (const struct http_header, h, headers) {
		enum etag_match m = ETAG_NONE;

		if (str_eq_nocase(h->name, STR("if-none-match")))
			m = match_line(h->value, tag);
		if (m == ETAG_SAME)
			return m;
		if (m == ETAG_ANY)
			found = m;
	}
	return found;
}
