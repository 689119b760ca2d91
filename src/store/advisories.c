/* SPDX-License-Identifier: Apache-2.0 */
/* The store of advisories but for updating (update.c), finding (find.c) and history (operation*.c): opening,
 * what is known of updaters, and leases. What one would get wrong: an update that runs meanwhile remembers
 * what was stored when it began. Whoever takes something away from under it must raise updater.revision,
 * which makes that update's commit fail. */
#include "store/advisories.h"

#include "store/advisory_store.h"
#include "store/history.h"
#include "store/operation.h"
#include "store/process.h"
#include "store/schema.h"

#include <assert.h>
#include <stdlib.h>

int advisories_open_at(const struct store_place *place, enum store_mode mode, struct advisory_store **out,
		       struct err *err)
{
	struct db_pool *db = NULL;
	struct advisory_store *s;

	TRY(db_open(place, &schema_advisories, mode == STORE_WRITE, &db, err));
	s = malloc(sizeof(*s));
	if (!s)
		abort();
	*s = (struct advisory_store){ .db = db };
	*out = s;
	return 0;
}

int advisories_open(struct str dir, enum store_mode mode, struct advisory_store **out, struct err *err)
{
	const struct store_place place = { .kind = STORE_SQLITE, .dir = dir };

	return advisories_open_at(&place, mode, out, err);
}

void advisories_close(struct advisory_store *s)
{
	if (s && !s->as_of)
		db_close(s->db);
	free(s);
}

void advisories_usage(struct advisory_store *s, struct store_usage *out)
{
	db_usage(s->db, out);
}

void advisories_closep(struct advisory_store **s)
{
	advisories_close(*s);
}

#define STATE_COLUMNS                                                                                        \
	"name, fingerprint, last_error, last_attempt, last_success, changed_at, valid, enrichments"

static struct updater_state state_of(struct arena *a, const struct query *q)
{
	return (struct updater_state){
		.name = str_copy(a, query_text(q, 0)),
		.fingerprint = str_copy(a, query_text(q, 1)),
		.last_error = str_copy(a, query_text(q, 2)),
		.last_attempt = query_int(q, 3),
		.last_success = query_int(q, 4),
		.changed_at = query_int(q, 5),
		.advisories = (uint64_t)query_int(q, 6),
		.enrichments = (uint64_t)query_int(q, 7),
	};
}

static const char states_now[] = "SELECT " STATE_COLUMNS " FROM updater ORDER BY name";

/* What is later than the moment ?1 gives way to the change before it. */
static const char states_then[] =
	"SELECT u.name, '', CASE WHEN u.last_attempt <= ?1 THEN u.last_error ELSE '' END,"
	" CASE WHEN u.last_attempt <= ?1 THEN u.last_attempt ELSE coalesce(o.date, 0) END,"
	" CASE WHEN u.last_success <= ?1 THEN u.last_success ELSE coalesce(o.date, 0) END,"
	" CASE WHEN u.changed_at <= ?1 THEN u.changed_at ELSE coalesce(o.date, 0) END,"
	" coalesce(v.valid, 0), u.enrichments FROM updater u LEFT JOIN " NEWEST_AT_1 " newest"
	" ON newest.updater_id = u.id LEFT JOIN update_operation o ON o.id = newest.id"
	" LEFT JOIN (SELECT m.updater_id, count(*) AS valid FROM advisory a JOIN " NEWEST_AT_1 " m"
	" ON m.updater_id = a.updater_id WHERE a.began <= m.id AND (a.ended IS NULL OR a.ended > m.id)"
	" GROUP BY m.updater_id) v ON v.updater_id = u.id ORDER BY u.name";

static int read_states(struct db *db, struct task *task, int64_t as_of, updater_states *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	if (as_of)
		TRY(moment_check(db, as_of, err));
	TRY(db_query(db, as_of ? states_then : states_now, &q, err));
	if (as_of)
		query_bind_int(&q, as_of);
	while ((got = query_step(&q, err)) > 0) {
		VEC_PUSH(&task->arena, out, state_of(&task->arena, &q));
		TRY(task_check(task, err));
	}
	return got;
}

int advisories_updaters(struct advisory_store *s, struct task *task, updater_states *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	updater_states list = { 0 };

	TRY(db_begin(db, DB_READ, err));
	TRY(read_states(db, task, s->as_of, &list, err));
	TRY(db_commit(db, err));
	*out = list;
	return 0;
}

static int read_state(struct db *db, struct arena *a, struct str name, struct updater_state *out,
		      struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT " STATE_COLUMNS " FROM updater WHERE name = ?1", &q, err));
	query_bind_text(&q, name);
	got = query_step(&q, err);
	if (got > 0)
		*out = state_of(a, &q);
	return got < 0 ? got : 0;
}

int advisories_updater(struct advisory_store *s, struct task *task, struct str name,
		       struct updater_state *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	struct updater_state state = { .name = str_copy(&task->arena, name) };

	assert(!s->as_of);
	TRY(db_begin(db, DB_READ, err));
	TRY(read_state(db, &task->arena, name, &state, err));
	TRY(db_commit(db, err));
	*out = state;
	return 0;
}

