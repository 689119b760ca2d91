/* SPDX-License-Identifier: Apache-2.0 */
/* Layers that failed for a reason of their own: broken, too large, or deadly to a worker. Trouble of the
 * moment (a read error, a cancellation) is never remembered; the caller sees to that. */
#include "base/time.h"
#include "model/scanner_id.h"
#include "store/index.h"
#include "store/index_store.h"

#include <stdio.h>

int index_put_failure(struct index_store *s, struct str digest, const struct err *failure, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	autoquery struct query q = { 0 };

	TRY(db_query(db,
		     "INSERT INTO layer_failure(digest, engine, code, problem, failed_at)"
		     " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(digest) DO UPDATE SET"
		     " engine = ?2, code = ?3, problem = ?4, failed_at = ?5",
		     &q, err));
	query_bind_text(&q, digest);
	query_bind_text(&q, STR(ENGINE_VERSION));
	query_bind_int(&q, failure->code);
	query_bind_text(&q, str_of(failure->text));
	query_bind_int(&q, time_now());
	return query_step(&q, err);
}

int index_get_failure(struct index_store *s, struct str digest, struct err *failure, struct err *err)
{
	autodb struct db *db = db_lock(s->db);
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT code, problem FROM layer_failure WHERE digest = ?1 AND engine = ?2", &q,
		     err));
	query_bind_text(&q, digest);
	query_bind_text(&q, STR(ENGINE_VERSION));
	got = query_step(&q, err);
	if (got > 0)
		err_set(failure, (int)query_int(&q, 0), STR_FMT, STR_ARG(query_text(&q, 1)));
	return got;
}
