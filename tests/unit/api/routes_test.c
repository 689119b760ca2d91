/* SPDX-License-Identifier: Apache-2.0 */
/* Which route a request takes, and that the OpenAPI document and the table of routes say the same. */
#include "../unit.h"

#include "api/openapi.h"
#include "api/openapi_schemas.h"
#include "api/routes.h"

#define DIGEST "sha256:1111111111111111111111111111111111111111111111111111111111111111"

static void paths_lead_to_handlers(void **state)
{
	static const struct {
		enum api_mode mode;
		const char *method, *path, *operation, *name;
	} cases[] = {
		{ API_COMBO, "POST", "/indexer/api/v1/index_report", "Index", "" },
		{ API_COMBO, "DELETE", "/indexer/api/v1/index_report", "DeleteManifests", "" },
		{ API_INDEXER, "GET", "/indexer/api/v1/index_report/" DIGEST, "GetIndexReport", DIGEST },
		{ API_INDEXER, "HEAD", "/indexer/api/v1/index_report/" DIGEST, "GetIndexReport", DIGEST },
		{ API_COMBO, "DELETE", "/indexer/api/v1/index_report/x", "DeleteManifest", "x" },
		{ API_COMBO, "GET", "/matcher/api/v1/vulnerability/CVE-2099-1", "GetVulnerability",
		  "CVE-2099-1" },
		{ API_COMBO, "GET", "/matcher/api/v1/vulnerability/CVE-2099-1/affected",
		  "GetVulnerabilityAffected", "CVE-2099-1" },
		{ API_MATCHER, "GET", "/matcher/api/v1/internal/update_operation", "GetUpdateOperations",
		  "" },
		{ API_NOTIFIER, "GET", "/openapi/v1", "Discovery", "" },
		{ API_COMBO, "POST", "/indexer/api/v1/internal/affected_manifest", "AffectedManifests", "" },
	};
	const char *allowed[ROUTE_METHODS];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str name;
		const struct route *r = route_find(cases[i].mode, str_of(cases[i].method),
						   str_of(cases[i].path), &name, allowed);

		if (!r)
			fail_msg("no route for %s %s", cases[i].method, cases[i].path);
		assert_string_equal(r->operation, cases[i].operation);
		assert_str_is(name, cases[i].name);
	}
}

static void other_paths_and_modes_lead_nowhere(void **state)
{
	static const struct {
		enum api_mode mode;
		const char *path;
	} cases[] = {
		{ API_COMBO, "/" },
		{ API_COMBO, "" },
		{ API_COMBO, "/indexer/api/v1/index_report/" },
		{ API_COMBO, "/indexer/api/v1/index_report/a/" },
		{ API_COMBO, "/indexer/api/v1/index_report/a/b" },
		{ API_COMBO, "/indexer/api/v1/index_state/" },
		{ API_COMBO, "/matcher/api/v1/vulnerability//affected" },
		{ API_COMBO, "/notifier/api/v1/notification/x" },
		{ API_INDEXER, "/matcher/api/v1/updater_status" },
		{ API_MATCHER, "/indexer/api/v1/index_state" },
		{ API_NOTIFIER, "/indexer/api/v1/index_state" },
	};
	const char *allowed[ROUTE_METHODS];
	struct str name;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(route_find(cases[i].mode, STR("GET"), str_of(cases[i].path), &name, allowed));
		assert_null(allowed[0]);
	}
}

static void wrong_methods_name_the_right_ones(void **state)
{
	const char *allowed[ROUTE_METHODS];
	struct str name;

	(void)state;
	assert_null(route_find(API_COMBO, STR("PUT"), STR("/indexer/api/v1/index_report"), &name, allowed));
	assert_string_equal(allowed[0], "POST");
	assert_string_equal(allowed[1], "DELETE");
	assert_null(allowed[2]);
	assert_null(route_find(API_COMBO, STR("get"), STR("/indexer/api/v1/index_report/x"), &name, allowed));
	assert_string_equal(allowed[0], "GET");
	assert_string_equal(allowed[1], "HEAD");
	assert_string_equal(allowed[2], "DELETE");
	assert_non_null(route_find(API_COMBO, STR("BREW"), STR("/robots.txt"), &name, allowed));
}

