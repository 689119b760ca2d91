/* SPDX-License-Identifier: Apache-2.0 */
/* A pull reader of JSON tokens over one buffer. Strings and numbers are handed out as slices of the buffer; a
 * string with escapes is decoded in place, which always shrinks it.
 * Source: RFC 8259, https://www.rfc-editor.org/rfc/rfc8259 ; UTF-8: RFC 3629.
 * Easy to get wrong: a token may cross the end of the buffer anywhere. fill() then moves the bytes from
 * `token` on to the front, so any pointer into the buffer but token, p, end and counted is stale after a call
 * that may fill. */
#include "base/json.h"

#include "base/json_text.h"
#include "base/limits.h"

#include <assert.h>
#include <endian.h>

enum {
	BUFFER_BYTES = 256 * 1024,
	PADDING = 16, /* zero bytes behind the end: scans of 16 bytes may look there and stop */
	END = 256, /* peek(): no byte is left */
};

enum expect {
	EXPECT_VALUE,
	EXPECT_FIRST_VALUE, /* or ] */
	EXPECT_FIRST_KEY, /* or } */
	EXPECT_KEY,
	EXPECT_COLON,
	EXPECT_NEXT, /* comma or end; at depth 0: end of the document */
};

struct json_reader {
	struct arena arena; /* holds this struct too */
	struct reader *source;
	struct mem_reader text;
	unsigned char *buf;
	size_t cap;
	unsigned char *token, *p, *end; /* of the last token; next byte; end of the bytes read */
	bool source_ended;
	enum expect expect;
	unsigned depth;
	uint64_t objects; /* bit d: the container at depth d + 1 is an object */
	/* Lines are counted up to `counted`; offsets are of the stream. */
	unsigned char *counted;
	uint64_t base, line, line_begin;
	struct err error; /* the first one, given again by later calls */
};

_Static_assert(LIMIT_JSON_DEPTH <= 64, "one bit of objects for each level");

/* ---- position ---- */

static uint64_t load8(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return le64toh(v);
}

static void count_lines(struct json_reader *j, unsigned char *to)
{
	unsigned char *last;

	if (to <= j->counted)
		return;
	last = memrchr(j->counted, '\n', (size_t)(to - j->counted));
	if (last) {
		j->line_begin = j->base + (uint64_t)(last - j->buf) + 1;
		j->line += json_text_line_feeds(j->counted, last + 1);
	}
	j->counted = to;
}

void json_position(struct json_reader *j, uint64_t *line, uint64_t *column)
{
	count_lines(j, j->token);
	*line = j->line;
	*column = j->base + (uint64_t)(j->token - j->buf) - j->line_begin + 1;
}

/* Fail at byte p. */
static int fail_at(struct json_reader *j, unsigned char *p, int code, const char *what, struct err *err)
{
	uint64_t line, column;

	j->token = p;
	json_position(j, &line, &column);
	return err_set(err, code, "line %llu column %llu: %s", (unsigned long long)line,
		       (unsigned long long)column, what);
}

/* ---- the buffer ---- */

/* Give the bytes from token on a place with room behind them. */
static void make_room(struct json_reader *j)
{
	size_t kept = (size_t)(j->end - j->token), at = (size_t)(j->p - j->token);
	unsigned char *to = j->buf;

	if (j->cap - (size_t)(j->end - j->buf) >= j->cap / 4)
		return;
	count_lines(j, j->token);
	j->base += (uint64_t)(j->token - j->buf);
	if (kept > j->cap / 2) {
		j->cap *= 2;
		to = arena_alloc_raw(&j->arena, j->cap + PADDING);
	}
	memmove(to, j->token, kept);
	j->counted = to + (j->counted - j->token);
	j->buf = j->token = to;
	j->p = to + at;
	j->end = to + kept;
}

/* Read more bytes. Returns 1, 0 at the end of the source, or its error. */
static int fill(struct json_reader *j, struct err *err)
{
	ssize_t got;

	if (j->source_ended)
		return 0;
	make_room(j);
	got = reader_read(j->source, j->end, j->cap - (size_t)(j->end - j->buf), err);
	if (got < 0)
		return (int)got;
	j->end += got;
	memset(j->end, 0, PADDING);
	j->source_ended = got == 0;
	return got > 0;
}

