/* SPDX-License-Identifier: Apache-2.0 */
/* Output files: whole or not at all. */
#include "../unit.h"

#include "base/arena.h"
#include "cmd/output.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *make_directory(void)
{
	char *path = strdup("clair-output.XXXXXX");

	assert_non_null(mkdtemp(path));
	assert_int_equal(chdir(path), 0);
	return path;
}

static void remove_directory(char *path)
{
	(void)unlink("report");
	(void)unlink("link");
	assert_int_equal(chdir(".."), 0);
	assert_int_equal(rmdir(path), 0); /* fails when a temporary was left */
	free(path);
}

static void put(const char *path, const char *text)
{
	struct err err = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0640);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text), &err), 0);
	close(fd);
}

static void assert_holds(const char *path, const char *want)
{
	char buf[64] = "";
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, buf, sizeof(buf) - 1), strlen(want));
	assert_string_equal(buf, want);
	close(fd);
}

static void write_report(const char *path, const char *text, bool commit)
{
	autoarena struct arena a = { 0 };
	autooutput struct output out;
	struct err err = { 0 };

	assert_int_equal(output_open(&a, str_of(path), &out, &err), 0);
	assert_int_equal(writer_str(&out.to.writer, str_of(text), &err), 0);
	if (commit)
		assert_int_equal(output_commit(&out, &err), 0);
}

static void a_committed_file_is_there(void **state)
{
	char *dir = make_directory();

	(void)state;
	write_report("report", "new", true);
	assert_holds("report", "new");
	remove_directory(dir);
}

static void without_a_commit_nothing_changes(void **state)
{
	char *dir = make_directory();

	(void)state;
	write_report("report", "new", false);
	assert_int_equal(access("report", F_OK), -1);
	put("report", "old");
	write_report("report", "new", false);
	assert_holds("report", "old");
	remove_directory(dir);
}

static void rights_and_links_are_kept(void **state)
{
	char *dir = make_directory();
	struct stat st;

	(void)state;
	put("report", "old");
	assert_int_equal(chmod("report", 0640), 0);
	assert_int_equal(symlink("report", "link"), 0);
	write_report("link", "new", true);
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat("report", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_holds("report", "new");
	remove_directory(dir);
}

static void devices_are_written_in_place(void **state)
{
	(void)state;
	write_report("/dev/null", "new", true);
}

static void a_missing_directory_is_an_error(void **state)
{
	autoarena struct arena a = { 0 };
	autooutput struct output out;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(output_open(&a, STR("no-such-directory/report"), &out, &err), E_IO);
	assert_true(str_search(str_of(err.text), STR("no-such-directory/report")) < strlen(err.text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_committed_file_is_there),
		cmocka_unit_test(without_a_commit_nothing_changes),
		cmocka_unit_test(rights_and_links_are_kept),
		cmocka_unit_test(devices_are_written_in_place),
		cmocka_unit_test(a_missing_directory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
