/* SPDX-License-Identifier: Apache-2.0 */
/* The names of a table's columns, from the CREATE TABLE statement that SQLite keeps in its schema.
 * Source: "CREATE TABLE", https://www.sqlite.org/lang_createtable.html, sections 2 and 5 ("ROWIDs and the
 * INTEGER PRIMARY KEY").
 * Easy to get wrong: only the type INTEGER, exactly, makes a primary key an alias of the rowid, and
 * `INTEGER PRIMARY KEY DESC` on a column does not, by an old mistake that SQLite keeps. */
#include "format/sqlite_schema.h"

#include "base/limits.h"
#include "base/vec.h"

/* A word, a quoted name, or one character of punctuation. */
struct token {
	struct str text;
	bool is_quoted;
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '$' || (unsigned char)c >= 0x80;
}

static struct str drop(struct str s, size_t n)
{
	return str_sub(s, n, s.n - n);
}

/* Past blanks and both kinds of comments. */
static struct str skip_blanks(struct str s)
{
	for (;;) {
		if (s.n && is_blank(s.p[0])) {
			s = drop(s, 1);
		} else if (str_starts(s, STR("--"))) {
			s = drop(s, str_find(s, '\n'));
		} else if (str_starts(s, STR("/*"))) {
			size_t end = str_search(drop(s, 2), STR("*/")) + 2;

			s = drop(s, end + 2 < s.n ? end + 2 : s.n);
		} else {
			return s;
		}
	}
}

/* Length of the quoted text at s, quotes included; a doubled quote does not end it. */
static size_t quoted_length(struct str s)
{
	char close = s.p[0] == '[' ? ']' : s.p[0];
	size_t i = 1;

	while (i < s.n && (s.p[i] != close || (close != ']' && i + 1 < s.n && s.p[i + 1] == close)))
		i += s.p[i] == close ? 2 : 1;
	return i < s.n ? i + 1 : s.n;
}

static bool next_token(struct str *rest, struct token *t)
{
	struct str s = skip_blanks(*rest);
	size_t n = 1;

	if (s.n == 0)
		return false;
	t->is_quoted = str_find(STR("\"'`["), s.p[0]) < 4;
	if (t->is_quoted) {
		n = quoted_length(s);
		t->text = str_sub(s, 1, n > 1 ? n - 2 : 0);
	} else {
		while (is_word(s.p[0]) && n < s.n && is_word(s.p[n]))
			n++;
		t->text = str_sub(s, 0, n);
	}
	*rest = drop(s, n);
	return true;
}

static bool is_keyword(const struct token *t, const char *word)
{
	return !t->is_quoted && str_eq_nocase(t->text, str_of(word));
}

static bool is_one_of(const struct token *t, const char *const *words)
{
	for (; *words; words++)
		if (is_keyword(t, *words))
			return true;
	return false;
}

static bool has(const struct token *t, size_t n, size_t i, const char *word)
{
	return i < n && is_keyword(&t[i], word);
}

/* What ends a column's type. */
static const char *const constraint_words[] = { "constraint", "primary",   "not",     "null",
						"unique",     "check",	   "default", "collate",
						"references", "generated", "as",      NULL };
static const char *const table_constraint_words[] = { "constraint", "primary", "unique",
						      "check",	    "foreign", NULL };

static bool is_integer_type(const struct token *t, size_t n)
{
	return has(t, n, 1, "integer") && (n == 2 || is_one_of(&t[2], constraint_words));
}

/* INTEGER PRIMARY KEY in a column's own definition. */
static bool is_rowid_column(const struct token *t, size_t n)
{
	for (size_t i = 2; is_integer_type(t, n) && i < n; i++)
		if (is_keyword(&t[i], "primary") && has(t, n, i + 1, "key"))
			return !has(t, n, i + 2, "desc");
	return false;
}

/* GENERATED ALWAYS AS (...), or AS (...), without STORED. */
static bool is_virtual_column(const struct token *t, size_t n)
{
	bool is_generated = false;

	for (size_t i = 1; i < n; i++) {
		if (is_keyword(&t[i], "stored"))
			return false;
		is_generated = is_generated || (is_keyword(&t[i], "as") && has(t, n, i + 1, "("));
	}
	return is_generated;
}

struct columns {
	VEC(struct str) names;
	VEC(bool) integer; /* is the type INTEGER? */
	int rowid;
};

/* [CONSTRAINT name] PRIMARY KEY (column) */
static void read_table_constraint(struct columns *c, const struct token *t, size_t n)
{
	size_t i = is_keyword(&t[0], "constraint") ? 2 : 0;

	if (!has(t, n, i, "primary") || !has(t, n, i + 1, "key") || !has(t, n, i + 2, "(") || i + 4 >= n)
		return;
	for (size_t k = i + 4; k < n && !is_keyword(&t[k], ")"); k++)
		if (is_keyword(&t[k], ","))
			return;
	for (size_t k = 0; k < c->names.n; k++)
		if (c->integer.p[k] && str_eq_nocase(c->names.p[k], t[i + 3].text))
			c->rowid = (int)k;
}

/* One piece between the commas of the list: a column or a constraint of the table. */
static void read_piece(struct arena *a, struct columns *c, const struct token *t, size_t n)
{
	if (n == 0)
		return;
	if (is_one_of(&t[0], table_constraint_words)) {
		read_table_constraint(c, t, n);
		return;
	}
	if (is_virtual_column(t, n) || c->names.n == LIMIT_SQLITE_COLUMNS)
		return;
	if (is_rowid_column(t, n))
		c->rowid = (int)c->names.n;
	VEC_PUSH(a, &c->names, t[0].text);
	VEC_PUSH(a, &c->integer, is_integer_type(t, n));
}

/* Up to and with the parenthesis that opens the list. */
static bool enter_list(struct str *rest)
{
	struct token t;

	while (next_token(rest, &t))
		if (is_keyword(&t, "("))
			return true;
	return false;
}

void sqlite_schema_columns(struct arena *a, struct str sql, struct sqlite_columns *out)
{
	struct columns c = { .rowid = -1 };
	VEC(struct token) piece = { 0 };
	struct token t;
	unsigned depth = 1;

	if (enter_list(&sql)) {
		while (depth && next_token(&sql, &t)) {
			depth += is_keyword(&t, "(");
			depth -= is_keyword(&t, ")");
			if (depth == 0 || (depth == 1 && is_keyword(&t, ","))) {
				read_piece(a, &c, piece.p, piece.n);
				piece.n = 0;
			} else {
				VEC_PUSH(a, &piece, t);
			}
		}
	}
	*out = (struct sqlite_columns){ c.names.p, c.names.n, c.rowid };
}
