/* SPDX-License-Identifier: Apache-2.0 */
/* The tar reader against archives made block by block, one rule a case. */
#include "base/limits.h"
#include "tar_list.h"

static void nothing(struct buffer *b)
{
	(void)b;
}
static void only_zeros(struct buffer *b)
{
	make_end(b);
}
static void ordinary(struct buffer *b)
{
	make_directory(b, "etc/");
	make_file(b, "etc/a", "hello");
	make_file(b, "etc/empty", "");
	make_link(b, '2', "etc/b", "a");
	make_link(b, '1', "etc/c", "etc/a");
	make_member(b, (struct made){ .name = "dev/null", .flag = '3', .dev_major = 1, .dev_minor = 3 });
	make_member(b, (struct made){ .name = "dev/sda", .flag = '4' });
	make_member(b, (struct made){ .name = "dev/fifo", .flag = '6' });
	make_member(b, (struct made){ .name = "etc/d", .flag = '7', .content = STR("contiguous") });
	make_end(b);
}
static void no_trailer(struct buffer *b)
{
	make_file(b, "a", "");
}
static void one_zero_block(struct buffer *b)
{
	static const char zeros[MAKE_BLOCK];

	make_file(b, "a", "1");
	make_raw(b, zeros, sizeof(zeros));
	make_file(b, "b", "2");
}
static void partial_header(struct buffer *b)
{
	make_file(b, "a", "1");
	make_raw(b, "x", 1);
}
static void partial_content(struct buffer *b)
{
	make_file(b, "a", "1");
	b->n -= 511;
	make_file(b, "b", "");
	b->n -= 400;
}
static void cut_padding(struct buffer *b)
{
	make_file(b, "a", "1");
	b->n--;
}
static void bad_checksum(struct buffer *b)
{
	make_file(b, "a", "1");
	make_file(b, "b", "2");
	b->p[1024] ^= 1;
	make_end(b);
}
static void signed_checksum(struct buffer *b)
{
	unsigned char block[MAKE_BLOCK];

	make_block(block, &(struct made){ .name = "\xc3\xa4" });
	make_seal(block, true);
	make_raw(b, block, sizeof(block));
}
static void v7(struct buffer *b)
{
	make_member(b, (struct made){ .name = "old/", .magic = MAKE_V7, .flag = '\1' });
	make_member(b, (struct made){ .name = "old/a", .magic = MAKE_V7, .flag = '\1', .content = STR("x") });
	make_member(b, (struct made){ .name = "old/b", .magic = MAKE_V7, .flag = '1', .link = "old/a" });
}
static void slash_and_flag(struct buffer *b)
{
	make_member(b, (struct made){ .name = "nul/", .flag = '\1', .size = 5 });
	make_member(b, (struct made){ .name = "zero/", .content = STR("x") });
}
static void prefixes(struct buffer *b)
{
	make_member(b, (struct made){ .name = "name", .prefix = "pre/fix" });
	make_member(b, (struct made){ .name = "name", .prefix = "pre/fix", .magic = MAKE_GNU });
	make_member(b, (struct made){ .name = "name", .prefix = "pre", .magic = STR("ustar 00") });
	make_member(b, (struct made){ .name = "name", .prefix = "pre", .magic = STR("ustar 77") });
}
static void full_fields(struct buffer *b)
{
	static char name[101], prefix[156], link[101];

	memset(name, 'n', 100);
	memset(prefix, 'p', 155);
	memset(link, 'l', 100);
	make_member(b, (struct made){ .name = name, .prefix = prefix, .flag = '1', .link = link });
}
static void sizes_of_others(struct buffer *b)
{
	make_member(b, (struct made){ .name = "d", .flag = '5', .size = 1000 });
	make_member(b, (struct made){ .name = "l", .flag = '2', .link = "x", .size = 1000 });
	make_member(b, (struct made){ .name = "h", .flag = '1', .link = "x", .size = 1000 });
	make_file(b, "a", "1");
}
static void odd_types(struct buffer *b)
{
	make_member(b, (struct made){ .name = "volume", .flag = 'V' });
	make_member(b, (struct made){ .name = "dump", .flag = 'D', .content = STR("Yname") });
	MAKE_PAX(b, 'x', { "path", STR("lost") });
	make_member(b, (struct made){ .name = "unknown", .flag = 'Z', .content = STR("whatever") });
	make_file(b, "a", "1");
}
static void binary_size(struct buffer *b)
{
	unsigned char block[MAKE_BLOCK];

	make_block(block, &(struct made){ .name = "a" });
	make_binary(block + 124, 12, 3);
	make_seal(block, false);
	make_raw(b, block, sizeof(block));
	make_content(b, STR("abc"));
}
static void put_size(struct buffer *b, const char *bytes)
{
	unsigned char block[MAKE_BLOCK];

	make_block(block, &(struct made){ .name = "a" });
	memcpy(block + 124, bytes, 12);
	make_seal(block, false);
	make_raw(b, block, sizeof(block));
}
static void negative_size(struct buffer *b)
{
	put_size(b, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
}
static void too_large_size(struct buffer *b)
{
	put_size(b, "\x80\0\0\0\x80\0\0\0\0\0\0\0");
}
static void largest_size(struct buffer *b)
{
	put_size(b, "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff");
}
static void letters_in_size(struct buffer *b)
{
	put_size(b, "0000000z000");
}
static void blanks_in_size(struct buffer *b)
{
	put_size(b, "        3  \0");
	make_content(b, STR("abc"));
}
static void bad_mode(struct buffer *b)
{
	unsigned char block[MAKE_BLOCK];

	make_block(block, &(struct made){ .name = "a" });
	memcpy(block + 100, "rw-r--r--", 8);
	make_seal(block, false);
	make_raw(b, block, sizeof(block));
}
static void names(struct buffer *b)
{
	make_directory(b, "./");
	make_directory(b, "/");
	make_file(b, "./a", "");
	make_file(b, "/abs/b", "");
	make_file(b, "../../up", "");
	make_file(b, "x/../y//./z/", "");
	make_file(b, "\xff/\xc3\xa4\xef\xbf\xbd", "");
	make_file(b, "\xc3\xa4\xef\xbf\xbd", "");
	make_link(b, '2', "d/e/l1", "../f");
	make_link(b, '2', "d/e/l2", "/abs/./g");
	make_link(b, '2', "d/e/l3", "../../../../h");
	make_link(b, '2', "d/e/l4", "");
	make_link(b, '2', "l5", "..");
	make_link(b, '1', "d/e/h", "./i/../j");
	make_file(b, "", "");
}
static void deep_name(struct buffer *b)
{
	char name[2 * LIMIT_PATH_DEPTH + 4];

	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = "a/"[i % 2];
	make_member(b, (struct made){ .name = "n", .flag = 'L', .content = { name, sizeof(name) } });
	make_file(b, "a", "");
}
static void long_name(struct buffer *b)
{
	static char name[LIMIT_PATH_BYTES + 1];

	memset(name, 'n', sizeof(name));
	make_member(b, (struct made){ .name = "n", .flag = 'L', .content = { name, sizeof(name) } });
	make_file(b, "a", "");
}

#define TEN(c) c c c c c c c c c c
#define HUNDRED(c) TEN(TEN(c))
#define FIFTY(c) TEN(c) TEN(c) TEN(c) TEN(c) TEN(c)

static const struct tar_case cases[] = {
	{ "an empty stream is an empty archive", nothing, "", 0, NULL },
	{ "zero blocks are an empty archive", only_zeros, "", 0, NULL },
	{ "all types are delivered", ordinary,
	  "d etc\nf etc/a 5 hello\nf etc/empty 0\nl etc/b -> etc/a\nh etc/c -> etc/a\nc dev/null\nc dev/sda\n"
	  "p dev/fifo\nf etc/d 10 contiguous\n",
	  0, NULL },
	{ "end of file on a block boundary ends", no_trailer, "f a 0\n", 0, NULL },
	{ "the first zero block ends", one_zero_block, "f a 1 1\n", 0, NULL },
	{ "a partial header is damage", partial_header, "f a 1 1\n", E_FORMAT, "member at 1024" },
	{ "cut content is damage", partial_content, "f a 1 1\n", E_FORMAT, "member at " },
	{ "cut padding is damage", cut_padding, "f a 1 1\n", E_FORMAT, "member at 0" },
	{ "a wrong checksum is damage", bad_checksum, "f a 1 1\n", E_FORMAT, "member at 1024" },
	{ "signed checksums are right too", signed_checksum, "f \xc3\xa4 0\n", 0, NULL },
	{ "v7 headers are read", v7, "d old\nf old/a 1 x\nh old/b -> old/a\n", 0, NULL },
	{ "a slash makes a directory of flag NUL only", slash_and_flag, "d nul\nf zero 1 x\n", 0, NULL },
	{ "only POSIX headers have a prefix", prefixes,
	  "f pre/fix/name 0\nf name 0\nf pre/name 0\nf name 0\n", 0, NULL },
	{ "fields may be full", full_fields,
	  "h " HUNDRED("p") FIFTY("p") "ppppp/" HUNDRED("n") " -> " HUNDRED("l") "\n", 0, NULL },
	{ "links and directories have no content", sizes_of_others, "d d\nl l -> x\nh h -> x\nf a 1 1\n", 0,
	  NULL },
	{ "odd types are passed over", odd_types, "f a 1 1\n", 0, NULL },
	{ "sizes may be base-256", binary_size, "f a 3 abc\n", 0, NULL },
	{ "a negative size is damage", negative_size, "", E_FORMAT, "bad size" },
	{ "a size above 63 bits is damage", too_large_size, "", E_FORMAT, "bad size" },
	{ "the largest size does not overflow", largest_size, "f a 9223372036854775807\n", E_FORMAT,
	  "truncated" },
	{ "letters in a size are damage", letters_in_size, "", E_FORMAT, "bad size" },
	{ "sizes may be padded with blanks", blanks_in_size, "f a 3 abc\n", 0, NULL },
	{ "an odd mode is no damage", bad_mode, "f a 0\n", 0, NULL },
	{ "names are normal", names,
	  "d .\nd .\nf a 0\nf abs/b 0\nf up 0\nf y/z 0\nf \\xff/\xc3\xa4\\xef\\xbf\\xbd 0\nf "
	  "\xc3\xa4\xef\xbf\xbd 0\n"
	  "l d/e/l1 -> d/f\nl d/e/l2 -> abs/g\nl d/e/l3 -> h\nl d/e/l4 -> d/e\nl l5 -> .\nh d/e/h -> j\nf . "
	  "0\n",
	  0, NULL },
	{ "depth has a limit", deep_name, "", E_LIMIT, "components" },
	{ "names have a limit", long_name, "", E_LIMIT, "65536 bytes" },
};

static void members_are_as_the_table_says(void **state)
{
	(void)state;
	check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void large_contents_arrive_whole(void **state)
{
	autotask struct task task = { 0 };
	struct buffer made = { .arena = &task.arena };
	size_t n = 3 * MIB + 7;
	char *bytes = arena_alloc(&task.arena, n);
	struct mem_reader in;
	struct tar_entry e;
	struct err err;
	struct str got;
	struct tar *t;

	(void)state;
	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(i * 31 >> 3);
	for (int i = 0; i < 2; i++)
		make_member(&made, (struct made){ .name = "big", .content = { bytes, n } });
	mem_reader_open(&in, buffer_str(&made));
	t = tar_open(&task, &in.reader, 10);
	for (int i = 0; i < 2; i++) {
		char *out = arena_alloc(&task.arena, n);

		assert_int_equal(tar_next(t, &e, &err), 1);
		if (i == 0) {
			assert_int_equal(reader_full(tar_content(t), out, n, &err), 1);
			got = (struct str){ out, n };
		} else {
			assert_int_equal(reader_all(tar_content(t), &task.arena, n, &got, &err), 0);
		}
		assert_true(str_eq(got, (struct str){ bytes, n }));
		assert_int_equal(reader_read(tar_content(t), out, 1, &err), 0);
	}
	assert_int_equal(tar_next(t, &e, &err), 0);
	assert_int_equal(tar_next(t, &e, &err), 0);
}

static void members_have_a_limit_and_errors_stay(void **state)
{
	autotask struct task task = { 0 };
	struct buffer made = { .arena = &task.arena };
	struct mem_reader in;
	struct tar_entry e;
	struct err err;
	struct tar *t;

	(void)state;
	ordinary(&made);
	mem_reader_open(&in, buffer_str(&made));
	t = tar_open(&task, &in.reader, 2);
	assert_int_equal(tar_next(t, &e, &err), 1);
	assert_int_equal(tar_next(t, &e, &err), 1);
	assert_int_equal(tar_next(t, &e, &err), E_LIMIT);
	memset(&err, 0, sizeof(err));
	assert_int_equal(tar_next(t, &e, &err), E_LIMIT);
	assert_non_null(strstr(err.text, "more than 2 members"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_as_the_table_says),
		cmocka_unit_test(large_contents_arrive_whole),
		cmocka_unit_test(members_have_a_limit_and_errors_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
