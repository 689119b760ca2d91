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

static int find_key(struct commit *c, int64_t namespace_id, struct str package, int64_t *id, struct err *err)
{
	int got;

	query_again(&c->find_key);
	query_bind_int(&c->find_key, namespace_id);
	query_bind_text(&c->find_key, package);
	got = query_step(&c->find_key, err);
	if (got > 0)
		*id = query_int(&c->find_key, 0);
	if (got)
		return got < 0 ? got : 0;
	query_again(&c->add_key);
	query_bind_int(&c->add_key, namespace_id);
	query_bind_text(&c->add_key, package);
	return query_id(&c->add_key, id, err);
}

int update_key(struct commit *c, const struct advisory_key *key, uint32_t *out, struct err *err)
{
	const struct update_namespace *ns = map_get(&c->u->namespaces, key->namespace);
	uint64_t hash = (str_hash(key->package) ^ (uint64_t)ns->id) * UINT64_C(0x9e3779b97f4a7c15);
	struct recent_key *r = &c->recent[hash >> 52];
	struct str package = key->package;
	int64_t id;

	if (r->namespace_id == ns->id && str_eq((struct str){ r->package, r->n }, package)) {
		*out = r->id;
		return 0;
	}
	TRY(find_key(c, ns->id, package, &id, err));
	if (id >> KEY_BITS)
		return err_set(err, E_LIMIT, "more than %u packages have advisories", 1u << KEY_BITS);
	if (package.n <= sizeof(r->package)) {
		*r = (struct recent_key){ .namespace_id = ns->id,
					  .id = (uint32_t)id,
					  .n = (uint32_t)package.n };
		memcpy(r->package, package.p, package.n);
	}
	*out = (uint32_t)id;
	return 0;
}

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
