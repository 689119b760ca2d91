/* SPDX-License-Identifier: Apache-2.0 */
/* Zip archives as a stream: local headers and contents, one after the other.
 * Source: APPNOTE.TXT 6.3.10 of PKWARE, 4.3 (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT).
 * Easy to get wrong: an archive that was written as a stream has the sizes behind each content, with or
 * without a signature before them, and 64 bits wide only if the header has a zip64 field; so the end of a
 * content is what deflate says it is. */
#include "base/zip_stream.h"

#include "base/arena.h"
#include "base/cursor.h"
#include "base/limits.h"

#include <stdlib.h>
#include <zlib.h>

enum {
	IN_BYTES = 256 * 1024, /* more than a header with its name and extra fields */
	HEADER_BYTES = 30,
	SIGNATURE_LOCAL = 0x04034b50,
	SIGNATURE_DESCRIPTOR = 0x08074b50,
	FLAG_ENCRYPTED = 1,
	FLAG_DESCRIPTOR = 8,
	METHOD_STORED = 0,
	METHOD_DEFLATED = 8,
	EXTRA_ZIP64 = 1,
	RAW_WINDOW_BITS = -15,
};

struct zip_stream {
	struct reader content; /* must be first */
	struct arena arena; /* holds this struct too */
	struct reader *source;
	unsigned char *in;
	size_t at, n; /* unread: in[at..n) */
	z_stream inflater;
	uint64_t max, delivered; /* of all contents */
	struct err failure;
	char *name;
	bool at_end;
	/* of the entry */
	bool in_content, has_descriptor, is_zip64, is_deflated;
	uint64_t packed, size, crc; /* as the header has them; 0 with a descriptor */
	uint64_t got_packed, got_size;
	uLong got_crc;
};

static int fail(struct zip_stream *z, int code, const char *what, struct err *err)
{
	if (!z->failure.code)
		err_set(&z->failure, code, "zip archive: %s", what);
	*err = z->failure;
	return err->code;
}

/* ---- input ---- */

/* Have n unread bytes. Returns 1, 0 when the source ends before. */
static int have(struct zip_stream *z, size_t n, struct err *err)
{
	if (z->n - z->at >= n)
		return 1;
	memmove(z->in, z->in + z->at, z->n - z->at);
	z->n -= z->at;
	z->at = 0;
	while (z->n < n) {
		ssize_t got = reader_read(z->source, z->in + z->n, IN_BYTES - z->n, err);

		if (got < 0) {
			z->failure = *err;
			return (int)got;
		}
		if (got == 0)
			return 0;
		z->n += (size_t)got;
	}
	return 1;
}

/* The next n bytes, valid until the next call. */
static int take(struct zip_stream *z, size_t n, struct cursor *out, struct err *err)
{
	int result = have(z, n, err);

	if (result <= 0)
		return result < 0 ? result : fail(z, E_FORMAT, "truncated", err);
	*out = cursor_of((struct str){ (const char *)z->in + z->at, n });
	z->at += n;
	return 0;
}

/* ---- headers ---- */

/* Sizes of the zip64 field stand in for those that do not fit. */
static void read_extra(struct zip_stream *z, struct cursor extra)
{
	while (cursor_left(&extra) >= 4 && !extra.bad) {
		uint16_t id = get_le16(&extra), n = get_le16(&extra);
		struct cursor field = cursor_of(get_bytes(&extra, n));

		if (extra.bad || id != EXTRA_ZIP64)
			continue;
		z->is_zip64 = true;
		if (z->size == UINT32_MAX)
			z->size = get_le64(&field);
		if (z->packed == UINT32_MAX)
			z->packed = get_le64(&field);
	}
}

static int check_header(struct zip_stream *z, unsigned flags, unsigned method, struct err *err)
{
	if (flags & FLAG_ENCRYPTED)
		return fail(z, E_UNSUPPORTED, "an entry is encrypted", err);
	if (method != METHOD_STORED && method != METHOD_DEFLATED)
		return fail(z, E_UNSUPPORTED, "an entry is neither stored nor deflated", err);
	if (method == METHOD_STORED && (flags & FLAG_DESCRIPTOR))
		return fail(z, E_UNSUPPORTED, "a stored entry does not say its size", err);
	if (method == METHOD_STORED && z->packed != z->size)
		return fail(z, E_FORMAT, "a stored entry has two sizes", err);
	return 0;
}

/* After the signature. */
static int read_header(struct zip_stream *z, struct str *name, struct err *err)
{
	unsigned flags, method, name_n, extra_n;
	struct cursor c;
	struct str text;

	TRY(take(z, HEADER_BYTES - 4, &c, err));
	get_le16(&c); /* version */
	flags = get_le16(&c);
	method = get_le16(&c);
	get_le32(&c); /* time and date */
	z->crc = get_le32(&c);
	z->packed = get_le32(&c);
	z->size = get_le32(&c);
	name_n = get_le16(&c);
	extra_n = get_le16(&c);
	TRY(take(z, name_n + extra_n, &c, err));
	text = get_bytes(&c, name_n);
	memcpy(z->name, text.p, text.n);
	*name = (struct str){ z->name, name_n };
	z->is_zip64 = false;
	read_extra(z, c);
	z->has_descriptor = flags & FLAG_DESCRIPTOR;
	z->is_deflated = method == METHOD_DEFLATED;
	return check_header(z, flags, method, err);
}

static int begin_content(struct zip_stream *z, struct err *err)
{
	z->in_content = true;
	z->got_packed = z->got_size = 0;
	z->got_crc = crc32(0, NULL, 0);
	if (z->is_deflated && inflateReset(&z->inflater) != Z_OK)
		return fail(z, E_FORMAT, "zlib state is damaged", err);
	return 0;
}

