/* SPDX-License-Identifier: Apache-2.0 */
/* io, frame, inflate_memory */
#include "../unit.h"

#include "base/cursor.h"
#include "base/frame.h"
#include "base/inflate.h"
#include "base/limits.h"

#include <fcntl.h>
#include <unistd.h>

static void reading_the_whole_is_exact_or_an_error(void **state)
{
	struct mem_reader m;
	struct err err = { 0 };
	char buf[8];

	(void)state;
	mem_reader_open(&m, STR("12345"));
	assert_int_equal(reader_full(&m.reader, buf, 4, &err), 1);
	assert_int_equal(reader_full(&m.reader, buf, 4, &err), E_FORMAT);
	assert_string_equal(err.text, "truncated: 1 of 4 bytes");
	assert_int_equal(reader_full(&m.reader, buf, 4, &err), 0);
}

static void a_limit_counts_what_was_read_and_what_was_skipped(void **state)
{
	struct mem_reader m;
	struct limit_reader l;
	struct err err = { 0 };
	char buf[16];

	(void)state;
	mem_reader_open(&m, STR("0123456789"));
	limit_reader_open(&l, &m.reader, 8, "layer");
	assert_int_equal(reader_skip(&l.reader, 4, &err), 0);
	assert_int_equal(reader_read(&l.reader, buf, 4, &err), 4);
	assert_int_equal(reader_read(&l.reader, buf, 4, &err), E_LIMIT);
	assert_string_equal(err.text, "layer: more than 8 bytes");
}

static void a_descriptor_is_read_by_position(void **state)
{
	autoclose int fd = -1;
	struct fd_reader r;
	struct err err = { 0 };
	char buf[16];

	(void)state;
	assert_int_equal(fd_spool(&fd, &err), 0);
	assert_int_equal(fd_write_all(fd, "0123456789", 10, &err), 0);
	fd_reader_open(&r, fd, 2, 6);
	assert_int_equal(reader_read(&r.reader, buf, 2, &err), 2);
	assert_memory_equal(buf, "23", 2);
	assert_int_equal(reader_skip(&r.reader, 2, &err), 0);
	assert_int_equal(reader_read(&r.reader, buf, 16, &err), 2);
	assert_memory_equal(buf, "67", 2);
	assert_int_equal(reader_read(&r.reader, buf, 16, &err), 0);
	assert_int_equal(reader_skip(&r.reader, 1, &err), E_FORMAT);
}

static void all_of_a_source_is_bounded(void **state)
{
	autoarena struct arena a = { 0 };
	struct mem_reader m;
	struct err err = { 0 };
	struct str all;

	(void)state;
	mem_reader_open(&m, STR("abc"));
	assert_int_equal(reader_all(&m.reader, &a, 3, &all, &err), 0);
	assert_str_is(all, "abc");
	mem_reader_open(&m, STR("abcd"));
	assert_int_equal(reader_all(&m.reader, &a, 3, &all, &err), E_LIMIT);
}

static void a_writer_keeps_the_order_of_small_and_large_writes(void **state)
{
	static struct fd_writer w; /* too large for the stack of a test */
	autoclose int fd = -1;
	autoarena struct arena a = { 0 };
	char *large = arena_alloc(&a, 200000), back[200010];
	struct err err = { 0 };

	(void)state;
	memset(large, 'L', 200000);
	assert_int_equal(fd_spool(&fd, &err), 0);
	fd_writer_open(&w, fd);
	assert_int_equal(writer_str(&w.writer, STR("begin"), &err), 0);
	assert_int_equal(w.writer.write(&w.writer, large, 200000, &err), 0);
	assert_int_equal(writer_format(&w.writer, &err, "%s", "end"), 0);
	assert_int_equal(fd_writer_flush(&w, &err), 0);
	assert_int_equal(pread(fd, back, sizeof(back), 0), 200008);
	assert_memory_equal(back, "beginL", 6);
	assert_memory_equal(back + 200005, "end", 3);
}

static void frames_come_back_and_their_size_is_bounded(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct mem_writer w;
	struct mem_reader m;
	struct frame_header header;
	struct str payload;
	struct err err = { 0 };

	(void)state;
	mem_writer_open(&w, &b);
	assert_int_equal(frame_write(&w.writer, FRAME_DATA, STR("abc"), &err), 0);
	assert_int_equal(frame_write(&w.writer, FRAME_END, STR(""), &err), 0);
	mem_reader_open(&m, buffer_str(&b));
	assert_int_equal(frame_read(&m.reader, &a, &header, &payload, &err), 1);
	assert_int_equal(header.type, FRAME_DATA);
	assert_str_is(payload, "abc");
	assert_int_equal(frame_read(&m.reader, &a, &header, &payload, &err), 1);
	assert_int_equal(frame_read(&m.reader, &a, &header, &payload, &err), 0);
	mem_reader_open(&m, STR("\x02\xff\xff\xff\x7f"));
	assert_int_equal(frame_read(&m.reader, &a, &header, &payload, &err), E_LIMIT);
	mem_reader_open(&m, STR("\x02\x05\0\0\0ab"));
	assert_int_equal(frame_read(&m.reader, &a, &header, &payload, &err), E_FORMAT);
	mem_reader_open(&m, STR("\x02\x05\0\0\0"));
	assert_int_equal(frame_read(&m.reader, &a, &header, &payload, &err), E_FORMAT);
}

/* Headers written by hand after RFC 8878 and the xz format. */
static void a_stream_says_how_much_memory_it_wants(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		uint64_t want;
	} cases[] = {
		{ "plain", 5, MIB },
		{ "\x1f\x8b\x08", 3, MIB },
		{ "BZh9", 4, 4 * MIB },
		{ "\x28\xb5\x2f\xfd\x00\x68", 6, MIB + 8 * MIB }, /* window 2^23 */
		{ "\x28\xb5\x2f\xfd\x00\xf8", 6, MIB + 128 * MIB }, /* window 2^41: capped */
		{ "\x28\xb5\x2f\xfd\x20\x40", 6, MIB + 64 }, /* single segment of 64 bytes */
		{ "\x28\xb5\x2f\xfd\x60\x00\x01", 7, MIB + 512 },
		{ "\x28\xb5\x2f\xfd\xa0\x00\x00\x10\x00", 9, MIB + MIB },
		{ "\x28\xb5\x2f\xfd", 4, MIB }, /* cut */
		{ "\x50\x2a\x4d\x18\x01\0\0\0x", 9, MIB + 128 * MIB }, /* skippable frame first */
		{ "\xfd"
		  "7zXZ\0\0\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x16",
		  17, MIB + 8 * MIB },
		{ "\xfd"
		  "7zXZ\0\0\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x28",
		  17, MIB + 128 * MIB }, /* 4 GiB: capped */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(inflate_memory((struct str){ cases[i].p, cases[i].n }), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_the_whole_is_exact_or_an_error),
		cmocka_unit_test(a_limit_counts_what_was_read_and_what_was_skipped),
		cmocka_unit_test(a_descriptor_is_read_by_position),
		cmocka_unit_test(all_of_a_source_is_bounded),
		cmocka_unit_test(a_writer_keeps_the_order_of_small_and_large_writes),
		cmocka_unit_test(frames_come_back_and_their_size_is_bounded),
		cmocka_unit_test(a_stream_says_how_much_memory_it_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
