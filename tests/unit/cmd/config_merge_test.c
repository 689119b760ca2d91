/* SPDX-License-Identifier: Apache-2.0 */
/* config_merge: files and drop-ins, in temporary directories. */
#include "../unit.h"

#include "base/cursor.h"
#include "cmd/config.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
	const char *name, *text; /* text NULL: a directory; "-> x": a link to x */
};

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void make(const char *dir, const struct file *f)
{
	char path[512];
	FILE *to;

	snprintf(path, sizeof(path), "%s/%s", dir, f->name);
	if (!f->text) {
		assert_int_equal(mkdir(path, 0700), 0);
		return;
	}
	if (strncmp(f->text, "-> ", 3) == 0) {
		assert_int_equal(symlink(f->text + 3, path), 0);
		return;
	}
	to = fopen(path, "w");
	assert_non_null(to);
	fputs(f->text, to);
	fclose(to);
}

enum { FILES = 8 };

static const struct {
	struct file files[FILES];
	const char *want; /* compact JSON, or "error: DIR/" and more */
} cases[] = {
	{ { { "c.yaml", "a: 1\nb: {x: y}\n" } }, "{\"a\":1,\"b\":{\"x\":\"y\"}}" },
	{ { { "c.json", "{\"a\":1}" } }, "{\"a\":1}" },
	{ { { "c.yaml", "" } }, "{}" },
	{ { { "c.yaml", "- 1\n" } }, "{}" },
	{ { { "c.yaml", "a: null\n" } }, "{\"a\":null}" },
	{ { { "c.yaml", "a: {x: 1, y: 2}\nl: [1, 2]\n" },
	    { "c.yaml.d", NULL },
	    { "c.yaml.d/20.yaml", "a: {y: 3}\nl: [9]\n" },
	    { "c.yaml.d/10.yaml", "a: {x: null, y: 0, z: 1}\n" } },
	  "{\"a\":{\"y\":3,\"z\":1},\"l\":[9]}" },
	{ { { "c.yaml", "l: []\n" },
	    { "c.yaml.d", NULL },
	    { "c.yaml.d/1.yaml", "l: [1]\n" },
	    { "c.yaml.d/2.yaml-patch", "- {op: add, path: /l/-, value: 2}\n" },
	    { "c.yaml.d/3.yaml", "m: 3\n" },
	    { "c.yaml.d/4.yaml-patch", "[{\"op\": \"move\", \"from\": \"/m\", \"path\": \"/l/-\"}]" } },
	  "{\"l\":[1,2,3]}" },
	{ { { "c.json", "{\"a\":1}" },
	    { "c.json.d", NULL },
	    { "c.json.d/a.json", "{\"b\":2}" },
	    { "c.json.d/b.json-patch", "[{\"op\":\"remove\",\"path\":\"/a\"}]" },
	    { "c.json.d/c.yaml", "c: 3" } },
	  "{\"b\":2}" },
	{ { { "c.yaml", "a: 1\n" },
	    { "c.yaml.d", NULL },
	    { "c.yaml.d/readme.txt", "what" },
	    { "c.yaml.d/sub.yaml", NULL },
	    { "c.yaml.d/.hidden.yaml", "a: 2" },
	    { "elsewhere", "b: 3" },
	    { "c.yaml.d/link.yaml", "-> ../elsewhere" },
	    { "c.yaml.d/dir.yaml", "-> sub.yaml" } },
	  "{\"a\":2,\"b\":3}" },
	{ { { "c.yaml", "a: 1\n" },
	    { "real", NULL },
	    { "real/x.yaml", "a: 2\n" },
	    { "c.yaml.d", "-> real" } },
	  "{\"a\":1}" },
	{ { { "c.yml", "" } }, "error: unknown config kind \"yml\" of " },
	{ { { "c", "" } }, "error: unknown config kind \"\" of " },
	{ { { "c.json", " {}" } }, "error: DIR/c.json: the first byte must be {" },
	{ { { "c.json", "[]" } }, "error: DIR/c.json: the first byte must be {" },
	{ { { "c.json", "{\"a\":}" } }, "error: DIR/c.json: line 1 column 6: a value" },
	{ { { "c.yaml", "a: [\n" } }, "error: DIR/c.yaml: line 2 column 1: " },
	{ { { "c.yaml", NULL } }, "error: DIR/c.yaml: this is no regular file" },
	{ { { "c.json", "{}" }, { "c.json.d", NULL }, { "c.json.d/1.json-patch", "{}" } },
	  "error: DIR/c.json.d/1.json-patch: the first byte must be [" },
	{ { { "c.yaml", "a: 1" },
	    { "c.yaml.d", NULL },
	    { "c.yaml.d/1.yaml-patch", "- {op: test, path: /a, value: 2}" } },
	  "error: DIR/c.yaml.d/1.yaml-patch: operation 1: the test failed" },
	{ { { "c.yaml", "a: 1" }, { "c.yaml.d", NULL }, { "c.yaml.d/1.yaml", "-> nothing" } },
	  "error: DIR/c.yaml.d/1.yaml: No such file" },
};

