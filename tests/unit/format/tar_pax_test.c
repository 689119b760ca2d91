/* SPDX-License-Identifier: Apache-2.0 */
/* The tar reader: pax headers and GNU long names, one rule a case. */
#include "base/limits.h"
#include "tar_list.h"

static void pax_names(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "path", STR("long/name") }, { "mtime", STR("1.5") });
	make_file(b, "short", "1");
	MAKE_PAX(b, 'x', { "linkpath", STR("long/target") }, { "SCHILY.xattr.x", STR("\0\n\xff=") });
	make_link(b, '2', "dir/link", "short");
	make_file(b, "after", "2");
}
static void pax_size(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "size", STR("3") });
	make_member(b, (struct made){ .name = "a", .size = 700 });
	make_content(b, STR("abc"));
	make_file(b, "b", "2");
}
static void pax_huge_size(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "size", STR("9223372036854775807") });
	make_file(b, "a", "");
}
static void pax_bad_size(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "size", STR("9223372036854775808") });
	make_file(b, "a", "");
}
static void pax_twice(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "path", STR("first") }, { "size", STR("7") });
	MAKE_PAX(b, 'x', { "path", STR("second") });
	make_file(b, "a", "1");
}
static void pax_global(struct buffer *b)
{
	MAKE_PAX(b, 'g', { "comment", STR("of git archive") }, { "linkpath", STR("everywhere") });
	MAKE_PAX(b, 'g', { "path", STR("all") });
	make_file(b, "a", "1");
	make_link(b, '2', "b", "x");
	MAKE_PAX(b, 'x', { "path", STR("own") });
	make_file(b, "c", "3");
	MAKE_PAX(b, 'x', { "path", STR("") });
	make_file(b, "d", "4");
	MAKE_PAX(b, 'g', { "path", STR("") }, { "GNU.sparse.map", STR("nonsense") });
	make_file(b, "e", "5");
}
static void pax_nul(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "path", STR("a\0b") });
	make_file(b, "x", "");
}
static void pax_opaque(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "SCHILY.xattr.trusted.overlay.opaque", STR("y") });
	make_directory(b, "d");
	make_directory(b, "e");
	MAKE_PAX(b, 'x', { "SCHILY.xattr.trusted.overlay.opaque", STR("y") });
	make_file(b, "f", "");
	make_member(b, (struct made){ .name = "g", .flag = '3' });
}
static void pax_damaged(struct buffer *b)
{
	make_member(b, (struct made){ .name = "p", .flag = 'x', .content = STR("11 path=abc") });
	make_file(b, "a", "");
}
static void pax_overlong(struct buffer *b)
{
	make_member(b, (struct made){ .name = "p", .flag = 'x', .content = STR("99 path=abc\n") });
	make_file(b, "a", "");
}
static void pax_too_large(struct buffer *b)
{
	make_member(b, (struct made){ .name = "p", .flag = 'x', .size = LIMIT_PAX_BYTES + 1 });
}
static void pax_alone(struct buffer *b)
{
	make_file(b, "a", "");
	MAKE_PAX(b, 'x', { "path", STR("b") });
	make_end(b);
}
static void gnu_long(struct buffer *b)
{
	make_member(b,
		    (struct made){ .name = "././@LongLink", .flag = 'L', .content = STR("very/long\0rest") });
	make_member(b, (struct made){ .name = "././@LongLink", .flag = 'K', .content = STR("to/there\0") });
	make_link(b, '2', "cut", "cut");
	make_file(b, "a", "1");
	MAKE_PAX(b, 'x', { "path", STR("pax") });
	make_member(b, (struct made){ .name = "././@LongLink", .flag = 'L', .content = STR("gnu\0") });
	make_file(b, "b", "2");
}

static const struct tar_case cases[] = {
	{ "pax names hold for one member", pax_names,
	  "f long/name 1 1\nl dir/link -> dir/long/target\nf after 1 2\n", 0, NULL },
	{ "pax size replaces the field", pax_size, "f a 3 abc\nf b 1 2\n", 0, NULL },
	{ "the largest pax size does not overflow", pax_huge_size, "f a 9223372036854775807\n", E_FORMAT,
	  "truncated" },
	{ "a pax size above 63 bits is damage", pax_bad_size, "", E_FORMAT, "bad size" },
	{ "the last of two pax headers counts", pax_twice, "f second 1 1\n", 0, NULL },
	{ "global pax records are defaults", pax_global,
	  "f all 1 1\nl all -> everywhere\nf own 1 3\nf d 1 4\nf e 1 5\n", 0, NULL },
	{ "a pax name ends at a NUL", pax_nul, "f a 0\n", 0, NULL },
	{ "overlay marks are seen", pax_opaque, "d d opaque\nd e\nf f 0\nc g whiteout\n", 0, NULL },
	{ "a pax record without newline is damage", pax_damaged, "", E_FORMAT, "damaged record" },
	{ "a pax record longer than the header is damage", pax_overlong, "", E_FORMAT, "damaged record" },
	{ "pax headers have a limit", pax_too_large, "", E_LIMIT, "1048577" },
	{ "a pax header at the end changes nothing", pax_alone, "f a 0\n", 0, NULL },
	{ "GNU long names are read", gnu_long, "l very/long -> very/to/there\nf a 1 1\nf gnu 1 2\n", 0,
	  NULL },
};

static void members_are_as_the_table_says(void **state)
{
	(void)state;
	check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_as_the_table_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
