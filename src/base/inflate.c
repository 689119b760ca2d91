/* SPDX-License-Identifier: Apache-2.0 */
/* Decompression by what the first bytes say: buffers, members and the end of input, around the decoders of
 * base/codec.h. Large reads are decoded straight into the caller's buffer; small ones come from a buffer
 * here. Sources: RFC 1952 2.2 (members), RFC 8878 3 (frames), xz format 1.2.0 section 2, bzip2 manual. Easy
 * to get wrong: a compressed stream may be many members, and each of them must begin with the magic of the
 * first; whatever else follows a member is an error, but for zero bytes. */
#include "base/inflate.h"

#include "base/arena.h"
#include "base/codec.h"

enum {
	IN_BYTES = 256 * 1024,
	OUT_BYTES = 256 * 1024, /* own buffer, for reads below DIRECT_BYTES */
	DIRECT_BYTES = 32 * 1024,
	STEP_BYTES = 1024 * 1024, /* at most so much output at once */
	FILL_BYTES = 64 * 1024, /* collected of a source that delivers less: each step has a price */
	HEAD_BYTES = 6,
};

struct inflate {
	struct reader reader;
	struct arena arena; /* holds this struct too */
	struct reader *source;
	enum compression compression;
	const struct codec *codec; /* NULL: bytes come through */
	void *state;
	unsigned char *in, *out;
	size_t in_at, in_n; /* unread bytes are in[in_at..in_n) */
	size_t out_at, out_n; /* undelivered bytes are out[out_at..out_n) */
	uint64_t stored; /* bytes read of the source */
	bool source_ended, in_member, ended;
	struct err error; /* the first one, given again by later reads */
};

static const struct codec *const codecs[] = {
	[COMPRESSION_GZIP] = &codec_gzip,
	[COMPRESSION_ZSTD] = &codec_zstd,
	[COMPRESSION_BZIP2] = &codec_bzip2,
	[COMPRESSION_XZ] = &codec_xz,
};

const char *compression_name(enum compression c)
{
	static const char *const names[] = { "none", "gzip", "zstd", "bzip2", "xz" };

	return names[c];
}

