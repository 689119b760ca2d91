/* SPDX-License-Identifier: Apache-2.0 */
/* findings, job */
#include "../unit.h"

#include "base/limits.h"
#include "base/task.h"
#include "model/findings.h"
#include "model/job.h"

static void fill(struct findings *f, struct arena *a)
{
	static struct str paths[] = { { "usr/bin/b", 9 }, { "usr/bin/a", 9 }, { "usr", 3 } };

	f->arena = a;
	VEC_PUSH(a, &f->databases,
		 ((struct database){ STR("var/lib/dpkg/status"), STR("var/lib/dpkg/status"), STR("") }));
	VEC_PUSH(a, &f->databases,
		 ((struct database){ STR("sqlite:r"), STR("r/rpmdb.sqlite"), STR("page 3: cut") }));
	VEC_PUSH(a, &f->packages,
		 ((struct found_package){ { .name = STR("libssl1.0.0"),
					    .version = STR("1.0.1e-2"),
					    .arch = STR("amd64"),
					    .kind = PACKAGE_BINARY,
					    .source_name = STR("openssl"),
					    .source_version = STR("1.0.1e-2"),
					    .module = STR("m:1") },
					  1 }));
	VEC_PUSH(a, &f->distributions,
		 ((struct distribution){ .did = STR("debian"), .release = STR("7.4") }));
	VEC_PUSH(a, &f->repositories,
		 ((struct repository){ STR("go"), STR(""), STR("https://pkg.go.dev/"), STR("") }));
	VEC_PUSH(a, &f->whiteouts, STR("etc/.wh.passwd"));
	VEC_PUSH(a, &f->owned, ((struct owned_files){ 0, paths, 3 }));
	VEC_PUSH(a, &f->notes, STR("odd"));
}

static void findings_come_back_as_they_went(void **state)
{
	autotask struct task t = { 0 };
	struct findings in = { 0 }, out = { .arena = &t.arena };
	struct buffer main = { .arena = &t.arena }, owned = { .arena = &t.arena };
	struct err err = { 0 };

	(void)state;
	fill(&in, &t.arena);
	findings_encode(&in, &main);
	findings_encode_owned(&in, &owned);
	assert_int_equal(findings_decode(&t, buffer_str(&main), 3, &out, &err), 0);
	assert_int_equal(findings_decode_owned(&t, buffer_str(&owned), &out, &err), 0);
	assert_int_equal(out.databases.n, 2);
	assert_str_is(out.databases.p[1].problem, "page 3: cut");
	assert_int_equal(out.packages.n, 1);
	assert_str_is(out.packages.p[0].package.source_name, "openssl");
	assert_str_is(out.packages.p[0].package.module, "m:1");
	assert_int_equal(out.packages.p[0].database, 1);
	assert_int_equal(out.packages.p[0].package.scanner, 3);
	assert_str_is(out.distributions.p[0].release, "7.4");
	assert_str_is(out.repositories.p[0].uri, "https://pkg.go.dev/");
	assert_str_is(out.whiteouts.p[0], "etc/.wh.passwd");
	assert_str_is(out.notes.p[0], "odd");
	assert_int_equal(out.owned.p[0].n, 3);
	assert_str_is(out.owned.p[0].paths[0], "usr");
	assert_str_is(out.owned.p[0].paths[1], "usr/bin/a");
	assert_str_is(out.owned.p[0].paths[2], "usr/bin/b");
}

/* Every prefix of good findings is an error, never a crash and never a success. */
static void findings_cut_anywhere_are_an_error(void **state)
{
	autotask struct task t = { 0 };
	struct findings in = { 0 };
	struct buffer b = { .arena = &t.arena };

	(void)state;
	fill(&in, &t.arena);
	findings_encode(&in, &b);
	for (size_t n = 0; n < b.n; n++) {
		struct findings out = { .arena = &t.arena };
		struct err err = { 0 };

		assert_int_equal(findings_decode(&t, str_sub(buffer_str(&b), 0, n), 0, &out, &err), E_FORMAT);
	}
}

