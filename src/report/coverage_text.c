/* SPDX-License-Identifier: Apache-2.0 */
/* Saying what a report rests on. "No findings" means little unless the reader learns how many packages were
 * found, how many of them a feed covers, and how old its data are. The one thing to know: coverage of
 * distribution -1 stands for packages that belong to no distribution. */
#include "report/coverage_text.h"

#include "base/time.h"
#include "report/finding.h"
#include "report/text_width.h"

#include <inttypes.h>

struct totals {
	uint64_t packages, matched;
	int64_t age; /* of the oldest feed that answered; -1: none, or one without age */
	bool has_feeds;
};

static struct str distribution_name(struct arena *a, const struct index_report *index, int32_t position)
{
	const struct distribution *d = position < 0 ? NULL : &index->distributions.p[position];

	if (!d)
		return STR("Unknown distribution");
	if (d->pretty_name.n)
		return text_clean(a, d->pretty_name);
	return text_clean(a, str_format(a, STR_FMT " " STR_FMT, STR_ARG(d->name.n ? d->name : d->did),
					STR_ARG(d->version_id)));
}

static void add_age(struct totals *t, int64_t age)
{
	if (!t->has_feeds || age < 0 || (t->age >= 0 && age > t->age))
		t->age = age;
	t->has_feeds = true;
}

static struct totals totals_of(const struct vulnerability_report *report)
{
	struct totals t = { .age = -1 };

	VEC_EACH (const struct coverage, c, &report->coverage) {
		t.packages += c->packages;
		t.matched += c->packages_matched;
		VEC_EACH (const struct str, updater, &c->updaters)
			add_age(&t, finding_feed_age(report, finding_feed(report, *updater)));
	}
	return t;
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Of a past moment only the last change is known, after which the data may have been looked at. */
static void put_age(struct text_out *out, const struct vulnerability_report *report, int64_t age)
{
	char buf[32];

	if (age < 0)
		text_put(out, STR("of unknown age"));
	else
		text_format(out, "%s%s old", report->as_of ? "at most " : "", time_age(age, buf));
}

/* "(Alpine Linux v3.20, data 3 h old)" */
static void put_basis(struct arena *a, struct text_out *out, const struct vulnerability_report *report,
		      const struct totals *t)
{
	bool is_first = true;

	text_put(out, STR(" ("));
	VEC_EACH (const struct coverage, c, &report->coverage) {
		if (!is_first)
			text_put(out, STR(", "));
		text_put(out, distribution_name(a, report->index, c->distribution));
		is_first = false;
	}
	if (t->has_feeds) {
		text_put(out, STR(", data "));
		put_age(out, report, t->age);
	}
	text_put(out, STR(")"));
}

void coverage_nothing_found(struct arena *a, struct text_out *out, const struct vulnerability_report *report)
{
	struct totals t = totals_of(report);

	if (t.packages == 0)
		text_put(out, STR("No packages found, so nothing could be looked up"));
	else if (t.matched == 0)
		text_format(out,
			    "Nothing is known about the %" PRIu64 " package%s found: no advisories cover %s",
			    t.packages, plural(t.packages), t.packages == 1 ? "it" : "them");
	else if (t.matched < t.packages)
		text_format(out,
			    "No known vulnerabilities in %" PRIu64 " of %" PRIu64
			    " packages; nothing is known about the others",
			    t.matched, t.packages);
	else
		text_format(out, "No known vulnerabilities in %" PRIu64 " package%s", t.packages,
			    plural(t.packages));
	if (report->coverage.n)
		put_basis(a, out, report, &t);
	text_newline(out);
}

static void put_remark(struct arena *a, struct text_out *out, const char *label, struct str text)
{
	if (text.n == 0)
		return;
	text_format(out, "  %s: ", label);
	text_put(out, text_clean(a, text));
	text_newline(out);
}

/* Its last day of support is over: new flaws may go unlisted. */
static void put_end_of_life(struct text_out *out, const struct vulnerability_report *report,
			    const struct coverage *c)
{
	char day[32];

	if (!coverage_is_end_of_life(c, report_moment(report)))
		return;
	time_rfc3339(c->eol_date, day);
	text_format(out, "  end of life: no support since %.10s, new vulnerabilities may not be listed", day);
	text_newline(out);
}

static void put_feed(struct arena *a, struct text_out *out, const struct vulnerability_report *report,
		     const struct report_options *options, struct str updater)
{
	const struct feed_state *feed = finding_feed(report, updater);

	text_put(out, STR("  data: "));
	text_put(out, text_clean(a, updater));
	text_put(out, STR(", "));
	put_age(out, report, finding_feed_age(report, feed));
	if (finding_feed_is_old(report, options, feed))
		text_put(out, STR(" (too old: run `clair update`)"));
	text_newline(out);
	if (feed)
		put_remark(a, out, "  last update failed", feed->last_error);
}

static void put_coverage(struct arena *a, struct text_out *out, const struct vulnerability_report *report,
			 const struct report_options *options, const struct coverage *c)
{
	text_put(out, distribution_name(a, report->index, c->distribution));
	text_format(out, ": %" PRIu32 " package%s found, %" PRIu32 " matched", c->packages,
		    plural(c->packages), c->packages_matched);
	text_newline(out);
	VEC_EACH (const struct str, updater, &c->updaters)
		put_feed(a, out, report, options, *updater);
	put_end_of_life(out, report, c);
	put_remark(a, out, "caveat", c->caveat);
	put_remark(a, out, "problem", c->problem);
}

static void put_note(struct arena *a, struct text_out *out, struct str note)
{
	text_put(out, STR("Note: "));
	text_put(out, text_clean(a, note));
	text_newline(out);
}

static void put_notes(struct arena *a, struct text_out *out, const struct index_report *index)
{
	if (index->is_incomplete) {
		text_put(out, STR("Incomplete: some of the image could not be read"));
		text_newline(out);
	}
	VEC_EACH (const struct str, note, &index->notes)
		put_note(a, out, *note);
}

static void put_moment(struct text_out *out, const struct vulnerability_report *report)
{
	char date[32];

	if (!report->as_of)
		return;
	text_format(out, "As of %s: the advisories of then, with the descriptions and ratings of today",
		    time_rfc3339(report->as_of, date));
	text_newline(out);
}

void coverage_text(struct arena *a, struct text_out *out, const struct vulnerability_report *report,
		   const struct report_options *options)
{
	put_moment(out, report);
	VEC_EACH (const struct coverage, c, &report->coverage)
		put_coverage(a, out, report, options, c);
	put_notes(a, out, report->index);
}

void coverage_text_problems(struct arena *a, struct text_out *out, const struct vulnerability_report *report,
			    const struct report_options *options)
{
	put_moment(out, report);
	VEC_EACH (const struct coverage, c, &report->coverage) {
		VEC_EACH (const struct str, updater, &c->updaters) {
			const struct feed_state *feed = finding_feed(report, *updater);

			if (finding_feed_is_old(report, options, feed) || (feed && feed->last_error.n))
				put_feed(a, out, report, options, *updater);
		}
		put_end_of_life(out, report, c);
		put_remark(a, out, "caveat", c->caveat);
		put_remark(a, out, "problem", c->problem);
	}
	put_notes(a, out, report->index);
}
