/* SPDX-License-Identifier: Apache-2.0 */
/* dnf's history: var/lib/dnf/history.sqlite (dnf 4), usr/lib/sysimage/libdnf5/transaction_history.sqlite.
 * Source: the databases that dnf writes; its schemas are in the SQL that creates them (libdnf, "swdb", and
 * libdnf5, "transaction/db"). Joined here, in memory, table by table: a transaction item says what was done
 * with an item (a package) and from which repository; the last one that is no removal tells where the package
 * came from.
 * Easy to get wrong: dnf 5 keeps names, architectures and actions in tables of their own, and a table
 * `config` as well as `trans_item_action` tells it from dnf 4; "@System" stands for "what was there", which
 * says nothing, so the transaction before it counts. */
#include "format/dnf_history.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "format/content_manifest.h"
#include "format/sqlite.h"

#include <stdlib.h>

#define MAX_COLUMNS 6
#define DNF4_ACTION_REMOVE 8

/* A row of (id, text). */
struct named {
	int64_t id;
	struct str text;
};
typedef VEC(struct named) named_list;

/* A transaction item that is no removal. */
struct origin {
	int64_t item, id;
	struct str repoid;
};

struct history_reader {
	struct task *task;
	struct sqlite *db;
	bool is_dnf5;
	named_list repos, actions, names, arches;
	VEC(struct origin) origins;
	struct dnf_history *out;
};

/* ---- tables ---- */

/* A table, the columns to be read of it, and what is done with a row of them. */
struct table_plan {
	const char *name;
	const char *columns[MAX_COLUMNS + 1]; /* end with NULL */
	int (*take)(struct history_reader *r, const struct sqlite_value *row, struct err *err);
};

static void add_damage(struct history_reader *r, const char *table, const struct err *damage)
{
	if (r->out->damages++ == 0)
		err_set(&r->out->damage, damage->code, "table %s: %s", table, damage->text);
}

/* Rows that cannot be read are passed over. */
static int read_rows(struct history_reader *r, const struct table_plan *plan, struct sqlite_cursor *rows,
		     const int *columns, struct err *err)
{
	struct sqlite_value values[MAX_COLUMNS];
	struct sqlite_row row;
	size_t count = 0;
	int got;

	while ((got = sqlite_next(rows, &row, err)) != 0) {
		if (got == E_FORMAT) {
			add_damage(r, plan->name, err);
			continue;
		}
		if (got < 0)
			return got;
		if (count++ == LIMIT_DNF_HISTORY_ROWS) {
			err_set(err, E_LIMIT, "more than %u rows", LIMIT_DNF_HISTORY_ROWS);
			add_damage(r, plan->name, err);
			return 0;
		}
		for (int i = 0; plan->columns[i]; i++)
			values[i] = sqlite_value(&row, columns[i]);
		TRY(plan->take(r, values, err));
	}
	return 0;
}

static int read_table(struct history_reader *r, const struct table_plan *plan, struct err *err)
{
	struct sqlite_table table;
	int columns[MAX_COLUMNS];

	if (sqlite_find_table(r->db, str_of(plan->name), &table, err) < 0)
		return err_wrap(err, "table %s", plan->name);
	for (int i = 0; plan->columns[i]; i++) {
		columns[i] = sqlite_column(&table, str_of(plan->columns[i]));
		if (columns[i] < 0)
			return err_set(err, E_NOTFOUND, "table %s: no column %s", plan->name,
				       plan->columns[i]);
	}
	return read_rows(r, plan, sqlite_rows(r->db, &table), columns, err);
}

/* ---- names by number ---- */

static int add_named(struct history_reader *r, named_list *list, const struct sqlite_value *row)
{
	struct arena *a = &r->task->arena;

	if (row[0].type == SQLITE_TYPE_INTEGER && row[1].type == SQLITE_TYPE_TEXT &&
	    row[1].bytes.n <= LIMIT_FIELD_BYTES)
		VEC_PUSH(a, list, ((struct named){ row[0].integer, str_copy(a, row[1].bytes) }));
	return 0;
}

static int take_repo(struct history_reader *r, const struct sqlite_value *row, struct err *err)
{
	(void)err;
	if (str_starts(row[1].bytes, STR("@")) || !content_manifest_is_repoid(row[1].bytes))
		return 0;
	return add_named(r, &r->repos, row);
}

