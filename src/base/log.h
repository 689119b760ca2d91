/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

/* Where log lines go: passed down from main, never global. level: 0 errors, 1 warnings, 2 information,
 * 3 debug. Zero-initialised writes errors only, as text. Threads may share it. */
enum log_format {
	LOG_TEXT, /* "clair: warning: ..." */
	LOG_JSON, /* {"time":"...","level":"WARN","msg":"...",...} as Clair's service writes them */
	LOG_COLOR, /* for people at a terminal: time, level, text, attributes */
};
struct log {
	int level;
	enum log_format format;
};

enum { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* One line on standard error. Control bytes are escaped. */
void log_line(const struct log *log, int level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* An attribute of a log event: "request_id", "manifest", "updater", "reason". */
struct log_attribute {
	const char *name; /* NULL ends a list */
	struct str value;
};
/* One line with attributes; msg is a fixed text. */
void log_event(const struct log *log, int level, const char *msg, const struct log_attribute *attributes);

#endif
