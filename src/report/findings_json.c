/* SPDX-License-Identifier: Apache-2.0 */
/* Our own JSON: everything the report knows, one flat list of findings. Documented in docs/json.md;
 * schema_version is raised when a member changes its meaning or goes away, not when one is added. What a
 * reader would get wrong: an empty list of findings says nothing by itself; `coverage`, `is_incomplete` and
 * `is_uncovered` say what it is worth. */
#include "base/time.h"
#include "model/rating.h"
#include "report/clair_objects.h"
#include "report/finding.h"
#include "report/writers.h"

#include <stdio.h>

enum { SCHEMA_VERSION = 1 };

static void member_age(struct json_writer *w, const char *key, int64_t age)
{
	json_key(w, key);
	if (age >= 0)
		json_int(w, age);
	else
		json_null(w);
}

/* null when there is no such time. */
static void member_time(struct json_writer *w, const char *key, int64_t utc)
{
	char buf[32];

	json_key(w, key);
	if (utc > 0)
		json_str(w, str_of(time_rfc3339(utc, buf)));
	else
		json_null(w);
}

static void write_package(struct json_writer *w, const struct package *p, const struct environment *e)
{
	json_key(w, "package");
	json_object_begin(w);
	clair_member_id(w, "id", package_hash(p));
	json_member(w, "name", p->name);
	json_member(w, "version", p->version);
	json_member(w, "arch", p->arch);
	json_member(w, "kind", str_of(package_kind_name(p->kind)));
	json_key(w, "source");
	json_object_begin(w);
	json_member(w, "name", p->source_name);
	json_member(w, "version", p->source_version);
	json_object_end(w);
	json_member(w, "database", e->package_db);
	json_object_end(w);
}

/* Links are separated by blanks, by some publishers by newlines. */
static void write_links(struct json_writer *w, struct str links)
{
	struct str link;

	json_key(w, "links");
	json_array_begin(w);
	while (str_word(&links, &link))
		json_str(w, link);
	json_array_end(w);
}

static void write_flaw(struct json_writer *w, const struct advisory *a)
{
	json_key(w, "vulnerability");
	json_object_begin(w);
	json_member(w, "id", a->name);
	json_member(w, "severity", a->severity);
	json_member(w, "normalized_severity", str_of(severity_name(a->normalized_severity)));
	json_member(w, "description", a->description);
	member_time(w, "issued", a->issued);
	write_links(w, a->links);
	json_object_end(w);
}

static void write_layer(struct json_writer *w, const struct index_report *index, const struct environment *e)
{
	json_key(w, "layer");
	json_object_begin(w);
	json_member(w, "digest", index->layers.p[e->layer]);
	json_member_int(w, "index", e->layer);
	json_object_end(w);
}

static void write_advisory(struct json_writer *w, const struct advisory *a)
{
	json_key(w, "advisory");
	json_object_begin(w);
	clair_member_id(w, "id", a->id);
	json_member(w, "updater", a->updater);
	json_member(w, "namespace", a->key.namespace);
	json_member(w, "package", a->key.package);
	json_member(w, "status", str_of(finding_status(a)));
	json_member(w, "status_text", a->status_text);
	json_member(w, "fixed_in", a->fixed_in);
	json_object_end(w);
}

static void member_number(struct json_writer *w, const char *key, const char *format, double value)
{
	char text[32];

	snprintf(text, sizeof(text), format, value);
	json_key(w, key);
	json_raw(w, str_of(text));
}

static void write_cvss(struct json_writer *w, const struct rating *r)
{
	json_key(w, "cvss");
	if (!r->has_cvss) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	member_number(w, "score", "%.1f", r->cvss / 10.0);
	json_member(w, "vector", r->cvss_vector);
	json_object_end(w);
}

static void write_epss(struct json_writer *w, const struct rating *r)
{
	json_key(w, "epss");
	if (!r->has_epss) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	member_number(w, "score", "%.9g", r->epss);
	member_number(w, "percentile", "%.9g", r->epss_percentile);
	json_object_end(w);
}

static void write_exploited(struct json_writer *w, const struct rating *r)
{
	json_key(w, "exploited");
	if (!r->is_exploited) {
		json_null(w);
		return;
	}
	json_object_begin(w);
	json_member(w, "since", r->exploited_since);
	json_member(w, "due_date", r->exploited_due);
	json_member(w, "ransomware", r->exploited_ransomware);
	json_object_end(w);
}

static void write_rating(struct json_writer *w, const struct match *m)
{
	struct rating alone = { 0 };
	const struct rating *r = m->rating;

	if (!r) {
		rating_decide(&alone, m->advisory->normalized_severity);
		r = &alone;
	}
	json_key(w, "rating");
	json_object_begin(w);
	json_member(w, "severity", str_of(severity_name(r->severity)));
	json_member(w, "severity_source", str_of(severity_source_name(r->source)));
	write_cvss(w, r);
	write_epss(w, r);
	write_exploited(w, r);
	json_object_end(w);
}

