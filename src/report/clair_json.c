/* SPDX-License-Identifier: Apache-2.0 */
/* Clair v4's vulnerability report, as GET /matcher/api/v1/vulnerability_report/{digest} answers it. Only what
 * is affected is listed: the format has no place for "undecided" nor for coverage, so whoever prints it must
 * say those elsewhere. What a reader would get wrong: ids are decimal content hashes, so two reports of the
 * same facts are equal, a package without vulnerabilities has no entry in package_vulnerabilities (an empty
 * list would be wrong), and clients take whatever kind of enrichment stands first for CVSS (clients.md 1.5):
 * without CVSS there is none. */
#include "report/clair_objects.h"
#include "report/writers.h"

#include <stdlib.h>

/* Affected pairs, by (package id, advisory id). */
struct pair {
	uint64_t package, advisory;
	const struct advisory *statement;
};
typedef VEC(struct pair) pairs;

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->package != y->package)
		return x->package < y->package ? -1 : 1;
	return (x->advisory > y->advisory) - (x->advisory < y->advisory);
}

static int compare_advisories(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return (x->advisory > y->advisory) - (x->advisory < y->advisory);
}

static void affected_pairs(struct arena *a, const struct vulnerability_report *report,
			   const struct clair_index *index, pairs *out)
{
	VEC_EACH (const struct match, m, &report->matches)
		if (m->verdict == AFFECTED)
			VEC_PUSH(
				a, out,
				((struct pair){ index->packages[m->package], m->advisory->id, m->advisory }));
}

static int write_vulnerabilities(struct task *task, struct json_writer *w, pairs *affected, struct err *err)
{
	if (affected->n)
		qsort(affected->p, affected->n, sizeof(*affected->p), compare_advisories);
	json_key(w, "vulnerabilities");
	json_object_begin(w);
	for (size_t i = 0; i < affected->n; i++) {
		const struct pair *p = &affected->p[i];

		TRY(task_check(task, err));
		if (i > 0 && p->advisory == p[-1].advisory)
			continue;
		clair_key_id(w, p->advisory);
		clair_vulnerability(w, p->statement);
	}
	json_object_end(w);
	return 0;
}

static void write_written(struct json_writer *w, const struct report_options *options)
{
	json_key(w, "vulnerabilities");
	json_object_begin(w);
	for (size_t i = 0; i < options->vulnerability_count; i++) {
		clair_key_id(w, options->vulnerabilities[i].id);
		json_raw(w, options->vulnerabilities[i].object);
	}
	json_object_end(w);
}

static void write_package_vulnerabilities(struct json_writer *w, const pairs *by_package)
{
	json_key(w, "package_vulnerabilities");
	json_object_begin(w);
	for (size_t i = 0; i < by_package->n; i++) {
		const struct pair *p = &by_package->p[i];
		bool is_first = i == 0 || p->package != p[-1].package;

		if (is_first) {
			clair_key_id(w, p->package);
			json_array_begin(w);
		}
		if (is_first || p->advisory != p[-1].advisory)
			clair_id(w, p->advisory);
		if (i + 1 == by_package->n || p->package != p[1].package)
			json_array_end(w);
	}
	json_object_end(w);
}

static int write_matches(struct task *task, struct json_writer *w, const struct vulnerability_report *report,
			 const struct clair_index *index, const struct report_options *options,
			 struct err *err)
{
	pairs affected = { 0 };

	affected_pairs(&task->arena, report, index, &affected);
	if (options->vulnerabilities)
		write_written(w, options);
	else
		TRY(write_vulnerabilities(task, w, &affected, err));
	if (affected.n)
		qsort(affected.p, affected.n, sizeof(*affected.p), compare_pairs);
	write_package_vulnerabilities(w, &affected);
	return 0;
}

#define KIND(enricher) "message/vnd.clair.map.vulnerability; enricher=" enricher " schema="
#define CVSS_SCHEMA "https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema"
static const char *const kind_keys[ENRICHMENT_KINDS] = {
	[ENRICHMENT_CVSS] = KIND("clair.cvss") CVSS_SCHEMA,
	[ENRICHMENT_EPSS] = KIND("clair.epss") "none",
	[ENRICHMENT_KEV] = KIND("clair.kev") "none",
};

/* A list of one map from the advisory's id to a list of data; never an empty list or map. */
static void write_kind(struct json_writer *w, const char *key, const enriched_list *list)
{
	json_key(w, key);
	json_array_begin(w);
	json_object_begin(w);
	VEC_EACH (const struct enriched, e, list) {
		clair_key_id(w, e->advisory);
		json_array_begin(w);
		for (size_t i = 0; i < e->n; i++)
			json_raw(w, e->data[i]);
		json_array_end(w);
	}
	json_object_end(w);
	json_array_end(w);
}

static void write_enrichments(struct json_writer *w, const struct vulnerability_report *report)
{
	json_key(w, "enrichments");
	json_object_begin(w);
	for (int kind = 0; report->enrichments[ENRICHMENT_CVSS].n && kind < ENRICHMENT_KINDS; kind++)
		if (report->enrichments[kind].n)
			write_kind(w, kind_keys[kind], &report->enrichments[kind]);
	json_object_end(w);
}

int clair_json_write(struct task *task, const struct vulnerability_report *report,
		     const struct report_options *options, struct writer *to, struct err *err)
{
	struct clair_index index;
	struct json_writer w;

	clair_index_open(&task->arena, report->index, &index);
	json_writer_open(&w, to, options->indent, err);
	json_object_begin(&w);
	json_member(&w, "manifest_hash", report->index->manifest_hash);
	TRY(clair_packages(task, &w, &index, err));
	TRY(clair_contexts(task, &w, &index, err));
	TRY(write_matches(task, &w, report, &index, options, err));
	write_enrichments(&w, report);
	json_object_end(&w);
	TRY(json_writer_end(&w));
	return options->indent ? writer_str(to, STR("\n"), err) : 0;
}
