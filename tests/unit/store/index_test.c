/* SPDX-License-Identifier: Apache-2.0 */
/* The store of indexes: findings of layers and index reports come back as they were put, images share sets,
 * and what is not used is forgotten in the right order. */
#include "store_case.h"

#include "base/vec.h"
#include "store/index.h"

#define DB "index.db"

static struct index_store *open_store(const struct store_case *c)
{
	struct index_store *s = NULL;
	struct err err = { 0 };

	ok(index_store_open_at(&c->place, &s, &err), &err);
	return s;
}

static uint64_t bit(int scanner)
{
	return UINT64_C(1) << scanner;
}

/* ---- layers ---- */

static void put_layer(struct index_store *s, const char *digest, struct str findings, struct str owned)
{
	const struct layer_scan scans[] = { { &id_dpkg, findings, owned },
					    { &id_os_release, STR("os"), STR("") } };
	struct err err = { 0 };

	ok(index_put_layer(s, str_of(digest), 1000, scans, 2, &err), &err);
}

static uint64_t known(struct index_store *s, const char *digest)
{
	autotask struct task task = { 0 };
	struct layer_scan out[64];
	uint64_t set = 0;
	struct err err = { 0 };

	ok(index_get_layer(s, &task, str_of(digest), UINT64_MAX, false, out, &set, &err), &err);
	return set;
}

static void findings_come_back_for_the_scanners_asked_for(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	int dpkg = scanner_index(&id_dpkg), os = scanner_index(&id_os_release);
	struct layer_scan out[64] = { 0 };
	uint64_t set = 0;
	struct err err = { 0 };

	put_layer(s, "sha256:a", STR("binary \0 findings"), STR("usr/bin/bash"));
	ok(index_get_layer(s, &task, STR("sha256:a"), bit(dpkg) | bit(scanner_index(&id_rpm)), true, out,
			   &set, &err),
	   &err);
	assert_true(set == bit(dpkg));
	assert_str(out[dpkg].findings, STR("binary \0 findings"));
	assert_str(out[dpkg].owned, STR("usr/bin/bash"));
	assert_ptr_equal(out[dpkg].scanner, &scanner_ids[dpkg]);
	ok(index_get_layer(s, &task, STR("sha256:a"), UINT64_MAX, false, out, &set, &err), &err);
	assert_true(set == (bit(dpkg) | bit(os)));
	assert_int_equal(out[dpkg].owned.n, 0);
	assert_true(known(s, "sha256:b") == 0);
	index_store_close(s);
}

static void a_scanner_of_another_version_is_not_known_and_is_replaced(void **state)
{
	struct index_store *s = open_store(*state);
	const struct scanner_id old = { id_dpkg.name, "0-old", SCANNER_PACKAGE };
	const struct layer_scan scan = { &old, STR("old"), STR("") };
	struct err err = { 0 };

	ok(index_put_layer(s, STR("sha256:a"), 1, &scan, 1, &err), &err);
	assert_true(known(s, "sha256:a") == 0);
	put_layer(s, "sha256:a", STR("new"), STR(""));
	assert_true(known(s, "sha256:a") & bit(scanner_index(&id_dpkg)));
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM layer_scan"), 2);
	index_store_close(s);
}

static void reading_notes_the_use_once_an_hour(void **state)
{
	struct index_store *s = open_store(*state);

	put_layer(s, "sha256:a", STR("x"), STR(""));
	store_case_sql(*state, DB, "UPDATE layer SET last_used = last_used - 1800");
	known(s, "sha256:a");
	assert_int_equal(store_case_number(*state, DB, "SELECT unixepoch() - last_used >= 1800 FROM layer"),
			 1);
	store_case_sql(*state, DB, "UPDATE layer SET last_used = last_used - 1801");
	known(s, "sha256:a");
	assert_int_equal(store_case_number(*state, DB, "SELECT unixepoch() - last_used < 60 FROM layer"), 1);
	index_store_close(s);
}

static void reading_does_not_wait_for_a_writer(void **state)
{
	struct index_store *s = open_store(*state);
	sqlite3 *other;

	put_layer(s, "sha256:a", STR("x"), STR(""));
	store_case_sql(*state, DB, "UPDATE layer SET last_used = 0");
	other = store_case_open(*state, DB);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_true(known(s, "sha256:a") != 0);
	sqlite3_close(other);
	index_store_close(s);
}

