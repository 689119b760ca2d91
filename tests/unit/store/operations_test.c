/* SPDX-License-Identifier: Apache-2.0 */
/* Random histories of updates, deletions and retention against a model that keeps the whole set of every
 * operation: lists, differences, what is valid and the counts must be what the model says. */
#include "store_case.h"

#include "base/task.h"
#include "store/operations.h"

#define DB "advisories.db"

enum { UPDATERS = 2, NAMESPACES = 2, PACKAGES = 3, NAMES = 5, VARIANTS = 2, STEPS = 70, SEEDS = 12 };
enum { PER_KEY = NAMES * VARIANTS, UNIVERSE = NAMESPACES * PACKAGES * PER_KEY };

struct operation {
	int64_t id, date;
	char ref[40], fingerprint[16];
	bool valid[UNIVERSE];
};

struct history {
	struct operation operations[STEPS];
	int n;
	bool valid[UNIVERSE];
};

struct model {
	struct history of[UPDATERS];
	uint64_t random, generation;
	int64_t now;
};

static const char *const updater_names[UPDATERS] = { "one", "two" };
static const char *const namespaces[NAMESPACES] = { "debian:11", "debian:12" };
static const char *const packages[PACKAGES] = { "bash", "zsh", "linux" };
static const char *const names[NAMES] = { "CVE-1", "CVE-10", "CVE-2", "DSA-1", "X" };

static unsigned roll(struct model *m, unsigned n)
{
	m->random = m->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(m->random >> 33) % n;
}

static struct advisory make(int i)
{
	int variant = i % VARIANTS, name = i / VARIANTS % NAMES, key = i / PER_KEY;

	return (struct advisory){
		.key = { str_of(namespaces[key / PACKAGES]), str_of(packages[key % PACKAGES]) },
		.package_kind = PACKAGE_SOURCE,
		.name = str_of(names[name]),
		.fixed_in = STR("1"),
		.range = variant ? STR("semver:1..semver:2") : STR(""),
		.module = name == 2 ? STR("perl:5") : STR(""),
		.distribution = { .did = STR("debian") },
		.description = str_of(names[name]),
		.links = STR("https://example.com"),
		.issued = 7,
	};
}

static int position_in(const char *const *list, int n, struct str s)
{
	for (int i = 0; i < n; i++)
		if (str_eq(s, str_of(list[i])))
			return i;
	fail_msg("unexpected \"" STR_FMT "\"", STR_ARG(s));
	return -1;
}

/* Which of the universe it is; everything else of it must be right too. */
static int index_of(const struct advisory *a)
{
	int key = position_in(namespaces, NAMESPACES, a->key.namespace) * PACKAGES +
		  position_in(packages, PACKAGES, a->key.package);
	int i = key * PER_KEY + position_in(names, NAMES, a->name) * VARIANTS + (a->range.n > 0);
	struct advisory want = make(i);

	assert_str(a->fixed_in, want.fixed_in);
	assert_str(a->range, want.range);
	assert_str(a->module, want.module);
	assert_str(a->description, want.description);
	assert_str(a->links, want.links);
	assert_str(a->distribution.did, want.distribution.did);
	assert_int_equal(a->issued, want.issued);
	assert_int_equal(a->package_kind, want.package_kind);
	assert_true(a->id != 0);
	return i;
}

/* ---- what is done ---- */

static struct advisory_store *open_store(const struct store_case *c)
{
	struct advisory_store *s = NULL;
	struct err err = { 0 };

	ok(advisories_open_at(&c->place, STORE_WRITE, &s, &err), &err);
	return s;
}

static void remember(struct history *h, struct advisory_store *s, int64_t now)
{
	autotask struct task task = { 0 };
	struct operation *o = &h->operations[h->n];
	struct str ref = STR("");
	struct update_operation found;
	struct err err = { 0 };

	ok(operations_newest(s, &task, OPERATION_VULNERABILITY, &ref, &err), &err);
	assert_int_equal(operation_find(s, &task, ref, &found, &err), 1);
	*o = (struct operation){ .id = found.id, .date = now };
	snprintf(o->ref, sizeof(o->ref), STR_FMT, STR_ARG(ref));
	snprintf(o->fingerprint, sizeof(o->fingerprint), "f%d", (int)now);
	memcpy(o->valid, h->valid, sizeof(h->valid));
	h->n++;
}

