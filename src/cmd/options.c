/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing a command line after a table, in the manner of POSIX.1-2017 "Utility Syntax Guidelines" and GNU
 * long options. Ours, because getopt_long keeps its state in globals, guesses abbreviations, and cannot name
 * the option that was meant. What a reader would get wrong: abbreviations are refused on purpose (scripts
 * would break when an option is added), and an option may follow the operands. */
#include "cmd/options.h"

#include <stdio.h>

enum { NUMBER_MAX = 1000000, NAMES_MAX = 64 };

/* Where parsing is: the option at hand, what may be its value. */
struct parse {
	const struct option_table *tables;
	int argc, next; /* next: first argument not looked at */
	char **argv;
	struct err *err;
};

struct found {
	const struct option_spec *spec;
	void *settings;
};

static bool spec_is(const struct option_spec *spec, struct str name, char letter)
{
	return name.n ? str_eq(str_of(spec->name), name) : spec->letter == letter;
}

/* By name, or by letter when name is empty. */
static bool find(const struct option_table *tables, struct str name, char letter, struct found *out)
{
	for (; tables->specs; tables++)
		for (const struct option_spec *spec = tables->specs; spec->name; spec++) {
			if (!spec_is(spec, name, letter))
				continue;
			*out = (struct found){ spec, tables->settings };
			return true;
		}
	return false;
}

static int unknown(const struct parse *p, struct str name)
{
	const char *names[NAMES_MAX + 1] = { "help" }, *nearest;
	char word[64];
	size_t n = 1;

	for (const struct option_table *t = p->tables; t->specs; t++)
		for (const struct option_spec *s = t->specs; s->name && n < NAMES_MAX; s++)
			names[n++] = s->name;
	snprintf(word, sizeof(word), STR_FMT, STR_ARG(name));
	nearest = str_nearest(word, names);
	if (nearest)
		return err_set(p->err, E_CONFIG, "unknown option --" STR_FMT "; did you mean --%s?",
			       STR_ARG(name), nearest);
	return err_set(p->err, E_CONFIG, "unknown option --" STR_FMT, STR_ARG(name));
}

static uint64_t unit_seconds(char unit)
{
	switch (unit) {
	case 's': return 1;
	case 'm': return 60;
	case 'h': return 3600;
	case 'd': return 86400;
	case 'w': return 7 * 86400;
	default: return 0;
	}
}

static size_t digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

int options_duration(const char *what, struct str text, int64_t *seconds, struct err *err)
{
	enum { CENTURY_DAYS = 36525 };
	const uint64_t max = CENTURY_DAYS * 86400ull;
	uint64_t total = 0, v, unit = 1;
	struct str rest = text;

	while (rest.n && unit) {
		size_t n = digits(rest);

		unit = n < rest.n ? unit_seconds(rest.p[n]) : 0;
		if (!unit || !str_u64(str_sub(rest, 0, n), max, &v) || (total += v * unit) > max)
			unit = 0;
		rest = unit ? str_sub(rest, n + 1, rest.n - n - 1) : rest;
	}
	if (text.n == 0 || rest.n)
		return err_set(err, E_CONFIG,
			       "%s: '" STR_FMT "' is no duration; write 90s, 15m, 12h, 5d or 2w", what,
			       STR_ARG(text));
	*seconds = (int64_t)total;
	return 0;
}

int options_size(const char *what, struct str text, uint64_t *bytes, struct err *err)
{
	static const char *const units[] = { "", "K", "M", "G", "T" };
	size_t n = digits(text), unit = 0;
	struct str suffix = str_sub(text, n, text.n - n);
	uint64_t v;

	if (str_ends(suffix, STR("iB")))
		suffix.n -= 2;
	else if (str_ends(suffix, STR("B")))
		suffix.n--;
	while (unit < 5 && !str_eq_nocase(str_of(units[unit]), suffix))
		unit++;
	if (unit == 5 || !str_u64(str_sub(text, 0, n), UINT64_MAX >> (10 * unit), &v))
		return err_set(err, E_CONFIG, "%s: '" STR_FMT "' is no size; write 500M or 2G", what,
			       STR_ARG(text));
	*bytes = v << (10 * unit);
	return 0;
}

