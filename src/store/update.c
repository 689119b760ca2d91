/* SPDX-License-Identifier: Apache-2.0 */
/* A full update of one updater: what is stored is loaded as hashes, what is put is compared with them, and
 * only what is new is kept, encoded, until update_commit (update_commit.c) writes it. What one would get
 * wrong: the bytes that are hashed are the public identity of an advisory (docs/store.md): another order or
 * another field changes every id and makes every stored row new. */
#include "store/update.h"

#include "base/limits.h"
#include "store/advisories.h"

#include <assert.h>
#include <stdlib.h>

#define ROW_BYTES (256 * KIB) /* one advisory without its long text */

static int load_updater(struct update *u, struct db *db, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT id, revision, valid FROM updater WHERE name = ?1", &q, err));
	query_bind_text(&q, u->updater);
	got = query_step(&q, err);
	if (got > 0) {
		u->updater_id = query_int(&q, 0);
		u->revision = query_int(&q, 1);
		if (!u->is_delta)
			known_rows_reserve(&u->rows, (size_t)query_int(&q, 2));
	}
	return got < 0 ? got : 0;
}

static struct str copy_column(struct update *u, const struct query *q, int column)
{
	return str_copy(&u->arena, query_text(q, column));
}

static int load_namespaces(struct update *u, struct db *db, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(
		db,
		"SELECT n.id, un.valid, n.label, n.did, n.name, n.version, n.version_code_name, n.version_id,"
		" n.arch, n.cpe, n.pretty_name, n.release"
		" FROM updater_namespace un JOIN namespace n ON n.id = un.namespace_id WHERE un.updater_id = "
		"?1",
		&q, err));
	query_bind_int(&q, u->updater_id);
	while ((got = query_step(&q, err)) > 0) {
		struct update_namespace *ns = ARENA_NEW(&u->arena, struct update_namespace);
		struct distribution *d = &ns->distribution;

		ns->id = query_int(&q, 0);
		ns->was = (uint64_t)query_int(&q, 1);
		ns->is_described = true;
		ns->label = copy_column(u, &q, 2);
		*d = (struct distribution){ copy_column(u, &q, 3), copy_column(u, &q, 4),
					    copy_column(u, &q, 5), copy_column(u, &q, 6),
					    copy_column(u, &q, 7), copy_column(u, &q, 8),
					    copy_column(u, &q, 9), copy_column(u, &q, 10),
					    copy_column(u, &q, 11) };
		*map_put(&u->namespaces, ns->label) = ns;
	}
	return got;
}

static int load_rows(struct update *u, struct db *db, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db,
		     "SELECT a.key_id, a.hash FROM updater_namespace un"
		     " CROSS JOIN advisory_key k ON k.namespace_id = un.namespace_id"
		     " CROSS JOIN advisory a ON a.key_id = k.id"
		     " WHERE un.updater_id = ?1 AND a.updater_id = ?1 AND a.ended IS NULL",
		     &q, err));
	query_stream(&q);
	query_bind_int(&q, u->updater_id);
	while ((got = query_step(&q, err)) > 0)
		known_rows_add(&u->rows, (uint64_t)query_int(&q, 1), (uint32_t)query_int(&q, 0));
	return got;
}

static int load_texts(struct update *u, struct db *db, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, "SELECT name, text_id FROM vulnerability WHERE updater_id = ?1", &q, err));
	query_stream(&q);
	query_bind_int(&q, u->updater_id);
	while ((got = query_step(&q, err)) > 0)
		known_texts_at(&u->texts, query_text(&q, 0))->text_id = (uint64_t)query_int(&q, 1);
	return got;
}

/* Of a delta, what it replaces is known only at commit. */
static int load(struct update *u, struct err *err)
{
	autodb struct db *db = db_lock(u->store->db);

	TRY(db_begin(db, DB_READ, err));
	TRY(load_updater(u, db, err));
	if (u->updater_id) {
		TRY(load_namespaces(u, db, err));
		if (!u->is_delta)
			TRY(load_rows(u, db, err));
		TRY(load_texts(u, db, err));
	}
	return db_commit(db, err);
}

static int begin(struct advisory_store *s, struct str updater, bool is_delta, struct update **out,
		 struct err *err)
{
	autoupdate struct update *u = calloc(1, sizeof(*u));