int advisories_note(struct advisory_store *s, struct str updater, int64_t now, struct str error,
		    struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	autoquery struct query q = { 0 };

	assert(!s->as_of);
	TRY(db_query(
		db,
		"INSERT INTO updater(name, last_attempt, last_success, last_error) VALUES(?1, ?2, ?3, ?4)"
		" ON CONFLICT(name) DO UPDATE SET last_attempt = ?2, last_error = ?4,"
		" last_success = CASE WHEN ?4 = '' THEN ?2 ELSE updater.last_success END",
		&q, err));
	query_bind_text(&q, updater);
	query_bind_int(&q, now);
	query_bind_int(&q, error.n ? 0 : now);
	query_bind_text(&q, error);
	return query_step(&q, err);
}

/* Who has the lease, when somebody has. */
struct lease {
	struct process holder;
	int64_t expires;
};

static int read_lease(struct db *db, struct arena *a, struct str updater, struct lease *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT host, pid, started, expires FROM lease WHERE updater = ?1", &q, err));
	query_bind_text(&q, updater);
	got = query_step(&q, err);
	if (got > 0)
		*out = (struct lease){ { str_copy(a, query_text(&q, 0)), query_int(&q, 1), query_int(&q, 2) },
				       query_int(&q, 3) };
	return got;
}

/* Take the lease from `was` (all zero: nobody): 1, or 0 when somebody else was faster. */
static int take_lease(struct db *db, struct str updater, const struct lease *was, const struct lease *is,
		      struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db,
		     "INSERT INTO lease(updater, host, pid, started, expires) VALUES(?1, ?2, ?3, ?4, ?5)"
		     " ON CONFLICT(updater) DO UPDATE SET host = excluded.host, pid = excluded.pid,"
		     " started = excluded.started, expires = excluded.expires"
		     " WHERE lease.host = ?6 AND lease.pid = ?7 AND lease.started = ?8 AND lease.expires = ?9"
		     " RETURNING 1",
		     &q, err));
	query_bind_text(&q, updater);
	for (const struct lease *l = is; l; l = l == is ? was : NULL) {
		query_bind_text(&q, l->holder.host);
		query_bind_int(&q, l->holder.pid);
		query_bind_int(&q, l->holder.started);
		query_bind_int(&q, l->expires);
	}
	got = query_step(&q, err);
	return got > 0 && query_step(&q, err) < 0 ? err->code : got;
}

int advisories_lease(struct advisory_store *s, struct str updater, unsigned seconds, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct lease was = { 0 }, is = { .holder = process_self(&scratch) };
	autodb struct db *db = db_lock(s->db);
	int64_t now;
	int found;

	TRY(db_now(db, &now, err));
	found = read_lease(db, &scratch, updater, &was, err);
	if (found < 0)
		return found;
	if (found && was.expires > now && process_may_run(&is.holder, &was.holder))
		return 0;
	is.expires = now + seconds;
	return take_lease(db, updater, &was, &is, err);
}

int advisories_release(struct advisory_store *s, struct str updater, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct process self = process_self(&scratch);
	autodb struct db *db = db_lock(s->db);
	autoquery struct query q = { 0 };

	TRY(db_query(db, "DELETE FROM lease WHERE updater = ?1 AND host = ?2 AND pid = ?3 AND started = ?4",
		     &q, err));
	query_bind_text(&q, updater);
	query_bind_text(&q, self.host);
	query_bind_int(&q, self.pid);
	query_bind_int(&q, self.started);
	return query_step(&q, err);
}

int advisories_generation(struct advisory_store *s, uint64_t *out, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	int64_t newest;

	TRY(generation_read(db, OPERATION_VULNERABILITY, &newest, err));
	*out = (uint64_t)newest;
	return 0;
}

static const char namespace_now[] =
	"SELECT u.name, un.valid FROM namespace n JOIN updater_namespace un ON un.namespace_id = n.id"
	" JOIN updater u ON u.id = un.updater_id WHERE n.label = ?1 AND un.valid > 0 ORDER BY u.name";
static const char namespace_then[] =
	"SELECT u.name, count(*) FROM namespace n CROSS JOIN advisory_key k ON k.namespace_id = n.id"
	" CROSS JOIN advisory a ON a.key_id = k.id CROSS JOIN " NEWEST_AT_1 " m"
	" ON m.updater_id = a.updater_id CROSS JOIN updater u ON u.id = a.updater_id WHERE n.label = ?2"
	" AND a.began <= m.id AND (a.ended IS NULL OR a.ended > m.id) GROUP BY u.name ORDER BY u.name";

static int read_namespace(struct db *db, struct task *task, int64_t as_of, struct str label, uint64_t *count,
			  str_list *updaters, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	if (as_of)
		TRY(moment_check(db, as_of, err));
	TRY(db_query(db, as_of ? namespace_then : namespace_now, &q, err));
	if (as_of)
		query_bind_int(&q, as_of);
	query_bind_text(&q, label);
	while ((got = query_step(&q, err)) > 0) {
		VEC_PUSH(&task->arena, updaters, str_copy(&task->arena, query_text(&q, 0)));
		*count += (uint64_t)query_int(&q, 1);
	}
	return got;
}

int advisories_namespace(struct advisory_store *s, struct task *task, struct str namespace, uint64_t *count,
			 str_list *updaters, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	str_list names = { 0 };
	uint64_t valid = 0;

	TRY(db_begin(db, DB_READ, err));
	TRY(read_namespace(db, task, s->as_of, namespace, &valid, &names, err));
	TRY(db_commit(db, err));
	*count = valid;
	*updaters = names;
	return 0;
}
