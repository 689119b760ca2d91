/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include "base/str.h"

/* For json_reader.c and json_writer.c only. Unless a length is given, the bytes end with one that belongs to
 * no token (a zero). */

/* How many line feeds there are in [p, end). */
uint64_t json_text_line_feeds(const unsigned char *p, const unsigned char *end);
/* Four hex digits, or -1. */
int json_text_hex4(const unsigned char *p);
/* Length of the valid UTF-8 sequence at p, which is not ASCII, or 0. */
size_t json_text_utf8(const unsigned char *p);
/* Decode the escapes of [begin, end), which are known to be well-formed, in place. Returns the new length. */
size_t json_text_unescape(unsigned char *begin, unsigned char *end);
/* Is there a \u0000 among the escapes of raw? */
bool json_text_has_nul(struct str raw);
/* Are there more than max bytes at p of which numbers consist? */
bool json_text_is_number_longer(const unsigned char *p, size_t max);
/* The end of the number at p, or NULL. */
unsigned char *json_text_number_end(unsigned char *p);

#endif