static void update(struct model *m, struct advisory_store *s, int updater)
{
	struct history *h = &m->of[updater];
	autoupdate struct update *u = NULL;
	struct update_summary sum = { 0 };
	unsigned changes = roll(m, 6) == 0 ? UNIVERSE : roll(m, 5);
	bool before[UNIVERSE];
	char fingerprint[16];
	struct err err = { 0 };

	memcpy(before, h->valid, sizeof(before));
	if (roll(m, 12) == 0)
		memset(h->valid, 0, sizeof(h->valid));
	for (; changes; changes--)
		h->valid[roll(m, UNIVERSE)] ^= true;
	m->now++;
	snprintf(fingerprint, sizeof(fingerprint), "f%d", (int)m->now);
	ok(update_begin(s, str_of(updater_names[updater]), &u, &err), &err);
	for (int i = 0; i < UNIVERSE; i++) {
		struct advisory a = make(i);

		if (h->valid[i])
			ok(update_put(u, &a, &err), &err);
	}
	ok(update_commit(u, str_of(fingerprint), m->now, &sum, &err), &err);
	if (memcmp(before, h->valid, sizeof(before)))
		remember(h, s, m->now);
}

static void forget(struct history *h, int i)
{
	memmove(&h->operations[i], &h->operations[i + 1], (size_t)(h->n - i - 1) * sizeof(h->operations[0]));
	h->n--;
}

static void delete (struct model *m, struct advisory_store *s, struct history *h)
{
	int i = h->n ? (int)roll(m, (unsigned)h->n) : 0;
	struct err err = { 0 };

	if (h->n == 0 || (i == 0 && roll(m, 3)))
		return;
	assert_int_equal(operation_delete(s, str_of(h->operations[i].ref), m->now, &err), 1);
	assert_int_equal(operation_delete(s, str_of(h->operations[i].ref), m->now, &err), 0);
	forget(h, i);
	if (i < h->n)
		return;
	memset(h->valid, 0, sizeof(h->valid));
	if (h->n)
		memcpy(h->valid, h->operations[h->n - 1].valid, sizeof(h->valid));
}

static void retain(struct model *m, struct advisory_store *s)
{
	unsigned keep = roll(m, 4);
	int64_t before = roll(m, 3) ? 0 : m->now - (int64_t)roll(m, 10);
	uint64_t dropped;
	struct err err = { 0 };

	ok(advisories_retain(s, keep, before, &dropped, &err), &err);
	for (int u = 0; u < UPDATERS; u++)
		while (m->of[u].n > 1 &&
		       ((keep && m->of[u].n > (int)keep) || m->of[u].operations[1].date <= before))
			forget(&m->of[u], 0);
}

/* ---- what must be ---- */

struct collected {
	struct diff_sink sink;
	bool added[UNIVERSE], removed[UNIVERSE];
	struct arena arena;
	struct str last_name;
	uint64_t last_id;
	bool sorted;
};

static void collect(struct collected *c, bool set[UNIVERSE], const struct advisory *a)
{
	int i = index_of(a), order = str_cmp(c->last_name, a->name);

	assert_false(set[i]);
	set[i] = true;
	if (c->sorted)
		assert_true(order < 0 || (order == 0 && c->last_id < a->id));
	c->last_name = str_copy(&c->arena, a->name);
	c->last_id = a->id;
}

static int on_added(struct diff_sink *sink, const struct advisory *a, struct err *err)
{
	struct collected *c = (struct collected *)sink;

	(void)err;
	collect(c, c->added, a);
	return 0;
}

