/* SPDX-License-Identifier: Apache-2.0 */
/* Where a worker's bytes come from: its parent, and nobody else. */
#include "worker/source.h"

#include "base/cursor.h"
#include "base/frame.h"

static int next_frame(struct data_source *s, struct err *err)
{
	struct frame_header header;
	int got = frame_read_header(s->in, &header, err);

	if (got < 0)
		return got;
	if (got == 0)
		return err_set(err, E_IO, "the parent went away");
	if (header.type == FRAME_END && header.size == 0) {
		s->ended = true;
		return 0;
	}
	if (header.type != FRAME_DATA)
		return err_set(err, E_FORMAT, "frame %u inside the data", header.type);
	s->left = header.size;
	return 0;
}

static ssize_t data_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct data_source *s = (struct data_source *)r;
	ssize_t got;

	while (s->left == 0 && !s->ended)
		TRY(next_frame(s, err));
	if (s->ended)
		return 0;
	got = reader_read(s->in, buf, n < s->left ? n : s->left, err);
	if (got == 0)
		return err_set(err, E_IO, "the parent went away");
	if (got > 0)
		s->left -= (uint32_t)got;
	return got;
}

void data_source_open(struct data_source *s, struct reader *in)
{
	*s = (struct data_source){ .reader = { .read = data_read }, .in = in };
}

/* Ask for n bytes at the current offset and read the answer, which may not be longer. */
static ssize_t ask(struct file_source *s, void *buf, size_t n, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct buffer request = { .arena = &scratch };
	struct frame_header header;

	put_varint(&request, s->offset);
	put_varint(&request, n);
	TRY(frame_write(s->out, FRAME_READ, buffer_str(&request), err));
	if (frame_read_header(s->in, &header, err) <= 0)
		return err_set(err, E_IO, "the parent went away");
	if (header.type != FRAME_PIECE || header.size > n)
		return err_set(err, E_FORMAT, "frame %u of %u bytes is no answer to a read of %zu",
			       header.type, header.size, n);
	if (header.size && reader_full(s->in, buf, header.size, err) <= 0)
		return err_set(err, E_IO, "the parent went away");
	s->offset += header.size;
	return header.size;
}

static ssize_t file_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct file_source *s = (struct file_source *)r;
	uint64_t left = s->size - s->offset;

	if (n > FRAME_PIECE_BYTES)
		n = FRAME_PIECE_BYTES;
	if (n > left)
		n = (size_t)left;
	return n ? ask(s, buf, n, err) : 0;
}

static int file_skip(struct reader *r, uint64_t n, struct err *err)
{
	struct file_source *s = (struct file_source *)r;

	if (n > s->size - s->offset)
		return err_set(err, E_FORMAT, "truncated: %llu bytes missing",
			       (unsigned long long)(n - (s->size - s->offset)));
	s->offset += n;
	return 0;
}

void file_source_open(struct file_source *s, struct reader *in, struct writer *out, uint64_t size)
{
	*s = (struct file_source){
		.reader = { .read = file_read, .skip = file_skip },
		.in = in,
		.out = out,
		.size = size,
	};
}
