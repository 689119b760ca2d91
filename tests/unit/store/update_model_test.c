/* SPDX-License-Identifier: Apache-2.0 */
/* Random sequences of updates against a model that is a few arrays: after each, everything that can be asked
 * must be what the model says, and history must hold the sets that were valid at each operation. */
#include "store_case.h"

#include "base/time.h"
#include "base/vec.h"
#include "store/advisories.h"

#define DB "advisories.db"

enum { UPDATERS = 2, NAMESPACES = 3, PACKAGES = 4, NAMES = 6, VARIANTS = 5, PER_KEY = NAMES * VARIANTS };
enum { UNIVERSE = NAMESPACES * PACKAGES * PER_KEY, TEXTS = 4, STEPS = 60, SEEDS = 8 };

struct model {
	bool valid[UPDATERS][UNIVERSE];
	int text[UPDATERS][NAMES]; /* 0: none */
	uint64_t random;
	struct { /* sets at each operation */
		int updater;
		uint64_t valid;
	} operations[STEPS + 1];
	uint64_t generation;
	uint64_t oldest; /* operation whose set is still whole */
};

static const char *const updater_names[UPDATERS] = { "one", "two" };
static const char *const namespaces[NAMESPACES] = { "debian:11", "debian:12", "alpine:edge" };
static const char *const packages[PACKAGES] = { "bash", "zsh", "linux", "a" };
static const char *const names[NAMES] = { "CVE-1", "CVE-10", "CVE-2", "CVE-3", "DSA-1", "X" };
static const char *const texts[TEXTS] = { "", "first", "second", "third" };

static unsigned roll(struct model *m, unsigned n)
{
	m->random = m->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(m->random >> 33) % n;
}

/* Advisory i of the universe; variants of one name differ in one field each. */
static struct advisory make(int i, int text)
{
	int variant = i % VARIANTS, name = i / VARIANTS % NAMES, key = i / PER_KEY;
	struct advisory a = {
		.key = { str_of(namespaces[key / PACKAGES]), str_of(packages[key % PACKAGES]) },
		.package_kind = PACKAGE_SOURCE,
		.name = str_of(names[name]),
		.fixed_in = variant == 1 ? STR("1.2") : STR("1"),
		.status = variant == 2 ? STATUS_WILL_NOT_FIX : STATUS_AFFECTED,
		.module = variant == 3 ? STR("perl:5") : STR(""),
		.severity = variant == 4 ? STR("low") : STR(""),
		.description = str_of(texts[text]),
	};

	return a;
}

static int variant_of(const struct advisory *a)
{
	return str_eq(a->fixed_in, STR("1.2")) ? 1 : a->status ? 2 : a->module.n ? 3 : a->severity.n ? 4 : 0;
}

/* Choose the next set: mostly a small change of the last one. */
static void choose(struct model *m, int updater, bool next[UNIVERSE])
{
	unsigned changes = roll(m, 5) == 0 ? 200 : roll(m, 6);

	for (int i = 0; i < UNIVERSE; i++)
		next[i] = m->valid[updater][i];
	if (roll(m, 15) == 0)
		for (int i = 0; i < UNIVERSE; i++)
			next[i] = false;
	for (unsigned c = 0; c < changes; c++) {
		unsigned i = roll(m, UNIVERSE);

		next[i] = !next[i];
	}
}

static int name_of(int i)
{
	return i / VARIANTS % NAMES;
}

/* What is said of some names only: the others stay as they are. */
static void choose_delta(struct model *m, int updater, bool next[UNIVERSE], bool spoken[NAMES])
{
	for (int n = 0; n < NAMES; n++)
		spoken[n] = roll(m, 3) == 0;
	for (int i = 0; i < UNIVERSE; i++)
		if (!spoken[name_of(i)])
			next[i] = m->valid[updater][i];
}

static int begin(struct advisory_store *s, int updater, bool is_delta, const bool spoken[NAMES],
		 struct update **u, struct err *err)
{
	if (!is_delta)
		return update_begin(s, str_of(updater_names[updater]), u, err);
	TRY(update_begin_delta(s, str_of(updater_names[updater]), u, err));
	for (int n = 0; n < NAMES; n++)
		if (spoken[n])
			update_replace(*u, str_of(names[n]));
	return 0;
}

