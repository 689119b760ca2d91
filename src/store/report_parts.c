/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an index report that are stored once, by content hash: distributions, repositories, contexts,
 * records. What one would get wrong: hashes are made of content only, never of ids of this file, which differ
 * from store to store; and everything of a package counts, not only its identity, or the report would not
 * come back as it was. */
#include "store/report_put.h"

#include "model/scanner_id.h"

struct str part_hash(const struct part *p)
{
	return (struct str){ (const char *)p->hash, REPORT_HASH_BYTES };
}

void part_hash_content(struct put *p, struct part *out)
{
	unsigned char digest[64];

	hasher_add(p->hasher, p->content.p, p->content.n);
	hasher_end(p->hasher, digest);
	memcpy(out->hash, digest, REPORT_HASH_BYTES);
	p->content.n = 0;
}

int part_find(struct db *db, const char *sql, struct part *part, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(db, sql, &q, err));
	query_bind_blob(&q, part_hash(part));
	got = query_step(&q, err);
	if (got > 0)
		part->id = query_int(&q, 0);
	return got;
}

/* Insert hash and fields (empty ones as NULL). */
static int add_part(struct db *db, const char *sql, struct part *part, const struct str *fields, size_t n,
		    struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(db, sql, &q, err));
	query_bind_blob(&q, part_hash(part));
	for (size_t i = 0; i < n; i++)
		query_bind_optional(&q, fields[i]);
	return query_id(&q, &part->id, err);
}

static void hash_fields(struct put *p, const struct str *fields, size_t n, struct part *part)
{
	for (size_t i = 0; i < n; i++)
		put_string(&p->content, fields[i]);
	part_hash_content(p, part);
}

static int put_distribution(struct put *p, const struct distribution *d, struct part *part, struct err *err)
{
	const struct str fields[] = { d->did,	     d->name, d->version, d->version_code_name,
				      d->version_id, d->arch, d->cpe,	  d->pretty_name,
				      d->release };
	int found;

	hash_fields(p, fields, 9, part);
	found = part_find(p->db, "SELECT id FROM distribution WHERE hash = ?1", part, err);
	if (found)
		return found;
	return add_part(
		p->db,
		"INSERT INTO distribution(hash, did, name, version, version_code_name, version_id, arch, cpe,"
		" pretty_name, release) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
		" RETURNING id",
		part, fields, 9, err);
}

static int put_repository(struct put *p, const struct repository *r, struct part *part, struct err *err)
{
	const struct str fields[] = { r->name, r->key, r->uri, r->cpe };
	int found;

	hash_fields(p, fields, 4, part);
	found = part_find(p->db, "SELECT id FROM repository WHERE hash = ?1", part, err);
	if (found)
		return found;
	return add_part(
		p->db,
		"INSERT INTO repository(hash, name, key, uri, cpe) VALUES(?1, ?2, ?3, ?4, ?5) RETURNING id",
		part, fields, 4, err);
}

int part_put_lists(struct put *p, struct err *err)
{
	const struct index_report *r = p->report;

	p->distributions = ARENA_ARRAY(&p->arena, struct part, r->distributions.n);
	p->repositories = ARENA_ARRAY(&p->arena, struct part, r->repositories.n);
	put_varint(&p->shape, r->distributions.n);
	for (size_t i = 0; i < r->distributions.n; i++) {
		TRY(put_distribution(p, &r->distributions.p[i], &p->distributions[i], err));
		put_varint(&p->shape, (uint64_t)p->distributions[i].id);
	}
	put_varint(&p->shape, r->repositories.n);
	for (size_t i = 0; i < r->repositories.n; i++) {
		TRY(put_repository(p, &r->repositories.p[i], &p->repositories[i], err));
		put_varint(&p->shape, (uint64_t)p->repositories[i].id);
	}
	put_varint(&p->shape, (uint64_t)(r->distribution + 1));
	return 0;
}

/* ---- contexts and records ---- */

static int add_context(struct put *p, const struct environment *e, struct part *part, struct err *err)
{
	struct arena_mark mark = arena_mark(&p->arena);
	struct buffer ids = { .arena = &p->arena };
	autoquery struct query q = { 0 };

	put_varint(&ids, e->repository_count);
	for (size_t i = 0; i < e->repository_count; i++)
		put_varint(&ids, (uint64_t)p->repositories[e->repositories[i]].id);
	TRY(db_query(
		p->db,
		"INSERT INTO context(hash, distribution_id, repositories) VALUES(?1, ?2, ?3) RETURNING id",
		&q, err));
	query_bind_blob(&q, part_hash(part));
	if (e->distribution >= 0)
		query_bind_int(&q, p->distributions[e->distribution].id);
	else
		query_bind_null(&q);
	query_bind_blob(&q, buffer_str(&ids));
	TRY(query_id(&q, &part->id, err));
	query_end(&q);
	arena_release(&p->arena, mark);
	return 0;
}

