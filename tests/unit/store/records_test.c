/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds a package: records by name and source, manifests by records, against what was put. */
#include "store_case.h"

#include "base/task.h"
#include "store/manifests.h"
#include "store/reports.h"

static struct index_store *open_store(const struct store_case *c)
{
	struct index_store *s = NULL;
	struct err err = { 0 };

	ok(index_store_open_at(&c->place, &s, &err), &err);
	return s;
}

struct found {
	struct arena *a;
	VEC(int64_t) ids;
	str_list names;
	const struct distribution *distribution;
};

static int keep(void *ctx, const struct stored_record *r, struct err *err)
{
	struct found *f = ctx;

	(void)err;
	assert_non_null(r->distribution);
	assert_str(r->distribution->did, STR("debian"));
	assert_int_equal(r->repository_count, 2);
	assert_str(r->repositories[0]->name, STR("extra"));
	assert_str(r->repositories[1]->uri, STR("uri"));
	assert_int_equal(r->package.kind, PACKAGE_BINARY);
	assert_int_equal(r->package.scanner, scanner_index(&id_dpkg));
	VEC_PUSH(f->a, &f->ids, r->id);
	VEC_PUSH(f->a, &f->names, str_copy(f->a, r->package.name));
	return 0;
}

static struct found find(struct index_store *s, struct task *task, const struct str *names, size_t n)
{
	struct found f = { .a = &task->arena };
	struct err err = { 0 };

	ok(records_named(s, task, names, n, keep, &f, &err), &err);
	return f;
}

static str_list holding(struct index_store *s, struct task *task, const struct found *f, const char *after,
			size_t max)
{
	str_list out = { 0 };
	struct err err = { 0 };

	ok(manifests_holding(s, task, f->ids.p, f->ids.n, str_of(after), max, &out, &err), &err);
	return out;
}

static const char *const layers[] = { "sha256:base", "sha256:top", NULL };

static void records_are_found_once_by_name_and_by_source(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct index_report r = report_of(&task.arena, "m", layers);
	const struct str libc[] = { STR("libc6"), STR("glibc"), STR("libc6"), STR(""), STR("nothing") };
	struct found f;
	struct err err = { 0 };

	report_add(&task.arena, &r, "status", 0, "libc6", "glibc");
	report_add(&task.arena, &r, "status", 0, "libc-bin", "glibc");
	report_add(&task.arena, &r, "status", 0, "glibc", "glibc");
	report_add(&task.arena, &r, "status", 0, "bash", "");
	ok(index_put_report(s, &r, STR("s"), &err), &err);
	f = find(s, &task, libc, 5);
	assert_int_equal(f.names.n, 3);
	assert_str(f.names.p[0], STR("libc6"));
	assert_str(f.names.p[1], STR("glibc"));
	assert_str(f.names.p[2], STR("libc-bin"));
	assert_int_equal(find(s, &task, &STR("bash"), 1).names.n, 1);
	assert_int_equal(find(s, &task, NULL, 0).names.n, 0);
	index_store_close(s);
}

static int refuse(void *ctx, const struct stored_record *r, struct err *err)
{
	(void)ctx, (void)r;
	return err_set(err, E_LIMIT, "enough");
}

static void the_callers_error_ends_the_search(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct index_report r = report_of(&task.arena, "m", layers);
	struct err err = { 0 };

	report_add(&task.arena, &r, "status", 0, "bash", "");
	ok(index_put_report(s, &r, STR("s"), &err), &err);
	assert_int_equal(records_named(s, &task, &STR("bash"), 1, refuse, NULL, &err), E_LIMIT);
	assert_int_equal(find(s, &task, &STR("bash"), 1).names.n, 1);
	index_store_close(s);
}

