/* SPDX-License-Identifier: Apache-2.0 */
/* Reading Clair's offline bundle, line by line, in memory for one line. Source: the file that Clair v4's
 * clairctl export-updaters makes. What one would get wrong: names are matched in any case; a change of Ref,
 * not of updater, begins the next operation; and a record without tags or data (Clair's last enrichment) is
 * no error. */
#include "cmd/bundle.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"
#include "engine/affected.h"
#include "report/clair_parse.h"

#include <string.h>
#include <time.h>

enum { LEASE_SECONDS = 3600, LEASE_TRIES = 600, READ_BYTES = 256 * 1024 };

/* Lines of a reader: the buffer holds what was read and not given out yet. */
struct lines {
	struct reader *from;
	struct arena arena;
	char *buffer;
	size_t begin, end, room;
	uint64_t number; /* of the line given out last */
	bool is_over;
};

static int fill(struct lines *l, struct err *err)
{
	ssize_t n;

	if (l->begin) {
		memmove(l->buffer, l->buffer + l->begin, l->end - l->begin);
		l->end -= l->begin;
		l->begin = 0;
	}
	if (l->room - l->end < READ_BYTES) {
		size_t room = l->room ? l->room * 2 : 2 * READ_BYTES;
		char *larger;

		if (l->end > LIMIT_BUNDLE_LINE_BYTES)
			return err_set(err, E_LIMIT, "line %llu is longer than %llu bytes",
				       (unsigned long long)l->number + 1, LIMIT_BUNDLE_LINE_BYTES);
		larger = ARENA_ARRAY(&l->arena, char, room);
		if (l->end)
			memcpy(larger, l->buffer, l->end);
		l->buffer = larger;
		l->room = room;
	}
	n = reader_read(l->from, l->buffer + l->end, READ_BYTES, err);
	if (n < 0)
		return (int)n;
	l->is_over = n == 0;
	l->end += (size_t)n;
	return 0;
}

/* 1 a line, 0 the end. */
static int next_line(struct lines *l, struct str *out, struct err *err)
{
	size_t seen = 0;

	for (;;) {
		size_t have = l->end - l->begin;
		const char *lf = have > seen ? memchr(l->buffer + l->begin + seen, '\n', have - seen) : NULL;

		if (lf || (l->is_over && have)) {
			size_t n = lf ? (size_t)(lf - (l->buffer + l->begin)) : have;

			*out = (struct str){ l->buffer + l->begin, n };
			l->begin += n + (lf != NULL);
			l->number++;
			return 1;
		}
		if (l->is_over)
			return 0;
		seen = have;
		TRY(fill(l, err));
	}
}

/* ---- one operation after the other ---- */

struct reading {
	struct task *task; /* cancellation */
	struct advisory_store *store;
	int64_t now;
	struct bundle_totals *totals;
	struct arena arena; /* of the operation: its names */
	struct str updater, ref, fingerprint;
	enum operation_kind kind;
	bool is_open, is_skipped, has_lease;
	struct update *update;
	struct enrichment_update *enrichments;
};

static void close_operation(struct reading *r)
{
	struct err ignored = { 0 };

	update_closep(&r->update);
	enrichments_closep(&r->enrichments);
	r->update = NULL;
	r->enrichments = NULL;
	if (r->has_lease)
		(void)advisories_release(r->store, r->updater, &ignored);
	r->has_lease = r->is_open = false;
	arena_reset(&r->arena);
}

static int commit_operation(struct reading *r, struct err *err)
{
	struct update_summary summary;

	if (!r->is_open)
		return 0;
	if (r->update)
		TRY(update_commit(r->update, r->fingerprint, r->now, &summary, err));
	if (r->enrichments)
		TRY(enrichments_commit(r->enrichments, r->fingerprint, r->now, &summary, err));
	r->totals->operations += !r->is_skipped;
	r->totals->skipped += r->is_skipped;
	close_operation(r);
	return 0;
}

static int take_lease(struct reading *r, struct err *err)
{
	struct timespec pause = { .tv_nsec = 500 * 1000 * 1000 };

	for (int i = 0; i < LEASE_TRIES; i++) {
		int taken = advisories_lease(r->store, r->updater, LEASE_SECONDS, err);

		if (taken != 0) {
			r->has_lease = taken > 0;
			return taken < 0 ? taken : 0;
		}
		TRY(task_check(r->task, err));
		nanosleep(&pause, NULL);
	}
	return err_set(err, E_CONFLICT,
		       "updater " STR_FMT " is being updated by another process: try again later",
		       STR_ARG(r->updater));
}

static int begin_operation(struct reading *r, struct err *err)
{
	int known = operation_has_fingerprint(r->store, r->updater, r->kind, r->fingerprint, err);

	TRY(known);
	r->is_open = true;
	r->is_skipped = known > 0;
	if (r->is_skipped)
		return 0;
	TRY(take_lease(r, err));
	if (r->kind == OPERATION_ENRICHMENT)
		return enrichments_begin(r->store, r->updater, &r->enrichments, err);
	return update_begin(r->store, r->updater, &r->update, err);
}

