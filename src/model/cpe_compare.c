/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing platform names, attribute by attribute. Source: NIST IR 7696, "Common Platform Enumeration: Name
 * Matching Specification Version 2.3", section 6, table 6-2. What one would get wrong: it is not symmetric.
 * Wildcards count in the source only, and a target with wildcards has no relation to anything. */
#include "model/cpe.h"

#include <ctype.h>

static bool is_any(struct str a)
{
	return a.n == 0 || str_eq(a, STR("*"));
}

static bool is_na(struct str a)
{
	return str_eq(a, STR("-"));
}

static bool has_wildcard(struct str a)
{
	for (size_t i = 0; i < a.n; i++) {
		if (a.p[i] == '\\')
			i++;
		else if (a.p[i] == '*' || a.p[i] == '?')
			return true;
	}
	return false;
}

/* The character at *i without its quoting, in lower case; *i is moved behind it. */
static int next_character(struct str s, size_t *i)
{
	if (s.p[*i] == '\\' && *i + 1 < s.n)
		(*i)++;
	return tolower((unsigned char)s.p[(*i)++]);
}

/* Does the pattern match all of text? The classic walk with one place to come back to: linear but for the
 * last star. */
static bool glob(struct str pattern, struct str text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, mark = 0;

	while (t < text.n) {
		size_t after_p = p, after_t = t;

		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			mark = t;
			continue;
		}
		if (p < pattern.n && pattern.p[p] == '?') {
			(void)next_character(text, &t);
			p++;
			continue;
		}
		if (p < pattern.n && next_character(pattern, &after_p) == next_character(text, &after_t)) {
			p = after_p;
			t = after_t;
			continue;
		}
		if (star == SIZE_MAX)
			return false;
		p = star + 1;
		(void)next_character(text, &mark);
		t = mark;
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

static enum cpe_relation compare_values(struct str source, struct str target)
{
	if (str_eq_nocase(source, target))
		return CPE_EQUAL;
	if (has_wildcard(source) && glob(source, target))
		return CPE_SUPERSET;
	return CPE_DISJOINT;
}

static enum cpe_relation compare_attribute(struct str source, struct str target)
{
	bool target_is_any = is_any(target);

	if (!target_is_any && has_wildcard(target))
		return CPE_UNDEFINED;
	if (is_any(source))
		return target_is_any ? CPE_EQUAL : CPE_SUPERSET;
	if (target_is_any)
		return CPE_SUBSET;
	if (is_na(source) || is_na(target))
		return is_na(source) && is_na(target) ? CPE_EQUAL : CPE_DISJOINT;
	return compare_values(source, target);
}

void cpe_compare(const struct cpe *source, const struct cpe *target, enum cpe_relation out[CPE_ATTRIBUTES])
{
	for (size_t i = 0; i < CPE_ATTRIBUTES; i++)
		out[i] = compare_attribute(source->attribute[i], target->attribute[i]);
}

bool cpe_covers(const struct cpe *source, const struct cpe *target)
{
	enum cpe_relation relation[CPE_ATTRIBUTES];

	cpe_compare(source, target, relation);
	for (size_t i = 0; i < CPE_ATTRIBUTES; i++)
		if (relation[i] != CPE_EQUAL && relation[i] != CPE_SUPERSET)
			return false;
	return true;
}