static void manifests_are_given_by_pages_in_order_of_digest(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	const struct str names[] = { STR("shared"), STR("own") };
	struct found f;
	str_list page;
	struct err err = { 0 };

	for (int i = 0; i < 40; i++) {
		struct index_report r = report_of(&task.arena,
						  str_format(&task.arena, "m%02d", (i * 7) % 40).p, layers);

		report_add(&task.arena, &r, "status", 0, i % 2 ? "shared" : "other", "");
		report_add(&task.arena, &r, "own", 1, "own", str_format(&task.arena, "s%d", i).p);
		ok(index_put_report(s, &r, STR("s"), &err), &err);
	}
	f = find(s, &task, names, 1);
	assert_int_equal(f.ids.n, 1);
	assert_int_equal(holding(s, &task, &f, "", 0).n, 20);
	f = find(s, &task, names, 2);
	assert_int_equal(f.ids.n, 41);
	assert_int_equal(holding(s, &task, &f, "", 0).n, 40);
	page = holding(s, &task, &f, "", 7);
	assert_int_equal(page.n, 7);
	for (int i = 0; i < 7; i++)
		assert_str(page.p[i], str_format(&task.arena, "m%02d", i));
	page = holding(s, &task, &f, "m06", 7);
	assert_str(page.p[0], STR("m07"));
	assert_str(page.p[6], STR("m13"));
	assert_int_equal(holding(s, &task, &f, "m39", 7).n, 0);
	f.ids.n = 0;
	assert_int_equal(holding(s, &task, &f, "", 7).n, 0);
	index_store_close(s);
}

/* ---- random manifests against sets in memory ---- */

enum { MANIFESTS = 24, PACKAGES = 12, STEPS = 60 };

struct model {
	bool holds[MANIFESTS][PACKAGES];
	uint64_t random;
};

static unsigned roll(struct model *m, unsigned n)
{
	m->random = m->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(m->random >> 33) % n;
}

static void replace(struct model *m, struct index_store *s, int manifest)
{
	autotask struct task task = { 0 };
	struct arena *a = &task.arena;
	struct index_report r = report_of(a, str_format(a, "m%02d", manifest).p, layers);
	struct err err = { 0 };

	for (int p = 0; p < PACKAGES; p++) {
		m->holds[manifest][p] = roll(m, 3) == 0;
		if (m->holds[manifest][p])
			report_add(a, &r, p % 2 ? "odd" : "even", (uint32_t)p % 2, str_format(a, "p%d", p).p,
				   "");
	}
	ok(index_put_report(s, &r, STR("s"), &err), &err);
}

static void forget(struct model *m, struct index_store *s, int manifest)
{
	autotask struct task task = { 0 };
	struct str hash = str_format(&task.arena, "m%02d", manifest);
	uint64_t dropped;
	str_list gone;
	struct err err = { 0 };

	memset(m->holds[manifest], 0, sizeof(m->holds[manifest]));
	ok(manifests_delete(s, &task, &hash, 1, &gone, &err), &err);
	if (roll(m, 2))
		ok(index_clean(s, 0, 0, false, &dropped, &err), &err);
}

static void check(struct model *m, struct index_store *s)
{
	autotask struct task task = { 0 };
	unsigned p = roll(m, PACKAGES), q = roll(m, PACKAGES);
	const struct str names[] = { str_format(&task.arena, "p%u", p), str_format(&task.arena, "p%u", q) };
	struct found f = find(s, &task, names, 2);
	str_list got = holding(s, &task, &f, "", 0);
	size_t n = 0;

	for (int i = 0; i < MANIFESTS; i++) {
		if (!m->holds[i][p] && !m->holds[i][q])
			continue;
		assert_true(n < got.n);
		assert_str(got.p[n++], str_format(&task.arena, "m%02d", i));
	}
	assert_int_equal(got.n, n);
}

static void random_manifests_agree_with_a_model(void **state)
{
	struct index_store *s = open_store(*state);
	struct model m = { .random = 7 };

	for (int i = 0; i < STEPS; i++) {
		if (roll(&m, 4))
			replace(&m, s, (int)roll(&m, MANIFESTS));
		else
			forget(&m, s, (int)roll(&m, MANIFESTS));
		check(&m, s);
	}
	index_store_close(s);
}

#define t(f) cmocka_unit_test_setup_teardown(f, store_case_setup, store_case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		t(records_are_found_once_by_name_and_by_source),
		t(the_callers_error_ends_the_search),
		t(manifests_are_given_by_pages_in_order_of_digest),
		t(random_manifests_agree_with_a_model),
	};

	return store_case_run(tests);
}