static void apply_texts(struct model *m, int updater, const bool next[UNIVERSE], const bool spoken[NAMES],
			const int said[NAMES], uint64_t *changed)
{
	bool named[NAMES] = { false };

	for (int i = 0; i < UNIVERSE; i++)
		named[name_of(i)] |= next[i] && spoken[name_of(i)];
	for (int n = 0; n < NAMES; n++) {
		*changed += named[n] && m->text[updater][n] != said[n];
		if (named[n])
			m->text[updater][n] = said[n];
	}
}

static void step(struct model *m, struct advisory_store *s)
{
	int updater = (int)roll(m, UPDATERS), said[NAMES];
	bool next[UNIVERSE], spoken[NAMES] = { true, true, true, true, true, true };
	bool is_delta = roll(m, 3) == 0;
	autoupdate struct update *u = NULL;
	struct update_summary sum = { 0 };
	uint64_t added = 0, ended = 0, valid = 0, changed = 0;
	struct err err = { 0 };

	choose(m, updater, next);
	if (is_delta)
		choose_delta(m, updater, next, spoken);
	for (int n = 0; n < NAMES; n++)
		said[n] = roll(m, 8) == 0 ? (int)roll(m, TEXTS) : m->text[updater][n];
	ok(begin(s, updater, is_delta, spoken, &u, &err), &err);
	for (int k = 0, i = (int)roll(m, UNIVERSE); k < UNIVERSE; k++, i = (i + 7) % UNIVERSE) {
		struct advisory a = make(i, said[name_of(i)]);

		for (unsigned times = next[i] && spoken[name_of(i)] ? 1 + (roll(m, 10) == 0) : 0; times;
		     times--)
			ok(update_put(u, &a, &err), &err);
		added += next[i] && !m->valid[updater][i];
		ended += !next[i] && m->valid[updater][i];
		valid += next[i];
		m->valid[updater][i] = next[i];
	}
	apply_texts(m, updater, next, spoken, said, &changed);
	ok(update_commit(u, STR("f"), time_now(), &sum, &err), &err);
	assert_int_equal(sum.added, added);
	assert_int_equal(sum.ended, ended);
	assert_int_equal(sum.valid, valid);
	assert_int_equal(sum.texts_changed, changed);
	if (added + ended + changed)
		m->generation++;
	m->operations[m->generation].updater = updater;
	m->operations[m->generation].valid = valid;
}

/* What the answer says is in the model; counts say that nothing is missing. */
static void check_advisory(const struct model *m, int key, const struct advisory *a)
{
	int updater = str_eq(a->updater, STR("two")), name = 0;

	while (!str_eq(a->name, str_of(names[name])))
		name++;
	assert_true(m->valid[updater][key * PER_KEY + name * VARIANTS + variant_of(a)]);
	assert_str(a->description, str_of(texts[m->text[updater][name]]));
}

static void check_key(const struct model *m, int key, const advisory_list *list)
{
	size_t want = 0;

	for (int u = 0; u < UPDATERS; u++)
		for (int i = 0; i < PER_KEY; i++)
			want += m->valid[u][key * PER_KEY + i];
	assert_int_equal(list->n, want);
	for (size_t i = 0; i < list->n; i++) {
		const struct advisory *a = list->p[i], *b = i ? list->p[i - 1] : NULL;

		check_advisory(m, key, a);
		if (b && str_cmp(b->name, a->name) == 0)
			assert_true(str_cmp(b->fixed_in, a->fixed_in) < 0 ||
				    (str_eq(b->fixed_in, a->fixed_in) && b->id < a->id));
		else if (b)
			assert_true(str_cmp(b->name, a->name) < 0);
	}
}

static void check_namespaces(const struct model *m, struct advisory_store *s)
{
	for (int ns = 0; ns < NAMESPACES; ns++) {
		autotask struct task task = { 0 };
		uint64_t count = 0, want = 0;
		str_list updaters = { 0 };
		struct err err = { 0 };

		for (int u = 0; u < UPDATERS; u++)
			for (int i = 0; i < PACKAGES * PER_KEY; i++)
				want += m->valid[u][ns * PACKAGES * PER_KEY + i];
		ok(advisories_namespace(s, &task, str_of(namespaces[ns]), &count, &updaters, &err), &err);
		assert_int_equal(count, want);
	}
}

