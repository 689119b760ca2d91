/* SPDX-License-Identifier: Apache-2.0 */
/* Enrichments against a model that is an array: what is found, exported and counted, and that nothing
 * unchanged is written. */
#include "store_case.h"

#include "base/task.h"
#include "store/enrichments.h"
#include "store/operations.h"

#define DB "advisories.db"

enum { TAGS = 30, TEXTS = 6, UPDATERS = 2, STEPS = 40 };

static const char *const updater_names[UPDATERS] = { "clair.cvss", "other" };

struct model {
	bool has[UPDATERS][TAGS][TEXTS];
	uint64_t random;
};

static unsigned roll(struct model *m, unsigned n)
{
	m->random = m->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(m->random >> 33) % n;
}

static struct advisory_store *open_store(const struct store_case *c)
{
	struct advisory_store *s = NULL;
	struct err err = { 0 };

	ok(advisories_open_at(&c->place, STORE_WRITE, &s, &err), &err);
	return s;
}

static struct str tag_of(struct arena *a, int i)
{
	return str_format(a, "CVE-2020-%04d", i);
}

/* Some are long enough to be compressed, one looks as if it were. */
static struct str text_of(struct arena *a, int i)
{
	if (i == 0)
		return STR("\x28\xb5\x2f\xfd not JSON");
	if (i % 2)
		return str_format(a, "{\"score\":%d}", i);
	return str_format(a, "{\"score\":%d,\"pad\":\"%0700d\"}", i, i);
}

static void put(struct enrichment_update *u, const struct str *tags, size_t n, struct str data)
{
	const struct enrichment e = { .tags = tags, .tag_count = n, .data = data };
	struct err err = { 0 };

	ok(enrichments_put(u, &e, &err), &err);
}

/* Each text once with all its tags; some tags again by themselves. */
static void put_text(struct model *m, struct enrichment_update *u, int updater, int text)
{
	autoarena struct arena a = { 0 };
	struct str tags[TAGS];
	size_t n = 0;

	for (int tag = 0; tag < TAGS; tag++)
		if (m->has[updater][tag][text])
			tags[n++] = tag_of(&a, tag);
	put(u, tags, n, text_of(&a, text));
	if (n && roll(m, 2))
		put(u, &tags[roll(m, (unsigned)n)], 1, text_of(&a, text));
}

static struct update_summary commit(struct advisory_store *s, struct model *m, int updater)
{
	autoenrichments struct enrichment_update *u = NULL;
	struct update_summary sum = { 0 };
	struct err err = { 0 };

	ok(enrichments_begin(s, str_of(updater_names[updater]), &u, &err), &err);
	for (int text = 0; text < TEXTS; text++)
		put_text(m, u, updater, text);
	ok(enrichments_commit(u, STR("f"), 9, &sum, &err), &err);
	return sum;
}

static uint64_t generation(struct advisory_store *s)
{
	uint64_t g = 0;
	struct err err = { 0 };

	ok(enrichments_generation(s, &g, &err), &err);
	return g;
}

static void change(struct model *m, struct advisory_store *s)
{
	unsigned changes = roll(m, 6) == 0 ? 300 : roll(m, 4);
	int updater = (int)roll(m, UPDATERS);
	uint64_t before = generation(s), added = 0, ended = 0, valid = 0;
	bool was[TAGS][TEXTS];
	struct update_summary sum;

	memcpy(was, m->has[updater], sizeof(was));
	if (roll(m, 10) == 0)
		memset(m->has[updater], 0, sizeof(was));
	for (; changes; changes--)
		m->has[updater][roll(m, TAGS)][roll(m, TEXTS)] ^= true;
	for (int i = 0; i < TAGS * TEXTS; i++) {
		bool is = m->has[updater][i / TEXTS][i % TEXTS], old = was[i / TEXTS][i % TEXTS];

		valid += is;
		added += is && !old;
		ended += old && !is;
	}
	sum = commit(s, m, updater);
	assert_int_equal(sum.valid, valid);
	assert_int_equal(sum.added, added);
	assert_int_equal(sum.ended, ended);
	assert_true(added + ended ? generation(s) > before : generation(s) == before);
}