static bool is_zstd(const unsigned char *p)
{
	bool is_frame = p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd;
	bool is_skippable = (p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18;

	return is_frame || is_skippable;
}

enum compression compression_of(struct str head)
{
	const unsigned char *p = (const unsigned char *)head.p;

	if (head.n >= 3 && p[0] == 0x1f && p[1] == 0x8b && p[2] == 8)
		return COMPRESSION_GZIP;
	if (head.n >= 4 && is_zstd(p))
		return COMPRESSION_ZSTD;
	if (head.n >= 4 && memcmp(p, "BZh", 3) == 0 && p[3] >= '1' && p[3] <= '9')
		return COMPRESSION_BZIP2;
	if (head.n >= 6 && memcmp(p,
				  "\xfd"
				  "7zXZ",
				  6) == 0)
		return COMPRESSION_XZ;
	return COMPRESSION_NONE;
}

/* ---- input ---- */

static struct str pending(const struct inflate *z)
{
	return (struct str){ (const char *)z->in + z->in_at, z->in_n - z->in_at };
}

/* Have at least n unread bytes, unless the source ends before. */
static int need(struct inflate *z, size_t n, struct err *err)
{
	if (z->in_n - z->in_at >= n)
		return 0;
	z->in_n -= z->in_at;
	memmove(z->in, z->in + z->in_at, z->in_n);
	z->in_at = 0;
	while (z->in_n < n && !z->source_ended) {
		ssize_t got = reader_read(z->source, z->in + z->in_n, IN_BYTES - z->in_n, err);

		if (got < 0)
			return (int)got;
		z->source_ended = got == 0;
		z->in_n += (size_t)got;
		z->stored += (uint64_t)got;
	}
	return 0;
}

/* Drop zero bytes. */
static int skip_padding(struct inflate *z, struct err *err)
{
	for (;;) {
		TRY(need(z, 1, err));
		while (z->in_at < z->in_n && z->in[z->in_at] == 0)
			z->in_at++;
		if (z->in_at < z->in_n || z->source_ended)
			return 0;
	}
}

/* ---- members ---- */

/* Between members: begin the next one. Returns 1, or 0 at the end of the source. */
static int next_member(struct inflate *z, struct err *err)
{
	if (z->compression != COMPRESSION_ZSTD)
		TRY(skip_padding(z, err));
	TRY(need(z, HEAD_BYTES, err));
	if (z->in_at == z->in_n)
		return 0;
	if (compression_of(pending(z)) != z->compression)
		return err_set(err, E_FORMAT, "other bytes follow the end");
	TRY(z->codec->begin(z->state, err));
	z->in_member = true;
	return 1;
}

/* One step of the decoder. Returns the bytes written, which may be 0. */
static ssize_t decode_step(struct inflate *z, unsigned char *buf, size_t n, struct err *err)
{
	struct codec_io io = { .out = buf, .out_n = n };
	size_t had;
	int result;

	if (z->in_at == z->in_n)
		TRY(need(z, FILL_BYTES, err));
	had = io.in_n = z->in_n - z->in_at;
	io.in = z->in + z->in_at;
	result = z->codec->step(z->state, &io, err);
	if (result < 0)
		return result;
	z->in_at = z->in_n - io.in_n;
	if (result == CODEC_END)
		z->in_member = false;
	else if (io.in_n == had && io.out_n == n)
		return err_set(err, E_FORMAT, had ? "damaged" : "truncated");
	return (ssize_t)(n - io.out_n);
}

/* Up to n bytes of output: more than 0, 0 at the end, or an error. */
static ssize_t decode(struct inflate *z, unsigned char *buf, size_t n, struct err *err)
{
	if (n > STEP_BYTES)
		n = STEP_BYTES;
	for (;;) {
		ssize_t got;

		if (!z->in_member) {
			int more = next_member(z, err);

			if (more <= 0)
				return more;
		}
		got = decode_step(z, buf, n, err);
		if (got != 0)
			return got;
	}
}

/* decode(), with errors made lasting and told where. */
static ssize_t produce(struct inflate *z, unsigned char *buf, size_t n, struct err *err)
{
	ssize_t got;

	if (z->error.code) {
		*err = z->error;
		return err->code;
	}
	if (z->ended)
		return 0;
	got = decode(z, buf, n, err);
	if (got < 0) {
		err_wrap(err, "%s stream near byte %llu", compression_name(z->compression),
			 (unsigned long long)(z->stored - (z->in_n - z->in_at)));
		z->error = *err;
	}
	z->ended = got == 0;
	return got;
}

/* ---- the reader ---- */

static size_t min_size(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

/* Refill the own buffer when it is empty. Returns like a read. */
static ssize_t refill(struct inflate *z, struct err *err)
{
	ssize_t got = 0;

	if (z->out_at < z->out_n)
		return 1;
	if (!z->out)
		z->out = arena_alloc_raw(&z->arena, OUT_BYTES);
	got = produce(z, z->out, OUT_BYTES, err);
	z->out_at = 0;
	z->out_n = got > 0 ? (size_t)got : 0;
	return got;
}

static ssize_t inflate_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct inflate *z = (struct inflate *)r;
	ssize_t got;

	if (z->out_at == z->out_n && n >= DIRECT_BYTES)
		return produce(z, buf, n, err);
	got = refill(z, err);
	if (got <= 0)
		return got;
	n = min_size(n, z->out_n - z->out_at);
	memcpy(buf, z->out + z->out_at, n);
	z->out_at += n;
	return (ssize_t)n;
}

static int inflate_skip(struct reader *r, uint64_t n, struct err *err)
{
	struct inflate *z = (struct inflate *)r;

	while (n) {
		ssize_t got = refill(z, err);
		size_t step;

		if (got < 0)
			return (int)got;
		if (got == 0)
			return err_set(err, E_FORMAT, "truncated: %llu bytes missing", (unsigned long long)n);
		step = min_size(n, z->out_n - z->out_at);
		z->out_at += step;
		n -= step;
	}
	return 0;
}

static ssize_t plain_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct inflate *z = (struct inflate *)r;

	if (z->in_at == z->in_n)
		return z->source_ended ? 0 : reader_read(z->source, buf, n, err);
	n = min_size(n, z->in_n - z->in_at);
	memcpy(buf, z->in + z->in_at, n);
	z->in_at += n;
	return (ssize_t)n;
}

static int plain_skip(struct reader *r, uint64_t n, struct err *err)
{
	struct inflate *z = (struct inflate *)r;
	size_t held = min_size(n, z->in_n - z->in_at);

	z->in_at += held;
	return n == held ? 0 : reader_skip(z->source, n - held, err);
}

int inflate_open(struct reader *source, struct inflate **out, struct err *err)
{
	struct arena arena = { 0 };
	struct inflate *z = ARENA_NEW(&arena, struct inflate);
	int result;

	z->in = arena_alloc_raw(&arena, IN_BYTES);
	z->arena = arena;
	z->source = source;
	result = need(z, HEAD_BYTES, err);
	if (result < 0) {
		inflate_close(z);
		return result;
	}
	z->compression = compression_of(pending(z));
	z->codec = codecs[z->compression];
	z->reader = z->codec ? (struct reader){ .read = inflate_read, .skip = inflate_skip }
			     : (struct reader){ .read = plain_read, .skip = plain_skip };
	if (z->codec)
		z->state = z->codec->open(&z->arena);
	*out = z;
	return 0;
}

struct reader *inflate_reader(struct inflate *z)
{
	return &z->reader;
}

enum compression inflate_compression(const struct inflate *z)
{
	return z->compression;
}

void inflate_close(struct inflate *z)
{
	struct arena arena = z->arena;

	if (z->codec && z->codec->close && z->state)
		z->codec->close(z->state);
	arena_reset(&arena);
}

void inflate_closep(struct inflate **z)
{
	if (*z)
		inflate_close(*z);
}
