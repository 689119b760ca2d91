/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a prebuilt database's file in one pass. Format: docs/formats/data-file.md. What one would get
 * wrong: the head stands first and says what the payload is, which is known last; so as many bytes are left
 * free as the largest head takes, and the manifest is padded with blanks, which JSON allows. */
#include "store/data_pack.h"

#include "base/compress.h"
#include "base/digest.h"
#include "base/limits.h"

#include <stdlib.h>
#include <unistd.h>

enum { LEVEL = 9 }; /* twice the time of 6 for 3 % less; reading takes the same */

/* Counts and hashes what passes. */
struct tap {
	struct writer writer, *to;
	struct hasher *hasher;
	uint64_t size_bytes, max;
};

struct data_packer {
	struct arena arena;
	struct data_manifest manifest;
	struct str sign_key;
	size_t manifest_bytes, head_bytes;
	struct tap inflated, stored; /* before and behind the compressor */
	struct compressor *compressor;
	struct fd_writer file;
};

static int tap_write(struct writer *w, const void *buf, size_t n, struct err *err)
{
	struct tap *t = (struct tap *)w;

	t->size_bytes += n;
	if (t->size_bytes > t->max)
		return err_set(err, E_LIMIT, "the data have more than %llu bytes",
			       (unsigned long long)t->max);
	hasher_add(t->hasher, buf, n);
	return t->to->write(t->to, buf, n, err);
}

static void tap_open(struct tap *t, struct writer *to, uint64_t max)
{
	*t = (struct tap){ { tap_write }, to, hasher_new(HASH_SHA256), 0, max };
}

static struct data_blob tap_blob(struct arena *a, struct tap *t)
{
	unsigned char raw[64];
	char hex[129];

	return (struct data_blob){ t->size_bytes,
				   str_format(a, "sha256:%s", hex_of(raw, hasher_end(t->hasher, raw), hex)) };
}

static int reserve(struct data_packer *p, struct err *err)
{
	static const struct data_blob longest = {
		UINT64_MAX, { "sha256:0000000000000000000000000000000000000000000000000000000000000000", 71 }
	};
	struct str head;

	p->manifest.inflated = p->manifest.payload = longest;
	p->manifest_bytes = data_manifest_text(&p->arena, &p->manifest, 0).n;
	TRY(data_head_write(&p->arena, data_manifest_text(&p->arena, &p->manifest, 0), p->sign_key, &head,
			    err));
	p->head_bytes = head.n;
	return 0;
}

int data_packer_open(int fd, const struct data_manifest *m, struct str sign_key, struct data_packer **out,
		     struct err *err)
{
	autopacker struct data_packer *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	p->manifest = *m;
	p->sign_key = sign_key;
	fd_writer_open(&p->file, fd);
	tap_open(&p->stored, &p->file.writer, LIMIT_DATA_STORED_BYTES);
	p->compressor = compressor_new(COMPRESSION_ZSTD, &p->stored.writer);
	compressor_set_level(p->compressor, LEVEL);
	tap_open(&p->inflated, compressor_writer(p->compressor), LIMIT_DATA_INFLATED_BYTES);
	TRY(reserve(p, err));
	if (lseek(fd, (off_t)p->head_bytes, SEEK_SET) < 0)
		return err_set(err, E_IO, "output: %m");
	*out = p;
	p = NULL;
	return 0;
}

struct writer *data_packer_writer(struct data_packer *p)
{
	return &p->inflated.writer;
}

static int digest_file(struct arena *a, int fd, struct data_packed *out, struct err *err)
{
	struct fd_reader file;
	struct digest_reader all;
	char *buf = arena_alloc_raw(a, 256 * KIB);
	ssize_t n;

	fd_reader_open(&file, fd, 0, UINT64_MAX);
	TRY(digest_reader_open(&all, &file.reader, STR(""), UINT64_MAX, err));
	while ((n = reader_read(&all.reader, buf, 256 * KIB, err)) > 0)
		;
	out->size_bytes = all.size;
	out->digest = str_copy(a, str_of(all.actual));
	reader_close(&all.reader);
	return (int)n;
}

static int write_head(struct data_packer *p, struct arena *a, struct data_packed *out, struct err *err)
{
	struct str text = data_manifest_text(a, &p->manifest, p->manifest_bytes), head;
	char digest[72];

	TRY(data_head_write(a, text, p->sign_key, &head, err));
	if (lseek(p->file.fd, 0, SEEK_SET) < 0)
		return err_set(err, E_IO, "output: %m");
	TRY(fd_write_all(p->file.fd, head.p, head.n, err));
	out->name = str_copy(a, str_of(digest_of(text, digest)));
	return 0;
}

int data_packer_end(struct data_packer *p, struct arena *a, struct data_packed *out, struct err *err)
{
	TRY(compressor_end(p->compressor, err));
	TRY(fd_writer_flush(&p->file, err));
	p->manifest.inflated = tap_blob(a, &p->inflated);
	p->manifest.payload = tap_blob(a, &p->stored);
	TRY(write_head(p, a, out, err));
	if (fsync(p->file.fd) < 0)
		return err_set(err, E_IO, "output: %m");
	TRY(digest_file(a, p->file.fd, out, err));
	out->manifest = p->manifest;
	return 0;
}

void data_packer_closep(struct data_packer **place)
{
	struct data_packer *p = *place;

	if (!p)
		return;
	compressor_freep(&p->compressor);
	hasher_freep(&p->inflated.hasher);
	hasher_freep(&p->stored.hasher);
	arena_reset(&p->arena);
	free(p);
	*place = NULL;
}
