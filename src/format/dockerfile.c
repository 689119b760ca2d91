/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of a Dockerfile, as Red Hat's older images carry one in root/buildinfo.
 * Source: "Dockerfile reference", https://docs.docker.com/reference/dockerfile/, sections Format, Parser
 * directives, Environment replacement, LABEL, ENV, ARG; Clair v4's reports for what is made of odd ones.
 * Easy to get wrong: comments may stand between the lines of one instruction, an empty line ends it; without
 * "=" in the first word there is one key and the rest of the line; and a variable that doubles itself on each
 * line would grow without end, so every value is bounded. Documents of `RUN <<EOF` are not told from
 * instructions. */
#include "format/dockerfile.h"

#include "base/cursor.h"
#include "base/limits.h"

struct dockerfile_reader {
	struct task *task;
	struct dockerfile *out;
	char escape;
	bool may_have_directives; /* nothing but comments so far */
	struct buffer line; /* an instruction whose lines were joined */
	struct buffer value; /* the text being made */
	struct map variables; /* name -> struct str */
	unsigned assignments;
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_name_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static struct str drop(struct str s, size_t n)
{
	return str_sub(s, n, s.n - n);
}

static struct str name_at(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_name_char(s.p[n]))
		n++;
	return str_sub(s, 0, n);
}

/* ---- the text of keys and values ---- */

static void put(struct dockerfile_reader *r, struct str s)
{
	if (r->value.n <= LIMIT_FIELD_BYTES) /* above that it is dropped */
		put_bytes(&r->value,
			  str_sub(s, 0, s.n < LIMIT_FIELD_BYTES + 1 ? s.n : LIMIT_FIELD_BYTES + 1));
}

/* "NAME", "NAME:-word", "NAME:+word". False: something else, which stays as it is. */
static bool put_braced(struct dockerfile_reader *r, struct str inside)
{
	struct str name = name_at(inside), rest = drop(inside, name.n);
	const struct str *value = map_get(&r->variables, name);

	if (name.n == 0 || (rest.n && !str_starts(rest, STR(":-")) && !str_starts(rest, STR(":+"))))
		return false;
	if (str_starts(rest, STR(":+")))
		put(r, value ? drop(rest, 2) : STR(""));
	else if (value && (value->n || rest.n == 0))
		put(r, *value);
	else if (rest.n)
		put(r, drop(rest, 2));
	return true;
}

/* A variable at "$"; returns how many bytes it took. */
static size_t put_variable(struct dockerfile_reader *r, struct str s)
{
	struct str rest = drop(s, 1), inside, behind, name = name_at(rest);
	const struct str *value;

	if (str_starts(rest, STR("{"))) {
		inside = str_sub(rest, 1, rest.n - 1 < LIMIT_FIELD_BYTES ? rest.n - 1 : LIMIT_FIELD_BYTES);
		if (str_cut(inside, '}', &inside, &behind) && put_braced(r, inside))
			return inside.n + 3;
	}
	if (name.n == 0) {
		put(r, str_sub(s, 0, 1));
		return 1;
	}
	value = map_get(&r->variables, name);
	put(r, value ? *value : STR(""));
	return name.n + 1;
}

static bool put_control(struct dockerfile_reader *r, char c)
{
	static const char letters[] = "0abtnvfr", controls[] = "\0\a\b\t\n\v\f\r";
	size_t at = str_find((struct str){ letters, sizeof(letters) - 1 }, c);

	if (at == sizeof(letters) - 1)
		return false;
	put(r, (struct str){ &controls[at], 1 });
	return true;
}

/* What stands behind the escape character; quote: that we are inside of, or 0. */
static void put_escaped(struct dockerfile_reader *r, char c, char quote)
{
	bool is_quote = c == '"' || c == '\'';

	if (quote == '"' && put_control(r, c))
		return;
	if (c != r->escape && c != '$' && !(is_quote && (!quote || quote == c)))
		put(r, (struct str){ &r->escape, 1 });
	put(r, (struct str){ &c, 1 });
}

/* One level of quotes off, variables replaced. */
static struct str cooked(struct dockerfile_reader *r, struct str s, bool has_variables, bool has_quotes)
{
	char quote = 0;

	r->value.n = 0;
	while (s.n) {
		char c = s.p[0];
		size_t taken = 1;

		if (c == r->escape && s.n > 1 && (has_quotes || s.p[1] == '$')) {
			put_escaped(r, s.p[1], quote);
			taken = 2;
		} else if (has_quotes && (quote ? c == quote : c == '"' || c == '\'')) {
			quote = quote ? 0 : c;
		} else if (has_variables && c == '$' && quote != '\'') {
			taken = put_variable(r, s);
		} else {
			put(r, str_sub(s, 0, 1));
		}
		s = drop(s, taken);
	}
	return buffer_str(&r->value);
}

/* ---- assignments ---- */

