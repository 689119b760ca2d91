/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of a mirror: names that may be in it, what is remembered, indexes, what is removed */
#include "../unit.h"

#include "engine/mirror_folder.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
	char dir[64];
	struct mirror_folder folder;
};

static struct str folder_path(const struct fixture *f, struct arena *a)
{
	return str_format(a, "%s/deep/mirror", f->dir);
}

static void open_folder(struct fixture *f)
{
	autoarena struct arena a = { 0 };
	struct err err = { 0 };

	if (mirror_folder_open(&f->folder, folder_path(f, &a), &err) < 0)
		fail_msg("%s", err.text);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-mirror-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	open_folder(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	mirror_folder_close(&f->folder);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

/* Save, and read it again. */
static void reopen(struct fixture *f)
{
	struct err err = { 0 };

	assert_int_equal(mirror_folder_save(&f->folder, &err), 0);
	mirror_folder_close(&f->folder);
	open_folder(f);
}

static struct str text_of(const struct fixture *f, struct arena *a, const char *path)
{
	struct str full = str_format(a, "%s/deep/mirror/%s", f->dir, path), text = { NULL, 0 };
	autoclose int fd = open(full.p, O_RDONLY | O_CLOEXEC);
	struct fd_reader in;
	struct err err = { 0 };

	if (fd < 0)
		return text;
	fd_reader_open(&in, fd, 0, 65536);
	assert_int_equal(reader_all(&in.reader, a, 65536, &text, &err), 0);
	return text;
}

static int put(struct fixture *f, const char *path, const char *text, const char *fingerprint)
{
	const struct mirror_file file = { .set = STR("alpine"),
					  .path = str_of(path),
					  .fingerprint = str_of(fingerprint),
					  .mark = STR("m"),
					  .size_bytes = strlen(text),
					  .is_seen = true };
	autoclose int fd = -1;
	struct err err = { 0 };

	assert_int_equal(fd_spool(&fd, &err), 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text), &err), 0);
	return mirror_folder_put(&f->folder, &file, fd, 1700000000, &err);
}

static void names_from_publishers_stay_below_the_folder(void **state)
{
	static const char *const bad[] = { "",	 "/etc/x", "..",   "a/../b", "a//b", "a/",
					   ".a", "a/.b/c", "a\nb", "a\tb",   "a\\b", "." };
	struct fixture *f = *state;
	struct err err = { 0 };
	char many[600];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("%zu\n", i);
		assert_int_equal(put(f, bad[i], "x", "a\nb\nc\nd"), E_FORMAT);
		assert_int_equal(mirror_folder_put_text(&f->folder, STR("s"), str_of(bad[i]), STR("x"), &err),
				 E_FORMAT);
	}
	memset(many, 'a', sizeof(many));
	many[sizeof(many) - 1] = '\0';
	assert_int_equal(put(f, many, "x", ""), E_FORMAT);
	mirror_folder_list(&f->folder, STR("../"));
	assert_int_equal(f->folder.listed.n, 0);
}

static void what_is_known_of_a_file_outlives_the_run(void **state)
{
	struct fixture *f = *state;
	autoarena struct arena a = { 0 };
	struct mirror_file found;
	struct stat st;

	assert_int_equal(put(f, "alpine/v3.20/main.json", "hello", "mirror\nsha256:ab\ndate\n\"e\""), 0);
	reopen(f);
	assert_true(mirror_folder_find(&f->folder, STR("alpine/v3.20/main.json"), &found));
	assert_str_is(found.fingerprint, "mirror\nsha256:ab\ndate\n\"e\"");
	assert_str_is(found.set, "alpine");
	assert_str_is(found.mark, "m");
	assert_false(found.is_seen);
	assert_str_is(text_of(f, &a, "alpine/v3.20/main.json"), "hello");
	assert_int_equal(stat(str_format(&a, "%s/deep/mirror/alpine/v3.20/main.json", f->dir).p, &st), 0);
	assert_int_equal(st.st_mtim.tv_sec, 1700000000);
	assert_int_equal(truncate(str_format(&a, "%s/deep/mirror/alpine/v3.20/main.json", f->dir).p, 2), 0);
	assert_false(mirror_folder_find(&f->folder, STR("alpine/v3.20/main.json"), &found));
}

static void a_damaged_list_costs_what_it_says_and_no_more(void **state)
{
	struct fixture *f = *state;
	autoarena struct arena a = { 0 };
	struct mirror_file found;
	FILE *out;

	assert_int_equal(put(f, "a", "1", ""), 0);
	reopen(f);
	out = fopen(str_format(&a, "%s/deep/mirror/.clair-mirror", f->dir).p, "a");
	assert_non_null(out);
	fputs("x\ty\nset\t../../etc/passwd\t1\t\t\t\t\t\nset\ta/b\tmany\t\t\t\t\t\n\n\t\t\t\t\t\t\t\t\t\t\n",
	      out);
	fclose(out);
	mirror_folder_close(&f->folder);
	open_folder(f);
	assert_true(mirror_folder_find(&f->folder, STR("a"), &found));
	assert_int_equal(f->folder.files.n, 1);
}

static void folders_that_are_listed_have_an_index(void **state)
{
	struct fixture *f = *state;
	autoarena struct arena a = { 0 };
	struct err err = { 0 };

	assert_int_equal(put(f, "alpine/v3.20/main.json", "x", ""), 0);
	assert_int_equal(put(f, "alpine/last", "x", ""), 0);
	assert_int_equal(put(f, "alpine/a\"b", "x", ""), 0);
	mirror_folder_list(&f->folder, STR("alpine/"));
	mirror_folder_list(&f->folder, STR("nothing/"));
	reopen(f);
	assert_str_is(text_of(f, &a, "alpine/index.html"),
		      "<!DOCTYPE html>\n<title>Index</title>\n<a href=\"last\">last</a><br>\n"
		      "<a href=\"v3.20/\">v3.20/</a><br>\n");
	assert_null(text_of(f, &a, "nothing/index.html").p);
	assert_int_equal(
		mirror_folder_put_text(&f->folder, STR("alpine"), STR("alpine/last"), STR("y"), &err), 0);
	assert_str_is(text_of(f, &a, "alpine/last"), "y");
}

static void only_what_was_put_there_and_not_seen_is_pruned(void **state)
{
	struct fixture *f = *state;
	autoarena struct arena a = { 0 };
	struct err err = { 0 };
	uint64_t count = 0;

	assert_int_equal(put(f, "d/old", "x", ""), 0);
	assert_int_equal(put(f, "d/kept", "x", ""), 0);
	reopen(f);
	mirror_folder_seen(&f->folder, STR("d/kept"));
	assert_int_equal(mirror_folder_prune(&f->folder, STR("debian"), &count, &err), 0);
	assert_int_equal(count, 0);
	assert_int_equal(mirror_folder_prune(&f->folder, STR("alpine"), &count, &err), 0);
	assert_int_equal(count, 1);
	assert_null(text_of(f, &a, "d/old").p);
	reopen(f);
	assert_int_equal(f->folder.files.n, 1);
	assert_str_is(text_of(f, &a, "d/kept"), "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_from_publishers_stay_below_the_folder, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_known_of_a_file_outlives_the_run, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_list_costs_what_it_says_and_no_more, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(folders_that_are_listed_have_an_index, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_what_was_put_there_and_not_seen_is_pruned, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