/* Have n bytes at p, unless the source ends before. */
static int need(struct json_reader *j, size_t n, struct err *err)
{
	int more = 1;

	while ((size_t)(j->end - j->p) < n && more > 0)
		more = fill(j, err);
	return more < 0 ? more : 0;
}

static unsigned char *skip_blanks(unsigned char *p)
{
	for (;;) {
		while (load8(p) == 0x2020202020202020u)
			p += 8;
		if (*p != ' ' && *p != '\n' && *p != '\r' && *p != '\t')
			return p;
		p++;
	}
}

/* The next byte that is not blank, which a token begins with; END, or a negative error. */
static inline int peek(struct json_reader *j, struct err *err)
{
	for (;;) {
		int more;

		j->p += *j->p == ' '; /* one blank is common and not worth a branch */
		if (*j->p <= ' ')
			j->p = skip_blanks(j->p);
		j->token = j->p;
		if (j->p < j->end)
			return *j->p;
		more = fill(j, err);
		if (more <= 0)
			return more < 0 ? more : END;
	}
}

/* ---- strings ---- */

/* The high bit of each byte of v that is a quote, a backslash, a control or not ASCII; above the lowest of
 * them also of others. */
static inline uint64_t special_bytes(uint64_t v)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t quote = v ^ ones * '"', slash = v ^ ones * '\\';

	return (v | (v - ones * 0x20) | (quote - ones) | (slash - ones)) & ones * 0x80;
}

/* The first such byte. The padding has one. */
static inline unsigned char *skip_plain(unsigned char *p)
{
	for (;; p += 16) {
		uint64_t a = special_bytes(load8(p)), b = special_bytes(load8(p + 8));

		if (a | b)
			return p + (a ? 0 : 8) + __builtin_ctzll(a ? a : b) / 8;
	}
}

/* Pass over the escape at p. */
static int scan_escape(struct json_reader *j, struct err *err)
{
	TRY(need(j, 2, err));
	if (j->p + 1 == j->end)
		return fail_at(j, j->end, E_FORMAT, "string does not end", err);
	if (j->p[1] == 'u') {
		TRY(need(j, 6, err));
		if (json_text_hex4(j->p + 2) < 0)
			return fail_at(j, j->p, E_FORMAT, "\\u without four hex digits", err);
		j->p += 6;
		return 0;
	}
	if (!j->p[1] || !strchr("\"\\/bfnrt", j->p[1]))
		return fail_at(j, j->p, E_FORMAT, "unknown escape", err);
	j->p += 2;
	return 0;
}

/* Pass over a run of UTF-8 sequences at p. */
static int scan_utf8(struct json_reader *j, struct err *err)
{
	do {
		size_t n;

		if (j->end - j->p < 4)
			TRY(need(j, 4, err));
		n = json_text_utf8(j->p); /* the padding is no continuation */
		if (n == 0)
			return fail_at(j, j->p, E_FORMAT, "invalid UTF-8", err);
		j->p += n;
	} while (*j->p >= 0x80);
	return 0;
}

/* What stops a run of plain bytes and is no quote. */
static int scan_special(struct json_reader *j, bool *has_escape, struct err *err)
{
	int more;

	if (j->p - j->token > (ptrdiff_t)LIMIT_JSON_STRING_BYTES)
		return fail_at(j, j->token, E_LIMIT, "string too long", err);
	if (j->p == j->end) {
		more = fill(j, err);
		return more ? more : fail_at(j, j->token, E_FORMAT, "string does not end", err);
	}
	if (*j->p == '\\') {
		*has_escape = true;
		return scan_escape(j, err);
	}
	if (*j->p >= 0x80)
		return scan_utf8(j, err);
	return fail_at(j, j->p, E_FORMAT, "control character in a string", err);
}

