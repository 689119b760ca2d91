/* SPDX-License-Identifier: Apache-2.0 */
/* Downloads that go on where they broke off.
 * Source: RFC 9110 "HTTP Semantics", section 14 (range requests). Easy to get wrong: whether the server still
 * has the file that the bytes at hand are from. Validators would tell for one server only; here the file
 * itself does, as its head holds the digest of all the rest: a head that is the same byte for byte makes any
 * mirror as good as the first one. */
#include "engine/data_part.h"

#include "base/digest.h"
#include "base/limits.h"
#include "net/url.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 65536, TRANSFER_SECONDS = 86400, TRIES = 4 };

int data_part_open(struct data_part *p, struct err *err)
{
	struct stat st;

	p->fd = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (p->fd < 0 || fstat(p->fd, &st) < 0)
		return err_set(err, E_IO, "%s: %m", p->path);
	p->size_bytes = (uint64_t)st.st_size;
	return 0;
}

static int forget(struct data_part *p, struct err *err)
{
	p->size_bytes = 0;
	p->of = (struct str){ 0 };
	return ftruncate(p->fd, 0) == 0 ? 0 : err_set(err, E_IO, "%s: %m", p->path);
}

int data_part_check(int fd, struct str digest, uint64_t size_bytes, struct err *err)
{
	struct fd_reader file;
	struct digest_reader checked;
	char piece[PIECE];
	ssize_t n;

	fd_reader_open(&file, fd, 0, UINT64_MAX);
	TRY(digest_reader_open(&checked, &file.reader, digest, size_bytes ? size_bytes : UINT64_MAX, err));
	while ((n = reader_read(&checked.reader, piece, sizeof(piece), err)) > 0)
		;
	reader_close(&checked.reader);
	return (int)n;
}

/* ---- what is there ---- */

static int read_head(struct data_part *p, struct data_head *out, struct err *err)
{
	struct fd_reader file;

	fd_reader_open(&file, p->fd, 0, p->size_bytes);
	return data_head_read(&p->task->arena, &file.reader, out, err);
}

void data_part_close(struct data_part *p)
{
	struct err ignored = { 0 };
	struct data_head head;

	if (p->fd >= 0 && read_head(p, &head, &ignored) < 0)
		(void)unlink(p->path);
	fd_closep(&p->fd);
	p->fd = -1;
}

void data_part_drop(struct data_part *p)
{
	fd_closep(&p->fd);
	p->fd = -1;
	(void)unlink(p->path);
}

/* How large the whole file is; UINT64_MAX: not known yet. */
static uint64_t whole_size(struct data_part *p, const struct data_source *source)
{
	struct err ignored = { 0 };
	struct data_head head;

	if (source->size_bytes)
		return source->size_bytes;
	return read_head(p, &head, &ignored) < 0 ? UINT64_MAX : head.bytes + head.manifest.payload.size_bytes;
}

static struct str name_of(const struct data_source *source)
{
	return source->digest.n ? source->digest : source->url;
}

/* ---- one request ---- */

struct receiver {
	struct writer writer;
	struct data_part *part;
	uint64_t max; /* of the file */
};

static int receive(struct writer *w, const void *buf, size_t n, struct err *err)
{
	struct receiver *r = (struct receiver *)w;
	struct data_part *p = r->part;

	if (p->size_bytes > r->max || n > r->max - p->size_bytes)
		return err_set(err, E_LIMIT, "more than the %" PRIu64 " bytes that it may have", r->max);
	if (fd_write_all(p->fd, buf, n, err) < 0)
		return err_wrap(err, "%s", p->path);
	p->size_bytes += n;
	p->moved += n;
	if (p->transferred)
		p->transferred(p->transferred_ctx, n);
	return 0;
}