	if (!u)
		abort();
	assert(!s->as_of);
	u->store = s;
	u->is_delta = is_delta;
	u->new_rows.fd = u->new_texts.fd = -1;
	u->namespaces.arena = u->row.arena = &u->arena;
	u->updater = str_copy(&u->arena, updater);
	u->hasher = hasher_new(HASH_SHA256);
	TRY(load(u, err));
	put_string(&u->row, u->updater);
	u->row_prefix = u->row.n;
	*out = u;
	u = NULL;
	return 0;
}

int update_begin(struct advisory_store *s, struct str updater, struct update **out, struct err *err)
{
	return begin(s, updater, false, out, err);
}

int update_begin_delta(struct advisory_store *s, struct str updater, struct update **out, struct err *err)
{
	return begin(s, updater, true, out, err);
}

void update_replace(struct update *u, struct str name)
{
	if (u->is_delta)
		known_texts_at(&u->replaced, name);
}

static bool is_empty(const struct distribution *d)
{
	return !(d->did.n | d->name.n | d->version.n | d->version_code_name.n | d->version_id.n | d->arch.n |
		 d->cpe.n | d->pretty_name.n | d->release.n);
}

static struct distribution copy_distribution(struct arena *a, const struct distribution *d)
{
	return (struct distribution){
		str_copy(a, d->did),	    str_copy(a, d->name),
		str_copy(a, d->version),    str_copy(a, d->version_code_name),
		str_copy(a, d->version_id), str_copy(a, d->arch),
		str_copy(a, d->cpe),	    str_copy(a, d->pretty_name),
		str_copy(a, d->release),
	};
}

/* The first advisory of a namespace describes it. */
static struct update_namespace *namespace_of(struct update *u, const struct advisory *a)
{
	struct update_namespace *ns;

	if (u->last && str_eq(u->last->label, a->key.namespace))
		return u->last;
	ns = map_get(&u->namespaces, a->key.namespace);
	if (!ns) {
		ns = ARENA_NEW(&u->arena, struct update_namespace);
		ns->label = str_copy(&u->arena, a->key.namespace);
		*map_put(&u->namespaces, ns->label) = ns;
	}
	if (!ns->is_put && !is_empty(&a->distribution)) {
		ns->is_changed = ns->is_described &&
				 !(distribution_eq(&ns->distribution, &a->distribution) &&
				   str_eq(ns->distribution.release, a->distribution.release));
		ns->distribution = copy_distribution(&u->arena, &a->distribution);
	}
	ns->is_put = true;
	u->last = ns;
	return ns;
}

static void encode_scope(struct buffer *b, const struct advisory *a)
{
	if (!(a->module.n | a->arch.n | a->arch_operation.n | a->repository_name.n | a->repository_key.n |
	      a->repository_uri.n | a->range.n))
		return;
	put_string(b, a->module);
	put_string(b, a->arch);
	put_string(b, a->arch_operation);
	put_string(b, a->repository_name);
	put_string(b, a->repository_key);
	put_string(b, a->repository_uri);
	if (a->range.n)
		put_string(b, a->range);
}

static void encode_row(struct buffer *b, const struct advisory *a)
{
	put_string(b, a->key.namespace);
	put_string(b, a->key.package);
	put_u8(b, (uint8_t)a->package_kind);
	put_u8(b, (uint8_t)a->normalized_severity);
	put_u8(b, (uint8_t)a->status);
	put_string(b, a->name);
	put_string(b, a->fixed_in);
	put_string(b, a->severity);
	put_string(b, a->status_text);
	encode_scope(b, a);
}

/* The first 63 bits of SHA-256, never 0. */
static uint64_t hash_of(struct hasher *h, struct str bytes)
{
	unsigned char digest[64];
	struct cursor c = { digest, digest + 8, false };
	uint64_t hash;

	hasher_add(h, bytes.p, bytes.n);
	hasher_end(h, digest);
	hash = get_be64(&c) >> 1;
	return hash ? hash : 1;
}

/* What follows the status text: nothing, the scope, or the scope and a range. */
static void decode_scope(struct cursor *c, struct update_row *out)
{
	const unsigned char *start = c->p;
	size_t strings = 0;

	out->scope = out->range = (struct str){ NULL, 0 };
	if (cursor_left(c) == 0)
		return;
	for (int i = 0; i < SCOPE_FIELDS; i++)
		strings += get_string(c, ROW_BYTES).n;
	if (strings)
		out->scope = (struct str){ (const char *)start, (size_t)(c->p - start) };
	if (cursor_left(c))
		out->range = get_string(c, ROW_BYTES);
}

