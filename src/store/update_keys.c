/* SPDX-License-Identifier: Apache-2.0 */
/* What the advisories of an update refer to: namespaces, keys and scopes, found or made, each looked up once
 * or nearly so. What one would get wrong: a namespace is shared by updaters; one that says nothing of its
 * distribution must not wipe out what another said. */
#include "store/update_commit.h"

static int write_namespace(struct db *db, const struct update_namespace *ns, struct err *err)
{
	autoquery struct query q = { 0 };
	const struct distribution *d = &ns->distribution;
	const struct str fields[] = { d->did,	     d->name, d->version, d->version_code_name,
				      d->version_id, d->arch, d->cpe,	  d->pretty_name,
				      d->release };

	TRY(db_query(
		db,
		"INSERT INTO namespace(label, did, name, version, version_code_name, version_id, arch, cpe,"
		" pretty_name, release) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
		" ON CONFLICT(label) DO UPDATE SET did = ?2, name = ?3, version = ?4, version_code_name = ?5,"
		" version_id = ?6, arch = ?7, cpe = ?8, pretty_name = ?9, release = ?10"
		" WHERE coalesce(?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) IS NOT NULL",
		&q, err));
	query_bind_text(&q, ns->label);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		query_bind_optional(&q, fields[i]);
	return query_step(&q, err);
}

static int read_namespace_id(struct db *db, struct update_namespace *ns, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id FROM namespace WHERE label = ?1", &q, err));
	query_bind_text(&q, ns->label);
	got = query_step(&q, err);
	ns->id = got > 0 ? query_int(&q, 0) : 0;
	return got < 0 ? got : 0;
}

int update_namespaces_write(struct commit *c, struct err *err)
{
	struct str label;
	void *value;

	for (size_t i = 0; map_next(&c->u->namespaces, &i, &label, &value);) {
		struct update_namespace *ns = value;

		if (ns->is_put && (!ns->is_described || ns->is_changed))
			TRY(write_namespace(c->db, ns, err));
		if (!ns->id)
			TRY(read_namespace_id(c->db, ns, err));
	}
	return 0;
}

static int write_valid(struct commit *c, const struct update_namespace *ns, struct err *err)
{
	const int64_t params[] = { c->u->updater_id, ns->id, (int64_t)ns->valid };

	if (ns->valid == 0)
		return db_run_int(c->db,
				  "DELETE FROM updater_namespace WHERE updater_id = ?1 AND namespace_id = ?2",
				  params, 2, err);
	return db_run_int(c->db,
			  "INSERT INTO updater_namespace(updater_id, namespace_id, valid) VALUES(?1, ?2, ?3)"
			  " ON CONFLICT(updater_id, namespace_id) DO UPDATE SET valid = ?3",
			  params, 3, err);
}

int update_valid_write(struct commit *c, struct err *err)
{
	struct str label;
	void *value;

	for (size_t i = 0; map_next(&c->u->namespaces, &i, &label, &value);) {
		const struct update_namespace *ns = value;

		if (ns->valid != ns->was)
			TRY(write_valid(c, ns, err));
	}
	return 0;
}

/* ---- keys ---- */

static const struct update_namespace *namespace_of(const struct commit *c, const struct advisory_key *key)
{
	return map_get(&c->u->namespaces, key->namespace);
}

static struct recent_key *recent_of(const struct commit *c, int64_t namespace_id, struct str package)
{
	return &c->recent[((str_hash(package) ^ (uint64_t)namespace_id) * UINT64_C(0x9e3779b97f4a7c15)) >>
			  52];
}

bool update_key_recent(const struct commit *c, const struct advisory_key *key, uint32_t *id)
{
	int64_t namespace_id = namespace_of(c, key)->id;
	const struct recent_key *r = recent_of(c, namespace_id, key->package);

	*id = r->id;
	return r->namespace_id == namespace_id && str_eq((struct str){ r->package, r->n }, key->package);
}

static void remember(struct commit *c, const struct window_key *key)
{
	struct recent_key *r = recent_of(c, key->namespace_id, key->package);

	if (key->package.n > sizeof(r->package))
		return;
	*r = (struct recent_key){ .namespace_id = key->namespace_id,
				  .id = key->id,
				  .n = (uint32_t)key->package.n };
	memcpy(r->package, key->package.p, key->package.n);
}

/* What names a key in a window. */
static struct str window_name(struct arena *a, int64_t namespace_id, struct str package)
{
	return str_format(a, "%lld " STR_FMT, (long long)namespace_id, STR_ARG(package));
}

