/* SPDX-License-Identifier: Apache-2.0 */
/* apk databases in layers, and whiteouts. */
#include "layer.h"

#include "base/limits.h"

static void packages_origins_and_files_are_found(void **state)
{
	struct layer l;
	const struct package *p;

	(void)state;
	layer_open(&l);
	layer_file(&l, "lib/apk/db/installed",
		   "C:Q1AAAA=\nP:libssl3\nV:3.3.2-r0\nA:x86_64\no:openssl\nc:0123abcd\nF:usr/"
		   "lib\nR:libssl.so.3\n"
		   "F:etc/ssl\nM:0:0:755\nR:a\nR:b\n\n"
		   "P:.build-deps\nV:20240101.000000\nA:noarch\n\n"
		   "P:zlib\nV:1.3.1-r1\nA:x86_64\n");
	layer_scan(&l, &scanner_apk);
	assert_int_equal(l.found.databases.n, 1);
	assert_str_is(l.found.databases.p[0].name, "lib/apk/db/installed");
	assert_int_equal(l.found.databases.p[0].problem.n, 0);
	assert_int_equal(l.found.packages.n, 3);
	p = &l.found.packages.p[0].package;
	assert_int_equal(p->kind, PACKAGE_BINARY);
	assert_str_is(p->name, "libssl3");
	assert_str_is(p->version, "3.3.2-r0");
	assert_str_is(p->arch, "x86_64");
	assert_str_is(p->source_name, "openssl");
	assert_str_is(p->source_version, "3.3.2-r0");
	assert_str_is(p->repository_hint, "0123abcd");
	assert_str_is(l.found.packages.p[1].package.name, ".build-deps");
	assert_str_is(l.found.packages.p[2].package.source_name, "zlib");
	assert_str_is(l.found.packages.p[2].package.source_version, "1.3.1-r1");
	assert_int_equal(l.found.owned.p[0].package, 0);
	assert_int_equal(l.found.owned.p[0].n, 3);
	assert_str_is(l.found.owned.p[0].paths[0], "usr/lib/libssl.so.3");
	assert_str_is(l.found.owned.p[0].paths[2], "etc/ssl/b");
	layer_close(&l);
}

static void many_files_of_a_package_are_kept_in_order(void **state)
{
	struct layer l;
	struct buffer text;

	(void)state;
	layer_open(&l);
	text = (struct buffer){ .arena = &l.task.arena };
	put_bytes(&text, STR("P:a\nV:1\nF:d\n"));
	for (unsigned i = 0; i < 1000; i++)
		put_bytes(&text, str_format(&l.task.arena, "R:%u\n", i));
	layer_entry(&l, "lib/apk/db/installed", '0', "", buffer_str(&text));
	layer_scan(&l, &scanner_apk);
	assert_int_equal(l.found.owned.p[0].n, 1000);
	for (unsigned i = 0; i < 1000; i++)
		assert_true(str_eq(l.found.owned.p[0].paths[i], str_format(&l.task.arena, "d/%u", i)));
	layer_close(&l);
}

static void damage_is_a_problem_of_the_database(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_file(&l, "usr/lib/apk/db/installed", "P:a\n\nP:b\nV:1\n\nP:b\nV:2\n");
	layer_file(&l, "srv/chroot/lib/apk/db/installed", "P:c\ngarbage\nV:1\n");
	layer_file(&l, "opt/glib/apk/db/installed", "P:no\nV:1\n");
	layer_file(&l, "etc/installed", "P:no\nV:1\n");
	layer_scan(&l, &scanner_apk);
	assert_int_equal(l.found.databases.n, 2);
	assert_str_is(l.found.databases.p[0].name, "srv/chroot/lib/apk/db/installed");
	assert_str_is(l.found.databases.p[0].problem, "line 2 is no field");
	assert_str_is(l.found.databases.p[1].problem,
		      "a package has no name or version, or a field is too long");
	assert_int_equal(l.found.packages.n, 2);
	assert_str_is(l.found.packages.p[0].package.name, "c");
	assert_str_is(l.found.packages.p[1].package.version, "1");
	layer_close(&l);
}

