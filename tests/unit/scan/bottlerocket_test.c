/* SPDX-License-Identifier: Apache-2.0 */
/* Bottlerocket's inventory in layers. */
#include "layer.h"

#include "base/limits.h"

#define PLACE "x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json"

static void packages_are_found(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_file(
		&l, PLACE,
		"{\"Content\":[{\"Name\":\"glibc\",\"Publisher\":\"Bottlerocket\",\"Version\":\"2.40\","
		"\"Release\":\"1.1737.br1\",\"Architecture\":\"x86_64\",\"Epoch\":\"1\"},"
		"{\"Name\":\"kernel-5.15\",\"Version\":\"5.15.173\",\"Release\":\"1\",\"Architecture\":\"x86_"
		"64\"},"
		"{\"Name\":\"bash\",\"Version\":\"5.2\",\"Release\":\"1\",\"Epoch\":\"0\"}],\"More\":[{}]}");
	layer_file(&l, "usr/share/bottlerocket/application-inventory.json", "{\"Content\":[]}");
	layer_scan(&l, &scanner_bottlerocket);
	assert_int_equal(l.found.databases.n, 1);
	assert_str_is(l.found.databases.p[0].name, PLACE);
	assert_int_equal(l.found.databases.p[0].problem.n, 0);
	assert_int_equal(l.found.packages.n, 3);
	assert_str_is(l.found.packages.p[0].package.name, "glibc");
	assert_str_is(l.found.packages.p[0].package.version, "1:2.40-1.1737.br1");
	assert_str_is(l.found.packages.p[0].package.arch, "x86_64");
	assert_str_is(l.found.packages.p[1].package.version, "5.15.173-1");
	assert_str_is(l.found.packages.p[2].package.version, "5.2-1");
	layer_close(&l);
}

static void damage_is_a_problem_of_the_inventory(void **state)
{
	static const struct {
		const char *text, *problem;
		size_t packages;
	} cases[] = {
		{ "", "line 1 column 1: empty document", 0 },
		{ "[]", "the inventory is no JSON object", 0 },
		{ "{\"Content\":{}}", "\"Content\" is no list", 0 },
		{ "{}", "", 0 },
		{ "{\"Content\":[7,{\"Name\":\"a\",\"Version\":\"1-1\",\"Release\":\"1\"},"
		  "{\"Name\":\"a\",\"Version\":\"1\",\"Release\":\"1\",\"Epoch\":\"x\"},"
		  "{\"Name\":\"b\",\"Version\":\"1\",\"Release\":\"1\"}]}",
		  "a package has no name or version, or a field is too long", 1 },
		{ "{\"Content\":[{\"Name\":\"b\",\"Version\":\"1\",\"Release\":\"1\"},",
		  "line 1 column 54: the document breaks off", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layer l;

		layer_open(&l);
		layer_file(&l, PLACE, cases[i].text);
		layer_scan(&l, &scanner_bottlerocket);
		assert_str_is(l.found.databases.p[0].problem, cases[i].problem);
		assert_int_equal(l.found.packages.n, cases[i].packages);
		layer_close(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_are_found),
		cmocka_unit_test(damage_is_a_problem_of_the_inventory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
