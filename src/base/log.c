/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for people on standard error, written by one call each so that threads do not mix them. */
#include "base/log.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

void log_line(const struct log *log, int level, const char *fmt, ...)
{
	static const char *const names[] = { "error: ", "warning: ", "", "debug: " };
	autoarena struct arena scratch = { 0 };
	char text[2048];
	va_list ap;

	if (level > log->level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "clair: %s" STR_FMT "\n", names[level & 3],
		STR_ARG(str_printable(&scratch, str_of(text))));
}
