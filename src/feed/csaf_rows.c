/* SPDX-License-Identifier: Apache-2.0 */
/* Advisories of a CSAF document, a row for each package of each product line.
 * Source: CSAF 2.0, section 3.2.3; what statuses and remediations mean to Red Hat:
 * https://redhatproductsecurity.github.io/security-data-guidelines/csaf-vex/.
 * Easy to get wrong: a fix is listed once for each architecture, and is one row; a package that is affected
 * and has no fix is named by its source, and so the row is about all that is built from it. */
#include "feed/csaf_rows.h"

#include "base/limits.h"
#include "base/time.h"
#include "feed/csaf_component.h"
#include "feed/texts.h"
#include "model/cvss.h"

#include <stdio.h>

/* ---- notes ---- */

void csaf_note(struct csaf_notes *notes, struct str what, const char *why)
{
	autoarena struct arena a = { 0 };

	if (++notes->count > LIMIT_CSAF_NOTES || !notes->sink->skipped)
		return;
	what = texts_cut(what, 200);
	notes->sink->skipped(notes->sink,
			     str_format(&a, STR_FMT ": %s%.*s%s%s", STR_ARG(notes->document),
					what.n ? "\"" : "", STR_ARG(what), what.n ? "\": " : "", why));
}

void csaf_notes_end(struct csaf_notes *notes)
{
	autoarena struct arena a = { 0 };

	if (notes->count <= LIMIT_CSAF_NOTES || !notes->sink->skipped)
		return;
	notes->sink->skipped(notes->sink, str_format(&a, STR_FMT ": %llu more products are left out",
						     STR_ARG(notes->document),
						     (unsigned long long)(notes->count - LIMIT_CSAF_NOTES)));
}

/* ---- one vulnerability ---- */

/* A row while it is put together. */
struct row {
	struct csaf_product *product; /* the first of those that it is made of: its remarks count */
	const struct csaf_component *component;
	const struct csaf_repository *repository;
	struct row_arch *arches, **last; /* in the order of the document */
	unsigned arch_count;
	bool is_of_all; /* whatever its architecture */
	bool is_lowest; /* of the versions of this image */
};

struct row_arch {
	struct str name;
	struct row_arch *next;
};

struct rows {
	struct csaf_document *d;
	struct csaf_notes *notes;
	const struct csaf_vulnerability *vulnerability;
	struct arena *arena; /* of the rows */
	struct advisory advisory; /* what the rows have in common */
	VEC(struct row *) list;
	struct map by_key, by_image;
};

/* The product's remarks are those of the vulnerability at hand. */
static void renew(struct csaf_product *p, size_t vulnerability)
{
	if (p->vulnerability == vulnerability)
		return;
	p->vulnerability = vulnerability;
	p->score = NULL;
	memset(p->remark, 0, sizeof(p->remark));
}

/* Tell the products what is said of them; the first of each kind counts. */
static void distribute(struct csaf_vulnerability *v, size_t number)
{
	VEC_EACH (struct csaf_score, score, &v->scores)
		for (size_t i = 0; i < score->products.n; i++) {
			struct csaf_product *p = score->products.p[i];

			renew(p, number);
			p->score = p->score ? p->score : score;
		}
	VEC_EACH (const struct csaf_remark, remark, &v->remarks)
		for (size_t i = 0; i < remark->products.n; i++) {
			struct csaf_product *p = remark->products.p[i];

			renew(p, number);
			if (!p->remark[remark->kind])
				p->remark[remark->kind] = remark;
		}
	for (int s = 0; s < CSAF_STATUSES; s++)
		for (size_t i = 0; i < v->status[s].n; i++)
			renew(v->status[s].p[i], number);
}

static struct str remark_of(const struct csaf_product *p, enum csaf_remark_kind kind)
{
	return p->remark[kind] ? p->remark[kind]->text : STR("");
}

