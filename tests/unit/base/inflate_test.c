/* SPDX-License-Identifier: Apache-2.0 */
/* inflate: all formats, any cut of input and output, and what is wrong with a stream. */
#include "../unit.h"
#include "pieces.h"

#include "base/arena.h"
#include "base/inflate.h"
#include "base/limits.h"

#include <bzlib.h>
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

static struct arena memory;

/* ---- streams, by the libraries ---- */

static struct str room(size_t n)
{
	return (struct str){ arena_alloc_raw(&memory, n), n };
}

static struct str make_gzip(struct str text)
{
	struct str out = room(text.n + text.n / 100 + 1000);
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)text.p;
	z.avail_in = (uInt)text.n;
	z.next_out = (Bytef *)(uintptr_t)out.p;
	z.avail_out = (uInt)out.n;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out.n -= z.avail_out;
	deflateEnd(&z);
	return out;
}

static struct str make_zstd(struct str text)
{
	struct str out = room(ZSTD_compressBound(text.n));

	out.n = ZSTD_compress((void *)(uintptr_t)out.p, out.n, text.p, text.n, 3);
	assert_false(ZSTD_isError(out.n));
	return out;
}

static struct str make_xz(struct str text)
{
	struct str out = room(lzma_stream_buffer_bound(text.n));
	size_t n = 0;

	assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, (const uint8_t *)text.p, text.n,
						 (uint8_t *)(uintptr_t)out.p, &n, out.n),
			 LZMA_OK);
	out.n = n;
	return out;
}

static struct str make_bzip2(struct str text)
{
	struct str out = room(text.n + text.n / 50 + 1000);
	unsigned n = (unsigned)out.n;

	assert_int_equal(BZ2_bzBuffToBuffCompress((char *)(uintptr_t)out.p, &n, (char *)(uintptr_t)text.p,
						  (unsigned)text.n, 1, 0, 0),
			 BZ_OK);
	out.n = n;
	return out;
}

static struct str join(struct str a, struct str b)
{
	struct str out = room(a.n + b.n);

	memcpy((char *)(uintptr_t)out.p, a.p, a.n);
	memcpy((char *)(uintptr_t)out.p + a.n, b.p, b.n);
	return out;
}

static struct str with_byte(struct str s, size_t at, unsigned char v)
{
	struct str out = join(s, STR(""));

	((unsigned char *)(uintptr_t)out.p)[at] = v;
	return out;
}

static const struct format {
	enum compression compression;
	struct str (*make)(struct str text);
	bool pads; /* zero bytes may follow */
} formats[] = {
	{ COMPRESSION_GZIP, make_gzip, true },
	{ COMPRESSION_ZSTD, make_zstd, false },
	{ COMPRESSION_XZ, make_xz, true },
	{ COMPRESSION_BZIP2, make_bzip2, true },
};

#define EACH_FORMAT(f) for (const struct format *f = formats; f < formats + 4; f++)

/* Text that compresses somewhat, with far and near repeats. */
static struct str sample(size_t n)
{
	struct str out = room(n);
	char *p = (char *)(uintptr_t)out.p;
	uint32_t dice = 12345;

	for (size_t i = 0; i < n; i++) {
		dice = dice * 1103515245 + 12345;
		p[i] = (dice >> 16 & 7) && i > 5000 ? p[i - 1 - (dice >> 20) % 5000] : (char)(dice >> 24);
	}
	return out;
}

/* ---- reading them ---- */

