/* SPDX-License-Identifier: Apache-2.0 */
/* Scores of CVSS v4.0. Source: FIRST, "CVSS v4.0 Specification Document", section 8 "CVSS v4.0 Scoring". A
 * vector belongs to a macro vector of six equivalence classes, whose score is in a table; from it is taken
 * the mean, over the classes, of how far the vector is from the most severe one of its class, in proportion
 * to the step to the next lower macro vector. What one would get wrong: classes 3 and 6 are one dimension of
 * five kinds, and class 5 counts as a dimension although its distance is always nothing. All is in steps of
 * one, so that nothing is lost before the one rounding at the end. */
#include "model/cvss_internal.h"

#include <math.h>

/* The metrics that count, as levels: 0 the most severe. SI and SA have one more level (safety) than SC. */
struct levels {
	int av, ac, at, pr, ui, vc, vi, va, sc, si, sa, e, cr, ir, ar;
};

/* A base metric, or its modified form when that is given and not X. */
static int effective(const struct cvss *v, int base, int modified, bool with_all)
{
	int m = with_all ? v->value[modified] : 0;

	return m > 1 ? m - 2 : v->value[base] - 1;
}

/* Subsequent systems' integrity and availability: safety comes before high, and only the modified forms have
 * it. */
static int subsequent(const struct cvss *v, int base, int modified, bool with_all)
{
	int m = with_all ? v->value[modified] : 0;

	return m > 1 ? m - 2 : v->value[base];
}

/* X is the worst case. */
static int worst_case(const struct cvss *v, int metric, bool with_all)
{
	int m = with_all ? v->value[metric] : 0;

	return m > 1 ? m - 2 : 0;
}

static struct levels levels_of(const struct cvss *v, bool all)
{
	return (struct levels){
		.av = effective(v, V4_AV, V4_MAV, all),
		.ac = effective(v, V4_AC, V4_MAC, all),
		.at = effective(v, V4_AT, V4_MAT, all),
		.pr = effective(v, V4_PR, V4_MPR, all),
		.ui = effective(v, V4_UI, V4_MUI, all),
		.vc = effective(v, V4_VC, V4_MVC, all),
		.vi = effective(v, V4_VI, V4_MVI, all),
		.va = effective(v, V4_VA, V4_MVA, all),
		.sc = effective(v, V4_SC, V4_MSC, all),
		.si = subsequent(v, V4_SI, V4_MSI, all),
		.sa = subsequent(v, V4_SA, V4_MSA, all),
		.e = worst_case(v, V4_E, all),
		.cr = worst_case(v, V4_CR, all),
		.ir = worst_case(v, V4_IR, all),
		.ar = worst_case(v, V4_AR, all),
	};
}

/* Equivalence classes: 1, 2, 3 and 6 together, 4, 5 (tables 24 to 30). */
struct classes {
	int one, two, three_six, four, five;
};

static int class_one(const struct levels *l)
{
	if (l->av == 0 && l->pr == 0 && l->ui == 0)
		return 0;
	return (l->av == 0 || l->pr == 0 || l->ui == 0) && l->av != 3 ? 1 : 2;
}

/* 0: (0,0), 1: (0,1), 2: (1,0), 3: (1,1), 4: (2,1) */
static int class_three_six(const struct levels *l)
{
	bool is_required = (l->cr == 0 && l->vc == 0) || (l->ir == 0 && l->vi == 0) ||
			   (l->ar == 0 && l->va == 0);

	if (l->vc == 0 && l->vi == 0)
		return is_required ? 0 : 1;
	if (l->vc == 0 || l->vi == 0 || l->va == 0)
		return is_required ? 2 : 3;
	return 4;
}

static int class_four(const struct levels *l)
{
	if (l->si == 0 || l->sa == 0)
		return 0;
	return l->sc == 0 || l->si == 1 || l->sa == 1 ? 1 : 2;
}

static struct classes classes_of(const struct levels *l)
{
	return (struct classes){ class_one(l), l->ac || l->at, class_three_six(l), class_four(l), l->e };
}

/* Score of a macro vector in tenths; -1: there is no such. */
static int table_score(int one, int two, int three_six, int four, int five)
{
	if (one > 2 || two > 1 || three_six > 4 || three_six < 0 || four > 2 || five > 2)
		return -1;
	return cvss_v4_scores[(one * 2 + two) * 5 + three_six][four * 3 + five];
}

/* ---- distance from the most severe vectors of a class (tables 24 to 30) ---- */

static int distance(const int *from, const int *to, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (to[i] < from[i])
			return -1; /* more severe than that: not the one to measure from */
		sum += to[i] - from[i];
	}
	return sum;
}

