/* SPDX-License-Identifier: Apache-2.0 */
/* Error values: a code and one line of text in the caller's frame. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, int code, const char *fmt, ...)
{
	char text[sizeof(e->text)]; /* the arguments may point into e->text */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	memcpy(e->text, text, sizeof(text));
	e->code = code;
	return code;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char context[sizeof(e->text)];
	size_t cause_n = strnlen(e->text, sizeof(e->text) - 1), room, n;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
	room = sizeof(e->text) - 1 - cause_n;
	if (room < 3)
		return e->code;
	n = strnlen(context, room - 2);
	memmove(e->text + n + 2, e->text, cause_n + 1);
	memcpy(e->text, context, n);
	memcpy(e->text + n, ": ", 2);
	return e->code;
}

const char *err_name(int code)
{
	switch (code) {
	case E_IO: return "E_IO";
	case E_FORMAT: return "E_FORMAT";
	case E_LIMIT: return "E_LIMIT";
	case E_NOTFOUND: return "E_NOTFOUND";
	case E_CONFLICT: return "E_CONFLICT";
	case E_CANCELED: return "E_CANCELED";
	case E_TIMEOUT: return "E_TIMEOUT";
	case E_UNSUPPORTED: return "E_UNSUPPORTED";
	case E_CONFIG: return "E_CONFIG";
	case E_AUTH: return "E_AUTH";
	default: return "E_?";
	}
}
