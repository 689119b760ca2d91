/* SPDX-License-Identifier: Apache-2.0 */
/* What the user does not want to see. The one thing to know: filters only ever hide, the caller counts what
 * they took out and the report says so. */
#include "cmd/filter.h"

#include "cmd/options.h"

static uint64_t keep(struct vulnerability_report *report, bool (*wanted)(const struct match *, unsigned),
		     unsigned set)
{
	size_t kept = 0, before = report->matches.n;

	VEC_EACH (const struct match, m, &report->matches)
		if (wanted(m, set))
			report->matches.p[kept++] = *m;
	report->matches.n = kept;
	return before - kept;
}

static bool is_fixed(const struct match *m, unsigned set)
{
	(void)set;
	return m->advisory->fixed_in.n > 0;
}

static bool has_severity(const struct match *m, unsigned set)
{
	return set >> match_severity(m) & 1;
}

/* A fixed version turns "affected" into "fixed", as reports show it. */
static bool has_other_status(const struct match *m, unsigned set)
{
	const struct advisory *a = m->advisory;

	if (a->status == STATUS_AFFECTED && a->fixed_in.n)
		return !(set & FILTER_FIXED);
	return !(set >> a->status & 1);
}

uint64_t filter_statuses(struct vulnerability_report *report, unsigned set)
{
	return keep(report, has_other_status, set);
}

uint64_t filter_unfixed(struct vulnerability_report *report)
{
	return keep(report, is_fixed, 0);
}

uint64_t filter_severities(struct vulnerability_report *report, unsigned set)
{
	return keep(report, has_severity, set);
}

int filter_severity(const char *what, struct str word, enum severity *out, struct err *err)
{
	const char *names[SEVERITY_COUNT + 1] = { 0 };
	int i;

	for (int s = 0; s < SEVERITY_COUNT; s++)
		names[s] = severity_name((enum severity)s);
	i = options_choice(what, word, names, err);
	TRY(i);
	*out = (enum severity)i;
	return 0;
}

int filter_parse(struct str list, unsigned *set, struct err *err)
{
	struct str word;

	*set = 0;
	do {
		enum severity s;

		str_cut(list, ',', &word, &list);
		TRY(filter_severity("severity", str_trim(word), &s, err));
		*set |= 1u << s;
	} while (list.n);
	return 0;
}

static struct str with_underscores(struct arena *a, struct str word)
{
	struct str copy = str_copy(a, word);
	char *p = (char *)copy.p;

	for (size_t i = 0; i < copy.n; i++)
		if (p[i] == '-' || p[i] == ' ')
			p[i] = '_';
	return copy;
}

int filter_parse_statuses(struct arena *a, struct str list, unsigned *set, struct err *err)
{
	const char *names[STATUS_COUNT + 2] = { 0 };
	struct str word;
	int i;

	for (int s = 0; s < STATUS_COUNT; s++)
		names[s] = advisory_status_name((enum advisory_status)s);
	names[STATUS_COUNT] = "fixed";
	*set = 0;
	do {
		str_cut(list, ',', &word, &list);
		i = options_choice("status", with_underscores(a, str_trim(word)), names, err);
		TRY(i);
		*set |= 1u << i;
	} while (list.n);
	return 0;
}
