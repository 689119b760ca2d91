/* SPDX-License-Identifier: Apache-2.0 */
/* rendering: the report, the cache and its keys, one making for many who ask, gzip, errors */
#include "../unit.h"

#include "api/render.h"
#include "base/inflate.h"
#include "base/time.h"
#include "store/enrichments.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct fixture {
	char dir[64];
	struct task task;
	struct advisory_store *store;
	struct render_cache *cache;
	atomic_uint loads;
	int fail; /* load's answer */
	unsigned load_ms;
	unsigned copies; /* of the package, to make reports large */
};

static void put_advisory(struct update *u, const char *name, const char *fixed)
{
	const struct advisory a = {
		.key = { STR("debian:12"), STR("bash") },
		.package_kind = PACKAGE_SOURCE,
		.name = str_of(name),
		.fixed_in = str_of(fixed),
		.distribution = { .did = STR("debian"), .version_id = STR("12") },
		.description = STR("a <flaw>"),
		.links = STR("https://x.example/CVE-2099-7777"),
	};
	struct err err = { 0 };

	assert_int_equal(update_put(u, &a, &err), 0);
}

static void store_advisories(struct fixture *f, const char *const *names)
{
	autoupdate struct update *u = NULL;
	struct update_summary sum;
	struct err err = { 0 };

	assert_int_equal(update_begin(f->store, STR("debian/updater"), &u, &err), 0);
	for (; *names; names++)
		put_advisory(u, *names, "2.0");
	assert_int_equal(update_commit(u, STR("x"), time_now(), &sum, &err), 0);
}

static void store_enrichments(struct fixture *f, const char *updater, const char *tag, const char *data)
{
	autoenrichments struct enrichment_update *u = NULL;
	const struct str tags[] = { str_of(tag) };
	const struct enrichment e = { str_of(updater), tags, 1, str_of(data) };
	struct update_summary sum;
	struct err err = { 0 };

	assert_int_equal(enrichments_begin(f->store, str_of(updater), &u, &err), 0);
	assert_int_equal(enrichments_put(u, &e, &err), 0);
	assert_int_equal(enrichments_commit(u, STR("x"), time_now(), &sum, &err), 0);
}

static void open_cache(struct fixture *f, const struct render_options *options)
{
	struct err err = { 0 };

	render_cache_close(f->cache);
	assert_int_equal(render_cache_open(options, &f->cache, &err), 0);
}

