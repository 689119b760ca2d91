/* SPDX-License-Identifier: Apache-2.0 */
/* The status file of Ubuntu Pro's client in layers. */
#include "layer.h"

#define PLACE "var/lib/ubuntu-advantage/status.json"

static void services_that_are_on_are_repositories(void **state)
{
	static const struct {
		const char *path, *text, *want;
		size_t databases, notes;
	} cases[] = {
		{ PLACE, "{\"attached\":true,\"services\":[{\"name\":\"esm-infra\",\"status\":\"enabled\"}]}",
		  "esm-infra ", 1, 0 },
		{ PLACE,
		  "{\"services\":[{\"name\":\"esm-apps\",\"status\":\"enabled\"},{\"name\":\"livepatch\","
		  "\"status\":\"enabled\"},"
		  "{\"name\":\"esm-infra\",\"status\":\"enabled\"},{\"name\":\"esm-infra\",\"status\":"
		  "\"enabled\"}]}",
		  "esm-apps esm-infra ", 1, 0 },
		{ PLACE, "{\"services\":[{\"name\":\"esm-infra\",\"status\":\"disabled\"},7]}", "", 1, 0 },
		{ PLACE, "{\"services\":{}}", "", 1, 0 },
		{ PLACE, "{\"services\":[", "", 1, 1 },
		{ "opt/" PLACE, "{\"services\":[{\"name\":\"esm-infra\",\"status\":\"enabled\"}]}", "", 0,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer names;
		struct layer l;

		layer_open(&l);
		layer_file(&l, cases[i].path, cases[i].text);
		layer_scan(&l, &scanner_ubuntu_pro);
		names = (struct buffer){ .arena = &l.task.arena };
		VEC_EACH (const struct repository, r, &l.found.repositories) {
			assert_str_is(r->key, "ubuntu-pro");
			put_bytes(&names, r->name);
			put_u8(&names, ' ');
		}
		assert_str_is(buffer_str(&names), cases[i].want);
		assert_int_equal(l.found.databases.n, cases[i].databases);
		assert_int_equal(l.found.notes.n, cases[i].notes);
		layer_close(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_that_are_on_are_repositories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