static void damaged_findings_are_refused(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct layer_scan out[64];
	uint64_t set = 7;
	struct err err = { 0 };

	put_layer(s, "sha256:a", STR("findings findings findings"), STR(""));
	store_case_sql(*state, DB, "UPDATE layer_scan SET findings = x'28b52ffd20ff'");
	assert_int_equal(index_get_layer(s, &task, STR("sha256:a"), UINT64_MAX, false, out, &set, &err),
			 E_FORMAT);
	assert_in(err.text, " and scan again");
	store_case_sql(*state, DB, "UPDATE layer_scan SET findings = x'28b52ffde0ffffffffffffffff'");
	assert_int_equal(index_get_layer(s, &task, STR("sha256:a"), UINT64_MAX, false, out, &set, &err),
			 E_FORMAT);
	assert_true(set == 7);
	index_store_close(s);
}

/* ---- reports ---- */

static struct indexed_package *add_package(struct arena *a, struct index_report *r, const char *name,
					   const char *version)
{
	struct indexed_package *p = VEC_ADD(a, &r->packages);

	*p = (struct indexed_package){ .package = { .name = str_of(name),
						    .version = str_of(version),
						    .arch = STR("amd64"),
						    .module = STR(""),
						    .kind = PACKAGE_BINARY,
						    .source_name = STR("src"),
						    .source_version = STR("1"),
						    .scanner = scanner_index(&id_dpkg) } };
	return p;
}

static void add_environment(struct arena *a, struct indexed_package *p, const char *db, uint32_t layer,
			    int32_t distribution, const uint32_t *repositories, size_t n)
{
	VEC_PUSH(a, &p->environments,
		 ((struct environment){ str_of(db), layer, distribution, repositories, n }));
}

/* Two databases, a package in both, a layer that occurs twice, every optional thing there once. */
static struct index_report make_report(struct arena *a, const char *hash)
{
	static const uint32_t both[] = { 1, 0 }, second[] = { 1 };
	struct index_report r = { .manifest_hash = str_of(hash), .distribution = 1, .is_incomplete = true };
	struct indexed_package *p;

	VEC_PUSH(a, &r.layers, STR("sha256:base"));
	VEC_PUSH(a, &r.layers, STR("sha256:top"));
	VEC_PUSH(a, &r.layers, STR("sha256:base"));
	VEC_PUSH(a, &r.distributions,
		 ((struct distribution){ .did = STR("debian"), .version_id = STR("12") }));
	VEC_PUSH(a, &r.distributions,
		 ((struct distribution){
			 .did = STR("debian"), .version_id = STR("12"), .release = STR("12.4") }));
	VEC_PUSH(a, &r.repositories, ((struct repository){ STR("r0"), STR("key"), STR("uri"), STR("cpe") }));
	VEC_PUSH(a, &r.repositories, ((struct repository){ .name = STR("r1") }));
	VEC_PUSH(a, &r.notes, STR("layer sha256:top: odd"));
	VEC_PUSH(a, &r.notes, STR(""));
	p = add_package(a, &r, "zsh", "2");
	add_environment(a, p, "var/lib/dpkg/status", 0, 0, both, 2);
	p = add_package(a, &r, "bash", "1");
	p->package.scanner = -1;
	p->package.normalized_version = STR("semver:1.0.0");
	p->package.repository_hint = STR("hint");
	p->package.filepath = STR("a/b");
	add_environment(a, p, "var/lib/dpkg/status", 1, 0, both, 2);
	add_environment(a, p, "other/status", 2, -1, NULL, 0);
	add_environment(a, p, "var/lib/dpkg/status", 2, 1, second, 1);
	p = add_package(a, &r, "bash", "1");
	add_environment(a, p, "other/status", 0, 1, second, 1);
	return r;
}

static void assert_package(const struct package *a, const struct package *b)
{
	assert_str(a->name, b->name);
	assert_str(a->version, b->version);
	assert_str(a->arch, b->arch);
	assert_str(a->module, b->module);
	assert_str(a->source_name, b->source_name);
	assert_str(a->source_version, b->source_version);
	assert_str(a->normalized_version, b->normalized_version);
	assert_str(a->repository_hint, b->repository_hint);
	assert_str(a->filepath, b->filepath);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->scanner, b->scanner);
}

