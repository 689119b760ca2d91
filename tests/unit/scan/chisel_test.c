/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests of chiselled images in layers. */
#include "layer.h"

#include "base/limits.h"

#define WALL "{\"jsonwall\":\"1.0\",\"schema\":\"1.0\",\"count\":9}\n"
#define LINES                                                                                                \
	WALL "{\"kind\":\"content\",\"slice\":\"hello_bins\",\"path\":\"/usr/bin/hello\"}\n"                 \
	     "{\"kind\":\"content\",\"slice\":\"hello_data\",\"path\":\"/usr/share/hello/\"}\n"              \
	     "{\"kind\":\"content\",\"slice\":\"hello_data\",\"path\":\"/usr/share/hello/a\"}\n"             \
	     "{\"kind\":\"content\",\"slice\":\"gone_data\",\"path\":\"/gone\"}\n"                           \
	     "{\"kind\":\"package\",\"name\":\"hello\",\"version\":\"2.10-3build1\",\"sha256\":\"e6\","      \
	     "\"arch\":\"amd64\"}\n"                                                                         \
	     "{\"kind\":\"package\",\"name\":\"libc6\",\"version\":\"2.39-0ubuntu8\",\"arch\":\"amd64\"}\n"  \
	     "{\"kind\":\"path\",\"path\":\"/usr/bin/"                                                       \
	     "hello\",\"mode\":\"0755\",\"slices\":[\"hello_bins\"]}\n"                                      \
	     "{\"kind\":\"slice\",\"name\":\"hello_bins\"}\n"

/* A zstd frame (RFC 8878) of one raw block. */
static struct str zstd_frame(struct arena *a, struct str text)
{
	struct buffer b = { .arena = a };

	put_bytes(&b, (struct str){ "\x28\xb5\x2f\xfd\xa0", 5 }); /* one segment, size in four bytes */
	put_le32(&b, (uint32_t)text.n);
	put_u8(&b, (uint8_t)(text.n << 3 | 1));
	put_u8(&b, (uint8_t)(text.n >> 5));
	put_u8(&b, (uint8_t)(text.n >> 13));
	put_bytes(&b, text);
	return buffer_str(&b);
}

static void packages_and_files_are_found(void **state)
{
	struct layer l;
	const struct package *p;

	(void)state;
	layer_open(&l);
	layer_entry(&l, "var/lib/chisel/manifest.wall", '0', "", zstd_frame(&l.task.arena, STR(LINES)));
	layer_entry(&l, "var/lib/chisel/xmanifest.wall", '0', "", STR(LINES));
	layer_scan(&l, &scanner_chisel);
	assert_int_equal(l.found.databases.n, 1);
	assert_str_is(l.found.databases.p[0].name, "var/lib/chisel/manifest.wall");
	assert_int_equal(l.found.databases.p[0].problem.n, 0);
	assert_int_equal(l.found.packages.n, 2);
	p = &l.found.packages.p[0].package;
	assert_int_equal(p->kind, PACKAGE_BINARY);
	assert_str_is(p->name, "hello");
	assert_str_is(p->version, "2.10-3build1");
	assert_str_is(p->arch, "amd64");
	assert_int_equal(p->source_name.n, 0);
	assert_str_is(l.found.packages.p[1].package.name, "libc6");
	assert_int_equal(l.found.owned.n, 1);
	assert_int_equal(l.found.owned.p[0].n, 2);
	assert_str_is(l.found.owned.p[0].paths[0], "usr/bin/hello");
	assert_str_is(l.found.owned.p[0].paths[1], "usr/share/hello/a");
	layer_close(&l);
}

static void a_manifest_that_is_not_packed_is_read(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_file(&l, "manifest.wall", LINES);
	layer_scan(&l, &scanner_chisel);
	assert_int_equal(l.found.packages.n, 2);
	layer_close(&l);
}

static void damage_is_a_problem_of_the_manifest(void **state)
{
	static const struct {
		const char *text, *problem;
		size_t packages;
	} cases[] = {
		{ "", "line 1 column 1: empty document", 0 },
		{ "{}\n", "the first line is no header of a jsonwall", 0 },
		{ "[]\n", "the first line is no header of a jsonwall", 0 },
		{ WALL "{\"kind\":\"package\",\"name\":\"a\"}\n{\"kind\":\"package\",\"name\":\"b\","
		       "\"version\":\"1\"}\n",
		  "a package has no name or version, or a field is too long", 1 },
		{ WALL "{\"kind\":\"package\",\"name\":\"b\",\"version\":\"1\"}\n{\"kind\":",
		  "line 3 column 9: the document breaks off", 1 },
		{ WALL "7\n{\"kind\":\"package\",\"name\":\"b\",\"version\":\"1\"}\n"
		       "{\"kind\":\"package\",\"name\":\"b\",\"version\":\"2\"}\n",
		  "", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layer l;

		layer_open(&l);
		layer_file(&l, "var/lib/chisel/manifest.wall", cases[i].text);
		layer_scan(&l, &scanner_chisel);
		assert_str_is(l.found.databases.p[0].problem, cases[i].problem);
		assert_int_equal(l.found.packages.n, cases[i].packages);
		layer_close(&l);
	}
}

static void problem_of(struct str content, const char *want)
{
	struct layer l;
	struct str problem;

	layer_open(&l);
	layer_entry(&l, "manifest.wall", '0', "", content);
	layer_scan(&l, &scanner_chisel);
	problem = l.found.databases.p[0].problem;
	if (str_search(problem, str_of(want)) == problem.n)
		fail_msg("\"" STR_FMT "\" does not say \"%s\"", STR_ARG(problem), want);
	layer_close(&l);
}

static void inflating_is_limited(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer frame = { .arena = &a }, line = { .arena = &a };

	(void)state;
	/* a window of 64 MiB: exponent 16 above 2^10 */
	problem_of((struct str){ "\x28\xb5\x2f\xfd\x00\x80\x01\x00\x00", 9 }, "bytes to be inflated, limit");
	/* blocks of one byte repeated 128 KiB times: blanks without end */
	put_bytes(&frame, (struct str){ "\x28\xb5\x2f\xfd\x00\x38", 6 });
	for (unsigned i = 0; i <= LIMIT_CHISEL_BYTES >> 17; i++)
		put_bytes(&frame, (struct str){ "\x02\x00\x10 ", 4 });
	problem_of(buffer_str(&frame), "chisel manifest");
	put_bytes(&line, STR(WALL "{\"kind\":[0"));
	while (line.n <= LIMIT_PACKAGE_RECORD_BYTES)
		put_bytes(&line, STR(",1000000000000000000000000"));
	put_bytes(&line, STR("]}\n"));
	problem_of(buffer_str(&line), "of memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_and_files_are_found),
		cmocka_unit_test(a_manifest_that_is_not_packed_is_read),
		cmocka_unit_test(damage_is_a_problem_of_the_manifest),
		cmocka_unit_test(inflating_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
