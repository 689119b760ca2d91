/* SPDX-License-Identifier: Apache-2.0 */
/* Conditional fetching (matching.md 3.1). A fingerprint has four lines: parser, sha256 or file stamp,
 * Last-Modified, ETag. A mirror that ignores conditions costs the transfer but not the parse: bytes with the
 * stored digest are unchanged. */
#include "engine/fetch.h"

#include "base/cursor.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/time.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fingerprint {
	struct str parser, content, last_modified, etag;
};

static struct fingerprint fingerprint_parse(struct str text)
{
	struct fingerprint f;
	struct str rest;

	str_cut(text, '\n', &f.parser, &rest);
	str_cut(rest, '\n', &f.content, &rest);
	str_cut(rest, '\n', &f.last_modified, &f.etag);
	return f;
}

static struct str fingerprint_text(struct arena *a, const struct fingerprint *f)
{
	return str_format(a, STR_FMT "\n" STR_FMT "\n" STR_FMT "\n" STR_FMT, STR_ARG(f->parser),
			  STR_ARG(f->content), STR_ARG(f->last_modified), STR_ARG(f->etag));
}

/* ---- where ---- */

static struct str location(const struct fetcher *f, struct str url, struct str mirror_path)
{
	if (!f->is_mirrored)
		return url;
	return str_format(&f->task->arena, STR_FMT STR_FMT,
			  STR_ARG(f->mirror_dir.n ? f->mirror_dir : f->mirror_url), STR_ARG(mirror_path));
}

static int need_http(struct fetcher *f, struct err *err)
{
	const struct http_client_options options = { .pace = f->is_mirrored ? NULL : f->pace };

	return f->http ? 0 : http_client_new_with(&options, &f->http, err);
}

/* ---- small questions of discovery ---- */

/* What an HTTP status means depends on the question. */
enum question { QUESTION_DOCUMENT, QUESTION_FOLDER, QUESTION_EXISTS, QUESTION_LISTING };

/* 1: there, 0: not there, negative: the server does not say. */
static int verdict_of(enum question question, struct str url, unsigned status, struct err *err)
{
	if (status == 404 || status == 410 || (status == 403 && question == QUESTION_LISTING))
		return 0;
	if (status == 200 || status == 206 || question == QUESTION_EXISTS)
		return 1;
	return err_set(err, E_IO, STR_FMT ": HTTP status %u", STR_ARG(url), status);
}

static int ask_http(struct fetcher *f, struct str url, enum question question, size_t max, struct str *out,
		    struct err *err)
{
	bool is_head = question == QUESTION_EXISTS || question == QUESTION_FOLDER;
	int found;
	struct buffer body = { .arena = &f->task->arena };
	struct http_request request = {
		.url = url, .is_head = is_head, .max_bytes = max, .timeout_seconds = 60
	};
	struct http_response response = { 0 };
	struct mem_writer to;

	mem_writer_open(&to, &body);
	TRY(need_http(f, err));
	TRY(http_perform(f->http, f->task, &request, &to.writer, &response, err));
	found = verdict_of(question, url, response.status, err);
	if (out && found > 0)
		*out = buffer_str(&body);
	return found;
}

static int missing_file(struct str path, struct err *err)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	return err_set(err, E_IO, STR_FMT ": %m", STR_ARG(path));
}

static int exists(struct discovery *d, struct str url, struct str mirror_path, struct err *err)
{
	struct fetcher *f = (struct fetcher *)d;
	struct str where = location(f, url, mirror_path);

	if (!f->mirror_dir.n)
		return ask_http(f, where, str_ends(mirror_path, STR("/")) ? QUESTION_FOLDER : QUESTION_EXISTS,
				LIMIT_FEED_STORED_BYTES, NULL, err);
	return access(where.p, R_OK) == 0 ? 1 : missing_file(where, err);
}

static int read_file(struct fetcher *f, struct str path, struct str *out, struct err *err)
{
	autoclose int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	struct fd_reader r;

	if (fd < 0)
		return missing_file(path, err);
	fd_reader_open(&r, fd, 0, LIMIT_MANIFEST_BYTES);
	TRY(reader_all(&r.reader, &f->task->arena, LIMIT_MANIFEST_BYTES, out, err));
	return 1;
}

static int get(struct discovery *d, struct str url, struct str mirror_path, size_t max, struct str *out,
	       struct err *err)
{
	struct fetcher *f = (struct fetcher *)d;
	struct str where = location(f, url, mirror_path), text;
	int found;

