/* SPDX-License-Identifier: Apache-2.0 */
/* An image archive: list its members, reading headers only. */
#include "base/frame.h"
#include "base/limits.h"
#include "format/tar.h"
#include "worker/jobs.h"
#include "worker/source.h"

static int send_member(struct worker *w, const struct tar_entry *entry, struct err *err)
{
	struct arena_mark mark = arena_mark(&w->task.arena);
	struct buffer b = { .arena = &w->task.arena };

	put_u8(&b, (uint8_t)entry->type);
	put_string(&b, entry->path);
	put_string(&b, entry->target);
	put_varint(&b, entry->data_offset);
	put_varint(&b, entry->size);
	TRY(frame_write(w->out, FRAME_MEMBER, buffer_str(&b), err));
	arena_release(&w->task.arena, mark);
	return 0;
}

/* Can the parent read the member where it is said to be? */
static int check_member(const struct worker *w, const struct tar_entry *entry, struct err *err)
{
	uint64_t end = w->job.archive_bytes;

	if (entry->is_sparse)
		return err_set(err, E_UNSUPPORTED, "%.200s: sparse member in an image archive",
			       entry->path.p);
	if (entry->data_offset > end || entry->size > end - entry->data_offset)
		return err_set(err, E_FORMAT,
			       "%.200s: %llu bytes at %llu of an archive of %llu bytes: it is truncated",
			       entry->path.p, (unsigned long long)entry->size,
			       (unsigned long long)entry->data_offset, (unsigned long long)end);
	return 0;
}

int job_archive(struct worker *w, struct err *err)
{
	struct file_source source;
	struct tar_entry entry;
	struct tar *tar;
	uint64_t entries = 0;
	int got;

	file_source_open(&source, w->in, w->out, w->job.archive_bytes);
	tar = tar_open(&w->task, &source.reader, LIMIT_ARCHIVE_MEMBERS);
	while ((got = tar_next(tar, &entry, err)) > 0) {
		TRY(check_member(w, &entry, err));
		TRY(send_member(w, &entry, err));
		TRY(task_check(&w->task, err));
		entries++;
	}
	if (got < 0)
		return got;
	return job_done(w, source.offset, entries, (struct str){ 0 }, err);
}