/* ---- the document ---- */

static const struct json_value *member(const struct json_value *v, const char *name)
{
	const struct json_value *m = json_get(v, name);

	if (!m)
		fail_msg("no member %s", name);
	return m;
}

static void check_media(const struct route *r, const struct json_value *operation)
{
	const struct json_value *answers = member(operation, "responses");
	const struct json_value *content = NULL;

	for (size_t i = 0; i < answers->n && !content; i++)
		if (answers->keys[i].p[0] == '2')
			content = json_get(&answers->items[i], "content");
	for (const char *const *m = content ? r->media : NULL; m && *m; m++)
		(void)member(content, *m);
}

static void check_parameter(const struct route *r, const struct json_value *operation)
{
	const struct json_value *list = member(operation, "parameters");
	struct str before, rest, name, after;
	bool found = false;

	if (!str_cut(str_of(r->path), '{', &before, &rest))
		return;
	str_cut(rest, '}', &name, &after);
	for (size_t i = 0; i < list->n; i++)
		found = found || (str_eq(json_get_str(&list->items[i], "name"), name) &&
				  str_eq(json_get_str(&list->items[i], "in"), STR("path")));
	if (!found)
		fail_msg("%s: its parameter is not in the document", r->path);
}

static size_t operations_in(const struct json_value *paths)
{
	size_t n = 0;

	for (size_t i = 0; i < paths->n; i++)
		n += paths->items[i].n;
	return n;
}

static void routes_and_document_are_the_same(void **state)
{
	autoarena struct arena a = { 0 };
	struct openapi o;
	struct json_value document;
	const struct json_value *paths;
	struct err err = { 0 };
	size_t documented = 0;

	(void)state;
	openapi_make(&a, &o);
	assert_int_equal(json_parse(&a, o.json, &document, &err), 0);
	assert_str_is(json_get_str(&document, "openapi"), "3.1.0");
	paths = member(&document, "paths");
	for (const struct route *r = routes; r->path; r++) {
		const struct json_value *operation;

		if (!r->operation)
			continue;
		operation = member(member(paths, r->path), str_lower(&a, str_of(r->method)).p);
		assert_true(str_eq(json_get_str(operation, "operationId"), str_of(r->operation)));
		check_media(r, operation);
		check_parameter(r, operation);
		documented++;
	}
	assert_int_equal(operations_in(paths), documented);
}

static void check_references(const struct json_value *schemas, const struct json_value *v)
{
	struct str prefix = STR("#/components/schemas/"), ref = json_get_str(v, "$ref");

	if (ref.n) {
		autoarena struct arena a = { 0 };

		assert_true(str_starts(ref, prefix));
		(void)member(schemas, str_copy(&a, str_sub(ref, prefix.n, ref.n - prefix.n)).p);
	}
	for (size_t i = 0; i < v->n; i++)
		check_references(schemas, &v->items[i]);
}

static void schemas_are_well_formed_and_all_references_lead_somewhere(void **state)
{
	autoarena struct arena a = { 0 };
	struct openapi o;
	struct json_value document, again;
	struct err err = { 0 };

	(void)state;
	openapi_make(&a, &o);
	for (const struct openapi_schema *s = openapi_schemas; s->name; s++)
		if (json_parse(&a, str_of(s->json), &document, &err) < 0)
			fail_msg("%s: %s", s->name, err.text);
	assert_int_equal(json_parse(&a, o.json, &document, &err), 0);
	check_references(member(member(&document, "components"), "schemas"), &document);
	assert_int_equal(json_parse(&a, o.yaml, &again, &err), 0);
	assert_int_equal(o.tag.n, 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_lead_to_handlers),
		cmocka_unit_test(other_paths_and_modes_lead_nowhere),
		cmocka_unit_test(wrong_methods_name_the_right_ones),
		cmocka_unit_test(routes_and_document_are_the_same),
		cmocka_unit_test(schemas_are_well_formed_and_all_references_lead_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
