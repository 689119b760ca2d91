/* SPDX-License-Identifier: Apache-2.0 */
/* CVSS vectors of versions 2.0, 3.0, 3.1 and 4.0 as text. Source: FIRST, "A Complete Guide to the Common
 * Vulnerability Scoring System Version 2.0", section 2.4; "CVSS v3.1 Specification Document", section 6;
 * "CVSS v4.0 Specification Document", section 7. What one would get wrong: v3 lets metrics come in any order,
 * v2 and v4 do not; and in v2 the temporal and the environmental metrics come all or not at all. */
#include "model/cvss_internal.h"

#include <assert.h>
#include <string.h>

static const struct cvss_metric metrics_v2[] = {
	{ "AV", "L A N" },
	{ "AC", "H M L" },
	{ "Au", "M S N" },
	{ "C", "N P C" },
	{ "I", "N P C" },
	{ "A", "N P C" },
	{ "E", "U POC F H ND" },
	{ "RL", "OF TF W U ND" },
	{ "RC", "UC UR C ND" },
	{ "CDP", "N L LM MH H ND" },
	{ "TD", "N L M H ND" },
	{ "CR", "L M H ND" },
	{ "IR", "L M H ND" },
	{ "AR", "L M H ND" },
	{ 0 },
};

static const struct cvss_metric metrics_v3[] = {
	{ "AV", "N A L P" },
	{ "AC", "L H" },
	{ "PR", "N L H" },
	{ "UI", "N R" },
	{ "S", "U C" },
	{ "C", "H L N" },
	{ "I", "H L N" },
	{ "A", "H L N" },
	{ "E", "X H F P U" },
	{ "RL", "X U W T O" },
	{ "RC", "X C R U" },
	{ "CR", "X H M L" },
	{ "IR", "X H M L" },
	{ "AR", "X H M L" },
	{ "MAV", "X N A L P" },
	{ "MAC", "X L H" },
	{ "MPR", "X N L H" },
	{ "MUI", "X N R" },
	{ "MS", "X U C" },
	{ "MC", "X N L H" },
	{ "MI", "X N L H" },
	{ "MA", "X N L H" },
	{ 0 },
};

static const struct cvss_metric metrics_v4[] = {
	{ "AV", "N A L P" },
	{ "AC", "L H" },
	{ "AT", "N P" },
	{ "PR", "N L H" },
	{ "UI", "N P A" },
	{ "VC", "H L N" },
	{ "VI", "H L N" },
	{ "VA", "H L N" },
	{ "SC", "H L N" },
	{ "SI", "H L N" },
	{ "SA", "H L N" },
	{ "E", "X A P U" },
	{ "CR", "X H M L" },
	{ "IR", "X H M L" },
	{ "AR", "X H M L" },
	{ "MAV", "X N A L P" },
	{ "MAC", "X L H" },
	{ "MAT", "X N P" },
	{ "MPR", "X N L H" },
	{ "MUI", "X N P A" },
	{ "MVC", "X H L N" },
	{ "MVI", "X H L N" },
	{ "MVA", "X H L N" },
	{ "MSC", "X H L N" },
	{ "MSI", "X S H L N" },
	{ "MSA", "X S H L N" },
	{ "S", "X N P" },
	{ "AU", "X N Y" },
	{ "R", "X A U I" },
	{ "V", "X D C" },
	{ "RE", "X L M H" },
	{ "U", "X Clear Green Amber Red" },
	{ 0 },
};

const struct cvss_grammar *cvss_grammar(enum cvss_version version)
{
	static const struct cvss_grammar v2 = { "", metrics_v2, 6, true },
					 v30 = { "CVSS:3.0/", metrics_v3, 8, false },
					 v31 = { "CVSS:3.1/", metrics_v3, 8, false },
					 v40 = { "CVSS:4.0/", metrics_v4, 11, true };

	switch (version) {
	case CVSS_2_0: return &v2;
	case CVSS_3_0: return &v30;
	case CVSS_3_1: return &v31;
	default: return &v40;
	}
}

static struct str grammar_of(struct str text, const struct cvss_grammar **out, enum cvss_version *version)
{
	static const enum cvss_version prefixed[] = { CVSS_3_0, CVSS_3_1, CVSS_4_0 };

	for (size_t i = 0; i < sizeof(prefixed) / sizeof(prefixed[0]); i++) {
		const struct cvss_grammar *g = cvss_grammar(prefixed[i]);
		size_t n = strlen(g->prefix);

		if (!str_starts(text, str_of(g->prefix)))
			continue;
		*out = g;
		*version = prefixed[i];
		return str_sub(text, n, text.n - n);
	}
	*out = cvss_grammar(CVSS_2_0);
	*version = CVSS_2_0;
	if (text.n > 2 && text.p[0] == '(' && text.p[text.n - 1] == ')')
		return str_sub(text, 1, text.n - 2);
	return text;
}

