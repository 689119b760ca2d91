/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI document: nothing in it that is not served, Clair's names, and the same in JSON and YAML. (That
 * every route is in it: routes_test.c.) */
#include "../unit.h"

#include "api/openapi.h"
#include "api/routes.h"
#include "base/yaml.h"

struct document {
	struct arena arena;
	struct openapi text;
	struct json_value json;
};

static void setup(struct document *d)
{
	struct err err = { 0 };

	*d = (struct document){ 0 };
	openapi_make(&d->arena, &d->text);
	assert_int_equal(json_parse(&d->arena, d->text.json, &d->json, &err), 0);
}

static bool is_route(struct str path, struct str method, struct str operation)
{
	autoarena struct arena a = { 0 };

	for (const struct route *r = routes; r->path; r++)
		if (r->operation && str_eq(path, str_of(r->path)) &&
		    str_eq(method, str_lower(&a, str_of(r->method))) &&
		    str_eq(operation, str_of(r->operation)))
			return true;
	return false;
}

static void every_operation_of_the_document_is_a_route(void **state)
{
	const struct json_value *paths;
	struct document d;
	size_t n = 0;

	(void)state;
	setup(&d);
	paths = json_get(&d.json, "paths");
	assert_non_null(paths);
	for (size_t i = 0; i < paths->n; i++)
		for (size_t m = 0; m < paths->items[i].n; m++, n++)
			assert_true(is_route(paths->keys[i], paths->items[i].keys[m],
					     json_get_str(&paths->items[i].items[m], "operationId")));
	assert_true(n >= 14);
	arena_reset(&d.arena);
}

static void schemas_have_clairs_names(void **state)
{
	static const char *const names[] = {
		"affected_manifests",
		"bulk_delete",
		"cpe",
		"digest",
		"distribution",
		"environment",
		"error",
		"index_report",
		"index_state",
		"layer",
		"manifest",
		"normalized_severity",
		"notification",
		"notification_page",
		"notification_webhook",
		"package",
		"range",
		"repository",
		"update_diff",
		"update_operation",
		"update_operations",
		"vulnerability",
		"vulnerability_core",
		"vulnerability_report",
		"vulnerability_summary",
		"vulnerability_summaries",
		"token",
	};
	const struct json_value *schemas;
	struct document d;

	(void)state;
	setup(&d);
	schemas = json_get(json_get(&d.json, "components"), "schemas");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		print_message("# %s\n", names[i]);
		assert_non_null(json_get(schemas, names[i]));
	}
	arena_reset(&d.arena);
}

static void assert_same(const struct json_value *a, const struct json_value *b)
{
	assert_int_equal(a->type, b->type);
	assert_true(str_eq(a->text, b->text));
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		if (a->type == JSON_OBJECT)
			assert_true(str_eq(a->keys[i], b->keys[i]));
		assert_same(&a->items[i], &b->items[i]);
	}
}

static void the_yaml_says_what_the_json_says(void **state)
{
	struct json_value yaml;
	struct document d;
	struct err err = { 0 };

	(void)state;
	setup(&d);
	if (yaml_parse(&d.arena, d.text.yaml, &yaml, &err) < 0)
		print_error("%s\n", err.text);
	assert_int_equal(err.code, 0);
	assert_same(&d.json, &yaml);
	assert_int_equal(d.text.tag.n, 64);
	arena_reset(&d.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_of_the_document_is_a_route),
		cmocka_unit_test(schemas_have_clairs_names),
		cmocka_unit_test(the_yaml_says_what_the_json_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
