/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of CVSS v3.0 and v3.1. Source: FIRST, "CVSS v3.1 Specification Document", section 7 "CVSS v3.1
 * Equations" and appendix A "Floating Point Rounding"; "CVSS v3.0 Specification Document", section 8. What
 * one would get wrong: rounding is upward to one decimal, on integers so that 8.6000000001 stays 8.6; the two
 * versions differ in one exponent of the environmental impact with a changed scope. */
#include "model/cvss_internal.h"

#include <math.h>

/* The value of a metric, or of its modified form when that is given and not X. Base metrics have no X,
 * modified ones have it first, so their values are one apart; those of MC, MI and MA are in another order. */
static int effective(const struct cvss *v, int base, int modified, bool with_all)
{
	int m = with_all ? v->value[modified] : 0;

	return m > 1 ? m - 2 : v->value[base] - 1;
}

static double impact_weight(const struct cvss *v, int base, int modified, bool with_all)
{
	static const double by_base[] = { 0.56, 0.22, 0 }, by_modified[] = { 0, 0.22, 0.56 };
	int m = with_all ? v->value[modified] : 0;

	return m > 1 ? by_modified[m - 2] : by_base[v->value[base] - 1];
}

static double requirement(const struct cvss *v, int metric, bool with_all)
{
	static const double weights[] = { 1, 1.5, 1, 0.5 };

	return with_all && v->value[metric] ? weights[v->value[metric] - 1] : 1;
}

static bool is_environmental(const struct cvss *v)
{
	for (int i = V3_CR; i <= V3_MA; i++)
		if (v->value[i] > 1)
			return true;
	return false;
}

static double round_up(double x)
{
	long n = lround(x * 100000);

	return n % 10000 == 0 ? (double)n / 100000 : (double)(n / 10000 + 1) / 10;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

/* 1 - (1-C)(1-I)(1-A), with the requirements of the environment. */
static double sub_score(const struct cvss *v, bool with_all)
{
	double c = requirement(v, V3_CR, with_all) * impact_weight(v, V3_C, V3_MC, with_all);
	double i = requirement(v, V3_IR, with_all) * impact_weight(v, V3_I, V3_MI, with_all);
	double a = requirement(v, V3_AR, with_all) * impact_weight(v, V3_A, V3_MA, with_all);

	return 1 - (1 - c) * (1 - i) * (1 - a);
}

static double impact_of(const struct cvss *v, bool is_changed, bool with_all)
{
	double s = sub_score(v, with_all);

	if (with_all)
		s = least(s, 0.915);
	if (!is_changed)
		return 6.42 * s;
	if (with_all && v->version == CVSS_3_1)
		return 7.52 * (s - 0.029) - 3.25 * pow(s * 0.9731 - 0.02, 13);
	return 7.52 * (s - 0.029) - 3.25 * pow(s - 0.02, 15);
}

static double exploitability_of(const struct cvss *v, bool is_changed, bool with_all)
{
	static const double av[] = { 0.85, 0.62, 0.55, 0.2 }, ac[] = { 0.77, 0.44 }, ui[] = { 0.85, 0.62 };
	static const double pr[2][3] = { { 0.85, 0.62, 0.27 }, { 0.85, 0.68, 0.5 } };

	return 8.22 * av[effective(v, V3_AV, V3_MAV, with_all)] * ac[effective(v, V3_AC, V3_MAC, with_all)] *
	       pr[is_changed][effective(v, V3_PR, V3_MPR, with_all)] *
	       ui[effective(v, V3_UI, V3_MUI, with_all)];
}

static double base_of(const struct cvss *v, bool with_all)
{
	bool is_changed = effective(v, V3_S, V3_MS, with_all) == 1;
	double impact = impact_of(v, is_changed, with_all);
	double sum = impact + exploitability_of(v, is_changed, with_all);

	if (impact <= 0)
		return 0;
	return round_up(least(is_changed ? 1.08 * sum : sum, 10));
}

static double temporal_factor(const struct cvss *v)
{
	static const double e[] = { 1, 1, 0.97, 0.94, 0.91 }, rl[] = { 1, 1, 0.97, 0.96, 0.95 },
			    rc[] = { 1, 1, 0.96, 0.92 };

	return (v->value[V3_E] ? e[v->value[V3_E] - 1] : 1) *
	       (v->value[V3_RL] ? rl[v->value[V3_RL] - 1] : 1) *
	       (v->value[V3_RC] ? rc[v->value[V3_RC] - 1] : 1);
}

unsigned cvss_v3_score(const struct cvss *v, bool with_all)
{
	double score = base_of(v, with_all && is_environmental(v));

	if (with_all)
		score = round_up(score * temporal_factor(v));
	return (unsigned)lround(score * 10);
}