void update_row_decode(struct str bytes, struct update_row *out)
{
	struct cursor c = cursor_of(bytes);

	assert(bytes.n > 8);
	c.end -= 8;
	out->key.namespace = get_string(&c, ROW_BYTES);
	out->key.package = get_string(&c, ROW_BYTES);
	out->package_kind = get_u8(&c);
	out->normalized = get_u8(&c);
	out->status = get_u8(&c);
	out->name = get_string(&c, ROW_BYTES);
	out->fixed_in = get_string(&c, ROW_BYTES);
	out->severity = get_string(&c, ROW_BYTES);
	out->status_text = get_string(&c, ROW_BYTES);
	decode_scope(&c, out);
	c.end += 8;
	out->id = get_le64(&c);
	assert(!c.bad);
}

void update_scope_decode(struct str scope, struct str fields[SCOPE_FIELDS])
{
	struct cursor c = cursor_of(scope);

	for (int i = 0; i < SCOPE_FIELDS; i++)
		fields[i] = get_string(&c, ROW_BYTES);
	assert(!c.bad);
}

/* Texts are told apart by hash; the first text that an update gives a name counts. */
static int put_text(struct update *u, const struct advisory *a, struct err *err)
{
	struct known_text *known = known_texts_at(&u->texts, a->name);
	size_t start = u->row.n;
	uint64_t id, offset;

	known->is_named = true;
	if (known->has_text || !(a->description.n | a->links.n | (size_t)(a->issued != 0)))
		return 0;
	known->has_text = true;
	put_le64(&u->row, (uint64_t)a->issued);
	put_string(&u->row, a->description);
	put_string(&u->row, a->links);
	id = hash_of(u->hasher, str_sub(buffer_str(&u->row), start, u->row.n - start));
	if (id == known->text_id)
		return 0;
	put_string(&u->row, a->name);
	put_le64(&u->row, id);
	u->text_count++;
	return spool_add(&u->new_texts, str_sub(buffer_str(&u->row), start, u->row.n - start), &offset, err);
}

/* Spooled are the encoded fields and the hash that was made of them. */
static int put_new(struct update *u, uint64_t id, struct err *err)
{
	size_t n = u->row.n - u->row_prefix;
	uint64_t offset;

	put_le64(&u->row, id);
	u->row_count++;
	u->row_bytes += n;
	return spool_add(&u->new_rows, str_sub(buffer_str(&u->row), u->row_prefix, n + sizeof(id)), &offset,
			 err);
}

static int put_row(struct update *u, const struct advisory *a, struct err *err)
{
	struct update_namespace *ns = namespace_of(u, a);
	enum known_row known;
	uint64_t id;

	encode_row(&u->row, a);
	if (u->row.n - u->row_prefix > ROW_BYTES)
		return err_set(err, E_LIMIT, "advisory " STR_FMT " of " STR_FMT ": %zu bytes, limit %llu",
			       STR_ARG(a->name), STR_ARG(a->key.package), u->row.n - u->row_prefix,
			       ROW_BYTES);
	id = hash_of(u->hasher, buffer_str(&u->row));
	known = known_rows_see(&u->rows, id);
	if (known == ROW_REPEATED)
		return 0;
	ns->valid++;
	u->valid++;
	return known == ROW_NEW ? put_new(u, id, err) : 0;
}

int update_put(struct update *u, const struct advisory *a, struct err *err)
{
	if (a->key.package.n == 0)
		return 0;
	update_replace(u, a->name);
	u->row.n = u->row_prefix;
	TRY(put_row(u, a, err));
	u->row.n = u->row_prefix;
	return put_text(u, a, err);
}

void update_close(struct update *u)
{
	if (!u)
		return;
	hasher_free(u->hasher);
	spool_close(&u->new_rows);
	spool_close(&u->new_texts);
	arena_reset(&u->rows.arena);
	arena_reset(&u->texts.arena);
	arena_reset(&u->replaced.arena);
	arena_reset(&u->arena);
	free(u);
}

void update_closep(struct update **u)
{
	update_close(*u);
}
