/* SPDX-License-Identifier: Apache-2.0 */
/* Writing lines without trailing blanks. The one thing to know: blanks are counted, not written, so a blank
 * inside text_put is text and stays. */
#include "report/text_out.h"

#include <stdarg.h>
#include <stdio.h>

void text_open(struct text_out *out, struct writer *to, struct err *err)
{
	*out = (struct text_out){ .to = to, .err = err };
}

static void put(struct text_out *out, struct str s)
{
	if (out->failed == 0)
		out->failed = writer_str(out->to, s, out->err);
}

void text_put(struct text_out *out, struct str s)
{
	if (s.n == 0)
		return;
	for (; out->blanks; out->blanks--)
		put(out, STR(" "));
	put(out, s);
}

void text_format(struct text_out *out, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0)
		text_put(out, (struct str){ text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1 });
}

void text_blanks(struct text_out *out, unsigned n)
{
	out->blanks += n;
}

void text_newline(struct text_out *out)
{
	out->blanks = 0;
	put(out, STR("\n"));
}

int text_end(struct text_out *out)
{
	return out->failed;
}
