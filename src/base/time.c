/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and the few ways in which we write a time. Easy to get wrong: what a confined worker calls must not
 * look for a time zone. */
#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

uint64_t time_monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int64_t time_now(void)
{
	return (int64_t)time(NULL);
}

char *time_rfc3339(int64_t utc, char buf[32])
{
	time_t t = (time_t)utc;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(buf, 32, "0001-01-01T00:00:00Z");
	return buf;
}

static bool number(struct str *s, size_t digits, int *out)
{
	uint64_t v;

	if (s->n < digits || !str_u64(str_sub(*s, 0, digits), 9999, &v))
		return false;
	*out = (int)v;
	*s = str_sub(*s, digits, s->n - digits);
	return true;
}

static bool literal(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_sub(*s, 1, s->n - 1);
	return true;
}

/* "Z", "+hh:mm" or "-hh:mm", after an optional fraction; the whole rest of s. */
static bool zone(struct str s, int64_t *offset)
{
	int h, m, sign;

	if (literal(&s, '.'))
		while (s.n && s.p[0] >= '0' && s.p[0] <= '9')
			s = str_sub(s, 1, s.n - 1);
	*offset = 0;
	if (str_eq(s, STR("Z")) || str_eq(s, STR("z")))
		return true;
	sign = s.n && s.p[0] == '-' ? -1 : 1;
	if (!literal(&s, sign < 0 ? '-' : '+') || !number(&s, 2, &h) || !literal(&s, ':') ||
	    !number(&s, 2, &m) || s.n || h > 23 || m > 59)
		return false;
	*offset = sign * (h * 3600 + m * 60);
	return true;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. Counted from March, so that a leap day ends a
 * year. timegm() would ask for the machine's time zone, and a confined worker may not open files. */
static int64_t days_of(int64_t year, int month, int day)
{
	int64_t y = (month > 2 ? year : year - 1) + 400,
		months = (month + 9) % 12; /* 400: none is negative */

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * months + 2) / 5 + day - 1 - 865565;
}

bool time_parse(struct str s, int64_t *utc)
{
	struct tm tm = { 0 };
	int64_t offset = 0;

	if (!number(&s, 4, &tm.tm_year) || !literal(&s, '-') || !number(&s, 2, &tm.tm_mon) ||
	    !literal(&s, '-') || !number(&s, 2, &tm.tm_mday))
		return false;
	if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31)
		return false;
	if (s.n) {
		if (!literal(&s, 'T') && !literal(&s, 't') && !literal(&s, ' '))
			return false;
		if (!number(&s, 2, &tm.tm_hour) || !literal(&s, ':') || !number(&s, 2, &tm.tm_min) ||
		    !literal(&s, ':') || !number(&s, 2, &tm.tm_sec) || !zone(s, &offset))
			return false;
		if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
			return false;
	}
	*utc = days_of(tm.tm_year, tm.tm_mon, tm.tm_mday) * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 +
	       tm.tm_sec - offset;
	return true;
}

static bool month_of(struct str *s, int *month)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	size_t at = s->n < 3 ? 36 : str_search(str_of(names), str_sub(*s, 0, 3));

	if (at >= 36 || at % 3)
		return false;
	*month = (int)at / 3 + 1;
	*s = str_sub(*s, 3, s->n - 3);
	return true;
}

bool time_parse_http(struct str s, int64_t *utc)
{
	int year, month, day, h, m, sec;

	s = str_sub(s, s.n < 5 ? s.n : 5, s.n < 5 ? 0 : s.n - 5); /* the day of the week says nothing new */
	if (!number(&s, 2, &day) || !literal(&s, ' ') || !month_of(&s, &month) || !literal(&s, ' ') ||
	    !number(&s, 4, &year) || !literal(&s, ' ') || !number(&s, 2, &h) || !literal(&s, ':') ||
	    !number(&s, 2, &m) || !literal(&s, ':') || !number(&s, 2, &sec) || !str_eq(s, STR(" GMT")))
		return false;
	if (day < 1 || day > 31 || h > 23 || m > 59 || sec > 60)
		return false;
	*utc = days_of(year, month, day) * 86400 + h * 3600 + m * 60 + sec;
	return true;
}

char *time_age(int64_t seconds, char buf[32])
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < 120)
		snprintf(buf, 32, "%" PRId64 " s", seconds);
	else if (seconds < 7200)
		snprintf(buf, 32, "%" PRId64 " min", seconds / 60);
	else if (seconds < 172800)
		snprintf(buf, 32, "%" PRId64 " h", seconds / 3600);
	else
		snprintf(buf, 32, "%" PRId64 " days", seconds / 86400);
	return buf;
}
