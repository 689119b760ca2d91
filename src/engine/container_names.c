/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of Red Hat's containers become names of repositories (indexer.md 3.4.4). What one would get wrong:
 * only old builds, known by the repository "Red Hat Container Catalog", are called by a label; the name of a
 * new build is what advisories call it. The source package is the build's component and keeps its name. */
#include "engine/container_names.h"

#include "base/json.h"
#include "engine/coalesce.h"
#include "model/repoid.h"

static bool is_of_catalog(const struct index_report *report, const struct indexed_package *p)
{
	VEC_EACH (const struct environment, e, &p->environments)
		for (size_t i = 0; i < e->repository_count; i++) {
			const struct repository *r = &report->repositories.p[e->repositories[i]];

			if (str_eq(r->key, STR(REPOSITORY_KEY_RHCC)) &&
			    str_eq(r->name, STR(REPOSITORY_NAME_CATALOG)))
				return true;
		}
	return false;
}

static bool has_label(const struct index_report *report, const struct indexed_package *p)
{
	enum package_kind kind = p->package.kind;

	return (kind == PACKAGE_BINARY || kind == PACKAGE_ANCESTRY) && is_of_catalog(report, p);
}

/* The names in {"repositories":["ubi8/ubi"]}. What is none is passed over. */
static void add_names(struct arena *a, struct str text, str_list *out)
{
	struct json_value value = { .type = JSON_NULL };
	const struct json_value *list;
	struct err ignored;

	if (json_parse(a, text, &value, &ignored) < 0)
		return;
	list = json_get(&value, "repositories");
	for (size_t i = 0; list && list->type == JSON_ARRAY && i < list->n; i++)
		if (list->items[i].type == JSON_STRING && list->items[i].text.n)
			VEC_PUSH(a, out, list->items[i].text);
}

/* The package under the first name, and copies of it under the others. */
static void rename_package(struct arena *a, struct index_report *report, size_t at, const str_list *names)
{
	for (size_t i = 0; i < names->n; i++) {
		struct indexed_package named = report->packages.p[at];

		named.package.name = names->p[i];
		if (i == 0)
			report->packages.p[at] = named;
		else
			VEC_PUSH(a, &report->packages, named);
	}
}

int container_names_expand(struct task *task, struct advisory_store *store, struct index_report *report,
			   struct err *err)
{
	struct arena *a = &task->arena;
	str_list labels = { 0 }, *texts;
	VEC(size_t) places = { 0 };

	for (size_t i = 0; i < report->packages.n; i++)
		if (has_label(report, &report->packages.p[i])) {
			VEC_PUSH(a, &places, i);
			VEC_PUSH(a, &labels, report->packages.p[i].package.name);
		}
	if (!store || labels.n == 0)
		return 0;
	texts = ARENA_ARRAY(a, str_list, labels.n);
	TRY(enrichments_find(store, task, STR("rhel-container-names"), labels.p, labels.n, texts, err));
	for (size_t i = 0; i < labels.n; i++) {
		str_list names = { 0 };

		for (size_t t = 0; t < texts[i].n; t++)
			add_names(a, texts[i].p[t], &names);
		rename_package(a, report, places.p[i], &names);
		TRY(task_check(task, err));
	}
	coalesce_sort(report);
	return 0;
}