	/* only the beginning is wanted, yet servers without ranges send it all, and a mirror keeps it all */
	if (f->mirror_dir.n)
		found = read_file(f, where, &text, err);
	else
		found = ask_http(f, where, QUESTION_DOCUMENT, LIMIT_MANIFEST_BYTES, &text, err);
	if (found <= 0)
		return found;
	if (f->keeper)
		TRY(f->keeper->document(f->keeper, mirror_path, text, err));
	*out = str_sub(text, 0, text.n < max ? text.n : max);
	return 1;
}

static int compare_names(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

typedef VEC(struct str) name_list;

static int list_directory(struct fetcher *f, struct str path, name_list *names, struct err *err)
{
	DIR *dir = opendir(path.p);
	struct dirent *e;

	if (!dir)
		return missing_file(path, err);
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.' && strcmp(e->d_name, "index.html") != 0)
			VEC_PUSH(&f->task->arena, names, str_copy(&f->task->arena, str_of(e->d_name)));
	closedir(dir);
	return 1;
}

/* href values of a listing page: names without the slash at their end. */
static void list_links(struct fetcher *f, struct str page, name_list *names)
{
	for (;;) {
		size_t at = str_search(page, STR("href=\""));
		struct str name, rest;

		if (at == page.n)
			return;
		page = str_sub(page, at + 6, page.n - at - 6);
		if (!str_cut(page, '"', &name, &rest))
			return;
		if (str_ends(name, STR("/")))
			name.n--;
		if (name.n && name.p[0] != '/' && name.p[0] != '?' && name.p[0] != '.' &&
		    str_find(name, '/') == name.n)
			VEC_PUSH(&f->task->arena, names, str_copy(&f->task->arena, name));
	}
}

static int list(struct discovery *d, struct str url, struct str mirror_path, struct str **names,
		size_t *count, struct err *err)
{
	struct fetcher *f = (struct fetcher *)d;
	struct str where = location(f, url, mirror_path), page;
	name_list found = { 0 };
	int got;

	if (f->keeper)
		f->keeper->folder(f->keeper, mirror_path);
	if (where.n == 0)
		return 0;
	if (f->mirror_dir.n) {
		got = list_directory(f, where, &found, err);
	} else {
		got = ask_http(f, where, QUESTION_LISTING, LIMIT_MANIFEST_BYTES, &page, err);
		if (got > 0)
			list_links(f, page, &found);
	}
	if (found.n)
		qsort(found.p, found.n, sizeof(found.p[0]), compare_names);
	*names = found.p;
	*count = found.n;
	return got;
}

/* ---- documents ---- */

/* A file of a mirror folder: its size and times are its fingerprint; it is read in place. */
static int fetch_file(struct fetcher *f, struct str path, struct fingerprint *now,
		      const struct fingerprint *before, struct fetched *out, struct err *err)
{
	autoclose int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return missing_file(path, err) < 0 ? err->code : FETCH_MISSING;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, E_IO, STR_FMT ": not a regular file", STR_ARG(path));
	if ((uint64_t)st.st_size > LIMIT_FEED_STORED_BYTES)
		return err_set(err, E_LIMIT, STR_FMT ": %lld bytes, limit %llu", STR_ARG(path),
			       (long long)st.st_size, LIMIT_FEED_STORED_BYTES);
	now->content = str_format(&f->task->arena, "file:%lld:%lld.%09ld:%llu", (long long)st.st_size,
				  (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
				  (unsigned long long)st.st_ino);
	if (str_eq(now->content, before->content) && str_eq(now->parser, before->parser))
		return FETCH_UNCHANGED;
	out->size_bytes = (uint64_t)st.st_size;
	out->fd = take_fd(&fd);
	return FETCH_CHANGED;
}

/* Writes into the spool and hashes. */
struct spool_writer {
	struct writer writer;
	struct hasher *hasher;
	struct fd_writer *file;
	const struct fetcher *fetcher;
	uint64_t size;
};

static int spool_write(struct writer *w, const void *buf, size_t n, struct err *err)
{
	struct spool_writer *s = (struct spool_writer *)w;

	hasher_add(s->hasher, buf, n);
	s->size += n;
	if (s->fetcher->transferred)
		s->fetcher->transferred(s->fetcher->transferred_ctx, n);
	return s->file->writer.write(&s->file->writer, buf, n, err);
}

static int download(struct fetcher *f, struct str url, const struct fingerprint *before,
		    struct spool_writer *to, struct http_response *response, struct err *err)
{
	struct http_request request = { .url = url, .max_bytes = LIMIT_FEED_STORED_BYTES };

	if (before) {
		request.if_none_match = before->etag;
		request.if_modified_since = before->last_modified;
	}
	TRY(need_http(f, err));
	return http_perform(f->http, f->task, &request, &to->writer, response, err);
}

static struct str content_digest(struct arena *a, struct hasher *h)
{
	unsigned char raw[64];
	char hex[129];

	return str_format(a, "sha256:%s", hex_of(raw, hasher_end(h, raw), hex));
}

/* Of several servers with one name some may lag behind: what they have is no update. */
static int check_age(struct str url, struct str now, struct str before, struct err *err)
{
	int64_t modified, known;

	if (!time_parse_http(now, &modified) || !time_parse_http(before, &known) || modified >= known)
		return 0;
	return err_set(err, E_CONFLICT,
		       STR_FMT ": of " STR_FMT ", older than what is in force, of " STR_FMT
			       ": the old data stay (take it by an update with --force)",
		       STR_ARG(url), STR_ARG(now), STR_ARG(before));
}

static int fetch_http(struct fetcher *f, struct str url, struct fingerprint *now,
		      const struct fingerprint *before, struct fetched *out, struct err *err)
{
	struct arena *a = &f->task->arena;
	bool same_parser = str_eq(now->parser, before->parser);
	autohasher struct hasher *hasher = hasher_new(HASH_SHA256);
	struct fd_writer *file = arena_alloc(a, sizeof(*file));
	struct spool_writer to = { .writer = { spool_write }, .hasher = hasher, .file = file, .fetcher = f };
	struct http_response response = { 0 };
	autoclose int fd = -1;

	TRY(fd_spool(&fd, err));
	fd_writer_open(file, fd);
	TRY(download(f, url, same_parser ? before : NULL, &to, &response, err));
	if (response.status == 304)
		return FETCH_UNCHANGED;
	if (response.status == 404)
		return FETCH_MISSING;
	if (response.status != 200)
		return err_set(err, E_IO, STR_FMT ": HTTP status %u", STR_ARG(url), response.status);
	TRY(fd_writer_flush(file, err));
	if (to.size == 0 && !f->may_be_empty)
		return err_set(err, E_FORMAT, STR_FMT ": an empty document", STR_ARG(url));
	now->content = content_digest(a, hasher);
	now->last_modified = response.last_modified;
	now->etag = response.etag;
	if (same_parser && str_eq(now->content, before->content))
		return FETCH_UNCHANGED;
	TRY(check_age(url, now->last_modified, before->last_modified, err));
	out->size_bytes = to.size;
	out->fd = take_fd(&fd);
	return FETCH_CHANGED;
}

int fetch(struct fetcher *f, const struct feed_source *source, struct str parser, struct str fingerprint,
	  struct fetched *out, struct err *err)
{
	struct fingerprint before = fingerprint_parse(fingerprint), now = { .parser = parser };
	struct str where = location(f, source->url, source->mirror_path);
	int result;

	*out = (struct fetched){ .fd = -1, .origin = where };
	f->may_be_empty = source->may_be_empty;
	result = f->mirror_dir.n ? fetch_file(f, where, &now, &before, out, err)
				 : fetch_http(f, where, &now, &before, out, err);
	if (result == FETCH_CHANGED)
		out->fingerprint = fingerprint_text(&f->task->arena, &now);
	return result;
}

/* ---- opening ---- */

static struct str with_slash(struct arena *a, struct str s)
{
	return str_ends(s, STR("/")) ? str_copy(a, s) : str_format(a, STR_FMT "/", STR_ARG(s));
}

int fetcher_open(struct fetcher *f, struct task *task, struct str mirror, struct str debian_archive,
		 struct err *err)
{
	struct stat st;

	*f = (struct fetcher){ .task = task };
	f->discovery = (struct discovery){
		.exists = exists, .get = get, .list = list, .debian_archive = debian_archive
	};
	if (str_ends(debian_archive, STR("/")))
		f->discovery.debian_archive.n--;
	if (mirror.n == 0)
		return 0;
	f->is_mirrored = true;
	if (str_starts(mirror, STR("http://")) || str_starts(mirror, STR("https://"))) {
		f->mirror_url = with_slash(&task->arena, mirror);
		return 0;
	}
	if (str_starts(mirror, STR("file://")))
		mirror = str_sub(mirror, 7, mirror.n - 7);
	else if (str_search(mirror, STR("://")) < mirror.n)
		return err_set(err, E_CONFIG,
			       "mirror " STR_FMT ": give http://, https://, file:// or a folder",
			       STR_ARG(mirror));
	f->mirror_dir = with_slash(&task->arena, mirror);
	if (stat(f->mirror_dir.p, &st) < 0)
		return err_set(err, E_NOTFOUND, "mirror " STR_FMT ": %m", STR_ARG(mirror));
	return 0;
}

void fetcher_close(struct fetcher *f)
{
	if (f->http)
		http_client_free(f->http);
	f->http = NULL;
}
