/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_TABLE_ROWS_H
#define REPORT_TABLE_ROWS_H

#include "base/task.h"
#include "base/vec.h"
#include "model/vulnerability_report.h"

enum table_column {
	COLUMN_PACKAGE,
	COLUMN_VULNERABILITY,
	COLUMN_SEVERITY,
	COLUMN_CVSS,
	COLUMN_EPSS,
	COLUMN_KEV,
	COLUMN_STATUS,
	COLUMN_INSTALLED,
	COLUMN_FIXED_IN,
	COLUMN_LAYER,
	COLUMN_TITLE, /* of undecided rows: the reason */
	COLUMN_COUNT,
};

/* One line of the table: one package in one version and one vulnerability. Cells are clean text (text_clean).
 */
struct table_row {
	enum severity severity;
	unsigned cvss; /* tenths, for rows that merge */
	double epss;
	struct str cells[COLUMN_COUNT];
	unsigned more_layers; /* besides the one in the cell */
};
typedef VEC(struct table_row) table_rows;

/* Merge the matches of one verdict, in their order: the first match of a package and vulnerability makes the
 * row, further ones add layers and other fixed versions. Undecided matches of what is known to be affected
 * are left out. In the task's arena. */
int table_rows_of(struct task *task, const struct vulnerability_report *report, enum verdict verdict,
		  table_rows *out, struct err *err);

/* First sentence of a description. */
struct str table_title(struct str description);

#endif
