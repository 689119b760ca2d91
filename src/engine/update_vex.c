/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat's VEX: an archive made once a day with a document for each CVE, and lists of the documents that
 * changed and were deleted since (matching.md 4.8). The first time everything is read: the archive and what
 * is newer than it; from then on only what the lists say is newer, and that is a delta. What one would get
 * wrong: the moment that counts is the publisher's, not ours: the newest time in the lists, with some
 * overlap, since entries may be written late. And an archive of yesterday must not undo a document of today:
 * what was fetched singly is read first, and hides what the archive says of the same CVE. */
#include "engine/update_run.h"

#include "base/limits.h"
#include "base/map.h"
#include "base/time.h"
#include "ecosystem/settings.h"
#include "engine/vex_listing.h"

enum {
	FIRST_YEAR = 2015,
	OVERLAP_SECONDS = 600,
	ARCHIVE_NAME_BYTES = 4096,
	FETCHED_LINES = 4, /* of a fingerprint of fetch.c */
};

/* What is remembered between updates. */
struct vex_state {
	struct str parser;
	int64_t until; /* newest change seen */
	struct str changes, deletions; /* fingerprints of the lists */
};

struct vex_update {
	struct store_sink sink; /* first */
	struct update_worker *w;
	const struct update_job *job;
	struct vex_state before, now;
	bool is_full;
	int64_t since; /* entries from then on count */
	struct fd_writer file; /* of the spool: documents fetched singly, one a line */
	struct fetched spool;
	uint64_t documents; /* in the spool */
	struct map spoken; /* CVEs of the spool */
	bool in_archive, is_hidden; /* the document at hand is hidden by one of the spool */
	bool ignores_kernel; /* a setting: packages of the kernel are left out */
};

/* ---- what is remembered ---- */

static struct str state_text(struct arena *a, const struct vex_state *s)
{
	char until[32];

	return str_format(a, STR_FMT "\n%s\n" STR_FMT "\n" STR_FMT, STR_ARG(s->parser),
			  time_rfc3339(s->until, until), STR_ARG(s->changes), STR_ARG(s->deletions));
}

/* So many lines of the text, without the last line's end. */
static struct str take_lines(struct str *text, int n)
{
	struct str start = *text, ignored;

	while (n-- > 0)
		str_line(text, &ignored);
	start.n -= text->n;
	if (str_ends(start, STR("\n")))
		start.n--;
	return start;
}

static bool state_parse(struct str text, struct vex_state *out)
{
	*out = (struct vex_state){ .parser = take_lines(&text, 1) };
	if (!time_parse(take_lines(&text, 1), &out->until))
		return false;
	out->changes = take_lines(&text, FETCHED_LINES);
	out->deletions = take_lines(&text, FETCHED_LINES);
	return out->changes.n > 0;
}

/* ---- fetching ---- */

static struct feed_source file_source(const struct vex_update *v, struct str name)
{
	struct arena *a = &v->w->task->arena;
	const struct feed_source *s = v->job->source;

	return (struct feed_source){
		.url = str_format(a, STR_FMT STR_FMT, STR_ARG(s->url), STR_ARG(name)),
		.mirror_path = str_format(a, STR_FMT STR_FMT, STR_ARG(s->mirror_path), STR_ARG(name)),
	};
}

static int missing(const struct fetched *f, struct err *err)
{
	return err_set(err, E_NOTFOUND, STR_FMT " does not exist", STR_ARG(f->origin));
}