/* The same as a field of a row. */
static struct str field_of(const struct row *row, enum csaf_remark_kind kind)
{
	return texts_cut(remark_of(row->product, kind), LIMIT_FIELD_BYTES);
}

/* ---- severity ---- */

static void choose_vector(struct csaf_score *score)
{
	const struct str vectors[] = { score->v4, score->v3, score->v2 };

	for (size_t i = 0; i < 3 && !score->vector.n; i++) {
		struct cvss cvss;
		struct err err;

		if (!vectors[i].n || vectors[i].n > LIMIT_FIELD_BYTES ||
		    cvss_parse(vectors[i], &cvss, &err) < 0)
			continue;
		score->vector = vectors[i];
		score->is_zero = cvss_base_score(&cvss) == 0;
	}
	score->is_known = true;
}

/* The vector of a product, or empty. */
static struct str vector_of(const struct csaf_product *p)
{
	if (!p->score)
		return STR("");
	if (!p->score->is_known)
		choose_vector(p->score);
	return p->score->vector;
}

/* Neither an impact nor a score: no vulnerability to the publisher. */
static bool is_none(const struct csaf_product *p)
{
	return !p->remark[CSAF_IMPACT] && vector_of(p).n && p->score->is_zero;
}

static enum severity severity_of(struct str impact)
{
	static const struct {
		struct str word;
		enum severity severity;
	} table[] = { { STR("low"), SEVERITY_LOW },
		      { STR("moderate"), SEVERITY_MEDIUM },
		      { STR("important"), SEVERITY_HIGH },
		      { STR("critical"), SEVERITY_CRITICAL } };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_eq_nocase(impact, table[i].word))
			return table[i].severity;
	return SEVERITY_UNKNOWN;
}

/* ---- which products are rows ---- */

/* False: no row, which is told where something is wrong with it. */
static bool resolve(struct rows *r, struct csaf_product *p, struct row *out)
{
	const struct csaf_component *c = csaf_component_of(r->d, p);
	const struct csaf_repository *repository = csaf_component_repository(r->d, p);

	if (!c || !repository || c->is_passed_over || is_none(p))
		return false;
	if (c->problem || repository->problem) {
		csaf_note(r->notes, p->id, c->problem ? c->problem : repository->problem);
		return false;
	}
	*out = (struct row){ .product = p, .component = c, .repository = repository };
	return true;
}

static bool is_fix(struct rows *r, const struct row *row)
{
	const char *why = row->component->no_fix;

	if (row->component->is_source)
		return false;
	if (!why && !vector_of(row->product).n)
		why = "a fix without a valid CVSS score";
	if (why)
		csaf_note(r->notes, row->product->id, why);
	return !why;
}

/* ---- merging architectures ---- */

static void add_arch(struct arena *a, struct row *row, struct str arch)
{
	struct row_arch *new;

	if (str_eq(arch, STR("amd64")) || str_eq(arch, STR("x86_64")))
		arch = STR("amd64|x86_64");
	for (const struct row_arch *has = row->arches; has; has = has->next)
		if (str_eq(has->name, arch))
			return;
	row->is_of_all |= arch.n == 0 || row->arch_count == LIMIT_CSAF_ARCHES;
	if (row->is_of_all)
		return;
	new = ARENA_NEW(a, struct row_arch);
	new->name = arch;
	*(row->last ? row->last : &row->arches) = new;
	row->last = &new->next;
	row->arch_count++;
}

static struct str arches_of(struct arena *a, const struct row *row)
{
	struct buffer b = { .arena = a };

	for (const struct row_arch *arch = row->is_of_all ? NULL : row->arches; arch; arch = arch->next) {
		if (b.n)
			put_u8(&b, '|');
		put_bytes(&b, arch->name);
	}
	return buffer_str(&b);
}

