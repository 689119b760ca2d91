/* SPDX-License-Identifier: Apache-2.0 */
/* A mirror: what an update fetches, kept as files. It is an update with another end: the same sets, the same
 * discovery, the same threads and conditions. What a reader would get wrong: the order in which files come
 * into place matters to whoever reads meanwhile. Pages are replaced from the last to the first, and Red Hat's
 * lists come after the documents they name. A first page that changes tells readers to read all. */
#include "engine/mirror.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/time.h"
#include "engine/mirror_folder.h"
#include "engine/update_run.h"
#include "engine/vex_listing.h"

enum { FIRST_YEAR = 2015, OVERLAP_SECONDS = 600 };

struct mirroring {
	struct update_instead instead; /* first */
	struct mirror_folder folder;
	const struct mirror_options *options;
};

/* Counts what a parser reads. */
static int count_advisory(struct feed_sink *sink, const struct advisory *advisory, struct err *err)
{
	(void)advisory;
	(void)err;
	((struct update_sink *)sink)->read++;
	return 0;
}

static int count_enrichment(struct feed_sink *sink, const struct enrichment *enrichment, struct err *err)
{
	(void)enrichment;
	(void)err;
	((struct update_sink *)sink)->read++;
	return 0;
}

/* One document on its way into the folder. */
struct arriving {
	struct mirroring *m;
	struct update_worker *w;
	const struct update_job *job;
	struct fetched fetched;
	struct mirror_file before;
	uint64_t records;
};

/* ---- documents ---- */

