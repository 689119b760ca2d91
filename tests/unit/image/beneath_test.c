/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing outside of a directory can be opened through it, on new kernels and on old ones. */
#include "fixture.h"

#include "base/io.h"
#include "image/beneath.h"

#include <sys/socket.h>
#include <sys/un.h>

typedef int opener(int root, const char *path, int flags);

static const struct {
	const char *path;
	int flags;
	bool opens;
} cases[] = {
	{ "a/b/file", 0, true },
	{ ".", O_DIRECTORY, true },
	{ "a/b", O_DIRECTORY, true },
	{ "a/b/link", O_PATH, true },
	{ "a/b/pipe", 0, true }, /* does not block */
	{ "a/b/file", O_DIRECTORY, false },
	{ "a/b/link", 0, false },
	{ "outside", 0, false },
	{ "outside", O_DIRECTORY, false },
	{ "outside/passwd", 0, false },
	{ "a/up/secret", 0, false },
	{ "a/here/file", 0, false }, /* a link inside of the tree is one too many */
	{ "../secret", 0, false },
	{ "a/../../secret", 0, false },
	{ "a/b/gone", 0, false },
	{ "", 0, false },
};

static void make_tree(struct fixture *f)
{
	put_file(f, "secret", STR("outside"));
	put_file(f, "root/a/b/file", STR("inside"));
	assert_int_equal(symlink("/etc", in_dir(f, "root/outside")), 0);
	assert_int_equal(symlink("../../..", in_dir(f, "root/a/up")), 0);
	assert_int_equal(symlink("b", in_dir(f, "root/a/here")), 0);
	assert_int_equal(symlink("file", in_dir(f, "root/a/b/link")), 0);
	assert_int_equal(mkfifo(in_dir(f, "root/a/b/pipe"), 0644), 0);
}

static void try_all(struct fixture *f, opener *open_it)
{
	autoclose int root = -1;

	make_tree(f);
	root = open(in_dir(f, "root"), O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoclose int fd = open_it(root, cases[i].path, cases[i].flags);

		if ((fd >= 0) != cases[i].opens)
			fail_msg("%s: %d", cases[i].path, fd);
	}
}

static void test_openat2_stays_beneath(void **state)
{
	try_all(*state, beneath_open);
}

static void test_stepwise_stays_beneath(void **state)
{
	try_all(*state, beneath_open_stepwise);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		image_test(test_openat2_stays_beneath),
		image_test(test_stepwise_stays_beneath),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