static int on_removed(struct diff_sink *sink, const struct advisory *a, struct err *err)
{
	struct collected *c = (struct collected *)sink;

	(void)err;
	if (memchr(c->removed, 1, sizeof(c->removed)) == NULL)
		c->last_name = STR(""), c->last_id = 0;
	collect(c, c->removed, a);
	return 0;
}

static const struct collected empty = { .sink = { on_added, on_removed }, .sorted = true };

static void check_difference(struct model *m, struct advisory_store *s)
{
	autotask struct task task = { 0 };
	struct history *h = &m->of[roll(m, UPDATERS)], *g = roll(m, 8) ? h : &m->of[roll(m, UPDATERS)];
	const struct operation *cur = h->n ? &h->operations[roll(m, (unsigned)h->n)] : NULL;
	const struct operation *prev = g->n && roll(m, 6) ? &g->operations[roll(m, (unsigned)g->n)] : NULL;
	struct update_operation a, b;
	struct collected c = empty;
	struct err err = { 0 };

	if (!cur)
		return;
	assert_int_equal(operation_find(s, &task, str_of(cur->ref), &a, &err), 1);
	if (prev)
		assert_int_equal(operation_find(s, &task, str_of(prev->ref), &b, &err), 1);
	ok(operations_diff(s, &task, prev ? &b : NULL, &a, &c.sink, &err), &err);
	for (int i = 0; i < UNIVERSE; i++) {
		assert_int_equal(c.added[i], cur->valid[i] && !(prev && g == h && prev->valid[i]));
		assert_int_equal(c.removed[i], prev && prev->valid[i] && !(g == h && cur->valid[i]));
	}
	arena_reset(&c.arena);
}

static void check_list(const struct model *m, struct advisory_store *s, bool latest)
{
	autotask struct task task = { 0 };
	update_operations list = { 0 };
	struct err err = { 0 };
	size_t at = 0;

	ok(operations_list(s, &task, OPERATION_VULNERABILITY, latest, &list, &err), &err);
	for (int u = 0; u < UPDATERS; u++)
		for (int i = m->of[u].n - 1; i >= 0; i = latest ? -1 : i - 1) {
			const struct operation *o = &m->of[u].operations[i];

			assert_true(at < list.n);
			assert_str(list.p[at].ref, str_of(o->ref));
			assert_str(list.p[at].updater, str_of(updater_names[u]));
			assert_str(list.p[at].fingerprint, str_of(o->fingerprint));
			assert_int_equal(list.p[at].date, o->date);
			assert_int_equal(list.p[at].kind, OPERATION_VULNERABILITY);
			at++;
		}
	assert_int_equal(list.n, at);
}

static uint64_t count_in(const struct history *h, int namespace)
{
	uint64_t n = 0;

	for (int i = 0; i < UNIVERSE; i++)
		n += h->valid[i] && (namespace < 0 || i / (PACKAGES * PER_KEY) == namespace);
	return n;
}

static void check_valid(const struct model *m, struct advisory_store *s)
{
	autotask struct task task = { 0 };
	struct updater_state state;
	uint64_t all = 0;
	struct err err = { 0 };

	for (int u = 0; u < UPDATERS; u++) {
		struct collected c = empty;

		c.sorted = false;
		ok(advisories_each(s, &task, str_of(updater_names[u]), &c.sink, &err), &err);
		assert_memory_equal(c.added, m->of[u].valid, sizeof(c.added));
		arena_reset(&c.arena);
		ok(advisories_updater(s, &task, str_of(updater_names[u]), &state, &err), &err);
		assert_int_equal(state.advisories, count_in(&m->of[u], -1));
		all += state.advisories;
	}
	for (int ns = 0; ns < NAMESPACES; ns++) {
		uint64_t count = 0;
		str_list updaters = { 0 };

		ok(advisories_namespace(s, &task, str_of(namespaces[ns]), &count, &updaters, &err), &err);
		assert_int_equal(count, count_in(&m->of[0], ns) + count_in(&m->of[1], ns));
	}
	assert_int_equal(advisories_any(s, &err), all > 0);
}