static void findings_that_lie_are_refused(void **state)
{
	static const struct {
		const char *what;
		struct str bytes;
	} cases[] = {
		{ "a billion databases", STR("\x80\x94\xeb\xdc\x03") },
		{ "a billion packages", STR("\x00\x80\x94\xeb\xdc\x03") },
		{ "package without a database", STR("\x00\x01\x00\x01\x01n\0\0\0\0\0\0\0\0\0\0\0\0") },
		{ "package kind 9", STR("\x01\0\0\0\x01\x00\x09\x01n\0\0\0\0\0\0\0\0\0\0\0\0") },
		{ "package without a name", STR("\x01\0\0\0\x01\x00\x01\0\0\0\0\0\0\0\0\0\0\0\0\0") },
		{ "name is not UTF-8", STR("\x01\0\0\0\x01\x00\x01\x01\xff\0\0\0\0\0\0\0\0\0\0\0\0") },
		{ "NUL in a name", STR("\x01\0\0\0\x01\x00\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0") },
		{ "bytes too many", STR("\0\0\0\0\0\0x") },
		{ "field length beyond the end", STR("\x01\xff\x01\0\0\0\0\0\0\0") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task t = { 0 };
		struct findings out = { .arena = &t.arena };
		struct err err = { 0 };

		if (findings_decode(&t, cases[i].bytes, 0, &out, &err) != E_FORMAT)
			fail_msg("accepted: %s", cases[i].what);
	}
}

static void owned_paths_cannot_grow_without_bound(void **state)
{
	autotask struct task t = { 0 };
	struct findings f = { 0 };
	struct buffer b = { .arena = &t.arena };
	struct err err = { 0 };
	char *path = arena_alloc(&t.arena, LIMIT_PATH_BYTES);

	(void)state;
	fill(&f, &t.arena);
	f.owned.n = 0;
	memset(path, 'p', LIMIT_PATH_BYTES);
	put_varint(&b, 1);
	put_varint(&b, 0);
	put_varint(&b, 2000);
	put_varint(&b, 0);
	put_string(&b, (struct str){ path, LIMIT_PATH_BYTES });
	for (int i = 1; i < 2000; i++) {
		put_varint(&b, LIMIT_PATH_BYTES);
		put_varint(&b, 0);
	}
	assert_int_equal(findings_decode_owned(&t, buffer_str(&b), &f, &err), E_LIMIT);
}

static void a_job_comes_back_as_it_went(void **state)
{
	static const struct str names[] = { { "a/b", 3 }, { "c", 1 } };
	const struct job in = {
		.kind = JOB_LAYER,
		.scanner_set = 0x15,
		.max_inflated_bytes = 1 << 30,
		.max_entries = 7,
		.seconds = 9,
		.want_diff_id = true,
		.is_second = true,
		.also = names,
		.also_count = 2,
	};
	autotask struct task t = { 0 };
	struct buffer b = { .arena = &t.arena };
	struct job out;
	struct err err = { 0 };

	(void)state;
	job_encode(&in, &b);
	assert_int_equal(job_decode(&t.arena, buffer_str(&b), &out, &err), 0);
	assert_true(out.scanner_set == 0x15 && out.max_entries == 7 && out.seconds == 9);
	assert_true(out.want_diff_id && out.is_second && !out.is_heads_first);
	assert_int_equal(out.also_count, 2);
	assert_str_is(out.also[0], "a/b");
	for (size_t n = 0; n < b.n; n++)
		assert_true(job_decode(&t.arena, str_sub(buffer_str(&b), 0, n), &out, &err) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_come_back_as_they_went),
		cmocka_unit_test(findings_cut_anywhere_are_an_error),
		cmocka_unit_test(findings_that_lie_are_refused),
		cmocka_unit_test(owned_paths_cannot_grow_without_bound),
		cmocka_unit_test(a_job_comes_back_as_it_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
