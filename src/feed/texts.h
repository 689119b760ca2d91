/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_TEXTS_H
#define FEED_TEXTS_H

#include "base/vec.h"

/* At most max bytes of s (UTF-8), cut between characters. */
struct str texts_cut(struct str s, size_t max);

/* The links, each once, joined by spaces, at most LIMIT_FEED_TEXT_BYTES; what has a blank in it, or is
 * empty, is no link. In the arena. */
struct str texts_links(struct arena *a, const str_list *links);

#endif
