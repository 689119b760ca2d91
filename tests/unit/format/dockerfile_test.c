/* SPDX-License-Identifier: Apache-2.0 */
/* dockerfile: labels */
#include "../unit.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "format/dockerfile.h"

static const struct {
	const char *text, *label, *want;
} cases[] = {
	{ "FROM x\nLABEL a=1 b=2\n", "b", "2" },
	{ "label a=1\nLabel a=2", "a", "2" },
	{ "LABEL a b c  \n", "a", "b c" },
	{ "LABEL a \"b $HOME\"", "a", "\"b \"" },
	{ "LABEL a=\"b c\" d='e f'", "a", "b c" },
	{ "LABEL a=\"b c\" d='e f'", "d", "e f" },
	{ "LABEL \"a\"=x\"y z\"w", "a", "xy zw" },
	{ "LABEL a=b\\ c", "a", "b\\ c" },
	{ "LABEL a=\\\"b\\\\c\\\"", "a", "\"b\\c\"" },
	{ "LABEL a=\"b\\\"c\\'d\\te\\xf\"", "a", "b\"c\\'d\te\\xf" },
	{ "LABEL a='b\\'c\\\"d\\te'", "a", "b'c\\\"d\\te" },
	{ "ENV P=rh\nLABEL a=\"${P}-pkg\"", "a", "rh-pkg" },
	{ "ENV P rh x\nLABEL a=$P/$Q.", "a", "rh x/." },
	{ "ENV P=rh\nLABEL a='$P' b=$P", "a", "$P" },
	{ "ENV P=rh\nLABEL a=\\$P", "a", "$P" },
	{ "ARG V=1\nARG W\nLABEL a=$V$W", "a", "1" },
	{ "ARG V=1\nENV V=2\nLABEL a=$V", "a", "2" },
	{ "ENV P=1\nLABEL a=${P:+set}${Q:+set}${Q:-none}${P:-none}", "a", "setnone1" },
	{ "LABEL a=${P:?x}y", "a", "${P:?x}y" },
	{ "LABEL a=${P y", "a", "${P" },
	{ "LABEL a=$ b=1", "a", "$" },
	{ "LABEL a=1 \\\n# why\n  b=2 \\\n c=3\n", "c", "3" },
	{ "LABEL a=1 \\  \n b=2", "b", "2" },
	{ "RUN x \\\n\nLABEL a=1", "a", "1" },
	{ "RUN x \\\nLABEL a=1\n", "a", "" },
	{ "LABEL a=1 \\\n\n b=2", "b", "" },
	{ "# escape=`\nLABEL a=1 `\n b=\\2\n", "b", "\\2" },
	{ "#  Escape = ` \nLABEL a=`$P", "a", "$P" },
	{ "FROM x\n# escape=`\nLABEL a=1 \\\n b=2\n", "b", "2" },
	{ "# escape=x\nLABEL a=1 \\\n b=2\n", "b", "2" },
	{ "LABEL a=1\r\nLABEL b=2\r\n", "a", "1" },
	{ "LABEL a=1 b c=3", "c", "3" },
	{ "LABEL\nLABEL a\nENV\nARG\n=\n!x\n}\nLABEL b=1", "b", "1" },
	{ "RUN <<EOF\nx='\nEOF\nLABEL a=1", "a", "1" },
	{ "LABEL a=", "a", "" },
	{ "LABEL a=\"open b=1", "a", "open b=1" },
	{ "LABEL a=1\\", "a", "1" },
	{ "", "a", "" },
};

static void labels_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task task = { 0 };
		struct dockerfile d;
		struct err err;

		print_message("%s\n", cases[i].text);
		assert_int_equal(dockerfile_read(&task, str_of(cases[i].text), &d, &err), 0);
		assert_str_is(dockerfile_label(&d, cases[i].label), cases[i].want);
	}
}

/* Each line doubles a variable, or asks for a long one. */
static void values_are_bounded(void **state)
{
	autotask struct task task = { 0 };
	struct buffer text = { .arena = &task.arena };
	struct dockerfile d;
	struct err err;

	(void)state;
	put_bytes(&text, STR("ENV A=0123456789abcdef\n"));
	for (int i = 0; i < 8; i++)
		put_bytes(&text, STR("ENV A=$A$A\n"));
	put_bytes(&text, STR("LABEL whole=$A more=$A$A behind=1\n"));
	assert_int_equal(dockerfile_read(&task, buffer_str(&text), &d, &err), 0);
	assert_int_equal(dockerfile_label(&d, "whole").n, LIMIT_FIELD_BYTES);
	assert_int_equal(dockerfile_label(&d, "more").n, 0);
	assert_str_is(dockerfile_label(&d, "behind"), "1");
}

static void assignments_are_limited(void **state)
{
	autotask struct task task = { 0 };
	struct buffer text = { .arena = &task.arena };
	struct dockerfile d;
	struct err err;

	(void)state;
	for (unsigned i = 0; i < LIMIT_DOCKERFILE_ASSIGNMENTS; i++)
		put_bytes(&text, STR("LABEL a=1\n"));
	put_bytes(&text, STR("LABEL b=1\n"));
	assert_int_equal(dockerfile_read(&task, buffer_str(&text), &d, &err), 0);
	assert_str_is(dockerfile_label(&d, "a"), "1");
	assert_str_is(dockerfile_label(&d, "b"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_are_read),
		cmocka_unit_test(values_are_bounded),
		cmocka_unit_test(assignments_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
