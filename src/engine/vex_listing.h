/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_VEX_LISTING_H
#define ENGINE_VEX_LISTING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* changes.csv and deletions.csv of Red Hat's VEX: lines "2023/cve-2023-0044.json","2026-08-20T12:00:00+00:00"
 * (matching.md 4.8). */
struct vex_listing {
	struct str rest;
	unsigned line; /* of the entry given last, from 1 */
};
struct vex_entry {
	struct str path; /* "2023/cve-2023-0044.json": safe to be put behind a URL or a folder */
	unsigned year;
	int64_t changed; /* UTC seconds */
};
/* 1 and the next entry (borrowed), 0 at the end, or E_FORMAT naming the line. */
int vex_listing_next(struct vex_listing *l, struct vex_entry *out, struct err *err);
/* "CVE-2023-0044". In the arena. */
struct str vex_entry_cve(struct arena *a, const struct vex_entry *e);

/* Name and date of the archive, as archive_latest.txt has it: "csaf_vex_2026-08-20.tar.zst". E_FORMAT for
 * anything else. made: midnight UTC of the date. name is borrowed. */
int vex_archive_name(struct str text, struct str *name, int64_t *made, struct err *err);

#endif
