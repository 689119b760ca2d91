/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_LAYERS_H
#define ENGINE_LAYERS_H

/* Layers of a few packages in memory, whose sources count how often they are opened, fail, or wait. */

#include "../unit.h"

#include "base/cursor.h"
#include "base/digest.h"
#include "base/tar_write.h"
#include "base/time.h"
#include "engine/layer_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What a layer is, wherever it is read from. */
struct made_layer {
	struct str digest, bytes;
	atomic_int opens;
	atomic_bool is_held; /* reading waits */
};

/* One place to read it from. */
struct made_source {
	struct image_layer layer; /* must be first */
	struct made_layer *made;
	struct task *task; /* heeded while waiting; may be NULL */
	int open_error; /* 0: none */
	int read_error; /* after half of the bytes */
	struct str other_bytes; /* instead of the right ones */
};

struct made_reader {
	struct reader reader;
	const struct made_source *from;
	struct mem_reader bytes;
	struct digest_reader checked;
	size_t left_before_error;
};

static inline int made_wait(const struct made_source *from, struct err *err)
{
	const struct timespec while_held = { .tv_nsec = 2000000 };

	while (atomic_load(&from->made->is_held)) {
		if (from->task)
			TRY(task_check(from->task, err));
		nanosleep(&while_held, NULL);
	}
	return 0;
}

static inline ssize_t made_read(struct reader *reader, void *buf, size_t n, struct err *err)
{
	struct made_reader *r = (struct made_reader *)reader;

	TRY(made_wait(r->from, err));
	if (r->from->read_error) {
		if (!r->left_before_error)
			return err_set(err, r->from->read_error, "the source broke off");
		n = n < r->left_before_error ? n : r->left_before_error;
		r->left_before_error -= n;
	}
	return reader_read(&r->checked.reader, buf, n, err);
}

static inline void made_close(struct reader *reader)
{
	struct made_reader *r = (struct made_reader *)reader;

	reader_close(&r->checked.reader);
	free(r);
}

static inline int made_open(const struct image_layer *layer, struct reader **out, struct err *err)
{
	const struct made_source *from = layer->source;
	struct str bytes = from->other_bytes.n ? from->other_bytes : from->made->bytes;
	struct made_reader *r;

	atomic_fetch_add(&from->made->opens, 1);
	if (from->open_error) {
		TRY(made_wait(from, err));
		return err_set(err, from->open_error, "the source does not open");
	}
	r = calloc(1, sizeof(*r));
	r->reader = (struct reader){ .read = made_read, .close = made_close };
	r->from = from;
	r->left_before_error = bytes.n / 2;
	mem_reader_open(&r->bytes, bytes);
	assert_int_equal(
		digest_reader_open(&r->checked, &r->bytes.reader, from->made->digest, UINT64_MAX, err), 0);
	*out = &r->reader;
	return 0;
}

static inline void made_source_open(struct made_source *s, struct made_layer *made)
{
	*s = (struct made_source){ .made = made };
	s->layer = (struct image_layer){
		.digest = made->digest, .size_bytes = made->bytes.n, .open = made_open, .source = s
	};
}

static inline void put_member(struct buffer *tar, const char *path, struct str content)
{
	const struct tar_member m = { .path = str_of(path), .type = '0', .size = content.n, .mode = 0644 };

	tar_write_header(tar, &m);
	put_bytes(tar, content);
	tar_write_padding(tar, content.n);
}

/* A layer with one package, named by number; the lower the larger. */
static inline void make_layer(struct arena *a, unsigned number, struct made_layer *out)
{
	struct buffer tar = { .arena = a };
	char digest[72];

	*out = (struct made_layer){ .is_held = false };
	put_member(&tar, "etc/os-release",
		   STR("ID=alpine\nNAME=\"Alpine Linux\"\nVERSION_ID=3.20.1\nPRETTY_NAME=\"Alpine Linux "
		       "v3.20\"\n"));
	put_member(&tar, "lib/apk/db/installed",
		   str_format(a, "C:Q1pSfbD2nBHGaFMPyQAkgFzHcNkzA=\nP:package%u\nV:1.%u-r0\nA:x86_64\n\n",
			      number, number));
	put_member(&tar, "usr/share/filling",
		   (struct str){ arena_alloc(a, 100000 / (number + 1) + 1), 100000 / (number + 1) + 1 });
	tar_write_trailer(&tar);
	out->bytes = buffer_str(&tar);
	out->digest = str_copy(a, str_of(digest_of(out->bytes, digest)));
}

static inline const char *test_worker(struct arena *a)
{
	const char *build = getenv("CLAIR_BUILD");

	return str_format(a, "%s/clair-worker", build ? build : "build").p;
}

/* A program that stands for clair-worker, as a shell script. */
static inline const char *false_worker(struct arena *a, const char *dir, const char *script)
{
	const char *path = str_format(a, "%s/worker", dir).p;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", script);
	fclose(f);
	chmod(path, 0755);
	return path;
}

static inline void wait_until(bool (*is_so)(void *ctx), void *ctx)
{
	const struct timespec a_little = { .tv_nsec = 2000000 };
	uint64_t end = time_monotonic_ns() + 30000000000ull;

	while (!is_so(ctx)) {
		if (time_monotonic_ns() > end)
			fail_msg("nothing happened for 30 s");
		nanosleep(&a_little, NULL);
	}
}

#endif
