/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_TEXT_OUT_H
#define REPORT_TEXT_OUT_H

#include "base/io.h"

/* Lines of text for people. Blanks are held back until something follows, so no line ends in one; the first
 * error is kept and told once, at the end. */
struct text_out {
	struct writer *to;
	struct err *err;
	int failed;
	unsigned blanks;
};

void text_open(struct text_out *out, struct writer *to, struct err *err);
void text_put(struct text_out *out, struct str s);
/* For short texts: at most 511 bytes are written. */
void text_format(struct text_out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_blanks(struct text_out *out, unsigned n);
void text_newline(struct text_out *out);
/* 0 or the first error. */
int text_end(struct text_out *out);

#endif
