/* SPDX-License-Identifier: Apache-2.0 */
/* Time travel against a model that knows nothing of intervals: random histories of updates, runs that change
 * nothing or fail, deletions and retention, while the model keeps what each feed held at every second, and
 * the seconds that were forgotten. Whatever moment is asked for, the store must answer the same or refuse.
 * HISTORY_SEEDS and HISTORY_FIRST_SEED make it longer. */
#include "store_case.h"

#include "base/task.h"
#include "base/time.h"
#include "store/operations.h"

enum { UPDATERS = 3, NAMESPACES = 2, PACKAGES = 3, NAMES = 4, VARIANTS = 2, STEPS = 60, QUESTIONS = 3 };
enum {
	PER_KEY = NAMES * VARIANTS,
	PER_NAMESPACE = PACKAGES * PER_KEY,
	UNIVERSE = NAMESPACES * PER_NAMESPACE
};
enum { SECONDS = 400, KEYS = NAMESPACES * PACKAGES };

struct operation {
	char ref[40];
	int64_t date;
	bool valid[UNIVERSE];
};

struct feed {
	bool held[SECONDS][UNIVERSE]; /* at the end of each second up to now */
	bool is_forgotten[SECONDS];
	int64_t success; /* of the last run */
	struct operation operations[STEPS];
	int n;
};

struct model {
	struct feed feeds[UPDATERS];
	uint64_t random;
	int64_t now;
};

static const char *const updater_names[UPDATERS] = { "one", "three", "two" }; /* by name */
static const char *const namespaces[NAMESPACES] = { "debian:11", "debian:12" };
static const char *const packages[PACKAGES] = { "bash", "zsh", "linux" };
static const char *const names[NAMES] = { "CVE-1", "CVE-10", "CVE-2", "X" };

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
		.fixed_in = variant ? STR("2") : STR("1"),
		.module = name == 2 ? STR("perl:5") : STR(""),
		.distribution = { .did = STR("debian") },
	};
}

/* ---- what is done ---- */

static void remember(struct model *m, struct feed *f, struct advisory_store *s)
{
	autotask struct task task = { 0 };
	struct operation *o = &f->operations[f->n++];
	struct str ref = STR("");
	struct err err = { 0 };

	ok(operations_newest(s, &task, OPERATION_VULNERABILITY, &ref, &err), &err);
	snprintf(o->ref, sizeof(o->ref), STR_FMT, STR_ARG(ref));
	o->date = m->now;
	memcpy(o->valid, f->held[m->now], sizeof(o->valid));
}

static void change(struct model *m, bool valid[UNIVERSE])
{
	unsigned changes = roll(m, 5) == 0 ? UNIVERSE / 2 : roll(m, 4);

	if (roll(m, 12) == 0)
		memset(valid, 0, UNIVERSE * sizeof(bool));
	for (; changes; changes--)
		valid[roll(m, UNIVERSE)] ^= true;
}

static void update(struct model *m, struct advisory_store *s, int updater)
{
	struct feed *f = &m->feeds[updater];
	bool *now = f->held[m->now], before[UNIVERSE];
	autoupdate struct update *u = NULL;
	struct update_summary sum = { 0 };
	struct err err = { 0 };

	memcpy(before, now, sizeof(before));
	change(m, now);
	ok(update_begin(s, str_of(updater_names[updater]), &u, &err), &err);
	for (int i = 0; i < UNIVERSE; i++) {
		struct advisory a = make(i);

		if (now[i])
			ok(update_put(u, &a, &err), &err);
	}
	if (roll(m, 10) == 0) { /* a run that breaks off */
		memcpy(now, before, sizeof(before));
		ok(advisories_note(s, str_of(updater_names[updater]), m->now, STR("no"), &err), &err);
		return;
	}
	ok(update_commit(u, STR("f"), m->now, &sum, &err), &err);
	f->success = m->now;
	if (memcmp(before, now, sizeof(before)))
		remember(m, f, s);
}

static void run_unchanged(struct model *m, struct advisory_store *s, int updater)
{
	struct err err = { 0 };

	ok(advisories_note(s, str_of(updater_names[updater]), m->now, STR(""), &err), &err);
	m->feeds[updater].success = m->now;
}

static void forget_seconds(struct feed *f, int64_t since, int64_t until)
{
	for (int64_t t = since; t < until; t++)
		f->is_forgotten[t] = true;
}

static void drop(struct feed *f, int i)
{
	memmove(&f->operations[i], &f->operations[i + 1], (size_t)(f->n - i - 1) * sizeof(f->operations[0]));
	f->n--;
}

static void delete_one(struct model *m, struct advisory_store *s, struct feed *f)
{
	int i = f->n ? (int)roll(m, (unsigned)f->n) : 0;
	struct err err = { 0 };

	if (f->n == 0)
		return;
	assert_int_equal(operation_delete(s, str_of(f->operations[i].ref), m->now, &err), 1);
	forget_seconds(f, f->operations[i].date, i + 1 < f->n ? f->operations[i + 1].date : m->now);
	drop(f, i);
	if (i < f->n)
		return;
	memset(f->held[m->now], 0, sizeof(f->held[0]));
	if (f->n)
		memcpy(f->held[m->now], f->operations[f->n - 1].valid, sizeof(f->held[0]));
}

