/* SPDX-License-Identifier: Apache-2.0 */
/* Update operations and generations: the list of commits, and the ids they are given. Source: service
 * interface, sections 1.9 and 4.4; references are UUIDs, RFC 9562 version 4. What one would get wrong: an id
 * is never given again, not even after the newest operation was deleted, because caches are keyed by it; so
 * ids come from the table of generations and not from the newest row. */
#include "store/operation.h"

#include "base/arena.h"
#include "store/advisory_store.h"

#include <stdlib.h>
#include <sys/random.h>

const char *operation_kind_name(enum operation_kind kind)
{
	return kind == OPERATION_ENRICHMENT ? "enrichment" : "vulnerability";
}

static void bind_kind(struct query *q, enum operation_kind kind)
{
	query_bind_text(q, str_of(operation_kind_name(kind)));
}

int generation_read(struct db *db, enum operation_kind kind, int64_t *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id FROM generation WHERE kind = ?1", &q, err));
	bind_kind(&q, kind);
	got = query_step(&q, err);
	if (got < 0)
		return got;
	*out = got ? query_int(&q, 0) : 0;
	return 0;
}

int generation_raise(struct db *db, enum operation_kind kind, int64_t *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int64_t newest;

	TRY(db_number(db, "SELECT max(id) FROM generation", NULL, 0, &newest, err));
	TRY(db_query(db, "UPDATE generation SET id = ?1 WHERE kind = ?2", &q, err));
	query_bind_int(&q, newest + 1);
	bind_kind(&q, kind);
	TRY(query_step(&q, err));
	*out = newest + 1;
	return 0;
}

static struct str new_ref(struct arena *a)
{
	unsigned char r[16];

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		abort();
	r[6] = (r[6] & 0x0f) | 0x40;
	r[8] = (r[8] & 0x3f) | 0x80;
	return str_format(a, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", r[0],
			  r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11], r[12], r[13],
			  r[14], r[15]);
}

int operation_add(struct db *db, const struct new_operation *o, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	autoquery struct query q = { 0 };

	TRY(db_query(
		db,
		"INSERT INTO update_operation(id, ref, updater_id, fingerprint, date, kind, added, ended)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		&q, err));
	query_bind_int(&q, o->id);
	query_bind_text(&q, new_ref(&scratch));
	query_bind_int(&q, o->updater_id);
	query_bind_text(&q, o->fingerprint);
	query_bind_int(&q, o->date);
	bind_kind(&q, o->kind);
	query_bind_int(&q, (int64_t)o->added);
	query_bind_int(&q, (int64_t)o->ended);
	return query_step(&q, err);
}
