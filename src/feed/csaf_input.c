/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of a feed that is published whole, as a tar archive with a folder for each year, and in part, as
 * single documents that are put together.
 * Source: https://security.access.redhat.com/data/csaf/v2/vex/ (archive_latest.txt); tar: format/tar.h.
 * Easy to get wrong: a damaged document must not take its neighbours with it. So the end of a document is
 * not where its reader stops but where a line begins with neither a blank nor a closing bracket, which no
 * line within a document does, be it written with indentation or on one line. */
#include "feed/csaf_input.h"

#include "base/limits.h"
#include "feed/texts.h"
#include "format/tar.h"

enum { BUFFER_BYTES = 64 * 1024, TAR_BLOCK = 512, TAR_MAGIC = 257, FIRST_YEAR = 2015 };

/* Have bytes in the buffer. Returns 1, 0 at the end of the source, or its error. */
static int fill(struct csaf_input *in, struct err *err)
{
	ssize_t got;

	if (in->at < in->end)
		return 1;
	if (in->source_ended)
		return 0;
	got = reader_read(in->job->in, in->buffer, BUFFER_BYTES, err);
	if (got < 0) {
		in->has_failed = true;
		return (int)got;
	}
	in->at = 0;
	in->end = (size_t)got;
	in->source_ended = got == 0;
	return got > 0;
}

/* ---- archives ---- */

/* The source from its first byte on. */
static ssize_t whole_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct csaf_input *in = (struct csaf_input *)((char *)r - offsetof(struct csaf_input, whole));
	size_t left = in->end - in->at;

	if (left == 0)
		return reader_read(in->job->in, buf, n, err);
	n = n < left ? n : left;
	memcpy(buf, in->buffer + in->at, n);
	in->at += n;
	return (ssize_t)n;
}

static ssize_t member_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct csaf_input *in = (struct csaf_input *)r;
	ssize_t got = reader_read(tar_content(in->tar), buf, n, err);

	in->has_failed |= got < 0;
	return got;
}

/* The folder that a member is in, without those above. */
static struct str folder_of(struct str path)
{
	struct str folder, name, above;

	if (!str_rcut(path, '/', &folder, &name))
		return STR("");
	return str_rcut(folder, '/', &above, &name) ? name : folder;
}

/* Once for each folder. */
static void tell_folder(struct csaf_input *in, struct str path, struct str folder)
{
	autoarena struct arena a = { 0 };
	struct feed_sink *sink = in->job->sink;

	if (!sink->skipped || str_eq(folder, (struct str){ in->folder, in->folder_n }))
		return;
	memcpy(in->folder, folder.p ? folder.p : "", folder.n);
	in->folder_n = folder.n;
	path = str_printable(&a, texts_cut(path, 200));
	sink->skipped(sink, str_format(&a, "\"" STR_FMT "\": its folder is no year", STR_ARG(path)));
}

static bool is_document(struct csaf_input *in, struct str path)
{
	struct str folder = folder_of(path);
	uint64_t year;

	if (!str_ends(path, STR(".json")))
		return false;
	if (str_u64(folder, 9999, &year))
		return year >= FIRST_YEAR;
	tell_folder(in, path,
		    str_sub(folder, 0, folder.n < sizeof(in->folder) ? folder.n : sizeof(in->folder)));
	return false;
}

static int next_member(struct csaf_input *in, struct arena *a, struct str *name, struct err *err)
{
	struct tar_entry entry;
	int more;

	while ((more = tar_next(in->tar, &entry, err)) > 0) {
		if (entry.type != TAR_FILE || !is_document(in, entry.path))
			continue;
		in->documents++;
		*name = str_printable(a, entry.path);
		return 1;
	}
	return more;
}

/* ---- lines ---- */

/* Does c, at the beginning of a line, begin a document? Blanks indent a document, brackets end it. */
static bool is_begin(unsigned char c)
{
	return c > ' ' && c != '}' && c != ']';
}

/* Where the next document begins in the bytes at p; n when not there. last: the byte before. */
static size_t next_begin(const unsigned char *p, size_t n, char last)
{
	size_t at = 0;

	if (last == '\n' && n && is_begin(p[0]))
		return 0;
	while (at < n) {
		const unsigned char *feed = memchr(p + at, '\n', n - at);

		if (!feed)
			return n;
		at = (size_t)(feed - p) + 1;
		if (at < n && is_begin(p[at]))
			return at;
	}
	return n;
}

static ssize_t line_read(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct csaf_input *in = (struct csaf_input *)r;
	int more = fill(in, err);
	size_t left, begin;

	if (more <= 0)
		return more;
	left = in->end - in->at;
	n = n < left ? n : left;
	begin = next_begin(in->buffer + in->at, n, in->last);
	if (begin == 0)
		return 0;
	memcpy(buf, in->buffer + in->at, begin);
	in->at += begin;
	in->last = (char)in->buffer[in->at - 1];
	return (ssize_t)begin;
}

/* Pass over blanks. Returns 1 when there is something else. */
static int skip_blanks(struct csaf_input *in, struct err *err)
{
	int more;

	while ((more = fill(in, err)) > 0) {
		unsigned char c = in->buffer[in->at];

		if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
			return 1;
		in->at++;
	}
	return more;
}

static int next_line(struct csaf_input *in, struct arena *a, struct str *name, struct err *err)
{
	unsigned char rest[4096];
	ssize_t got = in->last ? 1 : 0;
	int more;

	while (got > 0)
		got = line_read(&in->reader, rest, sizeof(rest), err);
	if (got < 0)
		return (int)got;
	more = skip_blanks(in, err);
	if (more <= 0)
		return more;
	in->last = ' '; /* the byte that comes first begins no other document */
	in->documents++;
	*name = str_format(a, "document %llu", (unsigned long long)in->documents);
	return 1;
}

/* ---- both ---- */

/* The first block, or all there is. */
static int read_first(struct csaf_input *in, struct err *err)
{
	while (in->end < TAR_BLOCK) {
		ssize_t got = reader_read(in->job->in, in->buffer + in->end, BUFFER_BYTES - in->end, err);

		if (got < 0)
			return (int)got;
		if (got == 0)
			break;
		in->end += (size_t)got;
	}
	return 0;
}

int csaf_input_open(struct csaf_input *in, struct task *task, const struct feed_job *job, struct err *err)
{
	struct str first;

	in->task = task;
	in->job = job;
	in->buffer = arena_alloc_raw(&task->arena, BUFFER_BYTES);
	TRY(read_first(in, err));
	first = str_trim((struct str){ (const char *)in->buffer, in->end });
	if (in->end >= TAR_BLOCK && memcmp(in->buffer + TAR_MAGIC, "ustar", 5) == 0) {
		in->whole.read = whole_read;
		in->tar = tar_open(task, &in->whole, LIMIT_CSAF_DOCUMENTS);
		in->reader.read = member_read;
		return 0;
	}
	in->reader.read = line_read;
	if (first.n && first.p[0] == '{')
		return 0;
	return err_set(err, E_FORMAT, "line 1: neither a tar archive nor JSON documents");
}

int csaf_input_next(struct csaf_input *in, struct arena *a, struct str *name, struct err *err)
{
	return in->tar ? next_member(in, a, name, err) : next_line(in, a, name, err);
}
