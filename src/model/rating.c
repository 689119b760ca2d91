/* SPDX-License-Identifier: Apache-2.0 */
/* From the texts of enrichers to figures, and from those to one severity. The policy, docs/severity.md: the
 * publisher of the package knows how it is built and comes first; CVSS rates the flaw wherever it may be and
 * fills in where the publisher is silent. What one would get wrong: the score is worked out from the vector,
 * as the number beside it is only a copy; it counts when the vector cannot be read. */
#include "model/rating.h"

#include "base/json.h"
#include "model/cvss.h"

#include <stdlib.h>

enum { NUMBER_BYTES = 32 };

const char *severity_source_name(enum severity_source s)
{
	switch (s) {
	case SEVERITY_OF_PUBLISHER: return "publisher";
	case SEVERITY_OF_CVSS: return "cvss";
	case SEVERITY_OF_NOBODY: break;
	}
	return "none";
}

/* A number member from 0 to max. */
static bool get_number(const struct json_value *v, const char *key, double max, double *out)
{
	const struct json_value *member = json_get(v, key);
	char text[NUMBER_BYTES];

	if (!member || member->type != JSON_NUMBER || member->text.n >= sizeof(text))
		return false;
	memcpy(text, member->text.p, member->text.n);
	text[member->text.n] = 0;
	*out = strtod(text, NULL);
	return *out >= 0 && *out <= max;
}

static void add_cvss(struct rating *r, const struct json_value *v)
{
	struct str vector = json_get_str(v, "vectorString");
	struct err ignored = { 0 };
	struct cvss cvss;
	double score;
	unsigned tenths;

	if (vector.n && cvss_parse(vector, &cvss, &ignored) == 0)
		tenths = cvss_base_score(&cvss);
	else if (get_number(v, "baseScore", 10, &score))
		tenths = (unsigned)(score * 10 + 0.5);
	else
		return;
	if (r->has_cvss && r->cvss >= tenths)
		return;
	r->has_cvss = true;
	r->cvss = tenths;
	r->cvss_vector = vector;
}

static void add_epss(struct rating *r, const struct json_value *v)
{
	double epss, percentile;

	if (!get_number(v, "epss", 1, &epss) || !get_number(v, "percentile", 1, &percentile))
		return;
	if (r->has_epss && r->epss >= epss)
		return;
	r->has_epss = true;
	r->epss = epss;
	r->epss_percentile = percentile;
}

static void add_kev(struct rating *r, const struct json_value *v)
{
	if (r->is_exploited)
		return;
	r->is_exploited = true;
	r->exploited_since = json_get_str(v, "date_added");
	r->exploited_due = json_get_str(v, "due_date");
	r->exploited_ransomware = json_get_str(v, "known_ransomware_campaign_use");
}

void rating_add(struct arena *a, struct rating *rating, enum enrichment_kind kind, struct str text)
{
	struct err ignored = { 0 };
	struct json_value v;

	if (json_parse(a, text, &v, &ignored) < 0 || v.type != JSON_OBJECT)
		return;
	switch (kind) {
	case ENRICHMENT_CVSS: add_cvss(rating, &v); break;
	case ENRICHMENT_EPSS: add_epss(rating, &v); break;
	case ENRICHMENT_KEV: add_kev(rating, &v); break;
	}
}

void rating_decide(struct rating *rating, enum severity publisher)
{
	rating->severity = publisher;
	rating->source = publisher == SEVERITY_UNKNOWN ? SEVERITY_OF_NOBODY : SEVERITY_OF_PUBLISHER;
	if (publisher != SEVERITY_UNKNOWN || !rating->has_cvss)
		return;
	rating->severity = cvss_severity(CVSS_3_1, rating->cvss);
	rating->source = SEVERITY_OF_CVSS;
}
