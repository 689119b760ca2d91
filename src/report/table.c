/* SPDX-License-Identifier: Apache-2.0 */
/* THE list of output formats, for the command line and whoever else prints a report. The first one is the
 * default. */
#include "report/writers.h"

const struct report_format report_formats[] = {
	{ "table", "text/plain; charset=utf-8", "for people: a table, totals, and what was covered", true,
	  true, table_report_write },
	{ "plain", "text/plain; charset=utf-8", "the table without lines and colour", true, true,
	  table_report_write_plain },
	{ "clair", "application/vnd.clair.vulnerability_report.v1+json", "Clair v4 vulnerability report",
	  true, true, clair_json_write },
	{ "index", "application/vnd.clair.index_report.v1+json",
	  "Clair v4 index report: what is installed; needs no advisories", false, false, index_json_write },
	{ "json", "application/json", "all we know, in our own shape (docs/json.md)", true, true,
	  findings_json_write },
	{ 0 },
};

const struct report_format *report_format_find(struct str name)
{
	for (const struct report_format *f = report_formats; f->name; f++)
		if (str_eq(str_of(f->name), name))
			return f;
	return NULL;
}
