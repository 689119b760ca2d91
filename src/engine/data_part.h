/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DATA_PART_H
#define ENGINE_DATA_PART_H

#include "base/log.h"
#include "base/task.h"
#include "net/http_client.h"
#include "store/data_file.h"

/* A file of a prebuilt database while it comes in: kept in the data directory when the way breaks, so that
 * the next try, from wherever, goes on where this one ended. */
struct data_part {
	struct task *task;
	struct http_client *http; /* borrowed */
	const struct log *log;
	const char *path;
	int fd;
	uint64_t size_bytes; /* what is there */
	uint64_t moved; /* bytes that came in, of all tries */
	struct str of; /* URL or digest that what is there was taken for, by this program; empty: not known */
	void (*transferred)(void *ctx, uint64_t bytes); /* may be NULL */
	void *transferred_ctx;
};

/* What is wanted. */
struct data_source {
	struct str url; /* http, https */
	const struct http_header *headers; /* secrets */
	size_t header_count;
	struct str digest; /* of the file; empty: not known */
	uint64_t size_bytes; /* 0: not known */
};

/* Open or make the file at path: members above `fd` are set by the caller. */
int data_part_open(struct data_part *p, struct err *err);
/* Close it; what is there stays for the next time when its head is complete. */
void data_part_close(struct data_part *p);
#define autopart __attribute__((cleanup(data_part_close)))
/* Close and remove it. */
void data_part_drop(struct data_part *p);

/* Fetch all of it, going on when the way breaks. What is there already is kept only when its head is that of
 * the source. A file that is not what digest and size say is begun once more, then E_FORMAT. E_NOTFOUND,
 * E_AUTH, E_IO, E_TIMEOUT, E_LIMIT. */
int data_part_fetch(struct data_part *p, const struct data_source *source, struct err *err);
/* Fetch its beginning, at least, and read the head. E_FORMAT: none, or not all of it is there. */
int data_part_head(struct data_part *p, const struct data_source *source, struct data_head *out,
		   struct err *err);

/* Are the bytes of fd, from offset 0, what they must be? E_FORMAT. */
int data_part_check(int fd, struct str digest, uint64_t size_bytes, struct err *err);

#endif
