/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_ELSEWHERE_H
#define CMD_ELSEWHERE_H

#include "cmd/cmd.h"

/* The commands that `clair` hands on to `clair-server`, with the line that both programs show for them. */
#define SUMMARY_SERVE "run the service: Clair v4's HTTP API"
#define SUMMARY_REPORT "ask a service about images in registries"
#define SUMMARY_MANIFEST "print what the service must know of an image to index it"
#define SUMMARY_INDEX "have a service index images, without a report"
#define SUMMARY_DELETE "have a service forget images"
#define SUMMARY_EXPORT "fetch all advisories into one file for a machine without internet"
#define SUMMARY_IMPORT "put such a file into the stores of the service"
#define SUMMARY_CHECK_CONFIG "read the service's configuration and say what is wrong"

extern const struct command elsewhere_serve, elsewhere_report, elsewhere_manifest, elsewhere_index,
	elsewhere_delete, elsewhere_export, elsewhere_import, elsewhere_check_config;

/* Become clair-server with a command of this name. Returns the exit status when that fails. */
int elsewhere_run(struct app *app, const struct command *self, int argc, char **argv);

#endif
