/* SPDX-License-Identifier: Apache-2.0 */
/* Archives that we write: our reader gets back what was said, and GNU tar lists the same names. */
#include "base/tar_write.h"

#include "format/gnu_tar.h"
#include "format/tar.h"

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct tar_member members[] = {
	{ .path = STR("dir"), .type = '5', .mode = 0755 },
	{ .path = STR("dir/file"), .type = '0', .size = 5, .mode = 04644 },
	{ .path = STR("dir/empty"), .type = '0', .mode = 0600 },
	{ .path = STR("link"), .link_target = STR("dir/file"), .type = '2', .mode = 0777 },
	{ .path = STR("hard"), .link_target = STR("dir/file"), .type = '1', .mode = 0644 },
	{ .path = STR("null"), .type = '3', .mode = 0666, .dev_major = 1, .dev_minor = 3 },
	{ .path = STR("white"), .type = '3' },
	{ .path = STR("fifo"), .type = '6' },
	{ .path = STR(HUNDRED), .type = '0', .size = 512 },
	{ .path = STR(HUNDRED "1"), .type = '0', .size = 513 },
	{ .path = STR(HUNDRED "/" HUNDRED "/" HUNDRED), .type = '0', .size = 1 },
	{ .path = STR("long"), .link_target = STR(HUNDRED "1"), .type = '2' },
	{ .path = STR("\xc3\xa4 \\n"), .type = '0' },
	{ .path = STR("opaque"), .type = '5', .is_opaque = true },
	{ .path = STR("last"), .type = '0', .size = 1024 },
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

/* All members, every content made of the letter 'x'. */
static void write_all(struct buffer *out)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		tar_write_header(out, &members[i]);
		for (uint64_t n = 0; n < members[i].size; n++)
			put_u8(out, 'x');
		tar_write_padding(out, members[i].size);
	}
	tar_write_trailer(out);
}

static enum tar_type type_of(char type)
{
	static const enum tar_type types[] = { TAR_FILE,   TAR_HARD_LINK, TAR_SYMLINK, TAR_DEVICE,
					       TAR_DEVICE, TAR_DIRECTORY, TAR_FIFO };

	return types[type - '0'];
}

static void our_reader_reads_it_back(void **state)
{
	autotask struct task task = { 0 };
	struct buffer out = { .arena = &task.arena };
	struct mem_reader in;
	struct tar_entry e;
	struct str content;
	struct err err;
	struct tar *t;

	(void)state;
	write_all(&out);
	assert_int_equal(out.n % 512, 0);
	mem_reader_open(&in, buffer_str(&out));
	t = tar_open(&task, &in.reader, 100);
	for (size_t i = 0; i < MEMBERS; i++) {
		assert_int_equal(tar_next(t, &e, &err), 1);
		assert_true(str_eq(e.path, members[i].path));
		assert_true(str_eq(e.target, members[i].link_target));
		assert_int_equal(e.type, type_of(members[i].type));
		assert_int_equal(e.size, members[i].size);
		assert_int_equal(e.mode, members[i].mode);
		assert_int_equal(e.dev_minor, members[i].dev_minor);
		assert_int_equal(e.is_opaque, members[i].is_opaque);
		assert_int_equal(e.is_whiteout, str_eq(e.path, STR("white")));
		if (e.type != TAR_FILE)
			continue;
		assert_int_equal(reader_all(tar_content(t), &task.arena, 2000, &content, &err), 0);
		assert_int_equal(content.n, e.size);
	}
	assert_int_equal(tar_next(t, &e, &err), 0);
}

static void large_sizes_are_written(void **state)
{
	static const uint64_t sizes[] = { 077777777777, 0100000000000, INT64_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		autotask struct task task = { 0 };
		struct buffer out = { .arena = &task.arena };
		struct mem_reader in;
		struct tar_entry e;
		struct err err;

		tar_write_header(&out,
				 &(struct tar_member){ .path = STR("a"), .type = '0', .size = sizes[i] });
		mem_reader_open(&in, buffer_str(&out));
		assert_int_equal(tar_next(tar_open(&task, &in.reader, 1), &e, &err), 1);
		assert_int_equal(e.size, sizes[i]);
	}
}

static void record_lengths_count_their_own_digits(void **state)
{
	(void)state;
	for (size_t n = 101; n < 1200; n++) {
		autotask struct task task = { 0 };
		struct buffer out = { .arena = &task.arena };
		char *name = arena_alloc(&task.arena, n);
		struct mem_reader in;
		struct tar_entry e;
		struct err err;

		memset(name, 'n', n);
		tar_write_header(&out, &(struct tar_member){ .path = { name, n }, .type = '0' });
		mem_reader_open(&in, buffer_str(&out));
		assert_int_equal(tar_next(tar_open(&task, &in.reader, 1), &e, &err), 1);
		assert_true(str_eq(e.path, (struct str){ name, n }));
	}
}

static void gnu_tar_lists_the_names(void **state)
{
	char *const argv[] = { "tar", "-t", "-f", "-", "--quoting-style=literal", NULL };
	autotask struct task task = { 0 };
	struct buffer out = { .arena = &task.arena };
	struct str listing, line;
	int status;

	(void)state;
	write_all(&out);
	status = gnu_tar(buffer_str(&out), argv, &task.arena, &listing);
	if (status == 127) {
		print_message("skipped: no tar\n");
		skip();
	}
	assert_int_equal(status, 0);
	for (size_t i = 0; i < MEMBERS; i++) {
		assert_true(str_line(&listing, &line));
		assert_true(str_eq(str_strip(line, STR("/")), members[i].path));
	}
	assert_int_equal(listing.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_reader_reads_it_back),
		cmocka_unit_test(large_sizes_are_written),
		cmocka_unit_test(record_lengths_count_their_own_digits),
		cmocka_unit_test(gnu_tar_lists_the_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
