/* SPDX-License-Identifier: Apache-2.0 */
/* The report for people: a table of what is affected, worst first, totals, what could not be decided, and
 * what was covered. "table" draws lines and colour when asked to; "plain" never does. The one thing to know:
 * filters of the caller only hide rows, and the report says how many, so that an empty table is never
 * mistaken for a clean image. */
#include "report/coverage_text.h"
#include "report/table_layout.h"
#include "report/text_width.h"
#include "report/writers.h"

#include <inttypes.h>

static void put_title(struct arena *a, struct text_out *out, const struct vulnerability_report *report,
		      const struct report_options *options)
{
	const struct index_report *index = report->index;
	const struct distribution *d = index->distribution < 0 ? NULL
							       : &index->distributions.p[index->distribution];

	text_put(out, text_clean(a, options->target.n ? options->target : index->manifest_hash));
	if (d && d->pretty_name.n) {
		text_put(out, STR(" ("));
		text_put(out, text_clean(a, d->pretty_name));
		text_put(out, STR(")"));
	}
	text_newline(out);
	text_newline(out);
}

static void put_heading(struct text_out *out, const struct report_options *options, const char *text)
{
	text_format(out, options->color ? "\x1b[1m%s\x1b[0m" : "%s", text);
	text_newline(out);
}

/* "Total: 12 (CRITICAL 1, HIGH 3)" */
static void put_totals(struct text_out *out, const table_rows *rows)
{
	static const char *const words[SEVERITY_COUNT] = { "UNKNOWN", "NEGLIGIBLE", "LOW",
							   "MEDIUM",  "HIGH",	    "CRITICAL" };
	size_t counts[SEVERITY_COUNT] = { 0 };
	const char *before = " (";

	VEC_EACH (const struct table_row, row, rows)
		counts[row->severity]++;
	text_format(out, "Total: %zu", rows->n);
	for (int s = SEVERITY_COUNT - 1; s >= 0; s--) {
		if (counts[s] == 0)
			continue;
		text_format(out, "%s%s %zu", before, words[s], counts[s]);
		before = ", ";
	}
	if (rows->n)
		text_put(out, STR(")"));
	text_newline(out);
}

static void put_hidden(struct text_out *out, uint64_t hidden)
{
	if (hidden == 0)
		return;
	text_format(out, "Hidden by --severity, --ignore-status or --ignore-unfixed: %" PRIu64, hidden);
	text_newline(out);
}

static int put_tables(struct task *task, struct text_out *out, const table_rows *affected,
		      const table_rows *undecided, const struct report_options *options, struct err *err)
{
	if (affected->n) {
		TRY(table_draw(task, out, affected, "Title", options, err));
		text_newline(out);
	}
	put_totals(out, affected);
	put_hidden(out, options->hidden);
	text_newline(out);
	if (undecided->n == 0)
		return 0;
	put_heading(out, options, "Undecided");
	TRY(table_draw(task, out, undecided, "Reason", options, err));
	text_newline(out);
	return 0;
}

int table_report_write(struct task *task, const struct vulnerability_report *report,
		       const struct report_options *options, struct writer *to, struct err *err)
{
	struct arena *a = &task->arena;
	table_rows affected, undecided;
	struct text_out out;

	TRY(table_rows_of(task, report, AFFECTED, &affected, err));
	TRY(table_rows_of(task, report, UNDECIDED, &undecided, err));
	text_open(&out, to, err);
	if (affected.n || undecided.n || options->hidden) {
		put_title(a, &out, report, options);
		TRY(put_tables(task, &out, &affected, &undecided, options, err));
		coverage_text(a, &out, report, options);
	} else {
		coverage_nothing_found(a, &out, report);
		coverage_text_problems(a, &out, report, options);
	}
	return text_end(&out);
}

int table_report_write_plain(struct task *task, const struct vulnerability_report *report,
			     const struct report_options *options, struct writer *to, struct err *err)
{
	struct report_options plain = *options;

	plain.boxes = plain.color = false;
	return table_report_write(task, report, &plain, to, err);
}