/* No age, any, or exactly an operation's. */
static int64_t choose_age(struct model *m)
{
	const struct feed *f = &m->feeds[roll(m, UPDATERS)];

	switch (roll(m, 3)) {
	case 0: return 0;
	case 1: return f->n ? f->operations[roll(m, (unsigned)f->n)].date : 0;
	default: return m->now - (int64_t)roll(m, 30);
	}
}

static void retain(struct model *m, struct advisory_store *s)
{
	int keep = (int)roll(m, 3) * 3;
	int64_t before = choose_age(m);
	uint64_t dropped;
	struct err err = { 0 };

	ok(advisories_retain(s, (unsigned)keep, before, &dropped, &err), &err);
	for (int u = 0; u < UPDATERS; u++) {
		struct feed *f = &m->feeds[u];
		int gone = 0;

		while (f->n > 1 && ((keep && f->n > keep) || f->operations[1].date <= before)) {
			drop(f, 0);
			gone++;
		}
		if (gone)
			forget_seconds(f, 0, f->operations[0].date);
	}
}

/* Some seconds later all is as it was. */
static void pass_time(struct model *m)
{
	for (unsigned n = roll(m, 5); n; n--, m->now++)
		for (int u = 0; u < UPDATERS; u++)
			memcpy(m->feeds[u].held[m->now + 1], m->feeds[u].held[m->now],
			       sizeof(m->feeds[u].held[0]));
}

static void step(struct model *m, struct advisory_store *s)
{
	int updater = (int)roll(m, UPDATERS);

	pass_time(m);
	switch (roll(m, 10)) {
	case 0: retain(m, s); break;
	case 1: delete_one(m, s, &m->feeds[updater]); break;
	case 2: run_unchanged(m, s, updater); break;
	default: update(m, s, updater); break;
	}
}

/* ---- what must be ---- */

static bool can_be_asked(const struct model *m, int64_t t)
{
	bool any = false;

	for (int u = 0; u < UPDATERS; u++) {
		const struct feed *f = &m->feeds[u];

		if (t < SECONDS && f->is_forgotten[t])
			return false;
		any = any || (f->n && f->operations[0].date <= t);
	}
	return any;
}

/* The first second that can be asked; 0: none. */
static int64_t earliest_of(const struct model *m, int64_t t)
{
	bool any = false;

	for (int u = 0; u < UPDATERS; u++)
		any = any || m->feeds[u].n;
	while (any && !can_be_asked(m, t))
		t++;
	return any ? t : 0;
}

static bool holds(const struct model *m, int updater, int64_t t, int i)
{
	return m->feeds[updater].held[t < m->now ? t : m->now][i];
}

static uint64_t count_held(const struct model *m, int updater, int64_t t, int from, int to)
{
	uint64_t n = 0;

	for (int i = from; i < to; i++)
		n += holds(m, updater, t, i);
	return n;
}

static int position_in(const char *const *list, int n, struct str s)
{
	for (int i = 0; i < n; i++)
		if (str_eq(s, str_of(list[i])))
			return i;
	fail_msg("unexpected \"" STR_FMT "\"", STR_ARG(s));
	return -1;
}

static void check_key(const struct model *m, int64_t t, int key, const advisory_list *list)
{
	bool seen[UPDATERS][UNIVERSE] = { { false } };
	uint64_t want = 0;

	for (int u = 0; u < UPDATERS; u++)
		want += count_held(m, u, t, key * PER_KEY, (key + 1) * PER_KEY);
	assert_int_equal(list->n, want);
	for (size_t k = 0; k < list->n; k++) {
		const struct advisory *a = list->p[k], *b = k ? list->p[k - 1] : a;
		int u = position_in(updater_names, UPDATERS, a->updater);
		int i = key * PER_KEY + position_in(names, NAMES, a->name) * VARIANTS +
			str_eq(a->fixed_in, STR("2"));
		int order = str_cmp(b->name, a->name);

		assert_true(holds(m, u, t, i));
		assert_false(seen[u][i]);
		seen[u][i] = true;
		assert_str(a->module, make(i).module);
		assert_true(order < 0 || (order == 0 && str_cmp(b->fixed_in, a->fixed_in) <= 0));
	}
}

static void check_found(const struct model *m, struct advisory_store *s, int64_t t)
{
	autotask struct task task = { 0 };
	struct advisory_key keys[KEYS];
	advisory_list lists[KEYS];
	struct err err = { 0 };

	for (int k = 0; k < KEYS; k++)
		keys[k] = (struct advisory_key){ str_of(namespaces[k / PACKAGES]),
						 str_of(packages[k % PACKAGES]) };
	ok(advisories_find(s, &task, keys, KEYS, false, lists, &err), &err);
	for (int k = 0; k < KEYS; k++)
		check_key(m, t, k, &lists[k]);
}