static int set_up(void **state)
{
	static const char *const names[] = { "CVE-2099-0001", NULL };
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-render-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(advisories_open(str_of(f->dir), STORE_WRITE, &f->store, &err), 0);
	store_advisories(f, names);
	f->copies = 1;
	open_cache(f, &(struct render_options){ .all_matchers = true });
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	render_cache_close(f->cache);
	advisories_close(f->store);
	task_close(&f->task);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static int load(void *ctx, struct task *task, struct index_report *out, struct err *err)
{
	struct fixture *f = ctx;
	struct arena *a = &task->arena;

	f->loads++;
	if (f->load_ms)
		nanosleep(&(struct timespec){ 0, f->load_ms * 1000000L }, NULL);
	if (f->fail)
		return err_set(err, f->fail, "the index report cannot be had");
	TRY(task_check(task, err));
	*out = (struct index_report){ .manifest_hash = STR("sha256:1"), .is_incomplete = true };
	VEC_PUSH(a, &out->layers, STR("sha256:2"));
	VEC_PUSH(a, &out->distributions,
		 ((struct distribution){ .did = STR("debian"), .version_id = STR("12") }));
	for (unsigned i = 0; i < f->copies; i++) {
		struct indexed_package *p = VEC_ADD(a, &out->packages);

		*p = (struct indexed_package){ .package = { .name = str_format(a, "bash-%u", i),
							    .version = STR("1.0"),
							    .kind = PACKAGE_BINARY,
							    .source_name = STR("bash"),
							    .source_version = STR("1.0"),
							    .scanner = -1 } };
		VEC_PUSH(a, &p->environments, ((struct environment){ .package_db = STR("db") }));
	}
	return 0;
}

static int render_as(struct fixture *f, struct task *task, const char *hash, uint64_t revision,
		     bool wants_gzip, struct rendering *out)
{
	const struct render_request request = { str_of(hash), revision, wants_gzip, load, f };
	struct err err = { 0 };

	return api_render(task, f->cache, f->store, &request, out, &err);
}

static struct rendering render(struct fixture *f, const char *hash, uint64_t revision, bool wants_gzip)
{
	struct rendering out = { 0 };

	assert_int_equal(render_as(f, &f->task, hash, revision, wants_gzip, &out), 0);
	return out;
}

static bool has(struct str text, const char *part)
{
	return str_search(text, str_of(part)) < text.n;
}

static struct render_stats stats(struct fixture *f)
{
	struct render_stats s;

	render_cache_stats(f->cache, &s);
	return s;
}

static void a_report_is_made_once_and_has_its_facts(void **state)
{
	struct fixture *f = *state;
	struct rendering a = render(f, "sha256:1", 1, false), b = render(f, "sha256:1", 1, false);

	assert_ptr_equal(a.json.p, b.json.p);
	assert_int_equal(f->loads, 1);
	assert_int_equal(stats(f).hits, 1);
	assert_int_equal(stats(f).misses, 1);
	assert_int_equal(a.matches, 1);
	assert_int_equal(a.packages, 1);
	assert_true(a.is_incomplete);
	assert_false(a.is_uncovered);
	assert_true(a.oldest_data > 0);
	assert_true(a.generation > 0);
	assert_int_equal(a.gzip.n, 0);
	assert_true(has(a.json, "\"name\":\"CVE-2099-0001\",\"description\":\"a \\u003cflaw\\u003e\""));
	assert_true(has(a.json, "\"enrichments\":{}}"));
	render_release(f->cache, &a);
	render_release(f->cache, &b);
	render_release(f->cache, &b);
}

static void every_part_of_the_key_counts(void **state)
{
	static const char *const more[] = { "CVE-2099-0001", "CVE-2099-0002", NULL };
	struct fixture *f = *state;
	struct rendering r[4];

	r[0] = render(f, "sha256:1", 1, false);
	r[1] = render(f, "sha256:1", 2, false);
	r[2] = render(f, "sha256:9", 1, false);
	assert_int_equal(f->loads, 3);
	store_advisories(f, more);
	r[3] = render(f, "sha256:1", 1, false);
	assert_int_equal(f->loads, 4);
	assert_int_equal(r[3].matches, 2);
	assert_true(r[3].generation > r[0].generation);
	assert_true(has(r[0].json, "CVE-2099-0001")); /* still there for who holds it */
	assert_false(has(r[0].json, "CVE-2099-0002"));
	for (int i = 0; i < 4; i++)
		render_release(f->cache, &r[i]);
	assert_true(stats(f).bytes < 3 * r[3].json.n + 4000);
}

static void without_a_revision_nothing_is_kept(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 2; i++) {
		struct rendering r = render(f, "sha256:1", 0, true);

		assert_true(r.gzip.n > 0);
		render_release(f->cache, &r);
	}
	assert_int_equal(f->loads, 2);
	assert_int_equal(stats(f).bytes, 0);
}

static void enrichments_are_joined_after_cvss_only(void **state)
{
	struct fixture *f = *state;
	struct rendering r;

	store_enrichments(f, "clair.epss", "CVE-2099-0001", "{\"epss\":0.5}");
	r = render(f, "sha256:1", 1, false);
	assert_true(has(r.json, "\"enrichments\":{}}"));
	render_release(f->cache, &r);
	store_enrichments(f, "clair.cvss", "CVE-2099-7777", "{\"baseScore\":7.5}"); /* by the link */
	r = render(f, "sha256:1", 1, false);
	assert_true(has(r.json,
			"\"enrichments\":{\"message/vnd.clair.map.vulnerability; enricher=clair.cvss "
			"schema=https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema\":[{\""));
	assert_true(has(r.json, "\":[{\"baseScore\":7.5}]}],\"message/vnd.clair.map.vulnerability; "
				"enricher=clair.epss schema=none\":[{\""));
	assert_true(has(r.json, "\":[{\"epss\":0.5}]}]}}"));
	render_release(f->cache, &r);
	open_cache(f, &(struct render_options){ .all_matchers = true, .no_enrichment = true });
	r = render(f, "sha256:1", 1, false);
	assert_true(has(r.json, "\"enrichments\":{}}"));
	render_release(f->cache, &r);
}

