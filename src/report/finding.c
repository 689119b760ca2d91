/* SPDX-License-Identifier: Apache-2.0 */
/* The words and figures that the formats have in common. The one thing to know: feeds are ordered by name, so
 * they are found by halving; and a feed that never succeeded has no age at all, which is worse than old. */
#include "report/finding.h"

const char *finding_status(const struct advisory *a)
{
	if (a->status == STATUS_AFFECTED && a->fixed_in.n)
		return "fixed";
	return advisory_status_name(a->status);
}

const struct feed_state *finding_feed(const struct vulnerability_report *report, struct str updater)
{
	size_t low = 0, high = report->feeds.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(report->feeds.p[middle].updater, updater);

		if (order == 0)
			return &report->feeds.p[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int64_t finding_feed_age(const struct vulnerability_report *report, const struct feed_state *feed)
{
	if (!feed || feed->last_success <= 0)
		return -1;
	return feed->last_success < report_moment(report) ? report_moment(report) - feed->last_success : 0;
}

bool finding_feed_is_old(const struct vulnerability_report *report, const struct report_options *options,
			 const struct feed_state *feed)
{
	enum { FIVE_DAYS = 5 * 86400 };
	int64_t age = finding_feed_age(report, feed);

	if (report->as_of)
		return false; /* what is known then is the last change, not the last success */
	return age < 0 || age > (options->max_data_age ? options->max_data_age : FIVE_DAYS);
}
