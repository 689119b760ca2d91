/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* Where log lines go: passed down from main, never global. level: 0 errors, 1 warnings, 2 information,
 * 3 debug. Zero-initialised writes errors only. Threads may share it. */
struct log {
	int level;
};

enum { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* One line on standard error: "clair: warning: ...". Control bytes are escaped. */
void log_line(const struct log *log, int level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
