/* SPDX-License-Identifier: Apache-2.0 */
/* The long texts of an update: the table of names in the order of names, the table of texts in the order of
 * ids, so that a first load fills both from left to right. What one would get wrong: a text may be there
 * already, from another updater or name; and the old text of a name stays, as others may have it too, until
 * advisories_collect. */
#include "store/update_commit.h"

#include <stdlib.h>

struct spooled_text {
	uint64_t id;
	int64_t issued;
	struct str description, links, name;
};

static void text_decode(struct str bytes, struct spooled_text *out)
{
	struct cursor c = cursor_of(bytes);

	out->issued = (int64_t)get_le64(&c);
	out->description = get_string(&c, bytes.n);
	out->links = get_string(&c, bytes.n);
	out->name = get_string(&c, bytes.n);
	out->id = get_le64(&c);
}

/* What a spooled text says of its name, and where it lies. */
struct text_place {
	struct str name;
	uint64_t id, offset;
};

static int compare_names(const void *a, const void *b)
{
	return str_cmp(((const struct text_place *)a)->name, ((const struct text_place *)b)->name);
}

static int compare_texts(const void *a, const void *b)
{
	const struct text_place *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int find_texts(struct commit *c, struct text_place *places, size_t *n, struct err *err)
{
	struct spool *spool = &c->u->new_texts;
	uint64_t at = 0, end = spool_end(spool);

	while (at < end) {
		struct spooled_text text;
		struct str bytes;
		uint64_t offset = at;

		TRY(spool_read(spool, &at, &bytes, err));
		text_decode(bytes, &text);
		places[(*n)++] = (struct text_place){ str_copy(&c->scratch, text.name), text.id, offset };
	}
	return 0;
}

/* Which text each name has now. */
static int write_names(struct commit *c, const struct text_place *places, size_t n, struct err *err)
{
	autoquery struct query q = { 0 };

	TRY(db_query(c->db,
		     "INSERT INTO vulnerability(updater_id, name, text_id) VALUES(?1, ?2, ?3)"
		     " ON CONFLICT(updater_id, name) DO UPDATE SET text_id = ?3",
		     &q, err));
	for (size_t i = 0; i < n; i++) {
		query_again(&q);
		query_bind_int(&q, c->u->updater_id);
		query_bind_text(&q, places[i].name);
		query_bind_int(&q, (int64_t)places[i].id);
		TRY(query_step(&q, err));
	}
	return 0;
}

static int write_text(struct commit *c, struct query *q, uint64_t offset, struct err *err)
{
	struct spooled_text text;
	struct str bytes;

	TRY(spool_read(&c->u->new_texts, &offset, &bytes, err));
	text_decode(bytes, &text);
	query_again(q);
	query_bind_int(q, (int64_t)text.id);
	query_bind_optional(q, text.description);
	query_bind_optional(q, text.links);
	query_bind_int(q, text.issued);
	return query_step(q, err);
}

int update_texts_write(struct commit *c, struct err *err)
{
	autoquery struct query q = { 0 };
	struct text_place *places = ARENA_ARRAY(&c->scratch, struct text_place, c->u->text_count);
	size_t n = 0;

	TRY(find_texts(c, places, &n, err));
	qsort(places, n, sizeof(*places), compare_names);
	TRY(write_names(c, places, n, err));
	qsort(places, n, sizeof(*places), compare_texts);
	TRY(db_query(c->db,
		     "INSERT INTO text(id, description, links, issued) VALUES(?1, ?2, ?3, ?4) ON "
		     "CONFLICT(id) DO NOTHING",
		     &q, err));
	for (size_t i = 0; i < n; i++)
		TRY(write_text(c, &q, places[i].offset, err));
	return 0;
}

uint64_t update_texts_lost(const struct update *u)
{
	uint64_t n = 0;

	for (size_t i = 0; i < u->texts.cap; i++)
		n += u->texts.slots[i].text_id && u->texts.slots[i].is_named && !u->texts.slots[i].has_text;
	return n;
}

typedef VEC(struct str) lost_names;

static int find_lost(struct commit *c, lost_names *out, struct err *err)
{
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(c->db, "SELECT name FROM vulnerability WHERE updater_id = ?1", &q, err));
	query_bind_int(&q, c->u->updater_id);
	while ((got = query_step(&q, err)) > 0) {
		const struct known_text *t = known_texts_at(&c->u->texts, query_text(&q, 0));

		if (t->is_named && !t->has_text)
			VEC_PUSH(&c->scratch, out, str_copy(&c->scratch, query_text(&q, 0)));
	}
	return got;
}

int update_texts_drop_lost(struct commit *c, struct err *err)
{
	autoquery struct query q = { 0 };
	lost_names names = { 0 };

	TRY(find_lost(c, &names, err));
	TRY(db_query(c->db, "DELETE FROM vulnerability WHERE updater_id = ?1 AND name = ?2", &q, err));
	VEC_EACH (struct str, name, &names) {
		query_again(&q);
		query_bind_int(&q, c->u->updater_id);
		query_bind_text(&q, *name);
		TRY(query_step(&q, err));
	}
	return 0;
}