/* The row of a package in a repository, made when it is new. */
static void merge(struct rows *r, const struct row *row, const struct csaf_component *same)
{
	const void *pair[2] = { same, row->repository };
	struct str key = { (const char *)pair, sizeof(pair) };
	struct arena *a = r->arena;
	struct row *old = map_get(&r->by_key, key);

	if (!old) {
		old = ARENA_NEW(a, struct row);
		*old = *row;
		VEC_PUSH(a, &r->list, old);
		*map_put(&r->by_key, str_copy(a, key)) = old;
	}
	add_arch(a, old, row->component->arch);
}

static bool is_below(const int32_t a[2], const int32_t b[2])
{
	return a[0] != b[0] ? a[0] < b[0] : a[1] < b[1];
}

/* Of the rows of an image the lowest one is about all versions before it too. */
static void find_lowest(struct rows *r)
{
	for (size_t i = 0; i < r->list.n; i++) {
		struct row *row = r->list.p[i], *lowest;
		void **slot;

		if (!row->component->is_image)
			continue;
		slot = map_put(&r->by_image, row->component->name);
		lowest = *slot;
		if (lowest && !is_below(row->component->tag, lowest->component->tag))
			continue;
		if (lowest)
			lowest->is_lowest = false;
		row->is_lowest = true;
		*slot = row;
	}
}

/* ---- rows ---- */

/* All versions of an image. */
#define WHOLE_RANGE STR("rhctag:0.0.0.0.0.0.0.0.0.0..rhctag:2147483647.0.0.0.0.0.0.0.0.0")

/* All builds of a version, up to the next minor one. */
static struct str fix_range(struct arena *a, const struct row *row)
{
	static const int32_t zero[2];
	const int32_t *high = row->component->tag, *low = row->is_lowest ? zero : high;

	return str_format(a, "rhctag:%d.%d.0.0.0.0.0.0.0.0..rhctag:%d.%d.%d.0.0.0.0.0.0.0", low[0], low[1],
			  high[0], high[1], INT32_MAX);
}

/* What rows of any status have. */
static struct advisory advisory_of(const struct rows *r, const struct row *row)
{
	const struct csaf_component *c = row->component;
	struct advisory v = r->advisory;

	v.key.namespace = c->is_image ? STR("rhcc") : row->repository->namespace;
	v.key.package = c->package;
	v.module = c->module;
	v.repository_name = row->repository->name;
	v.repository_key = c->is_image ? STR("rhcc-container-repository") : STR("rhel-cpe-repository");
	v.severity = vector_of(row->product);
	v.normalized_severity = severity_of(remark_of(row->product, CSAF_IMPACT));
	return v;
}

static int push(const struct rows *r, const struct advisory *v, struct err *err)
{
	return r->notes->sink->advisory(r->notes->sink, v, err);
}

static int push_merged(struct rows *r, const struct row *row, enum csaf_status status, struct err *err)
{
	struct advisory v = advisory_of(r, row);
	struct arena *a = r->arena;
	const struct csaf_component *c = row->component;

	v.arch = arches_of(a, row);
	v.arch_operation = v.arch.n ? STR("pattern match") : STR("");
	if (status == CSAF_FIXED) {
		v.package_kind = PACKAGE_BINARY;
		v.status = STATUS_AFFECTED;
		v.status_text = field_of(row, CSAF_ERRATA);
		v.fixed_in = c->fixed_in;
		v.range = c->is_image ? fix_range(a, row) : STR("");
		return push(r, &v, err);
	}
	v.package_kind = c->is_image ? PACKAGE_ANCESTRY : PACKAGE_BINARY;
	v.status = STATUS_NOT_AFFECTED;
	v.status_text = field_of(row, CSAF_LABEL);
	v.severity = v.severity.n ? v.severity : STR("Unknown");
	v.range = c->is_image ? WHOLE_RANGE : STR("");
	return push(r, &v, err);
}