static int check_document(struct arriving *d, const struct feed_source *source, struct err *err)
{
	struct update_sink sink = update_sink_of(d->w, d->job);

	sink.sink.advisory = count_advisory;
	sink.sink.enrichment = count_enrichment;
	if (update_parse(d->w, d->job, source, &d->fetched, &sink.sink, err) < 0 ||
	    update_sink_check(&sink, 0, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(d->fetched.origin));
	d->records = sink.read + sink.skipped;
	return 0;
}

/* Last-Modified stands in the third line of a fingerprint. */
static int64_t modified_of(struct str fingerprint)
{
	struct str line = { NULL, 0 };
	int64_t modified = 0;

	for (int i = 0; i < 3; i++)
		str_cut(fingerprint, '\n', &line, &fingerprint);
	return time_parse_http(line, &modified) ? modified : 0;
}

/* Fetch; FETCH_CHANGED leaves the document in d->fetched, which close_document releases. */
static int take(struct arriving *d, const struct feed_source *source, struct err *err)
{
	struct str none = { NULL, 0 };

	d->fetched.fd = -1;
	(void)mirror_folder_find(&d->m->folder, source->mirror_path, &d->before);
	return fetch(&d->w->fetcher, source, STR("mirror"),
		     d->w->options->force ? none : d->before.fingerprint, &d->fetched, err);
}

static int place(struct arriving *d, struct str path, struct str mark, struct err *err)
{
	const struct mirror_file file = {
		.set = str_of(d->job->set->name),
		.path = path,
		.fingerprint = d->fetched.fingerprint,
		.mark = mark,
		.size_bytes = d->fetched.size_bytes,
		.is_seen = true,
	};

	return mirror_folder_put(&d->m->folder, &file, d->fetched.fd, modified_of(d->fetched.fingerprint),
				 err);
}

static int does_not_exist(const struct fetched *f, struct err *err)
{
	return err_set(err, E_NOTFOUND, STR_FMT " does not exist", STR_ARG(f->origin));
}

/* checks: read it as its parser does, before it may replace the one before. */
static int keep(struct arriving *d, const struct feed_source *source, bool checks, struct str mark,
		struct err *err)
{
	int result = take(d, source, err);
	autoclose int fd = -1;

	fd = d->fetched.fd;
	if (result == FETCH_MISSING)
		return does_not_exist(&d->fetched, err);
	if (result == FETCH_UNCHANGED)
		mirror_folder_seen(&d->m->folder, source->mirror_path);
	if (result != FETCH_CHANGED)
		return result;
	if (checks)
		TRY(check_document(d, source, err));
	TRY(place(d, source->mirror_path, mark, err));
	return FETCH_CHANGED;
}

static int mirror_documents(struct arriving *d, struct err *err)
{
	size_t n = updates_enrichments(d->job->set) ? d->job->all->sources.n : 1;
	int changed = UPDATE_UNCHANGED;

	for (size_t i = 0; i < n; i++) {
		const struct feed_source *source = n > 1 ? &d->job->all->sources.p[i] : d->job->source;
		int result = keep(d, source, true, STR(""), err);

		TRY(result);
		if (result == FETCH_CHANGED)
			changed = UPDATE_CHANGED;
		TRY(task_check(d->w->task, err));
	}
	return changed;
}

/* ---- pages ---- */

struct page {
	struct fetched fetched;
	struct str path;
};
typedef VEC(struct page) page_list;

static int take_page(struct arriving *d, unsigned number, page_list *pages, struct err *err)
{
	struct arena *a = &d->w->task->arena;
	const struct feed_source source = update_page_source(a, d->job->source, number);
	struct str none = { NULL, 0 };
	autoclose int fd = -1;
	int result;

	if (number == 1)
		result = take(d, &source, err);
	else
		result = fetch(&d->w->fetcher, &source, STR("mirror"), none, &d->fetched, err);
	fd = d->fetched.fd;
	if (result != FETCH_CHANGED)
		return result;
	TRY(check_document(d, &source, err));
	if (d->records == 0)
		return FETCH_MISSING;
	VEC_PUSH(a, pages, ((struct page){ d->fetched, source.mirror_path }));
	(void)take_fd(&fd);
	return FETCH_CHANGED;
}

static int take_pages(struct arriving *d, page_list *pages, struct err *err)
{
	for (unsigned number = 1; number <= LIMIT_FEED_PAGES; number++) {
		int result = take_page(d, number, pages, err);

		if (result != FETCH_CHANGED)
			return number == 1 && result == FETCH_MISSING ? does_not_exist(&d->fetched, err)
								      : result;
		TRY(task_check(d->w->task, err));
	}
	return err_set(err, E_LIMIT, STR_FMT ": more than %u pages", STR_ARG(d->job->source->url),
		       LIMIT_FEED_PAGES);
}

/* What an earlier run had behind the last page would be read as if it were still said. */
static int end_pages(struct arriving *d, unsigned count, struct err *err)
{
	struct arena *a = &d->w->task->arena;
	struct mirror_file old;

	for (unsigned number = count + 1; number <= LIMIT_FEED_PAGES; number++) {
		struct str path = update_page_source(a, d->job->source, number).mirror_path;

		if (!mirror_folder_find(&d->m->folder, path, &old))
			break;
		TRY(mirror_folder_remove(&d->m->folder, path, err));
	}
	return 0;
}

static int place_pages(struct arriving *d, const page_list *pages, struct err *err)
{
	TRY(end_pages(d, (unsigned)pages->n, err));
	for (size_t i = pages->n; i-- > 0;) {
		d->fetched = pages->p[i].fetched;
		TRY(place(d, pages->p[i].path, STR(""), err));
	}
	return UPDATE_CHANGED;
}

static void see_pages(struct arriving *d)
{
	struct arena *a = &d->w->task->arena;
	struct mirror_file known;

	for (unsigned number = 1; number <= LIMIT_FEED_PAGES; number++) {
		struct str path = update_page_source(a, d->job->source, number).mirror_path;

		if (!mirror_folder_find(&d->m->folder, path, &known))
			return;
		mirror_folder_seen(&d->m->folder, path);
	}
}

static int mirror_pages(struct arriving *d, struct err *err)
{
	page_list pages = { 0 };
	int result = take_pages(d, &pages, err);

	if (result == FETCH_UNCHANGED)
		see_pages(d);
	else if (result >= 0)
		result = place_pages(d, &pages, err);
	VEC_EACH (struct page, page, &pages)
		fd_closep(&page->fetched.fd);
	return result;
}

/* ---- Red Hat's archive and lists ---- */

static struct feed_source file_of(struct arriving *d, struct str name)
{
	struct arena *a = &d->w->task->arena;
	const struct feed_source *s = d->job->source;

	return (struct feed_source){
		.url = str_format(a, STR_FMT STR_FMT, STR_ARG(s->url), STR_ARG(name)),
		.mirror_path = str_format(a, STR_FMT STR_FMT, STR_ARG(s->mirror_path), STR_ARG(name)),
	};
}

/* What is in the folder is still what the publisher has. */
static int take_kept(struct arriving *d, const struct mirror_file *kept, struct fetched *out, struct err *err)
{
	out->fd = mirror_folder_read(&d->m->folder, kept->path, err);
	out->size_bytes = kept->size_bytes;
	out->fingerprint = kept->fingerprint;
	return out->fd < 0 ? err->code : 0;
}

/* A list or pointer, read and not yet put in place. One that had something may not become empty. */
static int take_text(struct arriving *d, const char *name, struct fetched *out, struct str *text,
		     struct err *err)
{
	struct feed_source source = file_of(d, str_of(name));
	struct str none = { NULL, 0 };
	struct mirror_file kept;
	struct fd_reader in;
	int result;

	(void)mirror_folder_find(&d->m->folder, source.mirror_path, &kept);
	source.may_be_empty = kept.size_bytes == 0;
	result = fetch(&d->w->fetcher, &source, STR("mirror"), d->w->options->force ? none : kept.fingerprint,
		       out, err);
	if (result == FETCH_MISSING)
		return does_not_exist(out, err);
	TRY(result);
	if (result == FETCH_UNCHANGED)
		TRY(take_kept(d, &kept, out, err));
	fd_reader_open(&in, out->fd, 0, out->size_bytes);
	return reader_all(&in.reader, &d->w->task->arena, LIMIT_VEX_LISTING_BYTES, text, err);
}

static int place_text(struct arriving *d, const char *name, const struct fetched *fetched, bool *changed,
		      struct err *err)
{
	const struct feed_source source = file_of(d, str_of(name));
	struct mirror_file known;

	if (mirror_folder_find(&d->m->folder, source.mirror_path, &known) &&
	    str_eq(known.fingerprint, fetched->fingerprint)) {
		mirror_folder_seen(&d->m->folder, source.mirror_path);
		return 0;
	}
	*changed = true;
	d->fetched = *fetched;
	return place(d, source.mirror_path, STR(""), err);
}

/* One document of the list, when it changed since it was fetched. A document that is gone again is told by
 * the list of deletions. */
static int keep_entry(struct arriving *d, const struct vex_entry *e, int64_t since, bool *changed,
		      struct err *err)
{
	struct arena *a = &d->w->task->arena;
	const struct feed_source source = file_of(d, e->path);
	struct mirror_file known;
	char when[32];
	struct str mark = str_copy(a, str_of(time_rfc3339(e->changed, when)));
	bool is_known = mirror_folder_find(&d->m->folder, source.mirror_path, &known);
	int result;

	if (is_known)
		mirror_folder_seen(&d->m->folder, source.mirror_path);
	if (e->year < FIRST_YEAR || (is_known && str_eq(known.mark, mark)) ||
	    (!is_known && e->changed < since))
		return 0;
	result = keep(d, &source, false, mark, err);
	if (result == E_NOTFOUND)
		return 0;
	*changed = *changed || result == FETCH_CHANGED;
	return result < 0 ? result : 0;
}

static int keep_entries(struct arriving *d, struct str text, int64_t since, bool *changed, struct err *err)
{
	struct vex_listing l = { .rest = text };
	struct vex_entry e;
	int got;

	while ((got = vex_listing_next(&l, &e, err)) > 0) {
		struct arena_mark mark = arena_mark(&d->w->task->arena);

		TRY(keep_entry(d, &e, since, changed, err));
		arena_release(&d->w->task->arena, mark);
		TRY(task_check(d->w->task, err));
	}
	return got < 0 ? err_wrap(err, STR_FMT "changes.csv", STR_ARG(d->job->source->url)) : 0;
}

/* From when on documents are fetched singly: the day of the archive, or of the one before it, as readers may
 * come back after a while and ask for what changed since. */
static int64_t since_of(struct arriving *d, int64_t made)
{
	const struct feed_source pointer = file_of(d, STR("archive_latest.txt"));
	struct mirror_file known;
	int64_t before;

	if (!mirror_folder_find(&d->m->folder, pointer.mirror_path, &known) ||
	    !(before = modified_of(known.fingerprint)))
		return made;
	return before - OVERLAP_SECONDS < made ? before - OVERLAP_SECONDS : made;
}

struct vex_files {
	struct fetched pointer, changes, deletions;
};

static int mirror_vex_files(struct arriving *d, struct vex_files *f, struct err *err)
{
	struct str pointer, changes, deletions, name;
	bool changed = false;
	int64_t made;
	int result;

	TRY(take_text(d, "archive_latest.txt", &f->pointer, &pointer, err));
	if (vex_archive_name(pointer, &name, &made, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(f->pointer.origin));
	TRY(take_text(d, "changes.csv", &f->changes, &changes, err));
	TRY(take_text(d, "deletions.csv", &f->deletions, &deletions, err));
	result = keep(d,
		      &(struct feed_source){ .url = file_of(d, name).url,
					     .mirror_path = file_of(d, name).mirror_path },
		      false, STR(""), err);
	TRY(result);
	changed = result == FETCH_CHANGED;
	TRY(keep_entries(d, changes, since_of(d, made), &changed, err));
	TRY(place_text(d, "changes.csv", &f->changes, &changed, err));
	TRY(place_text(d, "deletions.csv", &f->deletions, &changed, err));
	TRY(place_text(d, "archive_latest.txt", &f->pointer, &changed, err));
	return changed ? UPDATE_CHANGED : UPDATE_UNCHANGED;
}

static int mirror_vex(struct arriving *d, struct err *err)
{
	struct vex_files f = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };
	int result = mirror_vex_files(d, &f, err);

	fd_closep(&f.pointer.fd);
	fd_closep(&f.changes.fd);
	fd_closep(&f.deletions.fd);
	return result;
}

/* ---- in place of updating ---- */

static int run(struct update_instead *instead, struct update_worker *w, const struct update_job *job,
	       struct err *err)
{
	struct arriving *d = ARENA_NEW(&w->task->arena, struct arriving);

	*d = (struct arriving){ .m = (struct mirroring *)instead, .w = w, .job = job };
	switch (job->set->transport) {
	case TRANSPORT_CSAF: return mirror_vex(d, err);
	case TRANSPORT_PAGES: return mirror_pages(d, err);
	default: return mirror_documents(d, err);
	}
}

static int keep_answer(struct fetch_keeper *k, struct str path, struct str text, struct err *err)
{
	return mirror_folder_put_text(&((struct mirroring *)k)->folder, str_of(k->set), path, text, err);
}

static void keep_listing(struct fetch_keeper *k, struct str path)
{
	mirror_folder_list(&((struct mirroring *)k)->folder, path);
}

static int prune(struct mirroring *m, uint64_t *count, struct err *err)
{
	VEC_EACH (struct str, set, &m->instead.whole)
		TRY(mirror_folder_prune(&m->folder, *set, count, err));
	return 0;
}

int engine_mirror(struct task *task, const struct mirror_options *options, const struct str *sets, size_t n,
		  struct update_totals *out, uint64_t *pruned, struct err *err)
{
	struct mirroring m = { .options = options };
	struct err failure = { 0 };
	uint64_t count = 0;
	int result, saved;

	m.instead = (struct update_instead){ .keeper = { .document = keep_answer, .folder = keep_listing },
					     .run = run };
	result = mirror_folder_open(&m.folder, options->dir, err);
	if (result == 0) {
		result = update_all(task, NULL, sets, n, &options->update, &m.instead, out, err);
		if (result == 0 && options->prune)
			result = prune(&m, &count, err);
		saved = mirror_folder_save(&m.folder, &failure);
		if (result == 0 && saved < 0) {
			*err = failure;
			result = saved;
		}
	}
	if (pruned)
		*pruned = count;
	mirror_folder_close(&m.folder);
	return result;
}