/* "bytes 100-199/2000" */
static bool begins_at(const struct http_response *answer, uint64_t offset)
{
	VEC_EACH (const struct http_header, h, &answer->headers) {
		struct str unit, range, first, rest;
		uint64_t at;

		if (!str_eq_nocase(h->name, STR("Content-Range")))
			continue;
		str_cut(h->value, ' ', &unit, &range);
		str_cut(range, '-', &first, &rest);
		return str_eq_nocase(unit, STR("bytes")) && str_u64(first, UINT64_MAX, &at) && at == offset;
	}
	return false;
}

/* A server without ranges sends all of it. */
static int begin_body(void *ctx, const struct http_response *answer, struct err *err)
{
	struct receiver *r = ctx;
	struct data_part *p = r->part;

	if (answer->status == 206 && !begins_at(answer, p->size_bytes))
		return err_set(err, E_FORMAT, "another range than was asked for");
	if (answer->status != 206)
		TRY(forget(p, err));
	if (lseek(p->fd, (off_t)p->size_bytes, SEEK_SET) < 0)
		return err_set(err, E_IO, "%s: %m", p->path);
	return 0;
}

static int verdict(unsigned status, struct err *err)
{
	static const struct {
		unsigned status;
		int code;
	} known[] = { { 401, E_AUTH },	   { 403, E_AUTH },   { 404, E_NOTFOUND },
		      { 410, E_NOTFOUND }, { 416, E_FORMAT }, { 0, E_IO } };
	size_t i = 0;

	if (status == 200 || status == 206)
		return 0;
	while (known[i].status && known[i].status != status)
		i++;
	return err_set(err, known[i].code, "HTTP status %u", status);
}

static struct str shown(struct data_part *p, const struct data_source *source)
{
	return url_redact(&p->task->arena, source->url);
}