static void check_named(struct model *m, struct advisory_store *s)
{
	autotask struct task task = { 0 };
	unsigned name = roll(m, NAMES);
	bool seen[UPDATERS][UNIVERSE] = { { false } };
	advisory_list list = { 0 };
	size_t want = 0;
	struct err err = { 0 };

	for (int u = 0; u < UPDATERS; u++)
		for (int i = 0; i < UNIVERSE; i++)
			want += m->of[u].valid[i] && i / VARIANTS % NAMES == (int)name;
	ok(advisories_named(s, &task, str_of(names[name]), 1000, &list, &err), &err);
	assert_int_equal(list.n, want);
	for (size_t i = 0; i < list.n; i++) {
		bool *set = seen[position_in(updater_names, UPDATERS, list.p[i]->updater)];

		assert_false(set[index_of(list.p[i])]);
		set[index_of(list.p[i])] = true;
	}
	ok(advisories_named(s, &task, str_of(names[name]), 2, &list, &err), &err);
	assert_int_equal(list.n, want < 2 ? want : 2);
}

/* Nothing is kept that is valid at no operation kept. */
static void check_rows(const struct store_case *c)
{
	assert_int_equal(
		store_case_number(c, DB,
				  "SELECT count(*) FROM advisory a WHERE ended IS NOT NULL AND NOT EXISTS"
				  " (SELECT 1 FROM update_operation o WHERE o.updater_id = a.updater_id"
				  " AND o.id >= a.began AND o.id < a.ended)"),
		0);
}

static void step(struct model *m, struct advisory_store *s)
{
	bool before[UPDATERS][UNIVERSE];
	uint64_t generation = 0;
	bool changed = false;
	struct err err = { 0 };

	for (int u = 0; u < UPDATERS; u++)
		memcpy(before[u], m->of[u].valid, sizeof(before[u]));
	switch (roll(m, 8)) {
	case 0: retain(m, s); break;
	case 1:
	case 2: delete (m, s, &m->of[roll(m, UPDATERS)]); break;
	default: update(m, s, (int)roll(m, UPDATERS)); break;
	}
	for (int u = 0; u < UPDATERS; u++)
		changed |= memcmp(before[u], m->of[u].valid, sizeof(before[u])) != 0;
	ok(advisories_generation(s, &generation, &err), &err);
	assert_true(changed ? generation > m->generation : generation >= m->generation);
	m->generation = generation;
}

static void start_again(const struct store_case *c)
{
	char path[512];

	if (store_case_is_postgres(c)) {
		assert_true(places_empty());
		return;
	}
	unlink(store_case_file(c, DB, path));
	unlink(store_case_file(c, DB "-wal", path));
	unlink(store_case_file(c, DB "-shm", path));
}

static void random_histories_agree_with_a_model(void **state)
{
	const struct store_case *c = *state;

	for (uint64_t seed = 1; seed <= (store_case_is_postgres(c) ? 3 : SEEDS); seed++) {
		struct model *m = calloc(1, sizeof(*m));
		struct advisory_store *s = open_store(c);

		printf("seed %d\n", (int)seed);
		m->random = seed;
		for (int i = 0; i < STEPS; i++) {
			step(m, s);
			check_list(m, s, i % 2);
			check_difference(m, s);
			check_difference(m, s);
			check_valid(m, s);
			check_named(m, s);
			check_rows(c);
		}
		advisories_close(s);
		store_case_intact(c, DB);
		start_again(c);
		free(m);
	}
}

/* ---- single questions ---- */

static struct str update_one(struct advisory_store *s, struct task *task, const char *updater, int i,
			     const char *fingerprint)
{
	autoupdate struct update *u = NULL;
	struct advisory a = make(i);
	struct update_summary sum;
	struct str ref = STR("");
	struct err err = { 0 };

	ok(update_begin(s, str_of(updater), &u, &err), &err);
	ok(update_put(u, &a, &err), &err);
	ok(update_commit(u, str_of(fingerprint), 5, &sum, &err), &err);
	ok(operations_newest(s, task, OPERATION_VULNERABILITY, &ref, &err), &err);
	return ref;
}