static int store_context(struct put *p, const struct environment *e, struct part *part, struct err *err)
{
	int found;

	if (e->distribution >= 0)
		put_bytes(&p->content, part_hash(&p->distributions[e->distribution]));
	else
		put_u8(&p->content, 0);
	for (size_t i = 0; i < e->repository_count; i++)
		put_bytes(&p->content, part_hash(&p->repositories[e->repositories[i]]));
	part_hash_content(p, part);
	found = part_find(p->db, "SELECT id FROM context WHERE hash = ?1", part, err);
	return found ? found : add_context(p, e, part, err);
}

static int context_of(struct put *p, const struct environment *e, const struct part **out, struct err *err)
{
	struct part *part;

	put_varint(&p->content, (uint64_t)(e->distribution + 1));
	for (size_t i = 0; i < e->repository_count; i++)
		put_varint(&p->content, e->repositories[i]);
	part = map_get(&p->contexts, buffer_str(&p->content));
	if (!part) {
		struct str key = str_copy(&p->arena, buffer_str(&p->content));

		p->content.n = 0;
		part = ARENA_NEW(&p->arena, struct part);
		TRY(store_context(p, e, part, err));
		*map_put(&p->contexts, key) = part;
	}
	p->content.n = 0;
	*out = part;
	return 0;
}

/* A record to be stored: what it is made of. */
struct record_row {
	struct part part;
	const struct package *package;
	const struct part *context;
};

enum { PACKAGE_FIELDS = 10 };

static void package_fields(const struct package *k, struct str out[PACKAGE_FIELDS])
{
	const struct str fields[PACKAGE_FIELDS] = {
		k->name,
		k->version,
		k->arch,
		k->module,
		k->source_name,
		k->source_version,
		k->normalized_version,
		k->repository_hint,
		k->filepath,
		k->scanner < 0 ? STR("") : str_of(scanner_ids[k->scanner].name),
	};

	memcpy(out, fields, sizeof(fields));
}

int part_record(struct put *p, const struct package *package, const struct environment *e,
		const struct part **out, struct err *err)
{
	struct record_row *row = ARENA_NEW(&p->arena, struct record_row);
	struct str fields[PACKAGE_FIELDS];
	void **known;

	row->package = package;
	TRY(context_of(p, e, &row->context, err));
	put_bytes(&p->content, part_hash(row->context));
	put_varint(&p->content, (uint64_t)package->kind);
	package_fields(package, fields);
	hash_fields(p, fields, PACKAGE_FIELDS, &row->part);
	known = map_put(&p->records, part_hash(&row->part));
	if (!*known) {
		*known = row;
		VEC_PUSH(&p->arena, &p->record_rows, row);
	}
	*out = &((const struct record_row *)*known)->part;
	return 0;
}

struct record_rows {
	struct put *p;
	struct record_row **rows;
};

static int bind_hash(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct record_rows *r = ctx;

	(void)err;
	query_bind_blob(q, part_hash(&r->rows[i]->part));
	return 0;
}

static int take_id(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct record_rows *r = ctx;

	(void)err;
	r->rows[i]->part.id = query_int(q, 0);
	return 0;
}

static int bind_record(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct record_rows *r = ctx;
	struct str fields[PACKAGE_FIELDS];

	(void)err;
	package_fields(r->rows[i]->package, fields);
	query_bind_blob(q, part_hash(&r->rows[i]->part));
	query_bind_int(q, r->rows[i]->context->id);
	query_bind_int(q, r->rows[i]->package->kind);
	for (int field = 0; field < PACKAGE_FIELDS; field++)
		query_bind_optional(q, fields[field]);
	return 0;
}

/* A record that was made says which one it is. */
static int take_new_id(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct record_rows *r = ctx;
	struct record_row *row = map_get(&r->p->records, query_blob(q, 1));

	(void)i;
	if (!row)
		return db_damaged(q->db, "a record of a package", err);
	row->part.id = query_int(q, 0);
	return 0;
}

int part_write_records(struct put *p, struct err *err)
{
	struct record_rows all = { p, p->record_rows.p };
	struct record_rows missing = { p, ARENA_ARRAY(&p->arena, struct record_row *, p->record_rows.n) };
	size_t n = 0;

	TRY(db_batch(p->db, "SELECT id FROM record WHERE hash = ?1",
		     &(struct batch){ p->record_rows.n, &all, bind_hash, take_id }, err));
	for (size_t i = 0; i < p->record_rows.n; i++)
		if (!all.rows[i]->part.id)
			missing.rows[n++] = all.rows[i];
	return db_batch(p->db,
			"INSERT INTO record(hash, context_id, kind, name, version, arch, module, source_name,"
			" source_version, normalized_version, repository_hint, filepath, scanner)"
			" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) RETURNING id, hash",
			&(struct batch){ n, &missing, bind_record, take_new_id }, err);
}
