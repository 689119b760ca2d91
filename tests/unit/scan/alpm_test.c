/* SPDX-License-Identifier: Apache-2.0 */
/* pacman's local database in layers. */
#include "layer.h"

#include "base/limits.h"
#include "format/alpm_desc.h"

#define LOCAL "var/lib/pacman/local/"

static void packages_bases_and_files_are_found(void **state)
{
	struct layer l;
	const struct package *p;

	(void)state;
	layer_open(&l);
	layer_file(&l, LOCAL "ALPM_DB_VERSION", "9\n");
	layer_file(
		&l, LOCAL "gcc-libs-14.2.1+r134+gab884fffe3fc-1/desc",
		"%NAME%\ngcc-libs\n\n%VERSION%\n14.2.1+r134+gab884fffe3fc-1\n\n%BASE%\ngcc\n\n%DESC%"
		"\nRuntime "
		"libraries\n\n%ARCH%\nx86_64\n\n%LICENSE%\nGPL-3.0-with-GCC-exception\nGFDL-1.3-or-later\n\n"
		"%DEPENDS%\nglibc>=2.27\n\n");
	layer_file(&l, LOCAL "gcc-libs-14.2.1+r134+gab884fffe3fc-1/files",
		   "%FILES%\nusr/\nusr/lib/\nusr/lib/libgcc_s.so.1\nusr/lib/libstdc++.so.6\n\n%BACKUP%\netc/"
		   "x\tabc\n");
	layer_file(&l, LOCAL "zlib-1:1.3.1-2/desc", "%NAME%\nzlib\n\n%VERSION%\n1:1.3.1-2\n\n%ARCH%\nx86_64");
	layer_scan(&l, &scanner_alpm);
	assert_int_equal(l.found.databases.n, 2);
	assert_str_is(l.found.databases.p[0].name, LOCAL "gcc-libs-14.2.1+r134+gab884fffe3fc-1/desc");
	assert_str_is(l.found.databases.p[0].file, LOCAL "gcc-libs-14.2.1+r134+gab884fffe3fc-1/desc");
	assert_int_equal(l.found.packages.n, 2);
	p = &l.found.packages.p[0].package;
	assert_int_equal(p->kind, PACKAGE_BINARY);
	assert_str_is(p->name, "gcc-libs");
	assert_str_is(p->version, "14.2.1+r134+gab884fffe3fc-1");
	assert_str_is(p->arch, "x86_64");
	assert_str_is(p->source_name, "gcc");
	assert_str_is(p->source_version, "14.2.1+r134+gab884fffe3fc-1");
	assert_str_is(l.found.packages.p[1].package.source_name, "zlib");
	assert_str_is(l.found.packages.p[1].package.version, "1:1.3.1-2");
	assert_int_equal(l.found.owned.n, 1);
	assert_int_equal(l.found.owned.p[0].n, 2);
	assert_str_is(l.found.owned.p[0].paths[1], "usr/lib/libstdc++.so.6");
	layer_close(&l);
}

static void damage_is_a_problem_of_the_entry(void **state)
{
	char version[LIMIT_FIELD_BYTES + 2] = { 0 };
	struct layer l;

	(void)state;
	memset(version, '1', LIMIT_FIELD_BYTES + 1);
	layer_open(&l);
	layer_file(&l, LOCAL "a-1-1/desc", "%NAME%\na\n");
	layer_file(&l, LOCAL "b-1-1/desc",
		   "garbage\n%NAME%\nb\n\n%VERSION%\n\n%NAME%\nb\n\n%VERSION%\n1-1\n");
	layer_file(&l, LOCAL "c-1-1/desc",
		   str_format(&l.task.arena, "%%NAME%%\nc\n\n%%VERSION%%\n%s\n", version).p);
	layer_file(&l, "srv/root/" LOCAL "d-1-1/desc", "%NAME%\nd\n\n%VERSION%\n1-1\n");
	layer_file(&l, "x" LOCAL "e-1-1/desc", "%NAME%\ne\n\n%VERSION%\n1-1\n");
	layer_file(&l, LOCAL "desc", "%NAME%\nf\n\n%VERSION%\n1-1\n");
	layer_scan(&l, &scanner_alpm);
	assert_int_equal(l.found.databases.n, 4);
	assert_int_equal(l.found.packages.n, 2);
	assert_str_is(l.found.packages.p[0].package.name, "d");
	assert_str_is(l.found.packages.p[1].package.name, "b");
	VEC_EACH (const struct database, d, &l.found.databases)
		assert_int_equal(d->problem.n > 0, str_search(d->name, STR("/a-1")) < d->name.n ||
							   str_search(d->name, STR("/c-1")) < d->name.n);
	layer_close(&l);
}

static void a_value_that_looks_like_a_key_is_a_value(void **state)
{
	struct str rest = STR("\n\n%FILES%\n%NAME%\nb\n\n%EMPTY%\n\n%%\nx\n\n%LAST%"), line;
	struct alpm_block block;

	(void)state;
	assert_true(alpm_desc_next(&rest, &block));
	assert_str_is(block.key, "FILES");
	assert_str_is(block.values, "%NAME%\nb");
	assert_str_is(alpm_desc_value(&block), "%NAME%");
	assert_true(alpm_desc_next(&rest, &block));
	assert_str_is(block.key, "EMPTY");
	assert_int_equal(alpm_desc_value(&block).n, 0);
	assert_true(alpm_desc_next(&rest, &block));
	assert_str_is(block.key, "LAST");
	assert_false(str_line(&block.values, &line));
	assert_false(alpm_desc_next(&rest, &block));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_bases_and_files_are_found),
		cmocka_unit_test(damage_is_a_problem_of_the_entry),
		cmocka_unit_test(a_value_that_looks_like_a_key_is_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