static void assert_environment(const struct environment *a, const struct environment *b)
{
	assert_str(a->package_db, b->package_db);
	assert_int_equal(a->layer, b->layer);
	assert_int_equal(a->distribution, b->distribution);
	assert_int_equal(a->repository_count, b->repository_count);
	for (size_t i = 0; i < a->repository_count; i++)
		assert_int_equal(a->repositories[i], b->repositories[i]);
}

static void assert_report(const struct index_report *a, const struct index_report *b)
{
	assert_str(a->manifest_hash, b->manifest_hash);
	assert_int_equal(a->distribution, b->distribution);
	assert_int_equal(a->is_incomplete, b->is_incomplete);
	assert_int_equal(a->layers.n, b->layers.n);
	for (size_t i = 0; i < a->layers.n; i++)
		assert_str(a->layers.p[i], b->layers.p[i]);
	assert_int_equal(a->notes.n, b->notes.n);
	for (size_t i = 0; i < a->notes.n; i++)
		assert_str(a->notes.p[i], b->notes.p[i]);
	assert_int_equal(a->distributions.n, b->distributions.n);
	for (size_t i = 0; i < a->distributions.n; i++) {
		assert_true(distribution_eq(&a->distributions.p[i], &b->distributions.p[i]));
		assert_str(a->distributions.p[i].release, b->distributions.p[i].release);
	}
	assert_int_equal(a->repositories.n, b->repositories.n);
	for (size_t i = 0; i < a->repositories.n; i++) {
		assert_true(repository_hash(&a->repositories.p[i]) == repository_hash(&b->repositories.p[i]));
		assert_str(a->repositories.p[i].cpe, b->repositories.p[i].cpe);
	}
	assert_int_equal(a->packages.n, b->packages.n);
	for (size_t i = 0; i < a->packages.n; i++) {
		const struct indexed_package *p = &a->packages.p[i], *q = &b->packages.p[i];

		assert_package(&p->package, &q->package);
		assert_int_equal(p->environments.n, q->environments.n);
		for (size_t j = 0; j < p->environments.n; j++)
			assert_environment(&p->environments.p[j], &q->environments.p[j]);
	}
}

static int get_report(struct index_store *s, struct task *task, const struct index_report *r,
		      const char *state, struct index_report *out)
{
	struct err err = { 0 };
	int got = index_get_report(s, task, r->manifest_hash, str_of(state), r->layers.p, r->layers.n, out,
				   &err);

	ok(got, &err);
	return got;
}

static void a_report_comes_back_exactly(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct index_report r = make_report(&task.arena, "sha256:m"),
			    empty = { .manifest_hash = STR("e"), .distribution = -1 };
	struct index_report back;
	struct err err = { 0 };

	ok(index_put_report(s, &r, STR("s1"), &err), &err);
	ok(index_put_report(s, &empty, STR("s1"), &err), &err);
	assert_int_equal(get_report(s, &task, &r, "s1", &back), 1);
	assert_report(&back, &r);
	assert_int_equal(get_report(s, &task, &empty, "s1", &back), 1);
	assert_report(&back, &empty);
	index_store_close(s);
}

static void a_report_of_another_state_or_other_layers_is_not_given(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct index_report r = make_report(&task.arena, "sha256:m"), other = r, back;
	struct str layers[] = { STR("sha256:base"), STR("sha256:top"), STR("sha256:x") };
	struct err err = { 0 };

	ok(index_put_report(s, &r, STR("s1"), &err), &err);
	assert_int_equal(get_report(s, &task, &r, "s2", &back), 0);
	other.layers.n = 2;
	assert_int_equal(get_report(s, &task, &other, "s1", &back), 0);
	other.layers.p = layers;
	other.layers.n = 3;
	assert_int_equal(get_report(s, &task, &other, "s1", &back), 0);
	other.manifest_hash = STR("sha256:n");
	assert_int_equal(get_report(s, &task, &other, "s1", &back), 0);
	index_store_close(s);
}