/* Inflate by reads of `step` bytes from pieces of `piece`. Returns the code of the last read. */
static int inflate_all(struct str stream, size_t piece, size_t step, struct str *out, struct err *err)
{
	autoinflate struct inflate *z = NULL;
	struct pieces source;
	size_t cap = step + (1 << 17), n = 0;
	char *p = arena_alloc_raw(&memory, cap);
	ssize_t got;

	pieces_open(&source, stream, piece);
	TRY(inflate_open(&source.reader, &z, err));
	for (;;) {
		if (cap - n < step) {
			p = arena_grow(&memory, p, cap, 2 * (cap + step));
			cap = 2 * (cap + step);
		}
		got = reader_read(inflate_reader(z), p + n, step, err);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	*out = (struct str){ p, n };
	if (got == 0)
		assert_int_equal(source.rest.n, 0);
	else
		assert_int_equal(reader_read(inflate_reader(z), p, 1, err), got); /* it stays broken */
	return (int)got;
}

static int code_of(struct str stream)
{
	struct err err = { 0 };
	struct str out;
	int code = inflate_all(stream, SIZE_MAX, 100000, &out, &err);

	if (code < 0)
		assert_true(err.text[0] != '\0');
	return code;
}

static void assert_inflates(struct str stream, size_t piece, size_t step, struct str want)
{
	struct err err = { 0 };
	struct str out;

	if (inflate_all(stream, piece, step, &out, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(out.n, want.n);
	assert_memory_equal(out.p, want.p, want.n);
}

static int release(void **state)
{
	(void)state;
	arena_reset(&memory);
	return 0;
}

/* ---- tests ---- */

static void every_format_comes_back_whatever_the_cut(void **state)
{
	static const size_t steps[] = { 1, 511, 32767, 32768, 300000 };
	static const size_t pieces[] = { 1, 7, 4095, 1u << 18, SIZE_MAX };
	struct str text = sample(200000);

	(void)state;
	EACH_FORMAT(f)
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++)
			assert_inflates(f->make(text), pieces[k], steps[i], text);
}

static void a_stream_larger_than_all_buffers_comes_back(void **state)
{
	struct str text = sample(1200000);

	(void)state;
	EACH_FORMAT(f)
	assert_inflates(f->make(text), SIZE_MAX, 2u << 20, text);
}

static void many_members_are_one_stream(void **state)
{
	struct str a = sample(3000), b = STR("second"), empty = STR("");

	(void)state;
	EACH_FORMAT(f)
	{
		struct str stream = join(join(f->make(a), f->make(empty)), f->make(b));

		for (size_t piece = 1; piece < 20; piece++)
			assert_inflates(stream, piece, 1000, join(a, b));
		assert_inflates(f->make(empty), SIZE_MAX, 10, empty);
	}
}

/* Inflate first and then second, of which the decoder gets the first `cut` bytes in one call and the rest in
 * others: the source delivers CUT_AT bytes at once, and what may stand between members fills up to there. */
static void assert_cut(struct str first, struct str second, size_t cut, struct str want)
{
	enum { CUT_AT = 65536 };
	struct str between = room(CUT_AT - first.n - cut);
	unsigned char *p = (unsigned char *)(uintptr_t)between.p;

	memset(p, 0, between.n);
	if (compression_of(second) == COMPRESSION_ZSTD) {
		memcpy(p, "\x50\x2a\x4d\x18", 4);
		p[4] = (unsigned char)(between.n - 8);
		p[5] = (unsigned char)((between.n - 8) >> 8);
	}
	assert_inflates(join(join(first, between), second), CUT_AT, 32768, want);
}

static void a_member_may_be_cut_at_every_byte(void **state)
{
	struct str text = sample(400), both = join(text, text);

	(void)state;
	EACH_FORMAT(f)
	{
		struct str stream = f->make(text);

		for (size_t cut = 0; cut <= stream.n; cut++) {
			struct arena_mark mark = arena_mark(&memory);

			assert_cut(stream, stream, cut, both);
			arena_release(&memory, mark);
		}
	}
}

static void a_stream_that_ends_early_is_an_error_at_every_byte(void **state)
{
	struct str text = sample(400);

	(void)state;
	EACH_FORMAT(f)
	{
		struct str stream = f->make(text);

		for (size_t n = 6; n < stream.n; n++)
			assert_int_equal(code_of(str_sub(stream, 0, n)), E_FORMAT);
		/* within a later member too */
		for (size_t n = 1; n < stream.n; n += 13)
			assert_int_equal(code_of(join(stream, str_sub(stream, 0, n))), E_FORMAT);
	}
}

static void padding_may_follow_but_nothing_else(void **state)
{
	static const char zeros[70000];
	struct str text = sample(100);

	(void)state;
	EACH_FORMAT(f)
	{
		struct str stream = f->make(text),
			   padded = join(stream, (struct str){ zeros, sizeof(zeros) });

		if (f->pads)
			assert_inflates(padded, 5000, 100, text);
		else
			assert_int_equal(code_of(padded), E_FORMAT);
		assert_int_equal(code_of(join(padded, STR("x"))), E_FORMAT);
		assert_int_equal(code_of(join(stream, STR("garbage"))), E_FORMAT);
		assert_int_equal(code_of(join(stream, STR("\x1f"))), E_FORMAT);
	}
	assert_int_equal(code_of(join(make_gzip(text), make_zstd(text))), E_FORMAT);
}

static void checksums_are_checked(void **state)
{
	struct str text = sample(5000), gzip = make_gzip(text);

	(void)state;
	for (size_t back = 1; back <= 8; back++) { /* CRC-32 and ISIZE */
		size_t at = gzip.n - back;

		assert_int_equal(code_of(with_byte(gzip, at, (unsigned char)gzip.p[at] ^ 1)), E_FORMAT);
	}
	EACH_FORMAT(f)
	{
		struct str stream = f->make(text);
		size_t at = stream.n / 2;

		if (f->compression != COMPRESSION_ZSTD) /* made without a checksum */
			assert_int_equal(code_of(with_byte(stream, at, (unsigned char)stream.p[at] ^ 4)),
					 E_FORMAT);
	}
}

/* Bytes after RFC 1952 2.3; the last two of the second header are its CRC-16. */
static void gzip_headers_may_carry_names_comments_and_extras(void **state)
{
	static const unsigned char with_all[] = "\x1f\x8b\x08\x1c\0\0\0\0\0\x03"
						"\x05\0extra"
						"name\0"
						"a comment";
	unsigned char with_crc[] = "\x1f\x8b\x08\x1e\0\0\0\0\0\x03"
				   "\x05\0extra"
				   "name\0"
				   "a comment\0"
				   "..";
	struct str text = sample(300), plain = make_gzip(text), body = str_sub(plain, 10, plain.n - 10);
	size_t n = sizeof(with_crc) - 1;
	uint32_t crc = (uint32_t)crc32(0, with_crc, (uInt)n - 2);
	struct str one, two;

	(void)state;
	with_crc[n - 2] = (unsigned char)crc;
	with_crc[n - 1] = (unsigned char)(crc >> 8);
	one = join((struct str){ (const char *)with_all, sizeof(with_all) }, body);
	two = join((struct str){ (const char *)with_crc, n }, body);
	assert_inflates(join(join(one, two), one), 1, 1000, join(join(text, text), text));
	for (size_t cut = 0; cut < 45; cut++) {
		assert_cut(plain, one, cut, join(text, text));
		assert_cut(plain, two, cut, join(text, text));
	}
	assert_int_equal(code_of(with_byte(two, n - 1, with_crc[n - 1] ^ 1)), E_FORMAT);
}

static void a_flood_of_members_only_streams(void **state)
{
	struct str member = make_gzip((struct str){ room(1).p, 0 });
	struct str many = room(member.n * 20000);

	(void)state;
	for (size_t i = 0; i < 20000; i++)
		memcpy((char *)(uintptr_t)many.p + i * member.n, member.p, member.n);
	assert_inflates(many, SIZE_MAX, 4096, STR(""));
}

static void bytes_that_are_not_compressed_come_through(void **state)
{
	struct str text = sample(400000);
	static const size_t pieces[] = { 1000, 1u << 18, SIZE_MAX };

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		assert_inflates(text, pieces[k], 4096, text);
		assert_inflates(text, pieces[k], 1u << 20, text);
	}
	assert_inflates(STR(""), 1, 10, STR(""));
	assert_inflates(STR("BZh"), 1, 10, STR("BZh"));
	assert_inflates(STR("\x1f\x8b\x07zzzz"), 1, 10, STR("\x1f\x8b\x07zzzz"));
}

static void what_is_passed_over_is_not_delivered(void **state)
{
	struct str text = sample(900000), none = text;
	struct err err = { 0 };
	char buf[16];

	(void)state;
	for (int i = -1; i < 4; i++) {
		autoinflate struct inflate *z = NULL;
		struct mem_reader source;

		mem_reader_open(&source, i < 0 ? none : formats[i].make(text));
		assert_int_equal(inflate_open(&source.reader, &z, &err), 0);
		assert_int_equal(inflate_compression(z), i < 0 ? COMPRESSION_NONE : formats[i].compression);
		assert_int_equal(reader_full(inflate_reader(z), buf, 16, &err), 1);
		assert_memory_equal(buf, text.p, 16);
		assert_int_equal(reader_skip(inflate_reader(z), 700000 - 16, &err), 0);
		assert_int_equal(reader_full(inflate_reader(z), buf, 16, &err), 1);
		assert_memory_equal(buf, text.p + 700000, 16);
		assert_int_equal(reader_skip(inflate_reader(z), 200000 - 16, &err), 0);
		assert_int_equal(reader_read(inflate_reader(z), buf, 1, &err), 0);
		assert_int_equal(reader_skip(inflate_reader(z), 1, &err), E_FORMAT);
	}
}

/* Written by hand after RFC 8878: magic, no flags, window 2^n, one raw block of one byte. */
static void a_zstd_window_has_a_limit(void **state)
{
	(void)state;
	assert_int_equal(code_of(STR("\x28\xb5\x2f\xfd\x00\x88\x09\0\0x")), 0); /* 2^27 */
	assert_int_equal(code_of(STR("\x28\xb5\x2f\xfd\x00\x90\x09\0\0x")), E_LIMIT); /* 2^28 */
}

static void an_xz_dictionary_has_a_limit(void **state)
{
	struct str stream = make_xz(STR("text"));
	unsigned char *block = (unsigned char *)(uintptr_t)stream.p + 12;
	size_t n = block[0] * 4u, at; /* the CRC-32 of the block header is behind them */
	uint32_t crc;

	(void)state;
	at = str_search(str_sub(stream, 12, n),
			STR("\x21\x01")); /* LZMA2, whose property is the dictionary's size */
	assert_true(at < n);
	block[at + 2] = 0x28; /* 4 GiB */
	crc = lzma_crc32(block, n, 0);
	for (int i = 0; i < 4; i++)
		block[n + (size_t)i] = (unsigned char)(crc >> 8 * i);
	assert_int_equal(code_of(stream), E_LIMIT);
}

static void skippable_frames_are_skipped_wherever_they_are(void **state)
{
	struct str text = sample(100), skippable = STR("\x5a\x2a\x4d\x18\x05\0\0\0hello"),
		   zstd = make_zstd(text);

	(void)state;
	assert_inflates(join(skippable, zstd), 3, 1000, text);
	assert_inflates(join(zstd, skippable), 3, 1000, text);
	assert_inflates(join(join(zstd, skippable), zstd), 3, 1000, join(text, text));
	assert_inflates(skippable, 3, 1000, STR(""));
	/* a format from before 1.0, which some libraries still read */
	assert_int_equal(code_of(join(zstd, STR("\x27\xb5\x2f\xfd\0\0\0\0\0\0"))), E_FORMAT);
}

static void magic_bytes_name_the_format(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		const char *want;
	} cases[] = {
		{ "", 0, "none" },
		{ "\x1f\x8b\x08", 3, "gzip" },
		{ "\x1f\x8b", 2, "none" },
		{ "\x28\xb5\x2f\xfd", 4, "zstd" },
		{ "\x50\x2a\x4d\x18", 4, "zstd" },
		{ "\x5f\x2a\x4d\x18", 4, "zstd" },
		{ "\x60\x2a\x4d\x18", 4, "none" },
		{ "BZh1", 4, "bzip2" },
		{ "BZh0", 4, "none" },
		{ "\xfd"
		  "7zXZ\0",
		  6, "xz" },
		{ "\xfd"
		  "7zXZ",
		  5, "none" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(compression_name(compression_of((struct str){ cases[i].p, cases[i].n })),
				    cases[i].want);
}

static ssize_t failing_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	(void)r, (void)buf, (void)n;
	return err_set(err, E_IO, "the cable is out");
}

static void the_errors_of_the_source_are_handed_on(void **state)
{
	struct reader source = { .read = failing_read };
	struct inflate *z = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(inflate_open(&source, &z, &err), E_IO);
	assert_string_equal(err.text, "the cable is out");
	assert_null(z);
}

#define TEST(name) cmocka_unit_test_teardown(name, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_format_comes_back_whatever_the_cut),
		TEST(a_stream_larger_than_all_buffers_comes_back),
		TEST(many_members_are_one_stream),
		TEST(a_member_may_be_cut_at_every_byte),
		TEST(a_stream_that_ends_early_is_an_error_at_every_byte),
		TEST(padding_may_follow_but_nothing_else),
		TEST(checksums_are_checked),
		TEST(gzip_headers_may_carry_names_comments_and_extras),
		TEST(a_flood_of_members_only_streams),
		TEST(bytes_that_are_not_compressed_come_through),
		TEST(what_is_passed_over_is_not_delivered),
		TEST(a_zstd_window_has_a_limit),
		TEST(an_xz_dictionary_has_a_limit),
		TEST(skippable_frames_are_skipped_wherever_they_are),
		TEST(magic_bytes_name_the_format),
		TEST(the_errors_of_the_source_are_handed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
