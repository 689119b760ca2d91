/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_TEXT_WIDTH_H
#define REPORT_TEXT_WIDTH_H

#include "base/str.h"

struct arena;

/* Columns that UTF-8 text takes on a terminal. Bytes that are not UTF-8 count one each. */
unsigned text_columns(struct str s);

/* Length in bytes of the longest beginning of s that takes at most so many columns; never cuts a code point.
 */
size_t text_fit(struct str s, unsigned columns);

/* s, or its beginning with an ellipsis after it, in at most so many columns (> 0). In the arena. */
struct str text_cut(struct arena *a, struct str s, unsigned columns);

/* One line of clean text for a cell: controls escaped, every run of white space one blank, none at the ends.
 */
struct str text_clean(struct arena *a, struct str s);

#endif