static void matchers_not_named_do_not_match(void **state)
{
	const struct str names[] = { STR("debian-matcher") };
	struct fixture *f = *state;
	struct rendering r;

	open_cache(f, &(struct render_options){ .matchers = names, .matcher_count = 1 });
	r = render(f, "sha256:1", 1, false);
	assert_int_equal(r.matches, 1);
	render_release(f->cache, &r);
	open_cache(f, &(struct render_options){ .matchers = names });
	r = render(f, "sha256:1", 1, false);
	assert_int_equal(r.matches, 0);
	assert_true(r.is_uncovered);
	render_release(f->cache, &r);
}

static void gzip_is_made_once_and_inflates_to_the_report(void **state)
{
	struct fixture *f = *state;
	struct rendering plain = render(f, "sha256:1", 1, false), a, b;
	autoinflate struct inflate *z = NULL;
	struct mem_reader m;
	struct err err = { 0 };
	struct str text;

	a = render(f, "sha256:1", 1, true);
	b = render(f, "sha256:1", 1, true);
	assert_ptr_equal(a.json.p, plain.json.p);
	assert_ptr_equal(a.gzip.p, b.gzip.p);
	mem_reader_open(&m, a.gzip);
	assert_int_equal(inflate_open(&m.reader, &z, &err), 0);
	assert_int_equal(reader_all(inflate_reader(z), &f->task.arena, 1 << 20, &text, &err), 0);
	assert_true(str_eq(text, plain.json));
	render_release(f->cache, &plain);
	render_release(f->cache, &a);
	render_release(f->cache, &b);
}

static void the_cache_is_bounded_and_forgets_the_least_used(void **state)
{
	struct fixture *f = *state;
	struct rendering first, r;
	char hash[32];

	open_cache(f, &(struct render_options){ .all_matchers = true, .cache_bytes = 100000 });
	f->copies = 20; /* some 14 kB */
	first = render(f, "sha256:first", 1, false);
	for (int i = 0; i < 30; i++) {
		snprintf(hash, sizeof(hash), "sha256:%d", i);
		r = render(f, hash, 1, i % 2);
		render_release(f->cache, &r);
		r = render(f, "sha256:first", 1, false);
		assert_ptr_equal(r.json.p, first.json.p); /* in use, so it stays */
		render_release(f->cache, &r);
		assert_true(stats(f).bytes <= 100000);
	}
	assert_int_equal(f->loads, 31);
	r = render(f, "sha256:0", 1, false);
	assert_int_equal(f->loads, 32);
	render_release(f->cache, &r);
	render_release(f->cache, &first);
}

static void errors_pass_through_and_are_not_kept(void **state)
{
	struct fixture *f = *state;
	struct rendering r;

	f->fail = E_NOTFOUND;
	assert_int_equal(render_as(f, &f->task, "sha256:1", 1, false, &r), E_NOTFOUND);
	assert_int_equal(stats(f).bytes, 0);
	f->fail = 0;
	r = render(f, "sha256:1", 1, false);
	render_release(f->cache, &r);
}

/* ---- threads ---- */

struct asking {
	struct fixture *f;
	const atomic_bool *canceled;
	int result;
	struct rendering out;
};

static void *ask(void *ctx)
{
	struct asking *a = ctx;
	autotask struct task task = { .canceled = a->canceled };

	a->result = render_as(a->f, &task, "sha256:1", 1, true, &a->out);
	return NULL;
}

