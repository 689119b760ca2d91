/* SPDX-License-Identifier: Apache-2.0 */
/* Clair v4's JSON objects: package, distribution, repository, environment, vulnerability. Members, their
 * order and which of them are left out when empty follow what a Clair 4.9 server sends (its OpenAPI document
 * says less). What a reader would get wrong: `repository` is singular although it is a map, every package has
 * a `source` even when none is known (an empty object with an id of its own), and maps are {} and lists [],
 * never null. */
#include "report/clair_objects.h"

#include "base/time.h"
#include "model/scanner_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct str decimal(uint64_t id, char buf[24])
{
	int n = id ? snprintf(buf, 24, "%" PRIu64, id) : 0;

	return (struct str){ buf, (size_t)n };
}

void clair_member_id(struct json_writer *w, const char *key, uint64_t id)
{
	char buf[24];

	json_member(w, key, decimal(id, buf));
}

void clair_key_id(struct json_writer *w, uint64_t id)
{
	char buf[24];

	json_key_str(w, decimal(id, buf));
}

void clair_id(struct json_writer *w, uint64_t id)
{
	char buf[24];

	json_str(w, decimal(id, buf));
}

void clair_member_time(struct json_writer *w, const char *key, int64_t utc)
{
	char buf[32];

	json_member(w, key, utc ? str_of(time_rfc3339(utc, buf)) : STR("0001-01-01T00:00:00Z"));
}

static void member_if(struct json_writer *w, const char *key, struct str value)
{
	if (value.n)
		json_member(w, key, value);
}

/* Clair's text form of who found a package; left out when not known. */
static void member_detector(struct json_writer *w, int scanner)
{
	char buf[160];
	const struct scanner_id *id = scanner_ids;

	for (int i = 0; i < scanner && id->name; i++)
		id++;
	if (scanner < 0 || !id->name)
		return;
	snprintf(buf, sizeof(buf), "urn:claircore:detector:%s:%s:%s", id->name, id->version,
		 scanner_kind_name(id->kind));
	json_member(w, "detector", str_of(buf));
}

static void member_source(struct json_writer *w, const struct package *p)
{
	struct package source = { .name = p->source_name, .version = p->source_version, .scanner = -1 };
	bool is_known = p->source_name.n > 0;

	source.kind = is_known ? PACKAGE_SOURCE : PACKAGE_UNKNOWN;
	json_key(w, "source");
	json_object_begin(w);
	clair_member_id(w, "id", is_known ? package_source_hash(p) : package_hash(&source));
	json_member(w, "name", source.name);
	json_member(w, "version", source.version);
	member_if(w, "kind", str_of(package_kind_name(source.kind)));
	json_member(w, "normalized_version", STR(""));
	json_member(w, "cpe", STR(""));
	json_object_end(w);
}

void clair_package(struct json_writer *w, const struct package *p, uint64_t id)
{
	json_object_begin(w);
	clair_member_id(w, "id", id);
	json_member(w, "name", p->name);
	json_member(w, "version", p->version);
	member_if(w, "kind", str_of(package_kind_name(p->kind)));
	member_source(w, p);
	json_member(w, "normalized_version", p->normalized_version);
	member_if(w, "module", p->module);
	member_if(w, "arch", p->arch);
	json_member(w, "cpe", STR(""));
	member_detector(w, p->scanner);
	json_object_end(w);
}

void clair_distribution(struct json_writer *w, const struct distribution *d, uint64_t id)
{
	json_object_begin(w);
	clair_member_id(w, "id", id);
	json_member(w, "did", d->did);
	json_member(w, "name", d->name);
	json_member(w, "version", d->version);
	json_member(w, "version_code_name", d->version_code_name);
	json_member(w, "version_id", d->version_id);
	json_member(w, "arch", d->arch);
	json_member(w, "cpe", d->cpe);
	json_member(w, "pretty_name", d->pretty_name);
	json_object_end(w);
}

void clair_repository(struct json_writer *w, const struct repository *r, uint64_t id)
{
	json_object_begin(w);
	if (id)
		clair_member_id(w, "id", id);
	member_if(w, "name", r->name);
	member_if(w, "key", r->key);
	member_if(w, "uri", r->uri);
	json_member(w, "cpe", r->cpe);
	json_object_end(w);
}