int options_choice(const char *what, struct str word, const char *const *names, struct err *err)
{
	char typed[64], all[256] = "";
	const char *nearest;
	size_t used = 0;

	for (int i = 0; names[i]; i++)
		if (str_eq_nocase(str_of(names[i]), word))
			return i;
	for (int i = 0; names[i] && used < sizeof(all); i++)
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "", names[i]);
	snprintf(typed, sizeof(typed), STR_FMT, STR_ARG(word));
	nearest = str_nearest(typed, names);
	if (nearest)
		return err_set(err, E_CONFIG, "unknown %s '" STR_FMT "'; did you mean '%s'? There are: %s",
			       what, STR_ARG(word), nearest, all);
	return err_set(err, E_CONFIG, "unknown %s '" STR_FMT "'; there are: %s", what, STR_ARG(word), all);
}

static int store_number(const char *what, struct str value, uint64_t *out, struct err *err)
{
	if (!str_u64(value, NUMBER_MAX, out))
		return err_set(err, E_CONFIG, "%s: '" STR_FMT "' is no number from 0 to %d", what,
			       STR_ARG(value), NUMBER_MAX);
	return 0;
}

static int store(const struct found *f, struct str value, struct err *err)
{
	char *member = (char *)f->settings + f->spec->member;
	char what[64];

	snprintf(what, sizeof(what), "--%s", f->spec->name);
	switch (f->spec->kind) {
	case OPTION_FLAG: *(bool *)(void *)member = true; return 0;
	case OPTION_COUNT: ++*(unsigned *)(void *)member; return 0;
	case OPTION_TEXT: *(struct str *)(void *)member = value; return 0;
	case OPTION_NUMBER: return store_number(what, value, (uint64_t *)(void *)member, err);
	case OPTION_DURATION: return options_duration(what, value, (int64_t *)(void *)member, err);
	case OPTION_SIZE: return options_size(what, value, (uint64_t *)(void *)member, err);
	}
	return 0;
}

static bool takes_value(const struct option_spec *spec)
{
	return spec->value != NULL;
}

static int store_next(struct parse *p, const struct found *f)
{
	if (p->next >= p->argc)
		return err_set(p->err, E_CONFIG, "--%s needs a value: --%s %s", f->spec->name, f->spec->name,
			       f->spec->value);
	return store(f, str_of(p->argv[p->next++]), p->err);
}

/* "--name", "--name=value" or "--name value". */
static int parse_long(struct parse *p, struct str text)
{
	struct str name, value;
	bool has_value = str_cut(text, '=', &name, &value);
	struct found f;

	if (!has_value && str_eq(name, STR("help")))
		return 1;
	if (name.n == 0 || !find(p->tables, name, 0, &f))
		return unknown(p, name);
	if (has_value && !takes_value(f.spec))
		return err_set(p->err, E_CONFIG, "--%s takes no value", f.spec->name);
	return takes_value(f.spec) && !has_value ? store_next(p, &f) : store(&f, value, p->err);
}

/* "-q", "-qv", "-o FILE" or "-oFILE". */
static int parse_short(struct parse *p, struct str letters)
{
	struct found f;

	while (letters.n) {
		char letter = letters.p[0];

		letters = str_sub(letters, 1, letters.n - 1);
		if (letter == 'h')
			return 1;
		if (!find(p->tables, STR(""), letter, &f))
			return err_set(p->err, E_CONFIG, "unknown option -%c", letter);
		if (takes_value(f.spec))
			return letters.n ? store(&f, letters, p->err) : store_next(p, &f);
		TRY(store(&f, letters, p->err));
	}
	return 0;
}

/* One argument: an option, or an operand that stays. *rest: only operands follow. */
static int parse_one(struct parse *p, char *text, int *operands, bool *rest)
{
	struct str arg = str_of(text);

	if (*rest || arg.n < 2 || arg.p[0] != '-') {
		p->argv[(*operands)++] = text;
		return 0;
	}
	if (str_eq(arg, STR("--"))) {
		*rest = true;
		return 0;
	}
	if (arg.p[1] == '-')
		return parse_long(p, str_sub(arg, 2, arg.n - 2));
	return parse_short(p, str_sub(arg, 1, arg.n - 1));
}

int options_parse(const struct option_table *tables, int argc, char **argv, int *operands, struct err *err)
{
	struct parse p = { .tables = tables, .argc = argc, .argv = argv, .err = err };
	bool rest = false;
	int n = 0;

	while (p.next < argc) {
		char *text = argv[p.next++];
		int rc = parse_one(&p, text, &n, &rest);

		if (rc)
			return rc;
	}
	*operands = n;
	return 0;
}