static void check_namespaces(const struct model *m, struct advisory_store *s, int64_t t)
{
	for (int ns = 0; ns < NAMESPACES; ns++) {
		autotask struct task task = { 0 };
		uint64_t count = 0, want = 0;
		str_list updaters = { 0 };
		size_t at = 0;
		struct err err = { 0 };

		ok(advisories_namespace(s, &task, str_of(namespaces[ns]), &count, &updaters, &err), &err);
		for (int u = 0; u < UPDATERS; u++) {
			uint64_t n = count_held(m, u, t, ns * PER_NAMESPACE, (ns + 1) * PER_NAMESPACE);

			want += n;
			if (n)
				assert_str(updaters.p[at++], str_of(updater_names[u]));
		}
		assert_int_equal(updaters.n, at);
		assert_int_equal(count, want);
	}
}

static int64_t last_change(const struct feed *f, int64_t t)
{
	int64_t date = 0;

	for (int i = 0; i < f->n && f->operations[i].date <= t; i++)
		date = f->operations[i].date;
	return date;
}

static void check_updaters(const struct model *m, struct advisory_store *view, int64_t t)
{
	autotask struct task task = { 0 };
	updater_states list = { 0 };
	struct err err = { 0 };

	ok(advisories_updaters(view, &task, &list, &err), &err);
	VEC_EACH (const struct updater_state, u, &list) {
		int i = position_in(updater_names, UPDATERS, u->name);
		const struct feed *f = &m->feeds[i];

		assert_int_equal(u->advisories, count_held(m, i, t, 0, UNIVERSE));
		assert_int_equal(u->last_success, f->success <= t ? f->success : last_change(f, t));
		assert_true(u->changed_at <= t && u->changed_at >= last_change(f, t));
		assert_true(u->last_attempt <= t);
	}
}

static void check_refused(const struct model *m, struct advisory_store *s, int64_t t, int64_t earliest)
{
	struct advisory_store *view = NULL;
	int64_t is = 0;
	char date[32];
	struct err err = { 0 };

	(void)m;
	assert_int_equal(advisories_as_of(s, t, &view, &err), E_CONFIG);
	assert_null(view);
	assert_in(err.text, earliest ? time_rfc3339(earliest, date) : "run `clair update`");
	assert_int_equal(advisories_history(s, t, &is, &err), earliest != 0);
	assert_int_equal(is, earliest);
}

static void check_moment(const struct model *m, struct advisory_store *s, int64_t t)
{
	struct advisory_store *view = NULL;
	int64_t earliest = earliest_of(m, t);
	struct err err = { 0 };

	if (earliest != t) {
		check_refused(m, s, t, earliest);
		return;
	}
	ok(advisories_as_of(s, t, &view, &err), &err);
	check_found(m, view, t);
	check_namespaces(m, view, t);
	check_updaters(m, view, t);
	advisories_close(view);
}

static void check_now(const struct model *m, struct advisory_store *s)
{
	check_found(m, s, m->now);
	check_namespaces(m, s, m->now);
}

static struct advisory_store *open_store(const struct store_case *c)
{
	struct advisory_store *s = NULL;
	struct err err = { 0 };

	ok(advisories_open_at(&c->place, STORE_WRITE, &s, &err), &err);
	return s;
}

static void run(const struct store_case *c, uint64_t seed)
{
	struct model *m = calloc(1, sizeof(*m));
	struct advisory_store *s = open_store(c);

	m->random = seed;
	m->now = 1 + (int64_t)roll(m, 9);
	print_message("seed %d\n", (int)seed);
	for (int i = 0; i < STEPS; i++) {
		step(m, s);
		check_now(m, s);
		check_moment(m, s, m->now);
		for (int k = 0; k < QUESTIONS; k++)
			check_moment(m, s, 1 + (int64_t)roll(m, (unsigned)m->now + 3));
	}
	for (int64_t t = 1; t <= m->now; t++)
		check_moment(m, s, t);
	advisories_close(s);
	store_case_intact(c, "advisories.db");
	free(m);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : otherwise;
}

static void any_moment_is_answered_as_it_was_or_refused(void **state)
{
	void *is_postgres = *state;
	uint64_t first = setting("HISTORY_FIRST_SEED", 1);
	uint64_t seeds = setting("HISTORY_SEEDS", 8);

	for (uint64_t seed = first; seed < first + (is_postgres ? (seeds + 3) / 4 : seeds); seed++) {
		void *place = is_postgres;

		assert_int_equal(store_case_setup(&place), 0);
		run(place, seed);
		store_case_teardown(&place);
	}
}

int main(void)
{
	static char postgres[] = "postgres";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_moment_is_answered_as_it_was_or_refused),
		{ "any_moment_is_answered_as_it_was_or_refused_on_postgresql",
		  any_moment_is_answered_as_it_was_or_refused, NULL, NULL,
		  places_postgres() ? postgres : NULL },
	};

	return _cmocka_run_group_tests("tests", tests, places_postgres() ? 2 : 1, NULL, store_case_close_);
}
