/* SPDX-License-Identifier: Apache-2.0 */
/* How the programs of one build find one another: beside themselves (build/, a tarball) or below libexec.
 * What one would get wrong: PATH is never asked, so that nobody can put another program in between. */
#include "base/program.h"

#include <unistd.h>

/* Directory of the running program, with a slash at its end. */
static struct str program_directory(struct arena *a)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
	struct str head, tail;

	if (n <= 0 || !str_rcut((struct str){ path, (size_t)n }, '/', &head, &tail))
		return STR("./");
	return str_format(a, STR_FMT "/", STR_ARG(head));
}

int program_find(struct arena *a, const char *name, const char **out, struct err *err)
{
	static const char *const places[] = { "", "../libexec/clair/", "../lib/clair/" };
	struct str dir = program_directory(a);

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct str path = str_format(a, STR_FMT "%s%s", STR_ARG(dir), places[i], name);

		if (access(path.p, X_OK) == 0) {
			*out = path.p;
			return 0;
		}
	}
	return err_set(err, E_NOTFOUND,
		       "%s is neither beside this program nor in ../libexec/clair (looked from " STR_FMT
		       "): install both from one build",
		       name, STR_ARG(dir));
}