/* ---- contents ---- */

static int read_descriptor(struct zip_stream *z, struct err *err)
{
	struct cursor c;

	TRY(take(z, 4, &c, err));
	z->crc = get_le32(&c);
	if (z->crc == SIGNATURE_DESCRIPTOR) {
		TRY(take(z, 4, &c, err));
		z->crc = get_le32(&c);
	}
	TRY(take(z, z->is_zip64 ? 16 : 8, &c, err));
	z->packed = z->is_zip64 ? get_le64(&c) : get_le32(&c);
	z->size = z->is_zip64 ? get_le64(&c) : get_le32(&c);
	return 0;
}

/* Behind the last byte of a content. */
static int end_content(struct zip_stream *z, struct err *err)
{
	if (z->has_descriptor)
		TRY(read_descriptor(z, err));
	z->in_content = false;
	if (z->packed != z->got_packed || z->size != z->got_size)
		return fail(z, E_FORMAT, "an entry has another size than it says", err);
	if (z->crc != z->got_crc)
		return fail(z, E_FORMAT, "an entry is damaged (CRC-32)", err);
	return 0;
}

/* One step of the decoder. Returns the bytes written, which may be 0; *ended after the last. */
static ssize_t inflate_step(struct zip_stream *z, void *buf, size_t n, bool *ended, struct err *err)
{
	z_stream *s = &z->inflater;
	int result = have(z, 1, err), code;
	size_t left = z->n - z->at, made;

	if (result <= 0)
		return result < 0 ? result : fail(z, E_FORMAT, "truncated", err);
	s->next_in = z->in + z->at;
	s->avail_in = (uInt)left;
	s->next_out = buf;
	s->avail_out = (uInt)n;
	code = inflate(s, Z_NO_FLUSH);
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
		return fail(z, E_FORMAT, "an entry is damaged (deflate)", err);
	*ended = code == Z_STREAM_END;
	made = n - s->avail_out;
	if (!*ended && made == 0 && s->avail_in == left)
		return fail(z, E_FORMAT, "an entry is damaged (deflate)", err);
	z->at += left - s->avail_in;
	z->got_packed += left - s->avail_in;
	return (ssize_t)made;
}

static ssize_t stored_step(struct zip_stream *z, void *buf, size_t n, bool *ended, struct err *err)
{
	uint64_t left = z->size - z->got_size;
	int result = left ? have(z, 1, err) : 1;

	*ended = left == 0;
	if (result <= 0)
		return result < 0 ? result : fail(z, E_FORMAT, "truncated", err);
	n = n < left ? n : (size_t)left;
	n = n < z->n - z->at ? n : z->n - z->at;
	memcpy(buf, z->in + z->at, n);
	z->at += n;
	z->got_packed += n;
	return (ssize_t)n;
}

static ssize_t read_content(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct zip_stream *z = (struct zip_stream *)r;
	bool ended = false;
	ssize_t got = 0;

	if (z->failure.code)
		return fail(z, z->failure.code, "", err);
	n = n < IN_BYTES ? n : IN_BYTES;
	while (z->in_content && got == 0) {
		got = z->is_deflated ? inflate_step(z, buf, n, &ended, err)
				     : stored_step(z, buf, n, &ended, err);
		if (got < 0)
			return got;
		z->got_size += (uint64_t)got;
		z->delivered += (uint64_t)got;
		z->got_crc = crc32(z->got_crc, buf, (uInt)got);
		if (z->delivered > z->max)
			return fail(z, E_LIMIT, "the contents are too large together", err);
		if (ended)
			TRY(end_content(z, err));
	}
	return got;
}

/* ---- entries ---- */

static int skip_content(struct zip_stream *z, struct err *err)
{
	char buf[16 * 1024];

	while (z->in_content)
		TRY((int)read_content(&z->content, buf, sizeof(buf), err));
	return 0;
}

int zip_stream_next(struct zip_stream *z, struct str *name, struct err *err)
{
	struct cursor c;

	if (z->failure.code)
		return fail(z, z->failure.code, "", err);
	TRY(skip_content(z, err));
	if (z->at_end)
		return 0;
	TRY(take(z, 4, &c, err));
	switch (get_le32(&c)) {
	case SIGNATURE_LOCAL: break;
	case 0x02014b50: /* the directory, */
	case 0x06054b50: /* or its end, of an archive without entries */
	case 0x06064b50: z->at_end = true; return 0;
	default: return fail(z, E_FORMAT, "no entry where one should be", err);
	}
	TRY(read_header(z, name, err));
	TRY(begin_content(z, err));
	return 1;
}

struct reader *zip_stream_content(struct zip_stream *z)
{
	return &z->content;
}

bool zip_stream_failed(const struct zip_stream *z)
{
	return z->failure.code;
}

struct zip_stream *zip_stream_open(struct reader *source, uint64_t max)
{
	struct arena a = { 0 };
	struct zip_stream *z = ARENA_NEW(&a, struct zip_stream);

	z->content.read = read_content;
	z->source = source;
	z->max = max;
	z->in = arena_alloc_raw(&a, IN_BYTES);
	z->name = arena_alloc_raw(&a, UINT16_MAX);
	if (inflateInit2(&z->inflater, RAW_WINDOW_BITS) != Z_OK)
		abort(); /* out of memory, or a zlib of another version */
	z->arena = a;
	return z;
}

void zip_stream_close(struct zip_stream *z)
{
	struct arena a;

	if (!z)
		return;
	inflateEnd(&z->inflater);
	a = z->arena;
	arena_reset(&a);
}

void zip_stream_closep(struct zip_stream **z)
{
	zip_stream_close(*z);
	*z = NULL;
}
