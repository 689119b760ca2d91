/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_DEB_CONTROL_H
#define FORMAT_DEB_CONTROL_H

#include "base/err.h"
#include "base/str.h"

/* Walks the stanzas of a Debian control file (dpkg's status and status.d, opkg's status). */
struct deb_control {
	struct str rest; /* what has not been read */
	unsigned line; /* number of the last line read, from 1 */
	unsigned bad_line; /* first line of the last stanza that is no field, 0: none */
};

/* Begin to read a borrowed text. */
void deb_control_open(struct deb_control *c, struct str text);

/* The next stanza's values of the named fields (any case of letters): the first line of each, trimmed,
 * borrowed from the text; empty when the stanza lacks the field. Of a repeated field the first counts. Lines
 * that are no field (no colon, nothing before it, or longer than LIMIT_CONTROL_LINE_BYTES) are passed over
 * and noted in bad_line. Returns 1; 0 at the end; E_FORMAT when a stanza has a bad line and one of the fields
 * twice: two stanzas may have run into one, so nothing of it is given. The next call goes on behind it.
 * Source: deb-control(5), deb822(5). */
int deb_control_next(struct deb_control *c, const struct str *names, struct str *values, size_t n,
		     struct err *err);

#endif
