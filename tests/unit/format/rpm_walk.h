/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_FORMAT_RPM_WALK_H
#define UNIT_FORMAT_RPM_WALK_H

/* What an rpm database yields: the names of its packages, and the first problem. */

#include "../source_file.h"
#include "../unit.h"

#include "base/task.h"
#include "format/rpm_blobs.h"
#include "format/rpm_header.h"

struct walk {
	char names[256]; /* "alpha beta " */
	unsigned blobs, damages;
	struct err damage;
};

static inline struct walk walk_blobs(struct rpm_blobs *blobs)
{
	struct walk w = { 0 };
	struct rpm_header header;
	struct str blob;
	struct err err = { 0 };
	int got;

	while ((got = blobs->next(blobs, &blob, &err)) != 0) {
		if (got > 0 && rpm_header_parse(blob, &header, &err) == 0) {
			size_t n = strlen(w.names);

			snprintf(w.names + n, sizeof(w.names) - n, STR_FMT " ", STR_ARG(header.name));
			w.blobs++;
		} else if (w.damages++ == 0) {
			w.damage = err;
		}
		assert_true(got > 0 || got == E_FORMAT);
		assert_true(w.damages < 100000);
	}
	return w;
}

/* A copy of s with n bytes at `at` replaced; bytes beyond the end are ignored. */
static inline struct str patched(struct arena *a, struct str s, size_t at, const char *bytes, size_t n)
{
	struct str copy = str_copy(a, s);

	for (size_t i = 0; i < n && at + i < copy.n; i++)
		((char *)copy.p)[at + i] = bytes[i];
	return copy;
}

/* A copy of the first n bytes in memory of exactly that size, so that a read behind them is caught. The
 * caller frees it. */
static inline struct str exact_copy(struct str s, size_t n)
{
	char *p = malloc(n ? n : 1);

	assert_non_null(p);
	memcpy(p, s.p, n);
	return (struct str){ p, n };
}

#endif
