/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that live in `clair-server`: they need what would make `clair` slow to start (HTTP server, libpq).
 * The process becomes that program, so signals and exit status are its own. What a reader would get wrong:
 * signals are blocked here (interrupt.h) and a blocked signal stays blocked across exec. */
#include "cmd/elsewhere.h"

#include "base/program.h"
#include "cmd/app.h"

#include <signal.h>
#include <unistd.h>

int elsewhere_run(struct app *app, const struct command *self, int argc, char **argv)
{
	char **all = ARENA_ARRAY(&app->task.arena, char *, (size_t)argc + 3);
	const char *path;
	struct err err = { 0 };
	sigset_t none;

	if (program_find(&app->task.arena, "clair-server", &path, &err) < 0)
		return app_fail(app, &err);
	all[0] = (char *)"clair-server";
	all[1] = (char *)self->name;
	for (int i = 0; i < argc; i++)
		all[i + 2] = argv[i];
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execv(path, all);
	err_set(&err, E_IO, "%s: %m", path);
	return app_fail(app, &err);
}

#define ELSEWHERE(id, word, line)                                                                            \
	const struct command elsewhere_##id = {                                                              \
		.name = word,                                                                                \
		.summary = line,                                                                             \
		.is_elsewhere = true,                                                                        \
		.run = elsewhere_run,                                                                        \
	}

ELSEWHERE(serve, "serve", SUMMARY_SERVE);
ELSEWHERE(report, "report", SUMMARY_REPORT);
ELSEWHERE(manifest, "manifest", SUMMARY_MANIFEST);
ELSEWHERE(index, "index", SUMMARY_INDEX);
ELSEWHERE(delete, "delete", SUMMARY_DELETE);
ELSEWHERE(export, "export-updaters", SUMMARY_EXPORT);
ELSEWHERE(import, "import-updaters", SUMMARY_IMPORT);
ELSEWHERE(check_config, "check-config", SUMMARY_CHECK_CONFIG);
