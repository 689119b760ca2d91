/* SPDX-License-Identifier: Apache-2.0 */
/* From a report to an exit status. What a reader would get wrong: a severity that neither the
 * publisher nor CVSS states is Unknown, the lowest, so `--fail-on high` passes over it (all of Alpine's are,
 * without data of clair.cvss); that is why such matches are counted and the command warns. */
#include "cmd/gate.h"

#include "cmd/exit_status.h"
#include "report/finding.h"

static void count_matches(const struct vulnerability_report *report, const struct gate_rules *rules,
			  struct gate *out)
{
	VEC_EACH (const struct match, m, &report->matches) {
		enum severity severity = match_severity(m);

		if (m->verdict != AFFECTED) {
			out->undecided++;
			continue;
		}
		out->reached += rules->has_fail_on && severity >= rules->fail_on;
		out->unrated += severity == SEVERITY_UNKNOWN;
	}
}

static void check_age(const struct vulnerability_report *report, const struct gate_rules *rules,
		      struct gate *out)
{
	const struct report_options limit = { .max_data_age = rules->max_data_age };
	int64_t oldest = -1;

	VEC_EACH (const struct coverage, c, &report->coverage)
		VEC_EACH (const struct str, updater, &c->updaters) {
			const struct feed_state *feed = finding_feed(report, *updater);
			int64_t age = finding_feed_age(report, feed);

			if (!feed || !finding_feed_is_old(report, &limit, feed))
				continue;
			if (!out->oldest || age < 0 || (oldest >= 0 && age > oldest)) {
				out->oldest = feed;
				oldest = age;
			}
		}
}

void gate_check(const struct vulnerability_report *report, const struct gate_rules *rules, struct gate *out)
{
	*out = (struct gate){ .is_incomplete = report->index->is_incomplete };
	count_matches(report, rules, out);
	check_age(report, rules, out);
	VEC_EACH (const struct coverage, c, &report->coverage) {
		if (!out->eol && coverage_is_end_of_life(c, report_moment(report)))
			out->eol = c;
		out->packages += c->packages;
		out->matched += c->packages_matched;
	}
	out->is_uncovered = report->is_uncovered || report->index->distribution < 0 || out->matched == 0;
	out->is_empty_handed = out->packages > 0 && out->matched == 0;
}

int gate_status(const struct gate *gate, const struct gate_rules *rules)
{
	if (gate->reached || (rules->exit_on_eol && gate->eol))
		return rules->status;
	if (gate->is_incomplete || gate->is_empty_handed)
		return EXIT_INCOMPLETE;
	if (rules->require_coverage && gate->is_uncovered)
		return EXIT_INCOMPLETE;
	if (rules->is_age_strict && gate->oldest)
		return EXIT_INCOMPLETE;
	return EXIT_DONE;
}