static struct str as_text(struct arena *a, const struct json_value *v)
{
	struct buffer b = { .arena = a };
	struct mem_writer to;
	struct json_writer w;
	struct err err = { 0 };

	mem_writer_open(&to, &b);
	json_writer_open(&w, &to.writer, 0, &err);
	json_tree_write(&w, v);
	assert_int_equal(json_writer_end(&w), 0);
	return buffer_str(&b);
}

static struct str without_dir(struct arena *a, const char *text, const char *dir)
{
	struct str s = str_of(text);
	size_t at = str_search(s, str_of(dir));

	if (at == s.n)
		return s;
	return str_format(a, STR_FMT "DIR%s", STR_ARG(str_sub(s, 0, at)), text + at + strlen(dir));
}

static void files_and_drop_ins_become_one_document(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		char dir[] = "/tmp/config_merge_XXXXXX";
		struct json_value v;
		struct str want = str_of(cases[i].want), got;
		struct err err = { 0 };

		assert_non_null(mkdtemp(dir));
		for (size_t j = 0; j < FILES && cases[i].files[j].name; j++)
			make(dir, &cases[i].files[j]);
		if (config_merge(&a, str_format(&a, "%s/%s", dir, cases[i].files[0].name), &v, &err) < 0)
			got = str_format(&a, "error: " STR_FMT, STR_ARG(without_dir(&a, err.text, dir)));
		else
			got = as_text(&a, &v);
		nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
		if (str_starts(want, STR("error: ")) ? !str_starts(got, want) : !str_eq(got, want))
			fail_msg("case %zu gave " STR_FMT "\nnot %s", i, STR_ARG(got), cases[i].want);
	}
}

static void no_path_is_the_empty_document(void **state)
{
	autoarena struct arena a = { 0 };
	struct json_value v;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(config_merge(&a, STR(""), &v, &err), 0);
	assert_int_equal(v.type, JSON_OBJECT);
	assert_int_equal(v.n, 0);
	assert_int_equal(config_merge(&a, STR("/nonexistent/c.yaml"), &v, &err), E_CONFIG);
	assert_string_equal(err.text, "/nonexistent/c.yaml: No such file or directory");
}

static void an_error_names_the_file_it_came_from(void **state)
{
	static const struct file files[] = {
		{ "c.yaml", "log_level: info\n" },
		{ "c.yaml.d", NULL },
		{ "c.yaml.d/1.yaml", "tls: null\n" },
		{ "c.yaml.d/2.yaml", "matcher:\n  period: 6h\n  perod: 6h\n" },
	};
	autoarena struct arena a = { 0 };
	char dir[] = "/tmp/config_merge_XXXXXX";
	struct config c;
	config_lints lints = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < 4; i++)
		make(dir, &files[i]);
	assert_int_equal(config_load(&a, str_format(&a, "%s/c.yaml", dir), MODE_COMBO, &c, &lints, &err),
			 E_CONFIG);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	assert_str_is(without_dir(&a, err.text, dir),
		      "DIR/c.yaml.d/2.yaml: line 3: unknown key 'matcher.perod'; did you mean 'period'?");
}

static void files_are_bounded(void **state)
{
	autoarena struct arena a = { 0 };
	char dir[] = "/tmp/config_merge_XXXXXX";
	char *big = arena_alloc(&a, (1 << 20) + 2);
	struct file file = { "c.yaml", memset(big, '#', (1 << 20) + 1) }, drop_ins = { "d.yaml.d", NULL };
	struct json_value v;
	struct err err = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	make(dir, &file);
	assert_int_equal(config_merge(&a, str_format(&a, "%s/c.yaml", dir), &v, &err), E_CONFIG);
	assert_non_null(strstr(err.text, "1048576"));
	file = (struct file){ "d.yaml", "a: 1" };
	make(dir, &file);
	make(dir, &drop_ins);
	for (int i = 0; i < 1001; i++) {
		file = (struct file){ str_format(&a, "d.yaml.d/%d.txt", i).p, "" };
		make(dir, &file);
	}
	assert_int_equal(config_merge(&a, str_format(&a, "%s/d.yaml", dir), &v, &err), E_LIMIT);
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_and_drop_ins_become_one_document),
		cmocka_unit_test(no_path_is_the_empty_document),
		cmocka_unit_test(an_error_names_the_file_it_came_from),
		cmocka_unit_test(files_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
