/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_RPM_BLOBS_H
#define FORMAT_RPM_BLOBS_H

#include "base/err.h"
#include "base/str.h"

/* The header blobs (format/rpm_header.h) of an rpm database, whatever its file format: rpm_bdb_open,
 * rpm_ndb_open, rpm_sqlite_open. */
struct rpm_blobs {
	/* Returns 1 and *blob, valid until the next call; 0 at the end; E_FORMAT for damage, which is passed
	 * over: the next call goes on behind it; any other error is final. */
	int (*next)(struct rpm_blobs *b, struct str *blob, struct err *err);
};

#endif
