/* SPDX-License-Identifier: Apache-2.0 */
/* The stored rows that a delta replaces: those of the names it speaks of (matching.md 2.4). They are found by
 * one walk over what the updater has, which costs far less than reading the feed as a whole would, and needs
 * no index that every full update would have to keep. What one would get wrong: most rows of a document that
 * changed are as they were. They were spooled as if they were new, since nothing was known yet, and must
 * neither be inserted again nor count as added. */
#include "store/update_commit.h"

/* One stored row of a name that is replaced. */
static void take_row(struct commit *c, struct update_namespace *ns, uint64_t hash, uint32_t key)
{
	struct update *u = c->u;

	ns->was_replaced++;
	if (!known_rows_add_late(&u->rows, hash, key))
		u->row_count--;
}

static int load_replaced(struct commit *c, struct update_namespace *ns, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(c->db,
		     "SELECT a.key_id, a.hash, a.name FROM advisory_key k"
		     " CROSS JOIN advisory a ON a.key_id = k.id"
		     " WHERE k.namespace_id = ?1 AND a.updater_id = ?2 AND a.ended IS NULL",
		     &q, err));
	query_stream(&q);
	query_bind_int(&q, ns->id);
	query_bind_int(&q, c->u->updater_id);
	while ((got = query_step(&q, err)) > 0)
		if (known_texts_has(&c->u->replaced, query_text(&q, 2)))
			take_row(c, ns, (uint64_t)query_int(&q, 1), (uint32_t)query_int(&q, 0));
	return got;
}

int update_delta_load(struct commit *c, struct err *err)
{
	struct update *u = c->u;
	struct str label;
	void *value;

	u->valid = 0;
	for (size_t i = 0; map_next(&u->namespaces, &i, &label, &value);) {
		struct update_namespace *ns = value;

		if (ns->was && u->replaced.n)
			TRY(load_replaced(c, ns, err));
		ns->valid += ns->was - ns->was_replaced;
		u->valid += ns->valid;
	}
	return 0;
}
