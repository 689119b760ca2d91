/* SPDX-License-Identifier: Apache-2.0 */
/* What is not decided per record. The same statement can reach a package on several ways (two repositories of
 * a feed, two databases of one image): it is shown once. Then everything gets its order. */
#include "engine/refine.h"

#include <stdlib.h>

int refine_compare(const struct match *m, const struct match *n, const struct vulnerability_report *report)
{
	const struct advisory *x = m->advisory, *y = n->advisory;
	const struct index_report *index = report->index;
	const struct package *p = &index->packages.p[m->package].package;
	const struct package *q = &index->packages.p[n->package].package;
	int c = (int)match_severity(n) - (int)match_severity(m);

	if (c == 0)
		c = str_cmp(p->name, q->name);
	if (c == 0)
		c = str_cmp(p->version, q->version);
	if (c == 0)
		c = (m->package > n->package) - (m->package < n->package);
	if (c == 0)
		c = str_cmp(x->name, y->name);
	if (c == 0)
		c = str_cmp(x->fixed_in, y->fixed_in);
	if (c == 0)
		c = (int)m->verdict - (int)n->verdict;
	if (c == 0)
		c = (m->environment > n->environment) - (m->environment < n->environment);
	return c ? c : (x->id > y->id) - (x->id < y->id);
}

static int compare(const void *a, const void *b, void *report)
{
	return refine_compare(a, b, report);
}

static bool same_statement(const struct match *m, const struct match *n)
{
	return m->package == n->package && m->verdict == n->verdict &&
	       str_eq(m->advisory->name, n->advisory->name) &&
	       str_eq(m->advisory->fixed_in, n->advisory->fixed_in) &&
	       m->advisory->status == n->advisory->status;
}

int engine_refine(struct task *task, struct vulnerability_report *report, struct err *err)
{
	size_t kept = 0;

	if (report->matches.n == 0)
		return 0;
	qsort_r(report->matches.p, report->matches.n, sizeof(report->matches.p[0]), compare, report);
	for (size_t i = 0; i < report->matches.n; i++) {
		if (kept && same_statement(&report->matches.p[kept - 1], &report->matches.p[i]))
			continue;
		report->matches.p[kept++] = report->matches.p[i];
		TRY(task_check(task, err));
	}
	report->matches.n = kept;
	return 0;
}
