/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_TABLE_LAYOUT_H
#define REPORT_TABLE_LAYOUT_H

#include "report/report.h"
#include "report/table_rows.h"
#include "report/text_out.h"

/* Draw rows under a heading. last_heading: "Title", or what the last column holds. options: boxes, color,
 * width. When the table is wider than options->width, the last column is cut, then left out, and then names
 * and versions are wrapped: nothing that identifies a finding is ever cut off. Memory is the task's. */
int table_draw(struct task *task, struct text_out *out, const table_rows *rows, const char *last_heading,
	       const struct report_options *options, struct err *err);

#endif
