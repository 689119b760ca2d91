/* SPDX-License-Identifier: Apache-2.0 */
#include "../unit.h"

#include "store/index.h"

#include <stdio.h>
#include <stdlib.h>

static void a_failed_layer_is_remembered_until_it_is_stored_or_forgotten(void **state)
{
	autoindex struct index_store *s = NULL;
	const struct layer_scan scan = { &id_apk, STR("\0\0\0\0\0\0"), STR("") };
	struct err err = { 0 }, failure = { 0 };
	char dir[] = "/tmp/clair-failure-XXXXXX", command[64];
	uint64_t dropped;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(index_store_open(str_of(dir), &s, &err), 0);
	assert_int_equal(index_get_failure(s, STR("sha256:a"), &failure, &err), 0);
	err_set(&failure, E_LIMIT, "too much");
	assert_int_equal(index_put_failure(s, STR("sha256:a"), &failure, &err), 0);
	assert_int_equal(index_put_failure(s, STR("sha256:b"), &failure, &err), 0);
	failure = (struct err){ 0 };
	assert_int_equal(index_get_failure(s, STR("sha256:a"), &failure, &err), 1);
	assert_int_equal(failure.code, E_LIMIT);
	assert_string_equal(failure.text, "too much");
	assert_int_equal(index_put_layer(s, STR("sha256:a"), 7, &scan, 1, &err), 0);
	assert_int_equal(index_get_failure(s, STR("sha256:a"), &failure, &err), 0);
	assert_int_equal(index_get_failure(s, STR("sha256:b"), &failure, &err), 1);
	assert_int_equal(index_clean(s, INT64_MAX, 0, false, &dropped, &err), 0);
	assert_int_equal(index_get_failure(s, STR("sha256:b"), &failure, &err), 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_layer_is_remembered_until_it_is_stored_or_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
