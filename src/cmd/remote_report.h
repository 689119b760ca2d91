/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_REMOTE_REPORT_H
#define CMD_REMOTE_REPORT_H

#include "base/json.h"
#include "cmd/remote.h"
#include "model/severity.h"

/* What a service said of one image. Threads: one writes, main reads after joining. */
struct remote_result {
	struct str reference; /* as typed */
	struct task task; /* owns what follows */
	struct str digest;
	struct str report; /* JSON as received; empty: none */
	struct err error; /* code 0: fine */
	bool is_index_error; /* the image could not be indexed, else the report could not be had */
};

/* Have the service index the image (unless it knows it) and, when with_report, ask for its report. */
void remote_report(const struct remote_service *service, bool with_report, bool novel,
		   struct remote_result *r);

/* One output format of `report`: results in the order of the command line. */
struct remote_format {
	const char *name;
	int (*write)(struct task *task, const struct remote_result *results, size_t n, struct writer *to,
		     struct err *err);
};
extern const struct remote_format remote_formats[]; /* "text", "json", "xml"; ends with a NULL name */

/* One vulnerability of one package in a report that was received. Borrowed. */
struct remote_finding {
	struct str package, version, name, fixed_in;
	enum severity severity;
};
typedef VEC(struct remote_finding) remote_findings;
/* By package, version, name. E_FORMAT: not a vulnerability report. */
int remote_findings_list(struct task *task, struct str report, remote_findings *out, struct err *err);

#endif
