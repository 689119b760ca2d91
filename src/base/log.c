/* SPDX-License-Identifier: Apache-2.0 */
/* Lines on standard error: for people, or as JSON for collectors. JSON members are called as Go's log/slog
 * calls them (package documentation of JSONHandler, https://pkg.go.dev/log/slog): time, level, msg, then the
 * attributes; that is what readers of Clair's logs expect. What a reader would get wrong: a line is built
 * whole and written by one write(2) of at most PIPE_BUF bytes (pipe(7)), so that neither threads nor
 * processes that share the pipe mix their lines; what does not fit is cut inside of a value, and the JSON
 * stays whole. */
#include "base/log.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
	LINE_BYTES = PIPE_BUF,
	TAIL_BYTES = 16, /* kept free for what ends a value and the line */
	TEXT_BYTES = 2048, /* of a formatted message */
};

struct line {
	size_t n;
	bool is_cut, is_json;
	char p[LINE_BYTES];
};

/* All of s, or nothing from here on. */
static bool put(struct line *line, struct str s)
{
	if (line->is_cut || line->n + s.n > LINE_BYTES - TAIL_BYTES) {
		line->is_cut = true;
		return false;
	}
	memcpy(line->p + line->n, s.p, s.n);
	line->n += s.n;
	return true;
}

/* What must be there also when a value was cut. */
static void put_tail(struct line *line, struct str s)
{
	if (s.n > LINE_BYTES - line->n)
		return;
	memcpy(line->p + line->n, s.p, s.n);
	line->n += s.n;
}

/* Length of the UTF-8 sequence that s begins with, 0 when there is none or it is a control. */
static size_t printable_at(struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if (c < 0x20 || c == 0x7f || n > s.n || !str_is_text(str_sub(s, 0, n)))
		return 0;
	if (c == 0xc2 && (unsigned char)s.p[1] < 0xa0) /* C1 controls */
		return 0;
	return n;
}

/* One character of a value, escaped where it must be. Returns the bytes of s it stood for, 0 when cut. */
static size_t put_character(struct line *line, struct str s)
{
	unsigned char c = (unsigned char)s.p[0];
	size_t n = printable_at(s);
	char escape[8];

	if (n && c != '"' && c != '\\')
		return put(line, str_sub(s, 0, n)) ? n : 0;
	if (n && line->is_json)
		snprintf(escape, sizeof(escape), "\\%c", c);
	else if (n)
		snprintf(escape, sizeof(escape), "%c", c);
	else if (!line->is_json)
		snprintf(escape, sizeof(escape), "\\x%02x", c);
	else if (c < 0x80)
		snprintf(escape, sizeof(escape), "\\u%04x", c);
	else
		snprintf(escape, sizeof(escape), "\xef\xbf\xbd");
	return put(line, str_of(escape)) ? 1 : 0;
}

static void put_value(struct line *line, struct str value)
{
	while (value.n) {
		size_t n = put_character(line, value);

		if (n == 0) {
			put_tail(line, STR("..."));
			return;
		}
		value = str_sub(value, n, value.n - n);
	}
}

/* before, the name, after, the value and a quote: as JSON and, in quotes too, for people. */
static void put_member(struct line *line, const char *before, const char *name, const char *after,
		       struct str value)
{
	char head[80];
	int n = snprintf(head, sizeof(head), "%s%s%s", before, name, after);

	if (n < 0 || (size_t)n >= sizeof(head) || !put(line, str_of(head)))
		return;
	put_value(line, value);
	put_tail(line, STR("\""));
}

/* Values of one plain word stand without quotes. */
static void put_pair(struct line *line, const struct log_attribute *attribute)
{
	struct str rest = attribute->value, word;
	bool is_word = str_word(&rest, &word) && word.n == attribute->value.n &&
		       str_find(word, '"') == word.n && str_find(word, '=') == word.n;
	char head[80];
	int n = snprintf(head, sizeof(head), " %s=", attribute->name);

	if (!is_word) {
		put_member(line, " ", attribute->name, "=\"", attribute->value);
		return;
	}
	if (n > 0 && (size_t)n < sizeof(head) && put(line, str_of(head)))
		put_value(line, word);
}

static void put_json(struct line *line, int level, struct str msg, const struct log_attribute *attributes)
{
	static const char *const names[] = { "ERROR", "WARN", "INFO", "DEBUG" };
	struct timespec now;
	struct tm tm = { 0 };
	char head[80], when[32] = "";

	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &tm))
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(head, sizeof(head), "{\"time\":\"%s.%09ldZ\",\"level\":\"%s\"", when, now.tv_nsec,
		 names[level & 3]);
	line->is_json = true;
	put(line, str_of(head));
	put_member(line, ",\"", "msg", "\":\"", msg);
	for (; attributes && attributes->name; attributes++)
		put_member(line, ",\"", attributes->name, "\":\"", attributes->value);
	put_tail(line, STR("}\n"));
}

static void put_text(struct line *line, int level, struct str msg, const struct log_attribute *attributes)
{
	static const char *const names[] = { "clair: error: ", "clair: warning: ", "clair: ",
					     "clair: debug: " };

	put(line, str_of(names[level & 3]));
	put_value(line, msg);
	for (; attributes && attributes->name; attributes++)
		put_pair(line, attributes);
	put_tail(line, STR("\n"));
}

static void put_color(struct line *line, int level, struct str msg, const struct log_attribute *attributes)
{
	static const char *const names[] = { "\033[31mERROR\033[0m ", "\033[33mWARN\033[0m  ",
					     "\033[32mINFO\033[0m  ", "\033[36mDEBUG\033[0m " };
	struct timespec now;
	struct tm tm = { 0 };
	char head[64] = "", fraction[32];

	clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &tm))
		strftime(head, sizeof(head), "%H:%M:%S", &tm);
	snprintf(fraction, sizeof(fraction), ".%03ldZ ", now.tv_nsec / 1000000);
	put(line, str_of(head));
	put(line, str_of(fraction));
	put(line, str_of(names[level & 3]));
	put_value(line, msg);
	for (; attributes && attributes->name; attributes++)
		put_pair(line, attributes);
	put_tail(line, STR("\n"));
}

void log_event(const struct log *log, int level, const char *msg, const struct log_attribute *attributes)
{
	struct line line;

	if (level > log->level)
		return;
	line.n = 0;
	line.is_cut = line.is_json = false;
	switch (log->format) {
	case LOG_JSON: put_json(&line, level, str_of(msg), attributes); break;
	case LOG_COLOR: put_color(&line, level, str_of(msg), attributes); break;
	case LOG_TEXT: put_text(&line, level, str_of(msg), attributes); break;
	}
	while (write(STDERR_FILENO, line.p, line.n) < 0 && errno == EINTR)
		;
}

void log_line(const struct log *log, int level, const char *fmt, ...)
{
	char text[TEXT_BYTES];
	va_list ap;

	if (level > log->level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_event(log, level, text, NULL);
}