static void an_empty_store_has_no_operations(void **state)
{
	struct advisory_store *s = open_store(*state);
	autotask struct task task = { 0 };
	update_operations list = { 0 };
	struct update_operation o;
	struct str ref = STR("x");
	struct err err = { 0 };

	ok(operations_list(s, &task, OPERATION_VULNERABILITY, false, &list, &err), &err);
	assert_int_equal(list.n, 0);
	ok(operations_newest(s, &task, OPERATION_ENRICHMENT, &ref, &err), &err);
	assert_int_equal(ref.n, 0);
	assert_int_equal(operation_find(s, &task, STR("nothing"), &o, &err), 0);
	assert_int_equal(operation_delete(s, STR("nothing"), 9, &err), 0);
	assert_int_equal(advisories_any(s, &err), 0);
	advisories_close(s);
}

static void any_stored_fingerprint_counts(void **state)
{
	struct advisory_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct err err = { 0 };

	update_one(s, &task, "one", 0, "first");
	update_one(s, &task, "one", 1, "second");
	assert_int_equal(
		operation_has_fingerprint(s, STR("one"), OPERATION_VULNERABILITY, STR("first"), &err), 1);
	assert_int_equal(
		operation_has_fingerprint(s, STR("one"), OPERATION_VULNERABILITY, STR("second"), &err), 1);
	assert_int_equal(
		operation_has_fingerprint(s, STR("one"), OPERATION_VULNERABILITY, STR("third"), &err), 0);
	assert_int_equal(operation_has_fingerprint(s, STR("one"), OPERATION_ENRICHMENT, STR("first"), &err),
			 0);
	assert_int_equal(
		operation_has_fingerprint(s, STR("two"), OPERATION_VULNERABILITY, STR("first"), &err), 0);
	advisories_close(s);
}

static void undoing_the_newest_forgets_the_fingerprint_and_stops_a_running_update(void **state)
{
	struct advisory_store *s = open_store(*state);
	autotask struct task task = { 0 };
	autoupdate struct update *running = NULL;
	struct update_summary sum;
	struct updater_state updater;
	struct str second;
	struct err err = { 0 };

	update_one(s, &task, "one", 0, "first");
	second = update_one(s, &task, "one", 1, "second");
	ok(update_begin(s, STR("one"), &running, &err), &err);
	assert_int_equal(operation_delete(s, second, 9, &err), 1);
	ok(advisories_updater(s, &task, STR("one"), &updater, &err), &err);
	assert_str(updater.fingerprint, STR(""));
	assert_int_equal(updater.advisories, 1);
	assert_int_equal(update_commit(running, STR("x"), 6, &sum, &err), E_CONFLICT);
	advisories_close(s);
}

static void merging_an_older_one_leaves_what_is_valid_alone(void **state)
{
	struct advisory_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct updater_state updater;
	uint64_t before = 0, after = 1;
	struct str first;
	struct err err = { 0 };

	first = update_one(s, &task, "one", 0, "first");
	update_one(s, &task, "one", 1, "second");
	ok(advisories_generation(s, &before, &err), &err);
	assert_int_equal(operation_delete(s, first, 9, &err), 1);
	ok(advisories_generation(s, &after, &err), &err);
	assert_int_equal(before, after);
	ok(advisories_updater(s, &task, STR("one"), &updater, &err), &err);
	assert_str(updater.fingerprint, STR("second"));
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM advisory"), 1);
	advisories_close(s);
}

#define t(f) cmocka_unit_test_setup_teardown(f, store_case_setup, store_case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(random_histories_agree_with_a_model),
		t(an_empty_store_has_no_operations),
		t(any_stored_fingerprint_counts),
		t(undoing_the_newest_forgets_the_fingerprint_and_stops_a_running_update),
		t(merging_an_older_one_leaves_what_is_valid_alone),
	};

	return store_case_run(tests);
}