static void the_last_posting_of_a_manifest_wins(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct index_report r = make_report(&task.arena, "sha256:m"), back;
	struct err err = { 0 };

	ok(index_put_report(s, &r, STR("s1"), &err), &err);
	r.packages.n = 1;
	r.layers.n = 2;
	r.notes.n = 0;
	ok(index_put_report(s, &r, STR("s2"), &err), &err);
	assert_int_equal(get_report(s, &task, &r, "s1", &back), 0);
	assert_int_equal(get_report(s, &task, &r, "s2", &back), 1);
	assert_report(&back, &r);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM manifest"), 1);
	index_store_close(s);
}

/* A report with n packages of a base layer and one of a layer of its own. */
static struct index_report derived(struct arena *a, const char *hash, const char *top)
{
	struct index_report r = { .manifest_hash = str_of(hash), .distribution = 0 };

	VEC_PUSH(a, &r.layers, STR("sha256:base"));
	VEC_PUSH(a, &r.layers, str_of(top));
	VEC_PUSH(a, &r.distributions,
		 ((struct distribution){ .did = STR("debian"), .version_id = STR("12") }));
	for (int i = 0; i < 50; i++)
		add_environment(a, add_package(a, &r, str_format(a, "package-%d", i).p, "1"),
				"var/lib/dpkg/status", 0, 0, NULL, 0);
	add_environment(a, add_package(a, &r, top, "1"), "usr/lib/python3", 1, 0, NULL, 0);
	return r;
}

static struct index_totals totals(struct index_store *s)
{
	struct index_totals t = { 0 };
	struct err err = { 0 };

	ok(index_status(s, &t, &err), &err);
	return t;
}

static void images_on_one_base_share_its_set_and_records(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	const char *const tops[] = { "sha256:1", "sha256:2", "sha256:3" };
	struct index_totals t;
	struct err err = { 0 };

	for (int i = 0; i < 3; i++) {
		struct index_report back,
			r = derived(&task.arena, str_format(&task.arena, "m%d", i).p, tops[i]);

		ok(index_put_report(s, &r, STR("s"), &err), &err);
		assert_int_equal(get_report(s, &task, &r, "s", &back), 1);
		assert_report(&back, &r);
	}
	t = totals(s);
	assert_int_equal(t.manifests, 3);
	assert_int_equal(t.package_sets, 4);
	assert_int_equal(t.records, 53);
	assert_int_equal(t.layers, 0);
	index_store_close(s);
}

static void a_damaged_report_is_refused(void **state)
{
	static const char *const damage[] = {
		"UPDATE manifest SET shape = x'28b52ffd200100000a'",
		"UPDATE package_set SET records = x'05'",
		"UPDATE package_set SET layers = x'0103414243'",
		"UPDATE package_set SET records = x'010200'",
		"DELETE FROM record",
		"DELETE FROM context",
		"UPDATE context SET repositories = x'0163'",
		"UPDATE record SET kind = 99",
	};
	autotask struct task task = { 0 };
	struct index_report r = make_report(&task.arena, "sha256:m"), back;

	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		struct index_store *s = open_store(*state);
		struct err err = { 0 };

		store_case_sql(*state, DB,
			       "DELETE FROM package_set; DELETE FROM record; DELETE FROM context");
		ok(index_put_report(s, &r, STR("s"), &err), &err);
		store_case_sql(*state, DB, damage[i]);
		assert_int_equal(index_get_report(s, &task, r.manifest_hash, STR("s"), r.layers.p, r.layers.n,
						  &back, &err),
				 E_FORMAT);
		index_store_close(s);
	}
}

/* ---- forgetting ---- */

static uint64_t clean(struct index_store *s, int64_t before, uint64_t max_bytes, bool vacuum)
{
	uint64_t dropped = 0;
	struct err err = { 0 };

	ok(index_clean(s, before, max_bytes, vacuum, &dropped, &err), &err);
	return dropped;
}