static void check_found(const struct model *m, struct advisory_store *s, int updater)
{
	autotask struct task task = { 0 };
	struct str names[TAGS + 1];
	str_list out[TAGS + 1];
	struct err err = { 0 };

	for (int i = 0; i <= TAGS; i++)
		names[i] = tag_of(&task.arena, i);
	ok(enrichments_find(s, &task, str_of(updater_names[updater]), names, TAGS + 1, out, &err), &err);
	assert_int_equal(out[TAGS].n, 0);
	for (int tag = 0; tag < TAGS; tag++) {
		size_t n = 0;

		for (int text = 0; text < TEXTS; text++) {
			size_t found = 0;

			for (size_t i = 0; i < out[tag].n; i++)
				found += str_eq(out[tag].p[i], text_of(&task.arena, text));
			assert_int_equal(found, m->has[updater][tag][text]);
			n += found;
		}
		assert_int_equal(out[tag].n, n);
	}
}

struct export
{
	const struct model *m;
	int updater;
	size_t n;
};

static int on_each(void *ctx, const struct enrichment *e, struct err *err)
{
	autoarena struct arena a = { 0 };
	struct export *x = ctx;
	bool known = false;

	(void)err;
	assert_str(e->updater, str_of(updater_names[x->updater]));
	assert_int_equal(e->tag_count, 1);
	for (int i = 0; i < TAGS * TEXTS; i++)
		known |= x->m->has[x->updater][i / TEXTS][i % TEXTS] &&
			 str_eq(e->tags[0], tag_of(&a, i / TEXTS)) && str_eq(e->data, text_of(&a, i % TEXTS));
	assert_true(known);
	x->n++;
	return 0;
}

static void check_export(const struct model *m, struct advisory_store *s, int updater)
{
	autotask struct task task = { 0 };
	struct export x = { m, updater, 0 };
	size_t want = 0;
	struct err err = { 0 };

	for (int i = 0; i < TAGS * TEXTS; i++)
		want += m->has[updater][i / TEXTS][i % TEXTS];
	ok(enrichments_each(s, &task, str_of(updater_names[updater]), on_each, &x, &err), &err);
	assert_int_equal(x.n, want);
}

static void random_updates_agree_with_a_model(void **state)
{
	struct advisory_store *s = open_store(*state);
	struct model m = { .random = 3 };

	for (int i = 0; i < STEPS; i++) {
		change(&m, s);
		for (int u = 0; u < UPDATERS; u++) {
			check_found(&m, s, u);
			check_export(&m, s, u);
		}
	}
	assert_int_equal(store_case_number(*state, DB,
					   "SELECT count(*) FROM enrichment_text t WHERE NOT EXISTS"
					   " (SELECT 1 FROM enrichment e WHERE e.updater_id = t.updater_id"
					   " AND e.text_id = t.text_id)"),
			 0);
	advisories_close(s);
}

static void advisories_are_not_concerned(void **state)
{
	struct advisory_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct model m = { .has[0][1][1] = true };
	update_operations list = { 0 };
	struct updater_state updater;
	struct str ref = STR("");
	uint64_t g = 9;
	struct err err = { 0 };

	commit(s, &m, 0);
	ok(advisories_generation(s, &g, &err), &err);
	assert_int_equal(g, 0);
	assert_int_equal(advisories_any(s, &err), 0);
	ok(advisories_updater(s, &task, STR("clair.cvss"), &updater, &err), &err);
	assert_str(updater.fingerprint, STR("f"));
	assert_int_equal(updater.last_success, 9);
	assert_int_equal(updater.advisories, 0);
	ok(operations_list(s, &task, OPERATION_ENRICHMENT, true, &list, &err), &err);
	assert_int_equal(list.n, 1);
	assert_str(list.p[0].updater, STR("clair.cvss"));
	assert_int_equal(list.p[0].kind, OPERATION_ENRICHMENT);
	ok(operations_newest(s, &task, OPERATION_VULNERABILITY, &ref, &err), &err);
	assert_int_equal(ref.n, 0);
	assert_int_equal(
		operation_has_fingerprint(s, STR("clair.cvss"), OPERATION_ENRICHMENT, STR("f"), &err), 1);
	advisories_close(s);
}

static void deleting_the_newest_operation_forgets_the_fingerprint_only(void **state)
{
	struct advisory_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct model m = { .has[0][1][1] = true };
	struct updater_state updater;
	struct str ref;
	struct err err = { 0 };

	commit(s, &m, 0);
	ok(operations_newest(s, &task, OPERATION_ENRICHMENT, &ref, &err), &err);
	assert_int_equal(operation_delete(s, ref, 9, &err), 1);
	ok(advisories_updater(s, &task, STR("clair.cvss"), &updater, &err), &err);
	assert_str(updater.fingerprint, STR(""));
	check_found(&m, s, 0);
	advisories_close(s);
}

