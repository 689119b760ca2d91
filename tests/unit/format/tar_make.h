/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_FORMAT_TAR_MAKE_H
#define UNIT_FORMAT_TAR_MAKE_H

/* Makes tar archives block by block, good ones and bad ones, for tests of what reads them. */

#include "base/cursor.h"

#include <stdio.h>

#define MAKE_BLOCK 512u

#define MAKE_V7 STR("\0\0\0\0\0\0\0\0")
#define MAKE_GNU STR("ustar  \0")

/* One header. What is not set is empty, 0, or (flag, magic) that of an ordinary POSIX file. */
struct made {
	const char *name, *link, *prefix;
	char flag; /* 0: '0'; '\1': a NUL */
	struct str magic; /* 8 bytes */
	struct str content;
	uint64_t size; /* of the size field, when it shall differ from the content's */
	uint32_t mode, dev_major, dev_minor;
};

static inline void make_octal(unsigned char *field, size_t n, uint64_t v)
{
	field[--n] = '\0';
	for (; n; v >>= 3)
		field[--n] = (unsigned char)('0' + (v & 7));
}

/* Base-256, as GNU tar and others write what octal cannot hold. */
static inline void make_binary(unsigned char *field, size_t n, uint64_t v)
{
	for (size_t i = n; i; i--, v >>= 8)
		field[i - 1] = (unsigned char)v;
	field[0] |= 0x80;
}

static inline void make_text(unsigned char *field, size_t n, const char *s)
{
	if (s)
		memcpy(field, s, strlen(s) < n ? strlen(s) : n);
}

/* Set the checksum. is_signed: as sums of signed bytes, the old mistake. */
static inline void make_seal(unsigned char *block, bool is_signed)
{
	int sum = 0;

	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < MAKE_BLOCK; i++)
		sum += is_signed ? (signed char)block[i] : block[i];
	make_octal(block + 148, 7, (uint64_t)sum);
}

static inline void make_block(unsigned char *block, const struct made *m)
{
	struct str magic = m->magic.n ? m->magic : STR("ustar\00000");

	memset(block, 0, MAKE_BLOCK);
	make_text(block, 100, m->name);
	make_octal(block + 100, 8, m->mode ? m->mode : 0644);
	make_octal(block + 108, 8, 0);
	make_octal(block + 116, 8, 0);
	make_octal(block + 124, 12, m->size ? m->size : m->content.n);
	make_octal(block + 136, 12, 0);
	block[156] = (unsigned char)(m->flag == '\1' ? '\0' : m->flag ? m->flag : '0');
	make_text(block + 157, 100, m->link);
	memcpy(block + 257, magic.p, 8);
	if (magic.p[0]) {
		make_octal(block + 329, 8, m->dev_major);
		make_octal(block + 337, 8, m->dev_minor);
		make_text(block + 345, 155, m->prefix);
	}
	make_seal(block, false);
}

static inline void make_raw(struct buffer *b, const void *bytes, size_t n)
{
	put_bytes(b, (struct str){ bytes, n });
}

/* Content and its padding. */
static inline void make_content(struct buffer *b, struct str content)
{
	static const char zeros[MAKE_BLOCK];

	put_bytes(b, content);
	make_raw(b, zeros, -content.n % MAKE_BLOCK);
}

static inline void make_member(struct buffer *b, struct made m)
{
	unsigned char block[MAKE_BLOCK];

	make_block(block, &m);
	make_raw(b, block, sizeof(block));
	make_content(b, m.content);
}

static inline void make_file(struct buffer *b, const char *name, const char *content)
{
	make_member(b, (struct made){ .name = name, .content = str_of(content) });
}

static inline void make_directory(struct buffer *b, const char *name)
{
	make_member(b, (struct made){ .name = name, .flag = '5' });
}

/* flag '1' or '2' */
static inline void make_link(struct buffer *b, char flag, const char *name, const char *target)
{
	make_member(b, (struct made){ .name = name, .flag = flag, .link = target });
}

static inline void make_end(struct buffer *b)
{
	static const char zeros[2 * MAKE_BLOCK];

	make_raw(b, zeros, sizeof(zeros));
}

/* "<length> <key>=<value>\n" */
static inline void make_record(struct buffer *records, const char *key, struct str value)
{
	size_t rest = strlen(key) + value.n + 3, n = rest + 1;
	char text[32];

	while ((size_t)snprintf(text, sizeof(text), "%zu", n) + rest != n)
		n++;
	put_bytes(records, str_of(text));
	put_u8(records, ' ');
	put_bytes(records, str_of(key));
	put_u8(records, '=');
	put_bytes(records, value);
	put_u8(records, '\n');
}

/* A pax header (flag 'x' or 'g') of up to four records; a NULL key ends the list. */
struct made_record {
	const char *key;
	struct str value;
};
static inline void make_pax(struct buffer *b, char flag, const struct made_record *records)
{
	autoarena struct arena scratch = { 0 };
	struct buffer text = { .arena = &scratch };

	for (; records->key; records++)
		make_record(&text, records->key, records->value);
	make_member(b, (struct made){ .name = "pax", .flag = flag, .content = buffer_str(&text) });
}
#define MAKE_PAX(b, flag, ...)                                                                               \
	make_pax((b), (flag), (const struct made_record[]){ __VA_ARGS__, { NULL, { NULL, 0 } } })

#endif