static int metric_at(const struct cvss_grammar *g, struct str name)
{
	for (int i = 0; g->metrics[i].name; i++)
		if (str_eq(str_of(g->metrics[i].name), name))
			return i;
	return -1;
}

/* Position of the word among the metric's values, from 1; 0: none of them. */
static char value_at(const struct cvss_metric *m, struct str word)
{
	struct str rest = str_of(m->values), value;

	for (char i = 1; str_word(&rest, &value); i++)
		if (str_eq(value, word))
			return i;
	return 0;
}

static int take_metric(const struct cvss_grammar *g, struct str part, int *last, struct cvss *out,
		       struct err *err)
{
	struct str name, word;
	int i;

	if (!str_cut(part, ':', &name, &word) || (i = metric_at(g, name)) < 0)
		return err_set(err, E_FORMAT, "CVSS vector: \"" STR_FMT "\" is no metric of this version",
			       STR_ARG(part));
	if (out->value[i] || (g->is_ordered && i < *last))
		return err_set(err, E_FORMAT, "CVSS vector: %s is repeated or out of order",
			       g->metrics[i].name);
	out->value[i] = value_at(&g->metrics[i], word);
	if (!out->value[i])
		return err_set(err, E_FORMAT, "CVSS vector: %s has no value \"" STR_FMT "\"",
			       g->metrics[i].name, STR_ARG(word));
	*last = i;
	return 0;
}

/* All or none of the metrics from..to. */
static bool is_whole(const struct cvss *v, int from, int to)
{
	int given = 0;

	for (int i = from; i <= to; i++)
		given += v->value[i] != 0;
	return given == 0 || given == to - from + 1;
}

static int check_groups(const struct cvss_grammar *g, const struct cvss *v, struct err *err)
{
	for (unsigned i = 0; i < g->base; i++)
		if (!v->value[i])
			return err_set(err, E_FORMAT, "CVSS vector: %s is missing", g->metrics[i].name);
	if (v->version == CVSS_2_0 && (!is_whole(v, V2_E, V2_RC) || !is_whole(v, V2_CDP, V2_AR)))
		return err_set(err, E_FORMAT,
			       "CVSS vector: some temporal or environmental metrics are missing");
	return 0;
}

int cvss_parse(struct str vector, struct cvss *out, struct err *err)
{
	const struct cvss_grammar *g;
	struct str rest, part;
	int last = -1;

	*out = (struct cvss){ 0 };
	rest = grammar_of(vector, &g, &out->version);
	if (vector.n > 512)
		return err_set(err, E_FORMAT, "CVSS vector: longer than any can be");
	do {
		struct str tail = { 0 };

		str_cut(rest, '/', &part, &tail);
		TRY(take_metric(g, part, &last, out, err));
		if (tail.n == 0 && part.n < rest.n)
			return err_set(err, E_FORMAT, "CVSS vector: ends in a slash");
		rest = tail;
	} while (rest.n);
	return check_groups(g, out, err);
}

static struct str value_word(const struct cvss_metric *m, char value)
{
	struct str rest = str_of(m->values), word = { 0 };

	for (char i = 0; i < value; i++)
		if (!str_word(&rest, &word))
			assert(!"value of another version");
	return word;
}

static size_t append(char *out, size_t n, struct str s)
{
	memcpy(out + n, s.p, s.n);
	return n + s.n;
}

size_t cvss_format(const struct cvss *v, char *out)
{
	const struct cvss_grammar *g = cvss_grammar(v->version);
	size_t n = append(out, 0, str_of(g->prefix));
	bool is_first = true;

	for (int i = 0; g->metrics[i].name; i++) {
		if (!v->value[i])
			continue;
		if (!is_first)
			n = append(out, n, STR("/"));
		is_first = false;
		n = append(out, n, str_of(g->metrics[i].name));
		n = append(out, n, STR(":"));
		n = append(out, n, value_word(&g->metrics[i], v->value[i]));
	}
	out[n] = '\0';
	return n;
}

static unsigned score(const struct cvss *v, bool with_all)
{
	switch (v->version) {
	case CVSS_2_0: return cvss_v2_score(v, with_all);
	case CVSS_4_0: return cvss_v4_score(v, with_all);
	default: return cvss_v3_score(v, with_all);
	}
}

unsigned cvss_base_score(const struct cvss *v)
{
	return score(v, false);
}

unsigned cvss_score(const struct cvss *v)
{
	return score(v, true);
}

enum severity cvss_severity(enum cvss_version version, unsigned tenths)
{
	if (tenths == 0)
		return SEVERITY_NEGLIGIBLE;
	if (tenths < 40)
		return SEVERITY_LOW;
	if (tenths < 70)
		return SEVERITY_MEDIUM;
	return tenths < 90 || version == CVSS_2_0 ? SEVERITY_HIGH : SEVERITY_CRITICAL;
}