/* The string at p, where a quote is. */
static inline int read_string(struct json_reader *j, bool is_key, struct str *out, struct err *err)
{
	bool has_escape = false;

	j->p++;
	for (;;) {
		j->p = skip_plain(j->p);
		if (*j->p == '"')
			break;
		TRY(scan_special(j, &has_escape, err));
	}
	*out = (struct str){ (char *)j->token + 1, (size_t)(j->p - j->token) - 1 };
	j->p++;
	if (out->n > LIMIT_JSON_STRING_BYTES)
		return fail_at(j, j->token, E_LIMIT, "string too long", err);
	if (!has_escape)
		return 0;
	if (is_key && json_text_has_nul(*out))
		return fail_at(j, j->token, E_FORMAT, "\\u0000 in a key", err);
	count_lines(j, j->token); /* what is decoded may hold line feeds that are no lines */
	j->counted = j->p;
	out->n = json_text_unescape(j->token + 1, j->p - 1);
	return 0;
}

/* ---- numbers and literals ---- */

static int read_number(struct json_reader *j, struct str *out, struct err *err)
{
	unsigned char *last;

	TRY(need(j, LIMIT_JSON_NUMBER_BYTES + 1, err));
	if (json_text_is_number_longer(
		    j->p, LIMIT_JSON_NUMBER_BYTES)) /* asked first: what follows may not be in the buffer */
		return fail_at(j, j->p, E_LIMIT, "number too long", err);
	last = json_text_number_end(j->p);
	if (!last)
		return fail_at(j, j->p, E_FORMAT, "malformed number", err);
	*out = (struct str){ (char *)j->p, (size_t)(last - j->p) };
	j->p = last;
	return 0;
}

static int read_literal(struct json_reader *j, struct str word, struct err *err)
{
	TRY(need(j, word.n, err));
	if ((size_t)(j->end - j->p) < word.n || memcmp(j->p, word.p, word.n) != 0)
		return fail_at(j, j->p, E_FORMAT, "a value is expected", err);
	j->p += word.n;
	return 0;
}

/* ---- structure ---- */

static int begin_container(struct json_reader *j, bool is_object, struct err *err)
{
	if (j->depth == LIMIT_JSON_DEPTH)
		return fail_at(j, j->p, E_LIMIT, "nested too deep", err);
	j->objects &= ~(1ull << j->depth);
	j->objects |= (uint64_t)is_object << j->depth;
	j->depth++;
	j->p++;
	j->expect = is_object ? EXPECT_FIRST_KEY : EXPECT_FIRST_VALUE;
	return 1;
}

static inline bool in_object(const struct json_reader *j)
{
	return j->objects >> (j->depth - 1) & 1;
}

static int end_container(struct json_reader *j, struct json_token *out)
{
	out->type = in_object(j) ? JSON_OBJECT_END : JSON_ARRAY_END;
	j->p++;
	j->depth--;
	j->expect = EXPECT_NEXT;
	return 1;
}

/* A value that is neither string nor container. */
static int read_plain(struct json_reader *j, int c, struct json_token *out, struct err *err)
{
	static const struct {
		struct str word;
		enum json_type type;
	} literals[] = { { { "true", 4 }, JSON_TRUE },
			 { { "false", 5 }, JSON_FALSE },
			 { { "null", 4 }, JSON_NULL } };

	if (c == END)
		return fail_at(j, j->p, E_FORMAT, j->depth ? "the document breaks off" : "empty document",
			       err);
	for (size_t i = 0; i < 3; i++)
		if (c == literals[i].word.p[0]) {
			out->type = literals[i].type;
			return read_literal(j, literals[i].word, err);
		}
	out->type = JSON_NUMBER;
	if (c == '-' || (c >= '0' && c <= '9'))
		return read_number(j, &out->text, err);
	return fail_at(j, j->p, E_FORMAT, "a value is expected", err);
}

static inline int read_value(struct json_reader *j, int c, struct json_token *out, struct err *err)
{
	j->expect = EXPECT_NEXT;
	if (c == '"') {
		out->type = JSON_STRING;
		TRY(read_string(j, false, &out->text, err));
		return 1;
	}
	if (c == '{' || c == '[') {
		out->type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
		return begin_container(j, c == '{', err);
	}
	TRY(read_plain(j, c, out, err));
	return 1;
}

static inline int read_key(struct json_reader *j, int c, struct json_token *out, struct err *err)
{
	if (c == '}' && j->expect == EXPECT_FIRST_KEY)
		return end_container(j, out);
	if (c != '"')
		return fail_at(j, j->p, E_FORMAT,
			       c == END ? "the document breaks off" : "a key in quotes is expected", err);
	out->type = JSON_KEY;
	TRY(read_string(j, true, &out->text, err));
	j->expect = EXPECT_COLON;
	if (*j->p == ':') { /* nearly always; elsewhere the key might move */
		j->p++;
		j->expect = EXPECT_VALUE;
	}
	return 1;
}