/* Member of an envelope in any case, as Go's decoder finds it. */
static const struct json_value *member(const struct json_value *v, const char *key)
{
	for (size_t i = 0; v && v->type == JSON_OBJECT && i < v->n; i++)
		if (str_eq_nocase(v->keys[i], str_of(key)))
			return &v->items[i];
	return NULL;
}

static struct str text_of(const struct json_value *v, const char *key)
{
	const struct json_value *m = member(v, key);

	return m && m->type == JSON_STRING ? m->text : (struct str){ 0 };
}

/* Before the operation that is open is put into force: a line that is none says that the file is damaged, and
 * who knows what is missing. */
static int check_envelope(const struct json_value *line, struct err *err)
{
	struct str kind = text_of(line, "Kind");

	if (!text_of(line, "Updater").n || !text_of(line, "Ref").n)
		return err_set(err, E_FORMAT, "no Updater or no Ref: not a line of an offline bundle");
	if (kind.n && !str_eq(kind, STR("vulnerability")) && !str_eq(kind, STR("enrichment")))
		return err_set(err, E_FORMAT, "Kind \"" STR_FMT "\" is neither vulnerability nor enrichment",
			       STR_ARG(kind));
	return 0;
}

static int turn_to(struct reading *r, const struct json_value *line, struct err *err)
{
	struct str ref = text_of(line, "Ref");

	TRY(check_envelope(line, err));
	if (r->is_open && str_eq(ref, r->ref))
		return 0;
	TRY(commit_operation(r, err));
	r->ref = str_copy(&r->arena, ref);
	r->updater = str_copy(&r->arena, text_of(line, "Updater"));
	r->fingerprint = str_copy(&r->arena, text_of(line, "Fingerprint"));
	r->kind = str_eq(text_of(line, "Kind"), STR("enrichment")) ? OPERATION_ENRICHMENT
								   : OPERATION_VULNERABILITY;
	return begin_operation(r, err);
}

static int put_vulnerability(struct reading *r, struct task *task, const struct json_value *v,
			     struct err *err)
{
	struct advisory a = { 0 };
	struct str id;

	TRY(clair_parse_vulnerability(task, v, true, &a, &id, err));
	if (!a.key.package.n)
		return 0; /* as Clair: nothing to match it with */
	a.key.namespace = engine_advisory_namespace(&task->arena, &a);
	a.updater = r->updater;
	r->totals->records++;
	return update_put(r->update, &a, err);
}

static int put_enrichment(struct reading *r, struct task *task, const struct json_value *v, struct err *err)
{
	const struct json_value *tags = member(v, "Tags"), *data = member(v, "Enrichment");
	struct enrichment e = { .updater = r->updater };
	struct buffer text = { .arena = &task->arena };
	struct mem_writer to;
	struct json_writer w;
	struct str *list;

	if (!tags || tags->type != JSON_ARRAY || !data || data->type == JSON_NULL)
		return 0;
	list = ARENA_ARRAY(&task->arena, struct str, tags->n);
	for (size_t i = 0; i < tags->n; i++)
		if (tags->items[i].type == JSON_STRING)
			list[e.tag_count++] = tags->items[i].text;
	mem_writer_open(&to, &text);
	json_writer_open(&w, &to.writer, 0, err);
	json_tree_write(&w, data);
	TRY(json_writer_end(&w));
	e.tags = list;
	e.data = buffer_str(&text);
	r->totals->records++;
	return enrichments_put(r->enrichments, &e, err);
}

static int read_line(struct reading *r, struct str line, struct err *err)
{
	autotask struct task task = { .canceled = r->task->canceled };
	struct json_value v = { 0 };

	if (!str_trim(line).n)
		return 0;
	TRY(task_check(r->task, err));
	TRY(json_parse(&task.arena, line, &v, err));
	TRY(turn_to(r, &v, err));
	if (r->is_skipped)
		return 0;
	if (r->kind == OPERATION_ENRICHMENT)
		return put_enrichment(r, &task, member(&v, "Enrichment"), err);
	return put_vulnerability(r, &task, member(&v, "Vuln"), err);
}

static int read_lines(struct reading *r, struct lines *l, struct err *err)
{
	struct str line;
	int got;

	while ((got = next_line(l, &line, err)) > 0)
		if (read_line(r, line, err) < 0)
			return err_wrap(err, "line %llu", (unsigned long long)l->number);
	if (got < 0)
		return got;
	return commit_operation(r, err);
}

int bundle_read(struct task *task, struct advisory_store *store, struct reader *from, int64_t now,
		struct bundle_totals *out, struct err *err)
{
	struct reading r = { .task = task, .store = store, .now = now, .totals = out };
	struct lines l = { .from = from };
	int rc;

	*out = (struct bundle_totals){ 0 };
	rc = read_lines(&r, &l, err);
	close_operation(&r);
	arena_reset(&l.arena);
	return rc;
}