static int distance_one(const struct levels *l, int class)
{
	static const int most[3][3][3] = { { { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 } },
					   { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
					   { { 3, 0, 0 }, { 1, 1, 1 }, { 1, 1, 1 } } };
	const int at[] = { l->av, l->pr, l->ui };
	int d = -1;

	for (size_t i = 0; d < 0 && i < 3; i++)
		d = distance(most[class][i], at, 3);
	return d;
}

static int distance_two(const struct levels *l, int class)
{
	static const int most[2][2][2] = { { { 0, 0 }, { 0, 0 } }, { { 1, 0 }, { 0, 1 } } };
	const int at[] = { l->ac, l->at };
	int d = -1;

	for (size_t i = 0; d < 0 && i < 2; i++)
		d = distance(most[class][i], at, 2);
	return d;
}

static int distance_three_six(const struct levels *l, int class)
{
	/* VC, VI, VA, CR, IR, AR */
	static const int most[5][5][6] = {
		{ { 0, 0, 0, 0, 0, 0 } },
		{ { 0, 0, 1, 1, 1, 0 }, { 0, 0, 0, 1, 1, 1 } },
		{ { 1, 0, 0, 0, 0, 0 }, { 0, 1, 0, 0, 0, 0 } },
		{ { 1, 0, 1, 0, 1, 0 },
		  { 1, 0, 0, 0, 1, 1 },
		  { 0, 1, 0, 1, 0, 1 },
		  { 0, 1, 1, 1, 0, 0 },
		  { 1, 1, 0, 0, 0, 1 } },
		{ { 1, 1, 1, 0, 0, 0 } },
	};
	static const size_t count[] = { 1, 2, 2, 5, 1 };
	const int at[] = { l->vc, l->vi, l->va, l->cr, l->ir, l->ar };
	int d = -1;

	for (size_t i = 0; d < 0 && i < count[class]; i++)
		d = distance(most[class][i], at, 6);
	return d;
}

static int distance_four(const struct levels *l, int class)
{
	static const int most[3][3] = { { 0, 0, 0 }, { 0, 1, 1 }, { 1, 2, 2 } };
	const int at[] = { l->sc, l->si, l->sa };

	return distance(most[class], at, 3);
}

/* ---- the mean ---- */

struct mean {
	double sum;
	int n;
};

/* score - lower is what there is between two macro vectors; at of depth is how far along the vector is. */
static void add(struct mean *m, int score, int lower, int at, int depth)
{
	if (lower < 0)
		return;
	m->sum += (double)(score - lower) * at / depth;
	m->n++;
}

/* The next lower of classes 3 and 6: from (0,0) the better of two ways. */
static int lower_three_six(const struct classes *c)
{
	int a, b;

	switch (c->three_six) {
	case 0:
		a = table_score(c->one, c->two, 1, c->four, c->five);
		b = table_score(c->one, c->two, 2, c->four, c->five);
		return a > b ? a : b;
	case 1:
	case 2: return table_score(c->one, c->two, 3, c->four, c->five);
	case 3: return table_score(c->one, c->two, 4, c->four, c->five);
	default: return -1;
	}
}

unsigned cvss_v4_score(const struct cvss *v, bool with_all)
{
	static const int depth_one[] = { 1, 4, 5 }, depth_two[] = { 1, 2 },
			 depth_three_six[] = { 7, 6, 8, 8, 10 }, depth_four[] = { 6, 5, 4 };
	struct levels l = levels_of(v, with_all);
	struct classes c = classes_of(&l);
	int score = table_score(c.one, c.two, c.three_six, c.four, c.five);
	struct mean m = { 0 };
	double result;

	if (l.vc == 2 && l.vi == 2 && l.va == 2 && l.sc == 2 && l.si == 3 && l.sa == 3)
		return 0;
	add(&m, score, table_score(c.one + 1, c.two, c.three_six, c.four, c.five), distance_one(&l, c.one),
	    depth_one[c.one]);
	add(&m, score, table_score(c.one, c.two + 1, c.three_six, c.four, c.five), distance_two(&l, c.two),
	    depth_two[c.two]);
	add(&m, score, lower_three_six(&c), distance_three_six(&l, c.three_six),
	    depth_three_six[c.three_six]);
	add(&m, score, table_score(c.one, c.two, c.three_six, c.four + 1, c.five), distance_four(&l, c.four),
	    depth_four[c.four]);
	add(&m, score, table_score(c.one, c.two, c.three_six, c.four, c.five + 1), 0, 1);
	result = m.n ? score - m.sum / m.n : score;
	return result > 0 ? (unsigned)lround(result + 1e-5) : 0;
}
