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

/* An index report with its state, as the HTTP API has them: of finished, failed and running manifests. */
struct index_json_status {
	struct str state, problem;
	bool success;
};
/* Of a finished report: IndexFinished; not a success, and why, when it is incomplete. */
struct index_json_status index_json_finished(struct arena *a, const struct index_report *r);
int index_json_write_status(struct task *task, const struct index_report *r,
			    const struct index_json_status *status, unsigned indent, struct writer *to,
			    struct err *err);

#endif