static void ask_all(struct asking *list, pthread_t *threads, int n, struct fixture *f)
{
	for (int i = 0; i < n; i++) {
		list[i].f = f;
		assert_int_equal(pthread_create(&threads[i], NULL, ask, &list[i]), 0);
		if (i == 0)
			while (f->loads == 0)
				nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
	}
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
}

static void many_who_ask_at_once_get_one(void **state)
{
	struct fixture *f = *state;
	struct asking list[8] = { 0 };
	pthread_t threads[8];

	f->load_ms = 200;
	ask_all(list, threads, 8, f);
	assert_int_equal(f->loads, 1);
	for (int i = 0; i < 8; i++) {
		assert_int_equal(list[i].result, 0);
		assert_ptr_equal(list[i].out.gzip.p, list[0].out.gzip.p);
	}
	for (int i = 0; i < 8; i++)
		render_release(f->cache, &list[i].out);
}

static void all_who_wait_get_the_error(void **state)
{
	struct fixture *f = *state;
	struct asking list[4] = { 0 };
	pthread_t threads[4];

	f->load_ms = 200;
	f->fail = E_IO;
	ask_all(list, threads, 4, f);
	assert_int_equal(f->loads, 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(list[i].result, E_IO);
}

static void a_maker_that_is_canceled_is_replaced(void **state)
{
	const atomic_bool canceled = true;
	struct fixture *f = *state;
	struct asking list[3] = { { .canceled = &canceled } };
	pthread_t threads[3];

	f->load_ms = 200;
	ask_all(list, threads, 3, f);
	assert_int_equal(list[0].result, E_CANCELED);
	assert_int_equal(f->loads, 2);
	for (int i = 1; i < 3; i++) {
		assert_int_equal(list[i].result, 0);
		render_release(f->cache, &list[i].out);
	}
}

struct churning {
	struct fixture *f;
	unsigned seed;
	bool failed;
};

static void *churn(void *ctx)
{
	struct churning *c = ctx;

	for (unsigned i = 0; i < 150; i++) {
		autotask struct task task = { 0 };
		struct rendering r;
		char hash[32];

		snprintf(hash, sizeof(hash), "sha256:%u", (i * 7 + c->seed * 3) % 11);
		if (render_as(c->f, &task, hash, 1 + i % 2, i % 3 == 0, &r) < 0 ||
		    !str_ends(r.json, STR("\"enrichments\":{}}"))) {
			c->failed = true;
			return NULL;
		}
		render_release(c->f->cache, &r);
	}
	return NULL;
}

static void threads_share_a_small_cache_while_data_change(void **state)
{
	static const char *const one[] = { "CVE-2099-0001", NULL };
	static const char *const two[] = { "CVE-2099-0001", "CVE-2099-0002", NULL };
	struct fixture *f = *state;
	struct churning list[4] = { 0 };
	pthread_t threads[4];

	open_cache(f, &(struct render_options){ .all_matchers = true, .cache_bytes = 8000 });
	for (unsigned i = 0; i < 4; i++) {
		list[i] = (struct churning){ f, i, false };
		assert_int_equal(pthread_create(&threads[i], NULL, churn, &list[i]), 0);
	}
	for (int i = 0; i < 10; i++)
		store_advisories(f, i % 2 ? one : two);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_false(list[i].failed);
	}
	assert_true(stats(f).bytes <= 8000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_report_is_made_once_and_has_its_facts),
		TEST(every_part_of_the_key_counts),
		TEST(without_a_revision_nothing_is_kept),
		TEST(enrichments_are_joined_after_cvss_only),
		TEST(matchers_not_named_do_not_match),
		TEST(gzip_is_made_once_and_inflates_to_the_report),
		TEST(the_cache_is_bounded_and_forgets_the_least_used),
		TEST(errors_pass_through_and_are_not_kept),
		TEST(many_who_ask_at_once_get_one),
		TEST(all_who_wait_get_the_error),
		TEST(a_maker_that_is_canceled_is_replaced),
		TEST(threads_share_a_small_cache_while_data_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
