/* SPDX-License-Identifier: Apache-2.0 */
/* From matches to the rows that people read. One package may match one vulnerability several times (two
 * environments, two feeds, two architectures): that is one row. The one thing to know: matches come worst
 * first, so the first one decides the severity shown. */
#include "report/table_rows.h"

#include "base/map.h"
#include "model/digest.h"
#include "model/rating.h"
#include "report/finding.h"
#include "report/text_width.h"

#include <stdlib.h>

enum { LAYER_DIGITS = 8, FIXED_IN_MAX = 200 };

/* Until a full stop with white space after it, or an empty line. */
struct str table_title(struct str description)
{
	struct str s = str_trim(description);

	for (size_t i = 0; i + 1 < s.n; i++) {
		bool is_space = s.p[i + 1] == ' ' || s.p[i + 1] == '\n';

		if ((s.p[i] == '.' && is_space) || (s.p[i] == '\n' && s.p[i + 1] == '\n'))
			return str_sub(s, 0, i);
	}
	return s.n && s.p[s.n - 1] == '.' ? str_sub(s, 0, s.n - 1) : s;
}

/* "#2 sha256:01234567" */
static struct str layer_text(struct arena *a, const struct index_report *index, uint32_t layer)
{
	struct str digest = digest_short(index->layers.p[layer]);
	size_t digits = str_find(digest, ':') + 1 + LAYER_DIGITS;

	if (digest.n > digits)
		digest.n = digits;
	return str_format(a, "#%u " STR_FMT, layer, STR_ARG(text_clean(a, digest)));
}

static struct str upper(struct arena *a, const char *word)
{
	struct str s = str_copy(a, str_of(word));

	for (char *p = (char *)s.p; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	return s;
}

/* "will_not_fix" is for programs; people get blanks. */
static struct str status_text(struct arena *a, const struct match *m)
{
	struct str s;

	if (m->verdict == UNDECIDED)
		return STR("undecided");
	s = str_copy(a, str_of(finding_status(m->advisory)));
	for (char *p = (char *)s.p; *p; p++)
		if (*p == '_')
			*p = ' ';
	return s;
}

/* Of several advisories the worst figures. */
static void add_rating(struct arena *a, const struct rating *r, struct table_row *row)
{
	if (!r)
		return;
	if (r->has_cvss && (!row->cells[COLUMN_CVSS].n || r->cvss > row->cvss)) {
		row->cvss = r->cvss;
		row->cells[COLUMN_CVSS] = str_format(a, "%u.%u", r->cvss / 10, r->cvss % 10);
	}
	if (r->has_epss && (!row->cells[COLUMN_EPSS].n || r->epss > row->epss)) {
		row->epss = r->epss;
		row->cells[COLUMN_EPSS] = str_format(a, "%.3f", r->epss);
	}
	if (r->is_exploited)
		row->cells[COLUMN_KEV] = STR("yes");
}

static void fill_row(struct arena *a, const struct index_report *index, const struct match *m,
		     struct table_row *row)
{
	const struct indexed_package *p = &index->packages.p[m->package];
	const struct advisory *advisory = m->advisory;
	struct str title = m->verdict == UNDECIDED ? m->reason : table_title(advisory->description);

	*row = (struct table_row){ .severity = match_severity(m) };
	row->cells[COLUMN_PACKAGE] = text_clean(a, p->package.name);
	row->cells[COLUMN_VULNERABILITY] = text_clean(a, advisory->name);
	row->cells[COLUMN_SEVERITY] = upper(a, severity_name(row->severity));
	row->cells[COLUMN_STATUS] = status_text(a, m);
	row->cells[COLUMN_INSTALLED] = text_clean(a, p->package.version);
	row->cells[COLUMN_FIXED_IN] = text_clean(a, advisory->fixed_in);
	row->cells[COLUMN_LAYER] = layer_text(a, index, p->environments.p[m->environment].layer);
	row->cells[COLUMN_TITLE] = text_clean(a, title);
	add_rating(a, m->rating, row);
}

/* Is `word` one of the ", "-separated words of list? */
static bool lists(struct str list, struct str word)
{
	struct str one;

	while (list.n) {
		str_cut(list, ',', &one, &list);
		if (str_eq(str_trim(one), word))
			return true;
	}
	return false;
}

static void merge_row(struct arena *a, const struct index_report *index, const struct match *m,
		      struct table_row *row)
{
	const struct environment *e = &index->packages.p[m->package].environments.p[m->environment];
	struct str *fixed = &row->cells[COLUMN_FIXED_IN], other = text_clean(a, m->advisory->fixed_in);

	if (other.n && !lists(*fixed, other) && fixed->n + other.n < FIXED_IN_MAX)
		*fixed = fixed->n ? str_format(a, STR_FMT ", " STR_FMT, STR_ARG(*fixed), STR_ARG(other))
				  : other;
	if (!str_eq(layer_text(a, index, e->layer), row->cells[COLUMN_LAYER]))
		row->more_layers++;
	add_rating(a, m->rating, row);
}

static struct str row_key(struct arena *a, const struct index_report *index, const struct match *m)
{
	const struct package *p = &index->packages.p[m->package].package;

	return str_format(a, STR_FMT "\n" STR_FMT "\n" STR_FMT, STR_ARG(p->name), STR_ARG(p->version),
			  STR_ARG(m->advisory->name));
}

/* Marks keys that make no row: a place that is no row's. */
static void hide_affected(struct arena *a, const struct vulnerability_report *report, struct map *keys)
{
	VEC_EACH (const struct match, m, &report->matches)
		if (m->verdict == AFFECTED)
			*map_put(keys, row_key(a, report->index, m)) = keys;
}

static void finish_layers(struct arena *a, table_rows *rows)
{
	VEC_EACH (struct table_row, row, rows)
		if (row->more_layers)
			row->cells[COLUMN_LAYER] = str_format(
				a, STR_FMT " +%u", STR_ARG(row->cells[COLUMN_LAYER]), row->more_layers);
}

int table_rows_of(struct task *task, const struct vulnerability_report *report, enum verdict verdict,
		  table_rows *out, struct err *err)
{
	struct arena *a = &task->arena;
	struct map keys = { .arena = a };

	*out = (table_rows){ 0 };
	/* Rows move when the list grows, so the map holds their numbers: n means row n - 1. */
	if (verdict == UNDECIDED)
		hide_affected(a, report, &keys);
	VEC_EACH (const struct match, m, &report->matches) {
		void **place;

		TRY(task_check(task, err));
		if (m->verdict != verdict)
			continue;
		place = map_put(&keys, row_key(a, report->index, m));
		if (*place == &keys)
			continue;
		if (*place) {
			merge_row(a, report->index, m, &out->p[(uintptr_t)*place - 1]);
			continue;
		}
		fill_row(a, report->index, m, VEC_ADD(a, out));
		*place = (void *)(uintptr_t)out->n;
	}
	finish_layers(a, out);
	return 0;
}