const struct window_key *update_keys_add(struct commit *c, struct key_window *w,
					 const struct advisory_key *key)
{
	int64_t namespace_id = namespace_of(c, key)->id;
	struct window_key **place;

	w->known.arena = &w->arena;
	place = (struct window_key **)map_put(&w->known, window_name(&w->arena, namespace_id, key->package));
	if (!*place) {
		*place = ARENA_NEW(&w->arena, struct window_key);
		(*place)->namespace_id = namespace_id;
		(*place)->package = str_copy(&w->arena, key->package);
		VEC_PUSH(&w->arena, &w->list, *place);
	}
	return *place;
}

void update_keys_clear(struct key_window *w)
{
	arena_reset(&w->arena);
	*w = (struct key_window){ 0 };
}

static int bind_key(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct key_window *w = ctx;

	(void)err;
	query_bind_int(q, w->list.p[i]->namespace_id);
	query_bind_text(q, w->list.p[i]->package);
	return 0;
}

static int set_id(struct window_key *key, int64_t id, struct err *err)
{
	if (id >> KEY_BITS)
		return err_set(err, E_LIMIT, "more than %u packages have advisories", 1u << KEY_BITS);
	key->id = (uint32_t)id;
	return 0;
}

static int take_key(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct key_window *w = ctx;

	return set_id(w->list.p[i], query_int(q, 0), err);
}

/* A key that was made says which one it is. */
static int take_new_key(void *ctx, size_t i, struct query *q, struct err *err)
{
	struct key_window *w = ctx;
	struct arena_mark mark = arena_mark(&w->arena);
	struct window_key *key = map_get(&w->known,
					 window_name(&w->arena, query_int(q, 1), query_text(q, 2)));

	(void)i;
	arena_release(&w->arena, mark);
	return key ? set_id(key, query_int(q, 0), err) : db_damaged(q->db, "a key of advisories", err);
}

int update_keys_find(struct commit *c, struct key_window *w, struct err *err)
{
	struct key_window missing = { .known = w->known };
	int rc;

	TRY(db_batch(c->db, "SELECT id FROM advisory_key WHERE namespace_id = ?1 AND package = ?2",
		     &(struct batch){ w->list.n, w, bind_key, take_key }, err));
	for (size_t i = 0; i < w->list.n; i++)
		if (!w->list.p[i]->id)
			VEC_PUSH(&w->arena, &missing.list, w->list.p[i]);
	rc = db_batch(c->db,
		      "INSERT INTO advisory_key(namespace_id, package) VALUES(?1, ?2)"
		      " RETURNING id, namespace_id, package",
		      &(struct batch){ missing.list.n, &missing, bind_key, take_new_key }, err);
	arena_reset(&missing.arena);
	for (size_t i = 0; rc == 0 && i < w->list.n; i++)
		remember(c, w->list.p[i]);
	return rc;
}

/* ---- scopes ---- */

static int select_scope(struct db *db, const struct str fields[SCOPE_FIELDS], int64_t *id, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db,
		     "SELECT id FROM scope WHERE module = ?1 AND arch = ?2 AND arch_operation = ?3"
		     " AND repository_name = ?4 AND repository_key = ?5 AND repository_uri = ?6",
		     &q, err));
	for (int i = 0; i < SCOPE_FIELDS; i++)
		query_bind_text(&q, fields[i]);
	got = query_step(&q, err);
	*id = got > 0 ? query_int(&q, 0) : 0;
	return got < 0 ? got : 0;
}

static int insert_scope(struct db *db, const struct str fields[SCOPE_FIELDS], int64_t *id, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db,
		     "INSERT INTO scope(module, arch, arch_operation, repository_name, repository_key, "
		     "repository_uri)"
		     " VALUES(?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
		     &q, err));
	for (int i = 0; i < SCOPE_FIELDS; i++)
		query_bind_text(&q, fields[i]);
	return query_id(&q, id, err);
}

int update_scope(struct commit *c, struct str scope, int64_t *id, struct err *err)
{
	struct str fields[SCOPE_FIELDS];
	int64_t *known;

	*id = 0;
	if (!scope.n)
		return 0;
	known = map_get(&c->scopes, scope);
	if (known) {
		*id = *known;
		return 0;
	}
	update_scope_decode(scope, fields);
	TRY(select_scope(c->db, fields, id, err));
	if (!*id)
		TRY(insert_scope(c->db, fields, id, err));
	known = ARENA_NEW(&c->scratch, int64_t);
	*known = *id;
	*map_put(&c->scopes, str_copy(&c->scratch, scope)) = known;
	return 0;
}
