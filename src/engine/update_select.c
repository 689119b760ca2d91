/* SPDX-License-Identifier: Apache-2.0 */
/* Which updaters are run. What a reader would get wrong: names of updaters are only known once their
 * publisher was asked, so a pattern is first held against names of sets, with which those of their updaters
 * begin. A set that is opt-in is named by its name, or by a pattern whose beginning tells: "clair.*", but not
 * "*". */
#include "engine/update_select.h"

enum { SETS_MAX = 64 };

/* ---- names and patterns ---- */

static size_t literal_length(struct str pattern)
{
	size_t star = str_find(pattern, '*'), mark = str_find(pattern, '?');

	return star < mark ? star : mark;
}

static bool is_pattern(struct str name)
{
	return literal_length(name) < name.n;
}

/* May the pattern be meant for the set, or for an updater of it? */
static bool may_mean(struct str pattern, struct str set)
{
	struct str begins = { pattern.p, literal_length(pattern) };

	if (!is_pattern(pattern))
		return str_starts(pattern, set);
	return str_starts(set, begins) || str_starts(begins, set);
}

static bool may_mean_opt_in(struct str pattern, struct str set)
{
	return literal_length(pattern) > 0 && may_mean(pattern, set);
}

static bool is_meant(struct str pattern, struct str set, struct str name)
{
	return str_glob(pattern, name) || str_glob(pattern, set);
}

static int check_name(struct str name, struct err *err)
{
	const char *names[SETS_MAX + 1] = { 0 }, *nearest;
	char word[64] = "";
	size_t n = 0;

	for (const struct ecosystem *const *e = ecosystems; *e; e++) {
		if (!(*e)->updaters)
			continue;
		if (name.n && may_mean(name, str_of((*e)->updaters->name)))
			return 0;
		if (n < SETS_MAX)
			names[n++] = (*e)->updaters->name;
	}
	memcpy(word, name.p, name.n < sizeof(word) ? name.n : sizeof(word) - 1);
	nearest = str_nearest(word, names);
	return err_set(err, E_CONFIG, "unknown updater '%s'%s%s%s", word, nearest ? "; did you mean '" : "",
		       nearest ? nearest : "", nearest ? "'?" : "");
}

int update_names_check(const struct str *names, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		TRY(check_name(names[i], err));
	return 0;
}

/* ---- a selection ---- */

static int compile(struct selection *s, struct arena *a, struct err *err)
{
	struct str pattern = str_copy(a, s->options->filter);
	char why[200];
	int code;

	if (pattern.n == 0)
		return 0;
	code = memchr(pattern.p, 0, pattern.n) ? REG_BADPAT
					       : regcomp(&s->filter, pattern.p, REG_EXTENDED | REG_NOSUB);
	if (code) {
		regerror(code, &s->filter, why, sizeof(why));
		return err_set(err, E_CONFIG,
			       "updaters.filter \"" STR_FMT
			       "\" is not a POSIX extended regular expression: %s",
			       STR_ARG(pattern), why);
	}
	s->has_filter = true;
	return 0;
}

int selection_open(struct selection *s, struct task *task, const struct update_options *options,
		   const struct str *sets, size_t set_count, struct err *err)
{
	*s = (struct selection){ .options = options, .sets = sets, .set_count = set_count };
	s->is_met = ARENA_ARRAY(&task->arena, bool, options->only_count);
	TRY(update_names_check(options->only, options->only_count, err));
	TRY(update_names_check(options->except, options->except_count, err));
	return compile(s, &task->arena, err);
}

void selection_close(struct selection *s)
{
	if (s->has_filter)
		regfree(&s->filter);
	s->has_filter = false;
}

static bool is_excepted(const struct selection *s, struct str set, struct str name)
{
	for (size_t i = 0; i < s->options->except_count; i++)
		if (is_meant(s->options->except[i], set, name))
			return true;
	return false;
}

static bool is_named(const struct selection *s, const struct ecosystem *e)
{
	struct str set = str_of(e->updaters->name);

	for (size_t i = 0; i < s->set_count; i++)
		if (str_eq(s->sets[i], set))
			return true;
	return s->set_count == 0 && !e->is_opt_in;
}

bool selection_has_set(const struct selection *s, const struct ecosystem *e)
{
	struct str set = str_of(e->updaters->name);
	const struct update_options *o = s->options;

	if (is_excepted(s, set, set))
		return false;
	for (size_t i = 0; i < o->only_count; i++)
		if (e->is_opt_in ? may_mean_opt_in(o->only[i], set) : may_mean(o->only[i], set))
			return s->set_count == 0 || is_named(s, e);
	return o->only_count == 0 && is_named(s, e);
}

bool selection_names_set(const struct selection *s, const struct updater_set *set)
{
	for (size_t i = 0; i < s->options->only_count; i++)
		if (str_eq(s->options->only[i], str_of(set->name)))
			return true;
	return false;
}

bool selection_has(const struct selection *s, const struct updater_set *set, struct str name)
{
	bool is_wanted = s->options->only_count == 0;

	for (size_t i = 0; i < s->options->only_count; i++) {
		if (!is_meant(s->options->only[i], str_of(set->name), name))
			continue;
		is_wanted = s->is_met[i] = true;
	}
	if (!is_wanted || is_excepted(s, str_of(set->name), name))
		return false;
	return !s->has_filter || regexec(&s->filter, name.p, 0, NULL, 0) == 0;
}

void selection_excuse(const struct selection *s, const struct updater_set *set)
{
	for (size_t i = 0; i < s->options->only_count; i++)
		if (may_mean(s->options->only[i], str_of(set->name)))
			s->is_met[i] = true;
}

int selection_check(const struct selection *s, struct arena *a, const struct str *names, size_t n,
		    struct err *err)
{
	const char **known = ARENA_ARRAY(a, const char *, n + 1), *nearest;

	for (size_t i = 0; i < n; i++)
		known[i] = names[i].p;
	for (size_t i = 0; i < s->options->only_count; i++) {
		struct str name = str_copy(a, s->options->only[i]);

		if (s->is_met[i] || is_pattern(name))
			continue;
		nearest = str_nearest(name.p, known);
		return err_set(err, E_CONFIG, "there is no updater '" STR_FMT "'%s%s%s", STR_ARG(name),
			       nearest ? "; did you mean '" : "", nearest ? nearest : "",
			       nearest ? "'?" : "");
	}
	return 0;
}