static void check_history(const struct model *m, const struct store_case *c)
{
	for (uint64_t op = m->oldest; op <= m->generation && op > 0; op++) {
		char sql[256];

		snprintf(sql, sizeof(sql),
			 "SELECT count(*) FROM advisory a JOIN updater u ON u.id = a.updater_id WHERE u.name "
			 "= '%s'"
			 " AND began <= %d AND (ended IS NULL OR ended > %d)",
			 updater_names[m->operations[op].updater], (int)op, (int)op);
		assert_int_equal(store_case_number(c, DB, sql), m->operations[op].valid);
	}
}

static void check(const struct model *m, const struct store_case *c, struct advisory_store *s)
{
	autotask struct task task = { 0 };
	struct advisory_key keys[NAMESPACES * PACKAGES];
	advisory_list lists[NAMESPACES * PACKAGES];
	uint64_t generation = 0;
	struct err err = { 0 };

	for (int k = 0; k < NAMESPACES * PACKAGES; k++)
		keys[k] = (struct advisory_key){ str_of(namespaces[k / PACKAGES]),
						 str_of(packages[k % PACKAGES]) };
	ok(advisories_find(s, &task, keys, NAMESPACES * PACKAGES, true, lists, &err), &err);
	for (int k = 0; k < NAMESPACES * PACKAGES; k++)
		check_key(m, k, &lists[k]);
	check_namespaces(m, s);
	ok(advisories_generation(s, &generation, &err), &err);
	assert_int_equal(generation, m->generation);
	(void)c;
}

/* Texts of names that no row has any more may go with the rows. */
static void collect(struct model *m, struct advisory_store *s)
{
	uint64_t dropped = 0;
	struct err err = { 0 };

	ok(advisories_collect(s, time_now() + 10, &dropped, &err), &err);
	m->oldest = m->generation;
	if (!dropped)
		return;
	for (int u = 0; u < UPDATERS; u++)
		for (int n = 0; n < NAMES; n++) {
			bool named = false;

			for (int i = 0; i < UNIVERSE; i++)
				named |= m->valid[u][i] && name_of(i) == n;
			if (!named)
				m->text[u][n] = 0;
		}
}

static void run(const struct store_case *c, uint64_t seed)
{
	struct model m = { .random = seed, .oldest = 1 };
	struct advisory_store *s = NULL;
	struct err err = { 0 };

	print_message("seed %d\n", (int)seed);
	ok(advisories_open_at(&c->place, STORE_WRITE, &s, &err), &err);
	for (int i = 0; i < STEPS; i++) {
		step(&m, s);
		check(&m, c, s);
		if (roll(&m, 20) == 0) {
			check_history(&m, c);
			collect(&m, s);
			check(&m, c, s);
		}
		if (roll(&m, 10) == 0) {
			advisories_close(s);
			ok(advisories_open_at(&c->place, STORE_WRITE, &s, &err), &err);
		}
	}
	check_history(&m, c);
	advisories_close(s);
	store_case_intact(c, DB);
}

/* *state: not NULL for PostgreSQL. */
static void random_updates_agree_with_a_model(void **state)
{
	void *is_postgres = *state;

	for (uint64_t seed = 1; seed <= (is_postgres ? 2 : SEEDS); seed++) {
		void *dir = is_postgres;

		assert_int_equal(store_case_setup(&dir), 0);
		run(dir, seed);
		store_case_teardown(&dir);
	}
}

int main(void)
{
	static char postgres[] = "postgres";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_updates_agree_with_a_model),
		{ "random_updates_agree_with_a_model_on_postgresql", random_updates_agree_with_a_model, NULL,
		  NULL, places_postgres() ? postgres : NULL },
	};

	return _cmocka_run_group_tests("tests", tests, places_postgres() ? 2 : 1, NULL, store_case_close_);
}
