/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_WRITERS_H
#define REPORT_WRITERS_H

#include "report/report.h"

/* The writers behind report_formats; contract: struct report_format.write. index_json_write only needs
 * report->index. All are deterministic: the same report gives the same bytes. */
int table_report_write(struct task *task, const struct vulnerability_report *report,
		       const struct report_options *options, struct writer *to, struct err *err);
/* The same with options->boxes and options->color off. */
int table_report_write_plain(struct task *task, const struct vulnerability_report *report,
			     const struct report_options *options, struct writer *to, struct err *err);
int clair_json_write(struct task *task, const struct vulnerability_report *report,
		     const struct report_options *options, struct writer *to, struct err *err);
int index_json_write(struct task *task, const struct vulnerability_report *report,
		     const struct report_options *options, struct writer *to, struct err *err);
int findings_json_write(struct task *task, const struct vulnerability_report *report,
			const struct report_options *options, struct writer *to, struct err *err);

#endif
