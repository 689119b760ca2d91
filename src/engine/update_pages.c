/* SPDX-License-Identifier: Apache-2.0 */
/* One updater whose publisher answers in pages (Fedora's Bodhi, Rocky's Apollo): one after the other is
 * fetched and parsed until one has nothing. What one would get wrong: how many there are says the document,
 * which only the worker reads; so the end is a page without records, or one that does not exist. The newest
 * entries come first, so that a first page with the bytes of before means that nothing changed. */
#include "engine/update_run.h"

#include "base/limits.h"

static struct str with_number(struct arena *a, struct str text, unsigned number)
{
	const struct str mark = STR("{page}");
	size_t at = str_search(text, mark);
	struct str rest = at < text.n ? str_sub(text, at + mark.n, text.n - at - mark.n) : STR("");

	return at < text.n ? str_format(a, STR_FMT "%u" STR_FMT, STR_ARG(str_sub(text, 0, at)), number,
					STR_ARG(rest))
			   : text;
}

struct feed_source update_page_source(struct arena *a, const struct feed_source *pages, unsigned number)
{
	struct feed_source page = *pages;

	page.url = with_number(a, pages->url, number);
	page.mirror_path = with_number(a, pages->mirror_path, number);
	return page;
}

struct paging {
	struct update_worker *w;
	const struct update_job *job;
	struct store_sink sink;
	struct str fingerprint; /* of the first page */
};

/* Fetch and parse a page unless it is what `before` says. Returns enum fetch_result; a page without records
 * is FETCH_MISSING. */
static int take_page(struct paging *p, unsigned number, struct str before, struct err *err)
{
	struct arena *a = &p->w->task->arena;
	const struct feed_source source = update_page_source(a, p->job->source, number);
	uint64_t had = p->sink.base.read + p->sink.base.skipped;
	struct fetched fetched = { .fd = -1 };
	autoclose int fd = -1;
	int result = fetch(&p->w->fetcher, &source, update_parser_text(a, p->job), before, &fetched, err);

	fd = fetched.fd;
	if (result != FETCH_CHANGED)
		return result;
	if (number == 1)
		p->fingerprint = fetched.fingerprint;
	if (update_parse(p->w, p->job, &source, &fetched, &p->sink.base.sink, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(fetched.origin));
	return p->sink.base.read + p->sink.base.skipped > had ? FETCH_CHANGED : FETCH_MISSING;
}

static int take_others(struct paging *p, struct err *err)
{
	struct str none = { 0 };
	int result;

	for (unsigned number = 2; number <= LIMIT_FEED_PAGES; number++) {
		struct arena_mark mark = arena_mark(&p->w->task->arena);

		result = take_page(p, number, none, err);
		if (result != FETCH_CHANGED)
			return result < 0 ? result : 0;
		arena_release(&p->w->task->arena, mark);
		TRY(task_check(p->w->task, err));
	}
	return err_set(err, E_LIMIT, STR_FMT ": more than %u pages", STR_ARG(p->job->source->url),
		       LIMIT_FEED_PAGES);
}

int update_pages(struct update_worker *w, const struct update_job *job, struct update_summary *summary,
		 struct err *err)
{
	struct paging p = { .w = w, .job = job };
	autoupdate struct update *update = NULL;
	struct str none = { 0 };
	struct updater_state state;
	int result;

	TRY(advisories_updater(w->store, w->task, job->name, &state, err));
	TRY(update_begin(w->store, job->name, &update, err));
	p.sink = update_store_sink(w, job, update);
	result = take_page(&p, 1, w->options->force ? none : state.fingerprint, err);
	if (result == FETCH_UNCHANGED)
		return update_note(w, job->name, none, err);
	if (result == FETCH_MISSING && !p.fingerprint.n)
		return err_set(err, E_NOTFOUND, STR_FMT " does not exist", STR_ARG(job->source->url));
	TRY(result);
	if (result == FETCH_CHANGED)
		TRY(take_others(&p, err));
	if (update_finish(w, &p.sink, state.advisories, p.fingerprint, summary, err) < 0)
		return err_wrap(err, STR_FMT, STR_ARG(job->source->url));
	return UPDATE_CHANGED;
}
