/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_SCAN_SETTINGS_H
#define CMD_SCAN_SETTINGS_H

#include "cmd/app.h"
#include "cmd/gate.h"
#include "engine/rate.h"
#include "report/report.h"

/* The options of `clair scan` as written, and what they mean. */
struct scan_settings {
	struct str platform, format_name, output, severities, statuses, sort, fail_on, insecure, ca_cert,
		date, data_url;
	int64_t max_data_age, timeout, layer_timeout;
	uint64_t exit_code, cache_size, jobs, max_layer_size;
	bool exit_on_eol, require_coverage, require_sandbox, ignore_unfixed, refresh, retry, auto_update;

	/* Worked out by scan_settings_parse. */
	struct str target;
	const struct report_format *format;
	unsigned severity_set; /* 0: all */
	unsigned ignored_statuses; /* 0: none */
	enum rate_order order;
	struct gate_rules gate;
	int64_t as_of; /* 0: now */
};
extern const struct option_spec scan_options[];

/* Parse, check and complete. Returns -1 to go on, or the exit status. */
int scan_settings_parse(struct app *app, const struct command *command, int argc, char **argv,
			struct scan_settings *out);

#endif