/* The package an advisory names: no id, no version, no source, as Clair reads it back from its database. */
static void advisory_package(struct json_writer *w, const struct advisory *a)
{
	json_object_begin(w);
	json_member(w, "id", STR(""));
	json_member(w, "name", a->key.package);
	json_member(w, "version", STR(""));
	member_if(w, "kind", str_of(package_kind_name(a->package_kind)));
	json_member(w, "normalized_version", STR(""));
	member_if(w, "module", a->module);
	member_if(w, "arch", a->arch);
	json_member(w, "cpe", STR(""));
	json_object_end(w);
}

/* "lower..upper" as the object with the two odd keys. */
static void member_range(struct json_writer *w, struct str range)
{
	size_t dots = str_search(range, STR(".."));

	if (!range.n || dots == range.n)
		return;
	json_key(w, "range");
	json_object_begin(w);
	json_member(w, "[", str_sub(range, 0, dots));
	json_member(w, ")", str_sub(range, dots + 2, range.n - dots - 2));
	json_object_end(w);
}

/* Texts are kept once for all advisories of a name; where the status text of one is an address, it is the
 * page about this fix (Red Hat), which Clair adds to the links. */
static void member_links(struct json_writer *w, const struct advisory *a)
{
	autoarena struct arena scratch = { 0 };
	struct str links = a->links;

	if (str_starts(a->status_text, STR("https://")) && a->status == STATUS_AFFECTED)
		links = str_format(&scratch, STR_FMT "%s" STR_FMT, STR_ARG(links), links.n ? " " : "",
				   STR_ARG(a->status_text));
	json_member(w, "links", links);
}

static void vulnerability_members(struct json_writer *w, const struct advisory *a)
{
	struct repository repository = { a->repository_name, a->repository_key, a->repository_uri, STR("") };

	clair_member_id(w, "id", a->id);
	json_member(w, "updater", a->updater);
	json_member(w, "name", a->name);
	json_member(w, "description", a->description);
	clair_member_time(w, "issued", a->issued);
	member_links(w, a);
	json_member(w, "severity", a->severity);
	json_member(w, "normalized_severity", str_of(severity_name(a->normalized_severity)));
	json_key(w, "package");
	advisory_package(w, a);
	json_key(w, "distribution");
	clair_distribution(w, &a->distribution, 0);
	json_key(w, "repository");
	clair_repository(w, &repository, 0);
	json_member(w, "fixed_in_version", a->fixed_in);
	member_if(w, "arch_op", a->arch_operation);
}

void clair_vulnerability(struct json_writer *w, const struct advisory *a)
{
	json_object_begin(w);
	vulnerability_members(w, a);
	json_object_end(w);
}

void clair_vulnerability_whole(struct json_writer *w, const struct advisory *a)
{
	json_object_begin(w);
	vulnerability_members(w, a);
	member_range(w, a->range);
	json_object_end(w);
}

void clair_index_open(struct arena *a, const struct index_report *report, struct clair_index *out)
{
	out->report = report;
	out->packages = ARENA_ARRAY(a, uint64_t, report->packages.n);
	out->distributions = ARENA_ARRAY(a, uint64_t, report->distributions.n);
	out->repositories = ARENA_ARRAY(a, uint64_t, report->repositories.n);
	for (size_t i = 0; i < report->packages.n; i++)
		out->packages[i] = package_hash(&report->packages.p[i].package);
	for (size_t i = 0; i < report->distributions.n; i++)
		out->distributions[i] = distribution_hash(&report->distributions.p[i]);
	for (size_t i = 0; i < report->repositories.n; i++)
		out->repositories[i] = repository_hash(&report->repositories.p[i]);
}

static int compare_ids(const void *a, const void *b, void *ctx)
{
	const uint64_t *ids = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (ids[x] != ids[y])
		return ids[x] < ids[y] ? -1 : 1;
	return (x > y) - (x < y);
}