/* Add the bytes of a document as one line: JSON has no line ends but those between its tokens. */
static int spool_document(struct vex_update *v, const struct fetched *f, struct err *err)
{
	struct fd_reader in;
	char buf[65536];
	ssize_t n;

	fd_reader_open(&in, f->fd, 0, f->size_bytes);
	while ((n = reader_read(&in.reader, buf, sizeof(buf), err)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (buf[i] == '\n' || buf[i] == '\r')
				buf[i] = ' ';
		TRY(v->file.writer.write(&v->file.writer, buf, (size_t)n, err));
		v->spool.size_bytes += (uint64_t)n;
	}
	if (n < 0)
		return (int)n;
	v->spool.size_bytes++;
	v->documents++;
	return writer_str(&v->file.writer, STR("\n"), err);
}

/* A document that is gone again is told by the list of deletions, then or the next time. */
static int take_changed(struct vex_update *v, const struct vex_entry *e, struct err *err)
{
	struct arena_mark mark = arena_mark(&v->w->task->arena);
	const struct feed_source source = file_source(v, e->path);
	struct fetched fetched = { .fd = -1 };
	struct str none = { 0 };
	autoclose int fd = -1;
	int result;

	if (e->year < FIRST_YEAR)
		return 0;
	result = fetch(&v->w->fetcher, &source, v->now.parser, none, &fetched, err);
	fd = fetched.fd;
	if (result == FETCH_CHANGED)
		result = spool_document(v, &fetched, err);
	arena_release(&v->w->task->arena, mark);
	return result < 0 ? result : task_check(v->w->task, err);
}

static int take_deleted(struct vex_update *v, const struct vex_entry *e, struct err *err)
{
	struct arena *a = &v->w->task->arena;
	struct arena_mark mark = arena_mark(a);
	struct str stub = str_format(
		a, "{\"document\":{\"tracking\":{\"id\":\"" STR_FMT "\",\"status\":\"deleted\"}}}\n",
		STR_ARG(vex_entry_cve(a, e)));
	int result = writer_str(&v->file.writer, stub, err);

	v->spool.size_bytes += stub.n;
	v->documents++;
	arena_release(a, mark);
	return result;
}

typedef int take_entry(struct vex_update *v, const struct vex_entry *e, struct err *err);

/* Take the entries that are new enough. */
static int take_entries(struct vex_update *v, struct str listing, take_entry *take, struct err *err)
{
	struct vex_listing l = { .rest = listing };
	struct vex_entry e;
	int got;

	while ((got = vex_listing_next(&l, &e, err)) > 0) {
		if (e.changed > v->now.until)
			v->now.until = e.changed;
		if (e.changed >= v->since)
			TRY(take(v, &e, err));
	}
	return got;
}

static size_t count_entries(const struct vex_update *v, struct str listing)
{
	struct vex_listing l = { .rest = listing };
	struct err ignored = { 0 };
	struct vex_entry e;
	size_t n = 0;

	while (vex_listing_next(&l, &e, &ignored) > 0)
		n += e.changed >= v->since;
	return n;
}

/* The text of a list unless it is what `before` says; then *out is empty. */
static int fetch_listing(struct vex_update *v, const char *name, struct str before, struct str *fingerprint,
			 struct str *out, struct err *err)
{
	struct feed_source source = file_source(v, str_of(name));
	struct fetched fetched = { .fd = -1 };
	struct fd_reader in;
	autoclose int fd = -1;
	int result;

	source.may_be_empty = true;
	result = fetch(&v->w->fetcher, &source, v->now.parser, before, &fetched, err);

	fd = fetched.fd;
	*fingerprint = before;
	*out = (struct str){ NULL, 0 };
	if (result == FETCH_MISSING)
		return missing(&fetched, err);
	if (result != FETCH_CHANGED)
		return result;
	*fingerprint = fetched.fingerprint;
	fd_reader_open(&in, fd, 0, fetched.size_bytes);
	return reader_all(&in.reader, &v->w->task->arena, LIMIT_VEX_LISTING_BYTES, out, err);
}

/* Fetch what the lists say is new. More than LIMIT_VEX_CHANGES: 1, and nothing is fetched. */
static int take_new(struct vex_update *v, struct err *err)
{
	struct vex_state *now = &v->now;
	struct str changes, deletions, none = { 0 };

	TRY(fetch_listing(v, "changes.csv", v->is_full ? none : v->before.changes, &now->changes, &changes,
			  err));
	TRY(fetch_listing(v, "deletions.csv", v->is_full ? none : v->before.deletions, &now->deletions,
			  &deletions, err));
	if (!v->is_full && count_entries(v, changes) > LIMIT_VEX_CHANGES)
		return 1;
	if (take_entries(v, changes, take_changed, err) < 0)
		return err_wrap(err, STR_FMT "changes.csv", STR_ARG(v->job->source->url));
	if (take_entries(v, deletions, take_deleted, err) < 0)
		return err_wrap(err, STR_FMT "deletions.csv", STR_ARG(v->job->source->url));
	return fd_writer_flush(&v->file, err);
}

static int fetch_archive(struct vex_update *v, struct fetched *out, struct err *err)
{
	const struct feed_source pointer = file_source(v, STR("archive_latest.txt"));
	struct discovery *d = &v->w->fetcher.discovery;
	struct str text = { NULL, 0 }, name, none = { 0 };
	struct feed_source source;
	int got = d->get(d, pointer.url, pointer.mirror_path, ARCHIVE_NAME_BYTES, &text, err);

	if (got == 0)
		return err_set(err, E_NOTFOUND, STR_FMT " does not exist", STR_ARG(pointer.url));
	TRY(got);
	if (vex_archive_name(text, &name, &v->since, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(pointer.url));
	source = file_source(v, name);
	got = fetch(&v->w->fetcher, &source, v->now.parser, none, out, err);
	return got == FETCH_MISSING ? missing(out, err) : got < 0 ? got : 0;
}

/* ---- parsing ---- */

static struct vex_update *of_sink(struct feed_sink *sink)
{
	return (struct vex_update *)sink;
}

static int put_replaced(struct feed_sink *sink, struct str name, struct err *err)
{
	struct vex_update *v = of_sink(sink);
	struct arena *a = &v->w->task->arena;

	v->is_hidden = v->in_archive && map_get(&v->spoken, name);
	if (v->is_hidden)
		return 0;
	if (v->is_full && !v->in_archive)
		*map_put(&v->spoken, str_copy(a, name)) = v;
	update_replace(v->sink.update, name);
	return task_check(v->w->task, err);
}

static int put_advisory(struct feed_sink *sink, const struct advisory *advisory, struct err *err)
{
	struct vex_update *v = of_sink(sink);

	v->sink.base.read++;
	if (v->is_hidden || (v->ignores_kernel && str_starts(advisory->key.package, STR("kernel"))))
		return 0;
	return update_put(v->sink.update, advisory, err);
}

static int parse(struct vex_update *v, const struct fetched *f, struct err *err)
{
	v->is_hidden = false;
	if (update_parse(v->w, v->job, v->job->source, f, &v->sink.base.sink, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(f->origin));
	return 0;
}

static int parse_all(struct vex_update *v, const struct fetched *archive, struct err *err)
{
	if (v->documents)
		TRY(parse(v, &v->spool, err));
	v->in_archive = true;
	return v->is_full ? parse(v, archive, err) : 0;
}

/* ---- the update ---- */

static int load(struct vex_update *v, const struct fetched *archive, uint64_t had,
		struct update_summary *summary, struct err *err)
{
	autoupdate struct update *update = NULL;
	struct str fingerprint;

	TRY(v->is_full ? update_begin(v->w->store, v->job->name, &update, err)
		       : update_begin_delta(v->w->store, v->job->name, &update, err));
	v->sink = update_store_sink(v->w, v->job, update);
	v->sink.base.sink.advisory = put_advisory;
	v->sink.base.sink.replaced = put_replaced;
	TRY(parse_all(v, archive, err));
	fingerprint = state_text(&v->w->task->arena, &v->now);
	return update_finish(v->w, &v->sink, v->is_full ? had : 0, fingerprint, summary, err);
}

static int open_spool(struct vex_update *v, struct err *err)
{
	TRY(fd_spool(&v->spool.fd, err));
	fd_writer_open(&v->file, v->spool.fd);
	v->spool.size_bytes = v->documents = 0;
	v->spool.origin = str_format(&v->w->task->arena, STR_FMT "changes.csv: documents",
				     STR_ARG(v->job->source->url));
	return 0;
}

static int run_full(struct vex_update *v, uint64_t had, struct update_summary *summary, struct err *err)
{
	struct fetched archive = { .fd = -1 };
	autoclose int fd = -1;
	int result;

	v->is_full = true;
	v->now.until = 0;
	result = fetch_archive(v, &archive, err);
	fd = archive.fd;
	TRY(result);
	v->now.until = v->since;
	TRY(take_new(v, err));
	return load(v, &archive, had, summary, err);
}

static int run_delta(struct vex_update *v, uint64_t had, struct update_summary *summary, struct err *err)
{
	struct str none = { 0 };
	int result;

	v->now.until = v->before.until;
	v->since = v->before.until - OVERLAP_SECONDS;
	result = take_new(v, err);
	if (result > 0)
		return run_full(v, had, summary, err);
	TRY(result);
	return v->documents ? load(v, NULL, had, summary, err) : update_note(v->w, v->job->name, none, err);
}

/* The setting is part of what a document gives: another one makes everything be read again. */
static void read_settings(struct vex_update *v)
{
	const struct json_value *settings = json_get(v->w->options->config, v->job->set->name);
	const struct json_value *ignores = updater_setting_get(settings, "ignore_kernel_packages");
	struct arena *a = &v->w->task->arena;
	struct str parser = update_parser_text(a, v->job);

	v->ignores_kernel = ignores && ignores->type == JSON_TRUE;
	v->now.parser = v->ignores_kernel ? str_format(a, STR_FMT "+ignore_kernel", STR_ARG(parser)) : parser;
}

int update_vex(struct update_worker *w, const struct update_job *job, struct update_summary *summary,
	       struct err *err)
{
	struct vex_update *v = ARENA_NEW(&w->task->arena, struct vex_update);
	autoclose int spool = -1;
	struct updater_state state;
	bool has_state;

	v->w = w;
	v->job = job;
	v->spoken.arena = &w->task->arena;
	read_settings(v);
	TRY(advisories_updater(w->store, w->task, job->name, &state, err));
	has_state = state_parse(state.fingerprint, &v->before) && str_eq(v->before.parser, v->now.parser);
	TRY(open_spool(v, err));
	spool = v->spool.fd;
	if (has_state && !w->options->force)
		return run_delta(v, state.advisories, summary, err);
	return run_full(v, state.advisories, summary, err);
}