static void set(struct dockerfile_reader *r, struct map *map, struct str key, struct str value)
{
	struct arena *a = &r->task->arena;
	struct str *kept;

	if (key.n == 0 || key.n > LIMIT_FIELD_BYTES || value.n > LIMIT_FIELD_BYTES ||
	    r->assignments++ >= LIMIT_DOCKERFILE_ASSIGNMENTS)
		return;
	kept = ARENA_NEW(a, struct str);
	*kept = str_copy(a, value);
	*map_put(map, map_get(map, key) ? key : str_copy(a, key)) = kept;
}

/* Take "key=value" off *rest, up to a blank that is neither quoted nor escaped. */
static struct str next_pair(struct dockerfile_reader *r, struct str *rest)
{
	struct str s = *rest;
	char quote = 0;
	size_t i = 0;

	for (; i < s.n && (quote || !is_blank(s.p[i])); i++) {
		if (s.p[i] == r->escape && i + 1 < s.n)
			i++;
		else if (quote ? s.p[i] == quote : s.p[i] == '"' || s.p[i] == '\'')
			quote = quote ? 0 : s.p[i];
	}
	*rest = str_trim(drop(s, i));
	return str_sub(s, 0, i);
}

static int set_pairs(struct dockerfile_reader *r, struct map *map, struct str rest, struct err *err)
{
	while (rest.n && r->assignments < LIMIT_DOCKERFILE_ASSIGNMENTS) {
		struct str pair = next_pair(r, &rest), key, value;

		TRY(task_check(r->task, err));
		if (!str_cut(pair, '=', &key, &value))
			continue;
		key = str_copy(&r->task->arena, cooked(r, key, false, true));
		set(r, map, key, cooked(r, value, true, true));
	}
	return 0;
}

static bool is_list(struct str s)
{
	for (size_t i = 0; i < s.n && !is_blank(s.p[i]); i++)
		if (s.p[i] == '=')
			return true;
	return false;
}

static int read_instruction(struct dockerfile_reader *r, struct str s, struct err *err)
{
	struct map *map = &r->variables;
	struct str verb, key;
	bool is_arg;

	if (!str_word(&s, &verb) || r->assignments >= LIMIT_DOCKERFILE_ASSIGNMENTS)
		return 0;
	is_arg = str_eq_nocase(verb, STR("ARG"));
	if (str_eq_nocase(verb, STR("LABEL")))
		map = &r->out->labels;
	else if (!is_arg && !str_eq_nocase(verb, STR("ENV")))
		return 0;
	s = str_trim(s);
	if (is_arg || is_list(s))
		return set_pairs(r, map, s, err);
	if (str_word(&s, &key) && str_trim(s).n)
		set(r, map, key, cooked(r, str_trim(s), true, false));
	return 0;
}

/* ---- lines ---- */

/* "# escape=`" */
static void read_directive(struct dockerfile_reader *r, struct str comment)
{
	struct str key, value;

	if (!r->may_have_directives || !str_cut(drop(comment, 1), '=', &key, &value) ||
	    !str_eq_nocase(str_trim(key), STR("escape")))
		return;
	value = str_trim(value);
	if (value.n == 1 && (value.p[0] == '\\' || value.p[0] == '`'))
		r->escape = value.p[0];
}

static int end_instruction(struct dockerfile_reader *r, struct err *err)
{
	struct str s = buffer_str(&r->line);

	r->line.n = 0;
	return s.n ? read_instruction(r, s, err) : 0;
}

static int read_line(struct dockerfile_reader *r, struct str line, struct err *err)
{
	struct str text = str_trim(line);

	if (str_starts(text, STR("#"))) {
		read_directive(r, text);
		return 0;
	}
	if (text.n == 0)
		return end_instruction(r, err);
	r->may_have_directives = false;
	if (text.p[text.n - 1] != r->escape) {
		put_bytes(&r->line, line);
		return end_instruction(r, err);
	}
	while (line.p[line.n - 1] != r->escape) /* blanks behind it */
		line.n--;
	put_bytes(&r->line, str_sub(line, 0, line.n - 1));
	return 0;
}

int dockerfile_read(struct task *task, struct str text, struct dockerfile *out, struct err *err)
{
	struct arena *a = &task->arena;
	struct dockerfile found = { .labels = { .arena = a } };
	struct dockerfile_reader r = {
		.task = task,
		.out = &found,
		.escape = '\\',
		.may_have_directives = true,
		.line = { .arena = a },
		.value = { .arena = a },
		.variables = { .arena = a },
	};
	struct str line;

	while (str_line(&text, &line)) {
		TRY(task_check(task, err));
		TRY(read_line(&r, line, err));
	}
	TRY(end_instruction(&r, err));
	*out = found;
	return 0;
}

struct str dockerfile_label(const struct dockerfile *d, const char *key)
{
	const struct str *value = map_get(&d->labels, str_of(key));

	return value ? *value : (struct str){ NULL, 0 };
}
