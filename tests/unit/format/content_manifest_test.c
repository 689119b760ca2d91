/* SPDX-License-Identifier: Apache-2.0 */
/* content_manifest */
#include "../unit.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "format/content_manifest.h"

/* want: the ids, each with a blank behind it; "!": no manifest. */
static const struct {
	const char *text, *want;
	bool from_dnf_hint;
} cases[] = {
	{ "{\"content_sets\":[\"a-rpms\",\"b-rpms\"]}", "a-rpms b-rpms ", false },
	{ "{\"metadata\":{\"image_layer_index\":1,\"content_sets\":[\"x\"]},\"content_sets\":[\"a\"]}", "a ",
	  false },
	{ "{\"from_dnf_hint\":true,\"content_sets\":[]}", "", true },
	{ "{\"from_dnf_hint\":false}", "", false },
	{ "{\"content_sets\":[\"a\",\"b\",\"a\"]}", "a b ", false },
	{ "{\"content_sets\":[\"a__8\",\"b__8_DOT_6\",\"c 8\",\"d__e\",\"a\",\"__8\"]}", "a b c d__e ",
	  false },
	{ "{\"content_sets\":null,\"from_dnf_hint\":1}", "", false },
	{ "{\"content_sets\":[1,{\"a\":[2]},[\"b\"],\"c\",null]}", "c ", false },
	{ "{\"content_sets\":{\"a\":\"b\"}}", "", false },
	{ "{\"content_sets\":[\"a\\u0000b\",\"\"]}",
	  "a\xef\xbf\xbd"
	  "b ",
	  false },
	{ "{}", "", false },
	{ "[]", "!", false },
	{ "\"content_sets\"", "!", false },
	{ "{\"content_sets\":[\"a\"]", "!", false },
	{ "{\"content_sets\":[\"a\"]} x", "!", false },
	{ "File replaced", "!", false },
	{ "", "!", false },
};

static struct str ids_of(struct arena *a, const struct content_manifest *m)
{
	struct buffer b = { .arena = a };

	VEC_EACH (const struct str, id, &m->content_sets) {
		put_bytes(&b, *id);
		put_u8(&b, ' ');
	}
	return buffer_str(&b);
}

static void manifests_name_repositories(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task task = { 0 };
		struct content_manifest m;
		struct err err = { 0 };
		int code = content_manifest_parse(&task, str_of(cases[i].text), &m, &err);

		print_message("%s\n", cases[i].text);
		if (cases[i].want[0] == '!') {
			assert_int_equal(code, E_FORMAT);
			assert_true(err.text[0]);
			continue;
		}
		assert_int_equal(code, 0);
		assert_str_is(ids_of(&task.arena, &m), cases[i].want);
		assert_int_equal(m.from_dnf_hint, cases[i].from_dnf_hint);
	}
}

static void content_sets_are_limited(void **state)
{
	autotask struct task task = { 0 };
	struct buffer text = { .arena = &task.arena };
	struct content_manifest m;
	struct err err;

	(void)state;
	put_bytes(&text, STR("{\"content_sets\":["));
	for (unsigned i = 0; i <= LIMIT_CONTENT_SETS; i++)
		put_bytes(&text, str_format(&task.arena, "%s\"set-%u\"", i ? "," : "", i));
	put_bytes(&text, STR("]}"));
	assert_int_equal(content_manifest_parse(&task, buffer_str(&text), &m, &err), 0);
	assert_int_equal(m.content_sets.n, LIMIT_CONTENT_SETS);
	assert_true(m.is_cut);
}

static void a_long_id_is_none(void **state)
{
	static char id[LIMIT_REPOID_BYTES + 1];

	(void)state;
	memset(id, 'a', sizeof(id));
	assert_true(content_manifest_is_repoid((struct str){ id, LIMIT_REPOID_BYTES }));
	assert_false(content_manifest_is_repoid((struct str){ id, LIMIT_REPOID_BYTES + 1 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifests_name_repositories),
		cmocka_unit_test(content_sets_are_limited),
		cmocka_unit_test(a_long_id_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