/* A record with count files in a directory whose name has n bytes. */
static void add_long_paths(struct layer *l, size_t n, unsigned count)
{
	struct buffer text = { .arena = &l->task.arena };

	put_bytes(&text, STR("P:a\nV:1\nF:"));
	for (size_t i = 0; i < n; i++)
		put_u8(&text, 'd');
	put_u8(&text, '\n');
	for (unsigned i = 0; i < count; i++)
		put_bytes(&text, STR("R:x\n"));
	layer_entry(l, "lib/apk/db/installed", '0', "", buffer_str(&text));
	layer_scan(l, &scanner_apk);
}

static void paths_above_the_limit_are_left_out(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	add_long_paths(&l, LIMIT_PATH_BYTES - 2, 1);
	assert_int_equal(l.found.owned.p[0].n, 1);
	layer_close(&l);
	layer_open(&l);
	add_long_paths(&l, LIMIT_PATH_BYTES - 1, 100000);
	assert_int_equal(l.found.owned.p[0].n, 0);
	assert_true(l.task.arena.used_bytes < 8 * MIB);
	layer_close(&l);
}

static void bytes_of_owned_paths_are_limited(void **state)
{
	enum { PATH = 65536 };
	struct layer l;

	(void)state;
	layer_open(&l);
	add_long_paths(&l, PATH - 2, LIMIT_OWNED_BYTES / PATH + 10);
	assert_int_equal(l.found.owned.p[0].n, LIMIT_OWNED_BYTES / PATH);
	assert_int_equal(l.found.notes.n, 1);
	layer_close(&l);
}

static void fields_above_the_limit_cost_their_package(void **state)
{
	char version[LIMIT_FIELD_BYTES + 2] = { 0 };
	struct layer l;

	(void)state;
	memset(version, '1', LIMIT_FIELD_BYTES + 1);
	layer_open(&l);
	layer_file(&l, "lib/apk/db/installed",
		   str_format(&l.task.arena, "P:a\nV:%s\n\nP:b\nV:1\n", version).p);
	layer_scan(&l, &scanner_apk);
	assert_int_equal(l.found.packages.n, 1);
	assert_str_is(l.found.packages.p[0].package.name, "b");
	assert_true(l.found.databases.p[0].problem.n > 0);
	layer_close(&l);
}

static void whiteouts_are_copied(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_file(&l, "etc/.wh.os-release", "");
	layer_file(&l, "etc/kept", "");
	layer_file(&l, "lib/apk/.wh..wh..opq", "");
	layer_scan(&l, &scanner_whiteout);
	assert_int_equal(l.found.whiteouts.n, 2);
	assert_str_is(l.found.whiteouts.p[0], "etc/.wh.os-release");
	assert_str_is(l.found.whiteouts.p[1], "lib/apk/.wh..wh..opq");
	layer_close(&l);
}

static void scanners_and_their_ids_are_in_one_order(void **state)
{
	int n = 0;

	(void)state;
	for (; scanners[n]; n++)
		assert_int_equal(scanner_index(scanners[n]->id), n);
	assert_null(scanner_ids[n].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_origins_and_files_are_found),
		cmocka_unit_test(many_files_of_a_package_are_kept_in_order),
		cmocka_unit_test(damage_is_a_problem_of_the_database),
		cmocka_unit_test(paths_above_the_limit_are_left_out),
		cmocka_unit_test(bytes_of_owned_paths_are_limited),
		cmocka_unit_test(fields_above_the_limit_cost_their_package),
		cmocka_unit_test(whiteouts_are_copied),
		cmocka_unit_test(scanners_and_their_ids_are_in_one_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