/* Inside a container, after a value: 1 when it ended (*out), 0 when something follows. */
static inline int read_next(struct json_reader *j, int c, struct json_token *out, struct err *err)
{
	if (c == ',') {
		j->p++;
		j->expect = in_object(j) ? EXPECT_KEY : EXPECT_VALUE;
		return 0;
	}
	if (c == (in_object(j) ? '}' : ']'))
		return end_container(j, out);
	return fail_at(j, j->p, E_FORMAT,
		       c == END	      ? "the document breaks off"
		       : in_object(j) ? "\",\" or \"}\" is expected"
				      : "\",\" or \"]\" is expected",
		       err);
}

static int next_token(struct json_reader *j, struct json_token *out, struct err *err)
{
	int c = peek(j, err);

	TRY(c);
	out->text = (struct str){ NULL, 0 };
	if (j->expect == EXPECT_NEXT) {
		int ended;

		if (j->depth == 0)
			return c == END ? 0 : fail_at(j, j->p, E_FORMAT, "bytes after the document", err);
		ended = read_next(j, c, out, err);
		if (ended != 0)
			return ended;
		TRY(c = peek(j, err));
	} else if (j->expect == EXPECT_COLON) {
		if (c != ':')
			return fail_at(j, j->p, E_FORMAT, "\":\" is expected", err);
		j->p++;
		j->expect = EXPECT_VALUE;
		TRY(c = peek(j, err));
	}
	if (j->expect == EXPECT_KEY || j->expect == EXPECT_FIRST_KEY)
		return read_key(j, c, out, err);
	if (c == ']' && j->expect == EXPECT_FIRST_VALUE)
		return end_container(j, out);
	return read_value(j, c, out, err);
}

int json_next_document(struct json_reader *j, struct err *err)
{
	int c;

	if (j->error.code) {
		*err = j->error;
		return err->code;
	}
	assert(j->depth == 0 && j->expect == EXPECT_NEXT);
	c = peek(j, err);
	if (c < 0)
		j->error = *err;
	if (c < 0 || c == END)
		return c < 0 ? c : 0;
	j->expect = EXPECT_VALUE;
	return 1;
}

int json_next(struct json_reader *j, struct json_token *out, struct err *err)
{
	int result;

	if (j->error.code) {
		*err = j->error;
		return err->code;
	}
	result = next_token(j, out, err);
	if (result < 0)
		j->error = *err;
	return result;
}

int json_skip(struct json_reader *j, const struct json_token *first, struct err *err)
{
	unsigned depth = j->depth;
	struct json_token token;

	if (first->type != JSON_ARRAY && first->type != JSON_OBJECT)
		return 0;
	while (j->depth >= depth)
		TRY(json_next(j, &token, err));
	return 0;
}

static struct json_reader *reader_new(struct reader *source, size_t cap)
{
	struct arena arena = { 0 };
	struct json_reader *j = ARENA_NEW(&arena, struct json_reader);

	j->buf = arena_alloc_raw(&arena, cap + PADDING);
	memset(j->buf, 0, PADDING);
	j->arena = arena;
	j->source = source;
	j->cap = cap;
	j->token = j->p = j->end = j->counted = j->buf;
	j->line = 1;
	return j;
}

struct json_reader *json_reader_open(struct reader *source)
{
	return reader_new(source, BUFFER_BYTES);
}

struct json_reader *json_reader_open_text(struct str text)
{
	size_t cap = text.n < 256 ? 256 : text.n < BUFFER_BYTES ? text.n : BUFFER_BYTES;
	struct json_reader *j = reader_new(NULL, cap);

	mem_reader_open(&j->text, text);
	j->source = &j->text.reader;
	return j;
}

void json_reader_close(struct json_reader *j)
{
	struct arena arena = j->arena;

	arena_reset(&arena);
}

void json_reader_closep(struct json_reader **j)
{
	if (*j)
		json_reader_close(*j);
}