/* From what is there up to `end` bytes, or the end of the file. */
static int request(struct data_part *p, const struct data_source *source, uint64_t end, struct err *err)
{
	uint64_t max = source->size_bytes ? source->size_bytes : LIMIT_DATA_STORED_BYTES;
	struct receiver to = { { receive }, p, max };
	struct http_request r = { .url = source->url,
				  .headers = source->headers,
				  .header_count = source->header_count,
				  .max_bytes = max,
				  .timeout_seconds = TRANSFER_SECONDS,
				  .on_head = begin_body,
				  .on_head_ctx = &to };
	struct http_response answer = { 0 };

	r.range = str_format(&p->task->arena, "bytes=%" PRIu64 "-%" PRIu64, p->size_bytes, end - 1);
	p->of = name_of(source);
	TRY(http_perform(p->http, p->task, &r, &to.writer, &answer, err));
	if (verdict(answer.status, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(shown(p, source)));
	return 0;
}

/* ---- the same file? ---- */

struct comparer {
	struct writer writer;
	int fd;
	uint64_t at, end;
};

static int compare(struct writer *w, const void *buf, size_t n, struct err *err)
{
	struct comparer *c = (struct comparer *)w;
	const char *wanted = buf;
	char have[4096];

	while (n) {
		size_t part = n < sizeof(have) ? n : sizeof(have);

		if (part > c->end - c->at || pread(c->fd, have, part, (off_t)c->at) != (ssize_t)part ||
		    memcmp(have, wanted, part) != 0)
			return err_set(err, E_CONFLICT, "another file");
		wanted += part;
		n -= part;
		c->at += part;
	}
	return 0;
}

/* Does the source begin with the head that is there? Whatever goes wrong says no. */
static bool has_same_head(struct data_part *p, const struct data_source *source)
{
	struct err ignored = { 0 };
	struct http_response answer = { 0 };
	struct comparer to = { .writer = { compare }, .fd = p->fd };
	struct http_request r = { .url = source->url,
				  .headers = source->headers,
				  .header_count = source->header_count };
	struct data_head head;

	if (read_head(p, &head, &ignored) < 0)
		return false;
	to.end = r.max_bytes = head.bytes;
	r.range = str_format(&p->task->arena, "bytes=0-%" PRIu64, head.bytes - 1);
	return http_perform(p->http, p->task, &r, &to.writer, &answer, &ignored) == 0 &&
	       answer.status == 206 && to.at == to.end;
}

/* Keep what is there, or begin anew. */
static int settle(struct data_part *p, const struct data_source *source, struct err *err)
{
	if (p->size_bytes == 0 || str_eq(p->of, name_of(source)))
		return 0;
	if (p->size_bytes <= whole_size(p, source) && has_same_head(p, source)) {
		log_line(p->log, LOG_INFO, "%s: going on after %" PRIu64 " bytes", p->path, p->size_bytes);
		p->of = name_of(source);
		return 0;
	}
	TRY(task_check(p->task, err));
	return forget(p, err);
}

/* ---- all of it ---- */

static bool may_pass(const struct data_part *p, int code)
{
	struct err ignored = { 0 };

	return (code == E_IO || code == E_TIMEOUT) && task_check(p->task, &ignored) == 0;
}

/* Go on as long as each try but the last few brings something. must: the file has at least `end` bytes. */
static int receive_until(struct data_part *p, const struct data_source *source, uint64_t end, bool must,
			 struct err *err)
{
	for (unsigned idle = 0; p->size_bytes < end;) {
		uint64_t before = p->moved;
		int rc = request(p, source, end, err);

		if (rc == 0 && must && p->size_bytes < end)
			rc = err_set(err, E_IO, STR_FMT ": ended after %" PRIu64 " bytes",
				     STR_ARG(shown(p, source)), p->size_bytes);
		if (rc == 0)
			return 0;
		idle = p->moved - before > PIECE ? 0 : idle + 1;
		if (!may_pass(p, rc) || p->moved == before || idle == TRIES)
			return rc;
		log_line(p->log, LOG_INFO, "%s: going on", err->text);
	}
	return 0;
}

static int check(struct data_part *p, const struct data_source *source, uint64_t whole, struct err *err)
{
	int rc = 0;

	if (whole != p->size_bytes)
		rc = err_set(err, E_FORMAT, "%" PRIu64 " bytes instead of %" PRIu64, p->size_bytes, whole);
	else if (source->digest.n)
		rc = data_part_check(p->fd, source->digest, whole, err);
	return rc < 0 ? err_wrap(err, STR_FMT, STR_ARG(shown(p, source))) : 0;
}

int data_part_head(struct data_part *p, const struct data_source *source, struct data_head *out,
		   struct err *err)
{
	static const uint64_t enough[] = { 256 * 1024, LIMIT_DATA_MANIFEST_BYTES + PIECE };
	struct err ignored = { 0 };
	int rc = 0;

	TRY(settle(p, source, err));
	if (p->size_bytes &&
	    read_head(p, out, &ignored) == 0) /* behind a small file there is nothing to ask for */
		return 0;
	for (size_t i = 0; i < sizeof(enough) / sizeof(enough[0]); i++) {
		TRY(receive_until(p, source, enough[i], false, err));
		rc = read_head(p, out, err);
		if (rc != E_FORMAT || p->size_bytes < enough[i])
			break;
	}
	return rc < 0 ? err_wrap(err, STR_FMT, STR_ARG(shown(p, source))) : 0;
}

static int fetch_once(struct data_part *p, const struct data_source *source, struct err *err)
{
	uint64_t whole = source->size_bytes;
	struct data_head head;

	TRY(settle(p, source, err));
	if (!whole) {
		TRY(data_part_head(p, source, &head, err));
		whole = head.bytes + head.manifest.payload.size_bytes;
	}
	TRY(receive_until(p, source, whole, true, err));
	return check(p, source, whole, err);
}

int data_part_fetch(struct data_part *p, const struct data_source *source, struct err *err)
{
	bool goes_on = p->size_bytes > 0;
	struct err ignored = { 0 };
	int rc = fetch_once(p, source, err);

	if (rc == E_FORMAT && goes_on) { /* what was there may have been wrong */
		TRY(forget(p, err));
		rc = fetch_once(p, source, err);
	}
	if (rc == E_FORMAT)
		(void)forget(p, &ignored);
	return rc;
}
