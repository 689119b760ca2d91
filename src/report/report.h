/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/io.h"
#include "base/task.h"
#include "model/vulnerability_report.h"

/* An advisory's object in Clair's JSON, compact. */
struct written_vulnerability {
	uint64_t id;
	struct str object;
};

struct report_options {
	struct str target; /* what was scanned, as the user wrote it */
	bool color; /* the output is a terminal that wants colour */
	bool boxes; /* draw lines between columns */
	unsigned width; /* columns of the terminal; 0: no limit */
	unsigned indent; /* JSON: 0 compact */
	int64_t max_data_age; /* seconds: feeds older than this are called old; 0: 5 days */
	/* "clair": the affected advisories, each once, by ascending id; NULL: they are worked out here. */
	const struct written_vulnerability *vulnerabilities;
	size_t vulnerability_count;
	uint64_t hidden; /* matches that the caller's filters took out of the report */
};

struct report_format {
	const char *name, *media_type, *about;
	bool needs_matches; /* false: the index report is enough */
	bool needs_text; /* descriptions and links */
	int (*write)(struct task *task, const struct vulnerability_report *report,
		     const struct report_options *options, struct writer *to, struct err *err);
};

/* report/table.c: "table", "plain", "clair", "index", "json"; ends with a NULL name. */
extern const struct report_format report_formats[];
const struct report_format *report_format_find(struct str name);

#endif