static int take_action(struct history_reader *r, const struct sqlite_value *row, struct err *err)
{
	(void)err;
	return add_named(r, &r->actions, row);
}

static int take_name(struct history_reader *r, const struct sqlite_value *row, struct err *err)
{
	(void)err;
	return add_named(r, &r->names, row);
}

static int take_arch(struct history_reader *r, const struct sqlite_value *row, struct err *err)
{
	(void)err;
	return add_named(r, &r->arches, row);
}

static int compare_named(const void *a, const void *b)
{
	const struct named *p = a, *q = b;

	return (p->id > q->id) - (p->id < q->id);
}

static void sort_named(named_list *list)
{
	if (list->n)
		qsort(list->p, list->n, sizeof(list->p[0]), compare_named);
}

/* The text of a number, or an empty one. */
static struct str name_of(const named_list *list, const struct sqlite_value *id)
{
	const struct named wanted = { .id = id->integer };
	const struct named *found = NULL;

	if (id->type == SQLITE_TYPE_INTEGER && list->n)
		found = bsearch(&wanted, list->p, list->n, sizeof(list->p[0]), compare_named);
	return found ? found->text : (struct str){ NULL, 0 };
}

/* ---- transaction items ---- */

static bool is_removal(const struct history_reader *r, const struct sqlite_value *action)
{
	if (!r->is_dnf5)
		return action->type == SQLITE_TYPE_INTEGER && action->integer == DNF4_ACTION_REMOVE;
	return str_eq(name_of(&r->actions, action), STR("Remove"));
}

/* id, item_id, repo_id, action */
static int take_item(struct history_reader *r, const struct sqlite_value *row, struct err *err)
{
	struct str repoid = name_of(&r->repos, &row[2]);

	if (row[0].type == SQLITE_TYPE_INTEGER && row[1].type == SQLITE_TYPE_INTEGER && repoid.n &&
	    !is_removal(r, &row[3]))
		VEC_PUSH(&r->task->arena, &r->origins,
			 ((struct origin){ row[1].integer, row[0].integer, repoid }));
	return task_check(r->task, err);
}

/* By item; the newest transaction first. */
static int compare_origins(const void *a, const void *b)
{
	const struct origin *p = a, *q = b;

	if (p->item != q->item)
		return p->item < q->item ? -1 : 1;
	return (p->id < q->id) - (p->id > q->id);
}

static void keep_newest_origins(struct history_reader *r)
{
	size_t kept = 0;

	if (r->origins.n)
		qsort(r->origins.p, r->origins.n, sizeof(r->origins.p[0]), compare_origins);
	for (size_t i = 0; i < r->origins.n; i++)
		if (kept == 0 || r->origins.p[kept - 1].item != r->origins.p[i].item)
			r->origins.p[kept++] = r->origins.p[i];
	r->origins.n = kept;
}

static struct str origin_of(const struct history_reader *r, const struct sqlite_value *item)
{
	size_t low = 0, high = r->origins.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->origins.p[middle].item < item->integer)
			low = middle + 1;
		else
			high = middle;
	}
	if (item->type != SQLITE_TYPE_INTEGER || low == r->origins.n ||
	    r->origins.p[low].item != item->integer)
		return (struct str){ NULL, 0 };
	return r->origins.p[low].repoid;
}