static void write_finding(struct json_writer *w, const struct vulnerability_report *report,
			  const struct match *m)
{
	const struct indexed_package *p = &report->index->packages.p[m->package];
	const struct environment *e = &p->environments.p[m->environment];

	json_object_begin(w);
	write_package(w, &p->package, e);
	write_flaw(w, m->advisory);
	write_rating(w, m);
	write_layer(w, report->index, e);
	write_advisory(w, m->advisory);
	json_member(w, "verdict", str_of(verdict_name(m->verdict)));
	json_member(w, "reason", m->reason);
	member_age(w, "data_age_seconds",
		   finding_feed_age(report, finding_feed(report, m->advisory->updater)));
	json_object_end(w);
}

static int write_findings(struct task *task, struct json_writer *w, const struct vulnerability_report *report,
			  struct err *err)
{
	json_key(w, "findings");
	json_array_begin(w);
	VEC_EACH (const struct match, m, &report->matches) {
		TRY(task_check(task, err));
		write_finding(w, report, m);
	}
	json_array_end(w);
	return 0;
}

static void write_feed(struct json_writer *w, const struct vulnerability_report *report, struct str updater)
{
	static const struct feed_state unknown;
	const struct feed_state *feed = finding_feed(report, updater);
	int64_t age = finding_feed_age(report, feed);

	if (!feed)
		feed = &unknown;
	json_object_begin(w);
	json_member(w, "updater", updater);
	member_age(w, "data_age_seconds", age);
	member_time(w, "last_success", feed->last_success);
	member_time(w, "changed_at", feed->changed_at);
	json_member_int(w, "advisories", (int64_t)feed->advisories);
	json_member(w, "last_error", feed->last_error);
	json_object_end(w);
}

static void write_distribution(struct json_writer *w, const struct index_report *index, int32_t position)
{
	json_key(w, "distribution");
	if (position < 0)
		json_null(w);
	else
		clair_distribution(w, &index->distributions.p[position],
				   distribution_hash(&index->distributions.p[position]));
}

/* "2026-04-01", or null */
static void write_day(struct json_writer *w, const char *key, int64_t day)
{
	char text[32];

	json_key(w, key);
	if (day)
		json_str(w, (struct str){ time_rfc3339(day, text), 10 });
	else
		json_null(w);
}

static void write_coverage(struct json_writer *w, const struct vulnerability_report *report)
{
	json_key(w, "coverage");
	json_array_begin(w);
	VEC_EACH (const struct coverage, c, &report->coverage) {
		json_object_begin(w);
		write_distribution(w, report->index, c->distribution);
		json_member(w, "ecosystem", c->ecosystem);
		json_member_int(w, "packages_found", c->packages);
		json_member_int(w, "packages_matched", c->packages_matched);
		json_member(w, "caveat", c->caveat);
		json_member(w, "problem", c->problem);
		write_day(w, "end_of_life", c->eol_date);
		json_member_bool(w, "is_end_of_life", coverage_is_end_of_life(c, report_moment(report)));
		json_key(w, "feeds");
		json_array_begin(w);
		VEC_EACH (const struct str, updater, &c->updaters)
			write_feed(w, report, *updater);
		json_array_end(w);
		json_object_end(w);
	}
	json_array_end(w);
}

static void write_texts(struct json_writer *w, const char *key, const struct str *texts, size_t n)
{
	json_key(w, key);
	json_array_begin(w);
	for (size_t i = 0; i < n; i++)
		json_str(w, texts[i]);
	json_array_end(w);
}

static void write_head(struct json_writer *w, const struct vulnerability_report *report,
		       const struct report_options *options)
{
	const struct index_report *index = report->index;

	json_member_int(w, "schema_version", SCHEMA_VERSION);
	json_member(w, "target", options->target);
	json_member(w, "manifest_hash", index->manifest_hash);
	clair_member_time(w, "created_at", report->created_at);
	if (report->as_of)
		clair_member_time(w, "as_of", report->as_of);
	write_texts(w, "layers", index->layers.p, index->layers.n);
	write_distribution(w, index, index->distribution);
	json_member_int(w, "packages_found", (int64_t)index->packages.n);
	json_member_bool(w, "is_incomplete", index->is_incomplete);
	json_member_bool(w, "is_uncovered", report->is_uncovered);
	json_member_int(w, "hidden_findings", (int64_t)options->hidden);
}

int findings_json_write(struct task *task, const struct vulnerability_report *report,
			const struct report_options *options, struct writer *to, struct err *err)
{
	struct json_writer w;

	json_writer_open(&w, to, options->indent, err);
	json_object_begin(&w);
	write_head(&w, report, options);
	TRY(write_findings(task, &w, report, err));
	write_coverage(&w, report);
	write_texts(&w, "notes", report->index->notes.p, report->index->notes.n);
	json_object_end(&w);
	TRY(json_writer_end(&w));
	return options->indent ? writer_str(to, STR("\n"), err) : 0;
}
