/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a vulnerability report that a service sent: which package has what. Source: Clair's OpenAPI
 * document, schema vulnerability_report. What one would get wrong: a fixed version may be a query
 * ("fixed=1.2&introduced=0"), as Clair passes on what OSV-like feeds say. */
#include "cmd/remote_report.h"

#include "base/map.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	const struct remote_finding *x = a, *y = b;
	int c = str_cmp(x->package, y->package);

	if (!c)
		c = str_cmp(x->version, y->version);
	return c ? c : str_cmp(x->name, y->name);
}

static const struct json_value *member(const struct json_value *object, struct str key)
{
	for (size_t i = 0; object && object->type == JSON_OBJECT && i < object->n; i++)
		if (str_eq(object->keys[i], key))
			return &object->items[i];
	return NULL;
}

/* Members of an object by key: reports have thousands, so a search for each would be quadratic. */
static struct map by_key(struct arena *a, const struct json_value *object)
{
	struct map m = { .arena = a };

	for (size_t i = 0; object && object->type == JSON_OBJECT && i < object->n; i++)
		*map_put(&m, object->keys[i]) = &object->items[i];
	return m;
}

static struct str fixed_of(struct str text)
{
	struct str rest = text, part;

	while (rest.n) {
		struct str tail = { 0 };

		str_cut(rest, '&', &part, &tail);
		if (str_starts(part, STR("fixed=")))
			return str_sub(part, 6, part.n - 6);
		rest = tail;
	}
	return str_find(text, '=') < text.n ? STR("") : text;
}

static void add_package(struct arena *a, const struct json_value *package, const struct json_value *ids,
			const struct map *vulnerabilities, remote_findings *out)
{
	for (size_t i = 0; ids->type == JSON_ARRAY && i < ids->n; i++) {
		const struct json_value *v = map_get(vulnerabilities, ids->items[i].text);
		struct remote_finding f = { .package = json_get_str(package, "name"),
					    .version = json_get_str(package, "version"),
					    .name = json_get_str(v, "name"),
					    .fixed_in = fixed_of(json_get_str(v, "fixed_in_version")) };

		if (severity_parse(json_get_str(v, "normalized_severity"), &f.severity) && v)
			VEC_PUSH(a, out, f);
	}
}

int remote_findings_list(struct task *task, struct str report, remote_findings *out, struct err *err)
{
	struct arena *a = &task->arena;
	struct json_value v = { 0 };
	const struct json_value *lists;
	struct map packages, vulnerabilities;

	TRY(json_parse(a, report, &v, err));
	lists = member(&v, STR("package_vulnerabilities"));
	if (!lists || lists->type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "the answer is no vulnerability report");
	packages = by_key(a, member(&v, STR("packages")));
	vulnerabilities = by_key(a, member(&v, STR("vulnerabilities")));
	for (size_t i = 0; i < lists->n; i++)
		add_package(a, map_get(&packages, lists->keys[i]), &lists->items[i], &vulnerabilities, out);
	if (out->n)
		qsort(out->p, out->n, sizeof(*out->p), compare);
	return 0;
}