/* Fixed and not affected: a row for all architectures that have the same. */
static int push_by_package(struct rows *r, enum csaf_status status, struct err *err)
{
	const csaf_products *products = &r->vulnerability->status[status];

	for (size_t i = 0; i < products->n; i++) {
		struct row row;

		if (!resolve(r, products->p[i], &row) || row.component->is_source)
			continue;
		if (status == CSAF_KNOWN_NOT_AFFECTED)
			merge(r, &row, row.component->same_package);
		else if (is_fix(r, &row))
			merge(r, &row, row.component->same_fix);
	}
	if (status == CSAF_FIXED)
		find_lowest(r);
	for (size_t i = 0; i < r->list.n; i++)
		TRY(push_merged(r, r->list.p[i], status, err));
	return 0;
}

static enum advisory_status status_of(struct str words)
{
	static const struct {
		struct str words;
		enum advisory_status status;
	} table[] = { { STR("Will not fix"), STATUS_WILL_NOT_FIX },
		      { STR("Fix deferred"), STATUS_FIX_DEFERRED },
		      { STR("Out of support scope"), STATUS_END_OF_LIFE } };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_eq_nocase(str_trim(words), table[i].words))
			return table[i].status;
	return STATUS_AFFECTED;
}

/* Affected without a fix, or not known yet: a row for each product. */
static int push_unfixed(struct rows *r, enum csaf_status status, struct err *err)
{
	const csaf_products *products = &r->vulnerability->status[status];

	for (size_t i = 0; i < products->n; i++) {
		struct advisory v;
		struct row row;

		if (!resolve(r, products->p[i], &row))
			continue;
		v = advisory_of(r, &row);
		v.package_kind = PACKAGE_SOURCE;
		v.status_text = field_of(&row, CSAF_WORDS);
		v.status = status == CSAF_UNDER_INVESTIGATION ? STATUS_UNDER_INVESTIGATION
							      : status_of(v.status_text);
		v.range = row.component->is_image ? WHOLE_RANGE : STR("");
		TRY(push(r, &v, err));
	}
	return 0;
}

/* Where the publisher has the document, when it does not say so. */
static struct str self_of(struct csaf_document *d)
{
	struct str year = str_sub(d->id, 4, 4);

	if (d->self.n)
		return d->self;
	return str_format(d->arena,
			  "https://security.access.redhat.com/data/csaf/v2/vex/" STR_FMT "/" STR_FMT ".json",
			  STR_ARG(year), STR_ARG(str_lower(d->arena, d->id)));
}

static int push_status(struct csaf_document *d, struct csaf_notes *notes, const struct csaf_vulnerability *v,
		       enum csaf_status status, const struct advisory *common, struct err *err)
{
	autoarena struct arena a = { 0 };
	struct rows r = { .d = d, .notes = notes, .vulnerability = v, .arena = &a, .advisory = *common };

	r.by_key.arena = r.by_image.arena = &a;
	if (status == CSAF_FIXED || status == CSAF_KNOWN_NOT_AFFECTED)
		return push_by_package(&r, status, err);
	return push_unfixed(&r, status, err);
}

static int push_vulnerability(struct csaf_document *d, struct csaf_notes *notes, struct csaf_vulnerability *v,
			      struct err *err)
{
	struct advisory common = { .name = d->id, .description = v->description };

	VEC_PUSH(d->arena, &v->links, self_of(d));
	common.links = texts_links(d->arena, &v->links);
	time_parse(v->released, &common.issued);
	for (int status = 0; status < CSAF_STATUSES; status++)
		TRY(push_status(d, notes, v, (enum csaf_status)status, &common, err));
	return 0;
}

int csaf_rows_push(struct csaf_document *d, struct csaf_notes *notes, struct err *err)
{
	for (size_t i = 0; i < d->vulnerabilities.n; i++) {
		distribute(&d->vulnerabilities.p[i], i + 1);
		TRY(push_vulnerability(d, notes, &d->vulnerabilities.p[i], err));
	}
	return 0;
}