static int compare_texts(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void list_repoids(struct history_reader *r)
{
	struct arena *a = &r->task->arena;
	struct map seen = { .arena = a };
	str_list *list = &r->out->repoids;

	VEC_EACH (const struct origin, o, &r->origins) {
		void **slot = map_put(&seen, o->repoid);

		if (!*slot)
			VEC_PUSH(a, list, o->repoid);
		*slot = r;
	}
	if (list->n)
		qsort(list->p, list->n, sizeof(list->p[0]), compare_texts);
}

/* ---- packages ---- */

static struct str key_of(struct arena *a, const struct dnf_package *p)
{
	struct buffer b = { .arena = a };

	put_varint(&b, p->epoch);
	put_string(&b, p->name);
	put_string(&b, p->version);
	put_string(&b, p->release);
	put_string(&b, p->arch);
	return buffer_str(&b);
}

/* An INTEGER column, but a number written as text stays text in a column without that type. */
static uint32_t epoch_of(const struct sqlite_value *v)
{
	uint64_t n = 0;

	if (v->type == SQLITE_TYPE_INTEGER && v->integer >= 0 && v->integer <= UINT32_MAX)
		return (uint32_t)v->integer;
	if (v->type == SQLITE_TYPE_TEXT && str_u64(v->bytes, UINT32_MAX, &n))
		return (uint32_t)n;
	return 0;
}

static struct str text_of(const struct sqlite_value *v)
{
	return v->type == SQLITE_TYPE_TEXT ? v->bytes : (struct str){ NULL, 0 };
}

/* item_id, name or name_id, epoch, version, release, arch or arch_id */
static int take_rpm(struct history_reader *r, const struct sqlite_value *row, struct err *err)
{
	struct arena *a = &r->task->arena;
	struct str repoid = origin_of(r, &row[0]);
	const struct dnf_package p = {
		.name = r->is_dnf5 ? name_of(&r->names, &row[1]) : text_of(&row[1]),
		.epoch = epoch_of(&row[2]),
		.version = text_of(&row[3]),
		.release = text_of(&row[4]),
		.arch = r->is_dnf5 ? name_of(&r->arches, &row[5]) : text_of(&row[5]),
	};

	if (repoid.n && p.name.n && p.name.n + p.version.n + p.release.n + p.arch.n <= LIMIT_FIELD_BYTES) {
		struct str *value = ARENA_NEW(a, struct str);

		*value = repoid;
		*map_put(&r->out->packages, key_of(a, &p)) = value;
	}
	return task_check(r->task, err);
}

struct str dnf_history_origin(const struct dnf_history *h, const struct dnf_package *package)
{
	autoarena struct arena scratch = { 0 };
	const struct str *found = map_get(&h->packages, key_of(&scratch, package));

	return found ? *found : (struct str){ NULL, 0 };
}

/* ---- the two schemas ---- */

static const struct table_plan repo_plan = { "repo", { "id", "repoid" }, take_repo };
static const struct table_plan dnf4_plans[] = {
	{ "trans_item", { "id", "item_id", "repo_id", "action" }, take_item },
	{ "rpm", { "item_id", "name", "epoch", "version", "release", "arch" }, take_rpm },
};
static const struct table_plan dnf5_plans[] = {
	{ "trans_item", { "id", "item_id", "repo_id", "action_id" }, take_item },
	{ "rpm", { "item_id", "name_id", "epoch", "version", "release", "arch_id" }, take_rpm },
};
static const struct table_plan dnf5_names[] = {
	{ "trans_item_action", { "id", "name" }, take_action },
	{ "pkg_name", { "id", "name" }, take_name },
	{ "arch", { "id", "name" }, take_arch },
};

static bool has_table(struct history_reader *r, struct str name)
{
	struct sqlite_table table;
	struct err ignored;
	int found = sqlite_find_table(r->db, name, &table, &ignored);

	return found == 0 || found == E_UNSUPPORTED;
}

static int read_names(struct history_reader *r, struct err *err)
{
	TRY(read_table(r, &repo_plan, err));
	for (size_t i = 0; r->is_dnf5 && i < sizeof(dnf5_names) / sizeof(dnf5_names[0]); i++)
		TRY(read_table(r, &dnf5_names[i], err));
	sort_named(&r->repos);
	sort_named(&r->actions);
	sort_named(&r->names);
	sort_named(&r->arches);
	return 0;
}

int dnf_history_read(struct task *task, struct str file, struct str wal, struct dnf_history *out,
		     struct err *err)
{
	struct dnf_history found = { .packages = { .arena = &task->arena } };
	struct history_reader r = { .task = task, .out = &found };
	const struct table_plan *plans;

	TRY(sqlite_open(task, file, wal, &r.db, err));
	r.is_dnf5 = has_table(&r, STR("config")) && has_table(&r, STR("trans_item_action"));
	plans = r.is_dnf5 ? dnf5_plans : dnf4_plans;
	TRY(read_names(&r, err));
	TRY(read_table(&r, &plans[0], err));
	keep_newest_origins(&r);
	list_repoids(&r);
	TRY(read_table(&r, &plans[1], err));
	*out = found;
	return 0;
}
