/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_SCAN_LAYER_H
#define UNIT_SCAN_LAYER_H

/* A layer made entry by entry, for tests of scanners: they see it through the sieve, as in the worker. */

#include "../unit.h"

#include "base/tar_write.h"
#include "scan/scanners.h"

struct layer {
	struct task task;
	struct buffer tar;
	struct layer_files *files;
	struct findings found;
};

static void layer_open(struct layer *l)
{
	*l = (struct layer){ 0 };
	l->tar.arena = &l->task.arena;
	l->found.arena = &l->task.arena;
}

static void layer_close(struct layer *l)
{
	if (l->files)
		layer_files_close(l->files);
	task_close(&l->task);
}

static void layer_entry(struct layer *l, const char *path, char type, const char *target, struct str content)
{
	const struct tar_member member = { .path = str_of(path),
					   .link_target = str_of(target),
					   .type = type,
					   .size = content.n,
					   .mode = 0644 };

	tar_write_header(&l->tar, &member);
	put_bytes(&l->tar, content);
	tar_write_padding(&l->tar, content.n);
}

static inline void layer_file(struct layer *l, const char *path, const char *content)
{
	layer_entry(l, path, '0', "", str_of(content));
}

static inline void layer_directory(struct layer *l, const char *path)
{
	layer_entry(l, path, '5', "", STR(""));
}

static inline void layer_link(struct layer *l, const char *path, const char *target)
{
	layer_entry(l, path, '2', target, STR(""));
}

/* Sieve the layer for one scanner and run it. */
static void layer_scan(struct layer *l, const struct scanner *scanner)
{
	const struct sieve_options options = { 0 };
	struct sieve_totals totals;
	struct mem_reader in;
	struct str *again;
	size_t again_count;
	uint64_t set = 0;
	struct err err;

	for (int i = 0; scanners[i]; i++)
		set |= (uint64_t)(scanners[i] == scanner) << i;
	tar_write_trailer(&l->tar);
	mem_reader_open(&in, buffer_str(&l->tar));
	assert_int_equal(sieve_layer(&l->task, &in.reader, set, &options, &l->files, &again, &again_count,
				     &totals, &err),
			 SIEVE_DONE);
	assert_int_equal(scanner->scan(&l->task, l->files, &l->found, &err), 0);
}

#endif
