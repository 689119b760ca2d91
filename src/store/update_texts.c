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

/* The places of all texts, in some order. */
struct text_places {
	struct commit *c;
	struct text_place *p;
	size_t n;
};

static int bind_name(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct text_places *places = ctx;

	(void)err;
	query_bind_int(q, places->c->u->updater_id);
	query_bind_text(q, places->p[i].name);
	query_bind_int(q, (int64_t)places->p[i].id);
	return 0;
}

static int bind_text(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct text_places *places = ctx;
	uint64_t offset = places->p[i].offset;
	struct spooled_text text;
	struct str bytes;

	TRY(spool_read(&places->c->u->new_texts, &offset, &bytes, err));
	text_decode(bytes, &text);
	query_bind_int(q, (int64_t)text.id);
	query_bind_optional(q, text.description);
	query_bind_optional(q, text.links);
	query_bind_int(q, text.issued);
	return 0;
}

int update_texts_write(struct commit *c, struct err *err)
{
	struct text_places places = { c, ARENA_ARRAY(&c->scratch, struct text_place, c->u->text_count), 0 };

	TRY(find_texts(c, places.p, &places.n, err));
	qsort(places.p, places.n, sizeof(*places.p), compare_names);
	TRY(db_batch(c->db, /* which text each name has now */
		     "INSERT INTO vulnerability(updater_id, name, text_id) VALUES(?1, ?2, ?3)"
		     " ON CONFLICT(updater_id, name) DO UPDATE SET text_id = excluded.text_id",
		     &(struct batch){ places.n, &places, bind_name, NULL }, err));
	qsort(places.p, places.n, sizeof(*places.p), compare_texts);
	return db_batch(c->db,
			"INSERT INTO text(id, description, links, issued) VALUES(?1, ?2, ?3, ?4)"
			" ON CONFLICT(id) DO NOTHING",
			&(struct batch){ places.n, &places, bind_text, NULL }, err);
}

uint64_t update_texts_lost(const struct update *u)
{
	uint64_t n = 0;

	for (size_t i = 0; i < u->texts.cap; i++)
		n += u->texts.slots[i].text_id && u->texts.slots[i].is_named && !u->texts.slots[i].has_text;
	return n;
}

struct lost_names {
	struct commit *c;
	VEC(struct str) list;
};

static int find_lost(struct lost_names *lost, struct err *err)
{
	struct commit *c = lost->c;
	autoquery struct query q = { 0 };
	int got;

	TRY(db_query(c->db, "SELECT name FROM vulnerability WHERE updater_id = ?1", &q, err));
	query_stream(&q);
	query_bind_int(&q, c->u->updater_id);
	while ((got = query_step(&q, err)) > 0) {
		const struct known_text *t = known_texts_at(&c->u->texts, query_text(&q, 0));

		if (t->is_named && !t->has_text)
			VEC_PUSH(&c->scratch, &lost->list, str_copy(&c->scratch, query_text(&q, 0)));
	}
	return got;
}

static int bind_lost(void *ctx, size_t i, struct query *q, struct err *err)
{
	const struct lost_names *lost = ctx;

	(void)err;
	query_bind_int(q, lost->c->u->updater_id);
	query_bind_text(q, lost->list.p[i]);
	return 0;
}

int update_texts_drop_lost(struct commit *c, struct err *err)
{
	struct lost_names lost = { .c = c };

	TRY(find_lost(&lost, err));
	return db_batch(c->db, "DELETE FROM vulnerability WHERE updater_id = ?1 AND name = ?2",
			&(struct batch){ lost.list.n, &lost, bind_lost, NULL }, err);
}
