/* SPDX-License-Identifier: Apache-2.0 */
/* Writes tar headers, so that a directory can be streamed as a layer.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header".
 * Easy to get wrong: the length of a pax record counts its own digits, and one more digit may make it one
 * longer; the checksum is taken with its own field full of spaces. */
#include "base/tar_write.h"

#include <stdio.h>

#define BLOCK 512u
#define NAME_MAX_BYTES 100u
#define OCTAL_MAX 077777777777ull /* eleven digits */

enum {
	NAME = 0,
	MODE = 100,
	UID = 108,
	GID = 116,
	SIZE = 124,
	MTIME = 136,
	CHECKSUM = 148,
	TYPE = 156,
	LINK = 157,
	MAGIC = 257,
	DEV_MAJOR = 329,
	DEV_MINOR = 337
};

/* n digits and a NUL. */
static void put_octal(char *field, size_t n, uint64_t v)
{
	field[n] = '\0';
	while (n) {
		field[--n] = (char)('0' + (v & 7));
		v >>= 3;
	}
}

static void put_name(char *field, struct str s)
{
	if (s.n)
		memcpy(field, s.p, s.n < NAME_MAX_BYTES ? s.n : NAME_MAX_BYTES);
}

static void put_block(struct buffer *out, const struct tar_member *m)
{
	char b[BLOCK] = { 0 };
	uint32_t sum = 0;

	put_name(b + NAME, m->path);
	put_octal(b + MODE, 7, m->mode & 07777);
	put_octal(b + UID, 7, 0);
	put_octal(b + GID, 7, 0);
	put_octal(b + SIZE, 11, m->size > OCTAL_MAX ? 0 : m->size);
	put_octal(b + MTIME, 11, 0);
	b[TYPE] = m->type;
	put_name(b + LINK, m->link_target);
	memcpy(b + MAGIC,
	       "ustar\0"
	       "00",
	       8);
	put_octal(b + DEV_MAJOR, 7, m->dev_major);
	put_octal(b + DEV_MINOR, 7, m->dev_minor);
	memset(b + CHECKSUM, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)b[i];
	put_octal(b + CHECKSUM, 6, sum);
	put_bytes(out, (struct str){ b, BLOCK });
}

static size_t digits(size_t n)
{
	size_t count = 1;

	for (; n >= 10; n /= 10)
		count++;
	return count;
}

static void put_record(struct buffer *out, struct str key, struct str value)
{
	size_t rest = size_add(key.n + 3, value.n), n = rest + digits(rest); /* blank, '=', newline */
	char length[24];

	if (rest + digits(n) != n)
		n = rest + digits(n);
	put_bytes(out, (struct str){ length, (size_t)snprintf(length, sizeof(length), "%zu ", n) });
	put_bytes(out, key);
	put_u8(out, '=');
	put_bytes(out, value);
	put_u8(out, '\n');
}

static void put_records(struct buffer *out, const struct tar_member *m)
{
	char size[24];

	if (m->path.n > NAME_MAX_BYTES)
		put_record(out, STR("path"), m->path);
	if (m->link_target.n > NAME_MAX_BYTES)
		put_record(out, STR("linkpath"), m->link_target);
	if (m->size > OCTAL_MAX) {
		snprintf(size, sizeof(size), "%llu", (unsigned long long)m->size);
		put_record(out, STR("size"), str_of(size));
	}
	if (m->is_opaque)
		put_record(out, STR("SCHILY.xattr.trusted.overlay.opaque"), STR("y"));
}

void tar_write_header(struct buffer *out, const struct tar_member *m)
{
	autoarena struct arena scratch = { 0 };
	struct buffer records = { .arena = &scratch };

	put_records(&records, m);
	if (records.n) {
		put_block(out, &(struct tar_member){
				       .path = STR("pax"), .type = 'x', .size = records.n, .mode = 0644 });
		put_bytes(out, buffer_str(&records));
		tar_write_padding(out, records.n);
	}
	put_block(out, m);
}

void tar_write_padding(struct buffer *out, uint64_t size)
{
	static const char zeros[BLOCK];

	put_bytes(out, (struct str){ zeros, (size_t)(-size % BLOCK) });
}

void tar_write_trailer(struct buffer *out)
{
	static const char zeros[2 * BLOCK];

	put_bytes(out, (struct str){ zeros, sizeof(zeros) });
}
