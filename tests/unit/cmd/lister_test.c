/* SPDX-License-Identifier: Apache-2.0 */
/* What the lister hands to image/: kinds of members as the worker's tar reader numbers them. */
#include "../unit.h"

#include "cmd/lister.h"
#include "format/tar.h"

static void member_kinds_are_those_of_the_tar_reader(void **state)
{
	(void)state;
	assert_int_equal(MEMBER_FILE, TAR_FILE);
	assert_int_equal(MEMBER_HARD_LINK, TAR_HARD_LINK);
	assert_int_equal(MEMBER_SYMLINK, TAR_SYMLINK);
}

static void a_lister_borrows_its_sandbox(void **state)
{
	const struct sandbox sandbox = { .worker_path = "worker" };
	struct worker_lister l;

	(void)state;
	worker_lister_open(&l, &sandbox);
	assert_ptr_equal(l.sandbox, &sandbox);
	assert_non_null(l.lister.list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(member_kinds_are_those_of_the_tar_reader),
		cmocka_unit_test(a_lister_borrows_its_sandbox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
