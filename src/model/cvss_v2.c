/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of CVSS v2. Source: FIRST, "A Complete Guide to the Common Vulnerability Scoring System
 * Version 2.0", section 3.2 "Equations". What one would get wrong: the environmental score works on a
 * temporal score of an adjusted base, each rounded by itself, and ND ("not defined") is the neutral factor,
 * not the last of the scale. */
#include "model/cvss_internal.h"

#include <math.h>

/* Weights by value, in the order of the metric's words. */
static double weight(const struct cvss *v, int metric, const double *weights, double otherwise)
{
	return v->value[metric] ? weights[v->value[metric] - 1] : otherwise;
}

static double impact_of(const struct cvss *v, int metric, int requirement, bool with_environment)
{
	static const double impacts[] = { 0, 0.275, 0.660 }, requirements[] = { 0.5, 1.0, 1.51, 1.0 };
	double r = with_environment ? weight(v, requirement, requirements, 1.0) : 1.0;

	return weight(v, metric, impacts, 0) * r;
}

static double one_decimal(double x)
{
	return round(x * 10) / 10;
}

static double base_of(const struct cvss *v, bool with_environment)
{
	static const double av[] = { 0.395, 0.646, 1.0 }, ac[] = { 0.35, 0.61, 0.71 },
			    au[] = { 0.45, 0.56, 0.704 };
	double c = impact_of(v, V2_C, V2_CR, with_environment),
	       i = impact_of(v, V2_I, V2_IR, with_environment);
	double a = impact_of(v, V2_A, V2_AR, with_environment);
	double impact = 10.41 * (1 - (1 - c) * (1 - i) * (1 - a));
	double exploitability = 20 * weight(v, V2_AV, av, 0) * weight(v, V2_AC, ac, 0) *
				weight(v, V2_AU, au, 0);

	if (with_environment && impact > 10)
		impact = 10;
	return one_decimal((0.6 * impact + 0.4 * exploitability - 1.5) * (impact > 0 ? 1.176 : 0));
}

static double temporal_of(const struct cvss *v, double base)
{
	static const double e[] = { 0.85, 0.9, 0.95, 1, 1 }, rl[] = { 0.87, 0.90, 0.95, 1, 1 },
			    rc[] = { 0.90, 0.95, 1, 1 };

	return one_decimal(base * weight(v, V2_E, e, 1) * weight(v, V2_RL, rl, 1) * weight(v, V2_RC, rc, 1));
}

unsigned cvss_v2_score(const struct cvss *v, bool with_all)
{
	static const double cdp[] = { 0, 0.1, 0.3, 0.4, 0.5, 0 }, td[] = { 0, 0.25, 0.75, 1, 1 };
	double score;

	if (!with_all)
		score = base_of(v, false);
	else if (!v->value[V2_CDP])
		score = temporal_of(v, base_of(v, false));
	else {
		double adjusted = temporal_of(v, base_of(v, true));

		score = one_decimal((adjusted + (10 - adjusted) * weight(v, V2_CDP, cdp, 0)) *
				    weight(v, V2_TD, td, 1));
	}
	return score > 0 ? (unsigned)lround(score * 10) : 0;
}
