/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/str.h"

#include <stdint.h>

/* CLOCK_MONOTONIC in nanoseconds: for deadlines and durations. */
uint64_t time_monotonic_ns(void);
/* Seconds since 1970, UTC: for what is stored and shown. */
int64_t time_now(void);
/* "2014-04-07T00:00:00Z"; buf holds at least 32 bytes. Returns buf. */
char *time_rfc3339(int64_t utc, char buf[32]);
/* Parse RFC 3339 or "YYYY-MM-DD" (midnight UTC); fractions are dropped. False when malformed. */
bool time_parse(struct str s, int64_t *utc);
/* HTTP's dates, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7), in the form of today only. */
bool time_parse_http(struct str s, int64_t *utc);
/* "3 days", "5 h", "12 min", "8 s": for people. buf holds at least 32 bytes. Returns buf. */
char *time_age(int64_t seconds, char buf[32]);

#endif