static void an_update_that_was_overtaken_fails(void **state)
{
	struct advisory_store *s = open_store(*state);
	autoenrichments struct enrichment_update *u = NULL;
	struct model m = { .has[0][1][1] = true };
	struct update_summary sum;
	struct err err = { 0 };

	ok(enrichments_begin(s, STR("clair.cvss"), &u, &err), &err);
	commit(s, &m, 0);
	assert_int_equal(enrichments_commit(u, STR("f"), 9, &sum, &err), E_CONFLICT);
	advisories_close(s);
}

static void what_is_too_large_or_has_no_tag_is_not_taken(void **state)
{
	struct advisory_store *s = open_store(*state);
	autoenrichments struct enrichment_update *u = NULL;
	autoarena struct arena a = { 0 };
	const struct str tags[] = { STR(""), { arena_alloc(&a, 5000), 5000 } };
	struct enrichment e = { .tags = tags, .tag_count = 1, .data = STR("{}") };
	struct update_summary sum;
	struct err err = { 0 };

	ok(enrichments_begin(s, STR("clair.cvss"), &u, &err), &err);
	ok(enrichments_put(u, &e, &err), &err);
	e.tag_count = 0;
	ok(enrichments_put(u, &e, &err), &err);
	e.tag_count = 2;
	assert_int_equal(enrichments_put(u, &e, &err), E_LIMIT);
	e.data = (struct str){ arena_alloc(&a, 2 << 20), 2 << 20 };
	assert_int_equal(enrichments_put(u, &e, &err), E_LIMIT);
	ok(enrichments_commit(u, STR("f"), 9, &sum, &err), &err);
	assert_int_equal(sum.valid, 0);
	advisories_close(s);
}

static bool is_even(void *ctx, struct str tag)
{
	++*(unsigned *)ctx;
	return (tag.p[tag.n - 1] - '0') % 2 == 0;
}

static uint64_t has_text(struct advisory_store *s, int tag)
{
	autotask struct task task = { 0 };
	const struct str name = tag_of(&task.arena, tag);
	str_list found = { 0 };
	struct err err = { 0 };

	ok(enrichments_find(s, &task, STR("clair.cvss"), &name, 1, &found, &err), &err);
	return found.n;
}

static void a_part_may_be_replaced(void **state)
{
	struct advisory_store *s = open_store(*state);
	autoarena struct arena a = { 0 };
	struct update_summary sum;
	struct err err = { 0 };

	for (int round = 0; round < 2; round++) {
		autoenrichments struct enrichment_update *u = NULL;
		unsigned asked = 0;

		ok(enrichments_begin(s, STR("clair.cvss"), &u, &err), &err);
		for (int tag = round; tag < 6; tag += round + 2)
			put(u, &(struct str){ tag_of(&a, tag).p, 13 }, 1, text_of(&a, 1));
		ok(enrichments_keep(u, is_even, &asked, &err), &err);
		assert_int_equal(asked, round ? 3 : 0); /* 0, 2 and 4 are stored */
		ok(enrichments_commit(u, STR("f"), 9, &sum, &err), &err);
	}
	assert_int_equal(sum.valid, 4); /* 0, 2, 4 stay; 1 comes; 4 was put again */
	assert_int_equal(sum.added, 1);
	assert_int_equal(sum.ended, 0);
	{
		autoenrichments struct enrichment_update *u = NULL;
		unsigned asked = 0;

		ok(enrichments_begin(s, STR("clair.cvss"), &u, &err), &err);
		ok(enrichments_keep(u, is_even, &asked, &err), &err);
		ok(enrichments_commit(u, STR("f"), 9, &sum, &err), &err);
	}
	assert_int_equal(sum.valid, 3);
	assert_int_equal(sum.ended, 1);
	assert_int_equal(has_text(s, 1), 0);
	assert_int_equal(has_text(s, 4), 1);
	advisories_close(s);
}

#define t(f) cmocka_unit_test_setup_teardown(f, store_case_setup, store_case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(random_updates_agree_with_a_model),
		t(advisories_are_not_concerned),
		t(deleting_the_newest_operation_forgets_the_fingerprint_only),
		t(an_update_that_was_overtaken_fails),
		t(what_is_too_large_or_has_no_tag_is_not_taken),
		t(a_part_may_be_replaced),
	};

	return store_case_run(tests);
}