uint32_t *clair_order(struct arena *a, const uint64_t *ids, size_t n)
{
	uint32_t *order = ARENA_ARRAY(a, uint32_t, n);

	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	qsort_r(order, n, sizeof(*order), compare_ids, (void *)ids);
	return order;
}

static bool package_same(const struct package *a, const struct package *b)
{
	return str_eq(a->name, b->name) && str_eq(a->version, b->version) && str_eq(a->arch, b->arch) &&
	       str_eq(a->module, b->module) && a->kind == b->kind;
}

int clair_packages(struct task *task, struct json_writer *w, const struct clair_index *index, struct err *err)
{
	const struct index_report *r = index->report;
	const uint32_t *order = clair_order(&task->arena, index->packages, r->packages.n);

	json_key(w, "packages");
	json_object_begin(w);
	for (size_t i = 0; i < r->packages.n; i++) {
		const struct package *p = &r->packages.p[order[i]].package;
		uint64_t id = index->packages[order[i]];

		TRY(task_check(task, err));
		if (i == 0 || id != index->packages[order[i - 1]]) {
			clair_key_id(w, id);
			clair_package(w, p, id);
		} else if (!package_same(p, &r->packages.p[order[i - 1]].package)) {
			return err_set(err, E_CONFLICT, "two packages have the id %" PRIu64, id);
		}
	}
	json_object_end(w);
	return 0;
}

static void write_distributions(struct arena *a, struct json_writer *w, const struct clair_index *index)
{
	const uint64_t *ids = index->distributions;
	size_t n = index->report->distributions.n;
	const uint32_t *order = clair_order(a, ids, n);

	json_key(w, "distributions");
	json_object_begin(w);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && ids[order[i]] == ids[order[i - 1]])
			continue;
		clair_key_id(w, ids[order[i]]);
		clair_distribution(w, &index->report->distributions.p[order[i]], ids[order[i]]);
	}
	json_object_end(w);
}

static void write_repositories(struct arena *a, struct json_writer *w, const struct clair_index *index)
{
	const uint64_t *ids = index->repositories;
	size_t n = index->report->repositories.n;
	const uint32_t *order = clair_order(a, ids, n);

	json_key(w, "repository");
	json_object_begin(w);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && ids[order[i]] == ids[order[i - 1]])
			continue;
		clair_key_id(w, ids[order[i]]);
		clair_repository(w, &index->report->repositories.p[order[i]], ids[order[i]]);
	}
	json_object_end(w);
}

static void write_environment(struct json_writer *w, const struct clair_index *index,
			      const struct environment *e)
{
	json_object_begin(w);
	json_member(w, "package_db", e->package_db);
	json_member(w, "introduced_in", index->report->layers.p[e->layer]);
	clair_member_id(w, "distribution_id",
			e->distribution < 0 ? 0 : index->distributions[e->distribution]);
	json_key(w, "repository_ids");
	json_array_begin(w);
	for (size_t i = 0; i < e->repository_count; i++)
		clair_id(w, index->repositories[e->repositories[i]]);
	json_array_end(w);
	json_object_end(w);
}

/* Entries of the same package id (the same package listed twice) become one list. */
static int write_environments(struct task *task, struct json_writer *w, const struct clair_index *index,
			      struct err *err)
{
	const struct index_report *r = index->report;
	const uint64_t *ids = index->packages;
	const uint32_t *order = clair_order(&task->arena, ids, r->packages.n);

	json_key(w, "environments");
	json_object_begin(w);
	for (size_t i = 0; i < r->packages.n; i++) {
		TRY(task_check(task, err));
		if (i == 0 || ids[order[i]] != ids[order[i - 1]]) {
			clair_key_id(w, ids[order[i]]);
			json_array_begin(w);
		}
		VEC_EACH (struct environment, e, &r->packages.p[order[i]].environments)
			write_environment(w, index, e);
		if (i + 1 == r->packages.n || ids[order[i]] != ids[order[i + 1]])
			json_array_end(w);
	}
	json_object_end(w);
	return 0;
}

int clair_contexts(struct task *task, struct json_writer *w, const struct clair_index *index, struct err *err)
{
	write_distributions(&task->arena, w, index);
	write_repositories(&task->arena, w, index);
	return write_environments(task, w, index, err);
}