static void layers_are_forgotten_by_age_then_oldest_first_to_the_cap(void **state)
{
	static const char *const digests[] = { "sha256:0", "sha256:1", "sha256:2", "sha256:3", "sha256:4" };
	struct index_store *s = open_store(*state);

	for (int i = 0; i < 5; i++)
		put_layer(s, digests[i], STR("findings"), STR(""));
	store_case_sql(*state, DB,
		       "UPDATE layer SET last_used = unixepoch() - CASE digest WHEN 'sha256:0' THEN 500 WHEN "
		       "'sha256:1' THEN 100"
		       " WHEN 'sha256:2' THEN 400 WHEN 'sha256:3' THEN 300 ELSE 200 END");
	assert_int_equal(clean(s, 0, 0, false), 0);
	assert_int_equal(clean(s, store_case_number(*state, DB, "SELECT unixepoch() - 450"), 0, false), 1);
	assert_true(known(s, "sha256:0") == 0);
	assert_int_equal(clean(s, 0, totals(s).layer_bytes / 2, false), 2);
	assert_true(known(s, "sha256:2") == 0 && known(s, "sha256:3") == 0);
	assert_true(known(s, "sha256:4") != 0 && known(s, "sha256:1") != 0);
	assert_int_equal(totals(s).layers, 2);
	assert_int_equal(store_case_number(*state, DB, "SELECT count(*) FROM layer"), 2);
	index_store_close(s);
}

static void a_kept_manifest_keeps_what_it_holds(void **state)
{
	struct index_store *s = open_store(*state);
	autotask struct task task = { 0 };
	struct index_report one = derived(&task.arena, "m1", "sha256:1"),
			    two = derived(&task.arena, "m2", "sha256:2"), back;
	struct err err = { 0 };

	put_layer(s, "sha256:base", STR("findings"), STR(""));
	ok(index_put_report(s, &one, STR("s"), &err), &err);
	ok(index_put_report(s, &two, STR("s"), &err), &err);
	store_case_sql(*state, DB,
		       "UPDATE manifest SET last_used = 5 WHERE hash = 'm1'; UPDATE layer SET last_used = 5");
	assert_int_equal(clean(s, 10, 0, false), 1);
	assert_int_equal(get_report(s, &task, &one, "s", &back), 0);
	assert_int_equal(get_report(s, &task, &two, "s", &back), 1);
	assert_report(&back, &two);
	assert_int_equal(totals(s).package_sets, 2);
	assert_int_equal(totals(s).records, 51);
	store_case_sql(*state, DB, "UPDATE manifest SET last_used = 5");
	clean(s, 10, 0, false);
	assert_int_equal(totals(s).records + totals(s).manifests + totals(s).package_sets, 0);
	assert_int_equal(
		store_case_number(*state, DB,
				  "SELECT (SELECT count(*) FROM layer) + (SELECT count(*) FROM context)"
				  " + (SELECT count(*) FROM set_record)"),
		0);
	index_store_close(s);
}

static void vacuum_gives_space_back(void **state)
{
	struct index_store *s = open_store(*state);
	static char noise[400000];
	uint64_t x = 1, before;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)((x = x * 6364136223846793005u + 1442695040888963407u) >> 56);
	put_layer(s, "sha256:a", (struct str){ noise, sizeof(noise) }, STR(""));
	before = totals(s).file_bytes;
	assert_true(before > sizeof(noise));
	store_case_sql(*state, DB, "UPDATE layer SET last_used = 5");
	assert_int_equal(clean(s, 10, 0, true), 1);
	assert_true(totals(s).file_bytes < before - 300000);
	store_case_intact(*state, DB);
	index_store_close(s);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, store_case_setup, store_case_teardown)
	const struct CMUnitTest tests[] = {
		T(findings_come_back_for_the_scanners_asked_for),
		T(a_scanner_of_another_version_is_not_known_and_is_replaced),
		T(reading_notes_the_use_once_an_hour),
		T(reading_does_not_wait_for_a_writer),
		T(damaged_findings_are_refused),
		T(a_report_comes_back_exactly),
		T(a_report_of_another_state_or_other_layers_is_not_given),
		T(the_last_posting_of_a_manifest_wins),
		T(images_on_one_base_share_its_set_and_records),
		T(a_damaged_report_is_refused),
		T(layers_are_forgotten_by_age_then_oldest_first_to_the_cap),
		T(a_kept_manifest_keeps_what_it_holds),
		T(vacuum_gives_space_back),
	};
	return store_case_run(tests);
}
