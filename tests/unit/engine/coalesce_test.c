/* SPDX-License-Identifier: Apache-2.0 */
/* coalesce, deletions */
#include "../unit.h"

#include "engine/coalesce.h"
#include "engine/deletions.h"
#include "model/repoid.h"

#include <stdio.h>

static void whiteouts_delete_paths_and_what_is_below(void **state)
{
	static const struct {
		const char *whiteout, *path;
		bool want;
	} cases[] = {
		{ "lib/apk/db/.wh.installed", "lib/apk/db/installed", true },
		{ "lib/apk/db/.wh.installed", "lib/apk/db/installed2", false },
		{ "lib/.wh.apk", "lib/apk/db/installed", true },
		{ "lib/.wh.ap", "lib/apk/db/installed", false },
		{ ".wh.lib", "lib/apk/db/installed", true },
		{ "lib/apk/.wh..wh..opq", "lib/apk/db/installed", true },
		{ "lib/apk/.wh..wh..opq", "lib/apk", false },
		{ ".wh..wh..opq", "lib", true },
		{ "usr/.wh..wh..opq", "lib", false },
		{ "lib/.wh.", "lib", false },
		{ "lib/plain", "lib/plain", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct deletions d;

		deletions_open(&d, &a);
		deletions_add(&d, str_of(cases[i].whiteout));
		if (deletions_cover(&d, str_of(cases[i].path)) != cases[i].want)
			fail_msg("%s and %s", cases[i].whiteout, cases[i].path);
	}
}

/* ---- layers written as text: "os NAME" a distribution, "db NAME pkg-version..." a database, "wh PATH",
 * "rpm NAME pkg-version:repoid..." a database of rpm, "repo ID..." repositories of Red Hat, "image FILE
 * pkg-version..." containers of its catalog ---- */

enum { MAX_LAYERS = 6 };

struct stack {
	struct task task;
	struct layer_findings layers[MAX_LAYERS];
	size_t n;
};

static struct findings *findings_new(struct stack *s)
{
	struct findings *f = ARENA_NEW(&s->task.arena, struct findings);

	f->arena = &s->task.arena;
	return f;
}

static void add_os(struct findings *f, struct str name)
{
	VEC_PUSH(f->arena, &f->databases,
		 ((struct database){ STR("etc/os-release"), STR("etc/os-release"), STR("") }));
	VEC_PUSH(f->arena, &f->distributions, ((struct distribution){ .did = name, .name = name }));
}

static void add_database(struct findings *f, struct str words)
{
	struct str name, word, package, version;

	str_word(&words, &name);
	VEC_PUSH(f->arena, &f->databases, ((struct database){ name, name, STR("") }));
	while (str_word(&words, &word)) {
		struct found_package p = { .database = (uint32_t)f->databases.n - 1 };

		str_rcut(word, '-', &package, &version);
		p.package = (struct package){ .name = package, .version = version, .kind = PACKAGE_BINARY };
		VEC_PUSH(f->arena, &f->packages, p);
	}
}

static void add_rpms(struct findings *f, struct str words)
{
	struct str name, word, package, version, repoid;

	str_word(&words, &name);
	VEC_PUSH(f->arena, &f->databases, ((struct database){ name, name, STR("") }));
	while (str_word(&words, &word)) {
		struct found_package p = { .database = (uint32_t)f->databases.n - 1 };

		str_cut(word, ':', &word, &repoid);
		str_rcut(word, '-', &package, &version);
		p.package = (struct package){ .name = package,
					      .version = version,
					      .kind = PACKAGE_BINARY,
					      .scanner = scanner_index(&id_rpm) };
		if (repoid.n)
			p.package.repository_hint = repoid_query(f->arena, repoid);
		VEC_PUSH(f->arena, &f->packages, p);
	}
}

static void add_repositories(struct findings *f, struct str words)
{
	struct str word;

	while (str_word(&words, &word))
		VEC_PUSH(f->arena, &f->repositories,
			 ((struct repository){ .key = STR(REPOSITORY_KEY_RHEL_CPE),
					       .uri = repoid_query(f->arena, word) }));
}

static void add_image(struct findings *f, struct str words)
{
	size_t first = f->packages.n;

	add_database(f, words);
	VEC_PUSH(f->arena, &f->repositories,
		 ((struct repository){ .key = STR(REPOSITORY_KEY_RHCC), .name = f->databases.p[0].name }));
	for (size_t i = first; i < f->packages.n; i++) {
		f->packages.p[i].package.normalized_version = STR("rhctag:1.2.0.0.0.0.0.0.0.0");
		f->packages.p[i].package.repository_hint = STR(REPOSITORY_HINT_RHCC);
	}
}

static void push_layer(struct stack *s, const char *text)
{
	const struct findings **by = ARENA_ARRAY(&s->task.arena, const struct findings *, 64);
	struct findings *whiteouts = findings_new(s), *os = findings_new(s), *dpkg = findings_new(s);
	struct findings *rpm = findings_new(s), *repositories = findings_new(s), *image = findings_new(s);
	struct str rest = str_of(text), line, verb, words;

	while (str_cut(rest, ';', &line, &rest) || line.n) {
		words = line;
		str_word(&words, &verb);
		if (str_eq(verb, STR("os")))
			add_os(os, str_trim(words));
		else if (str_eq(verb, STR("db")))
			add_database(dpkg, words);
		else if (str_eq(verb, STR("rpm")))
			add_rpms(rpm, words);
		else if (str_eq(verb, STR("image")))
			add_image(image, words);
		else if (str_eq(verb, STR("repo")))
			add_repositories(repositories, words);
		else if (str_eq(verb, STR("wh")))
			VEC_PUSH(whiteouts->arena, &whiteouts->whiteouts, str_trim(words));
		if (!rest.n)
			break;
	}
	by[scanner_index(&id_whiteout)] = whiteouts;
	by[scanner_index(&id_os_release)] = os;
	by[scanner_index(&id_dpkg)] = dpkg;
	by[scanner_index(&id_rpm)] = rpm;
	by[scanner_index(&id_rhcc_labels)] = image;
	by[scanner_index(&id_rhel_repository)] = repositories;
	s->layers[s->n] = (struct layer_findings){
		.digest = str_format(&s->task.arena, "sha256:%zu", s->n),
		.by_scanner = by,
	};
	s->n++;
}

/* "name-version@layer/distribution ..." */
static struct str summary(struct arena *a, const struct index_report *r)
{
	struct buffer b = { .arena = a };

	VEC_EACH (const struct indexed_package, p, &r->packages)
		VEC_EACH (const struct environment, e, &p->environments)
			put_bytes(&b,
				  str_format(a, "%s" STR_FMT "-" STR_FMT "@%u/" STR_FMT, b.n ? " " : "",
					     STR_ARG(p->package.name), STR_ARG(p->package.version), e->layer,
					     STR_ARG(e->distribution < 0
							     ? STR("?")
							     : r->distributions.p[e->distribution].did)));
	return buffer_str(&b);
}

static void layers_become_an_image(void **state)
{
	static const struct {
		const char *layers[MAX_LAYERS];
		const char *want, *distribution;
	} cases[] = {
		{ { "os d1; db status a-1 b-1" }, "a-1@0/d1 b-1@0/d1", "d1" },
		/* the newest copy counts; unchanged packages stay with the layer that brought them */
		{ { "os d1; db status a-1 b-1", "db status a-2 b-1 c-1" },
		  "a-2@1/d1 b-1@0/d1 c-1@1/d1",
		  "d1" },
		{ { "os d1; db status a-1 b-1", "db status a-1" }, "a-1@0/d1", "d1" },
		{ { "os d1; db status a-1", "db status" }, "", "d1" },
		{ { "os d1; db status a-1", "wh .wh.status" }, "", "d1" },
		{ { "os d1; db status a-1", "wh .wh.status", "db status a-1" }, "a-1@2/d1", "d1" },
		/* deleted and made again in one layer */
		{ { "os d1; db status a-1", "wh .wh..wh..opq; db status a-1; os d1" }, "a-1@1/d1", "d1" },
		/* removed, and installed again later */
		{ { "os d1; db status a-1 b-1", "db status b-1", "db status a-1 b-1" },
		  "a-1@2/d1 b-1@0/d1",
		  "d1" },
		/* two roots in one image */
		{ { "os d1; db status a-1; db chroot/status a-1" }, "a-1@0/d1 a-1@0/d1", "d1" },
		/* the release of the layer that brought the package, then towards the base, then towards the
		   top */
		{ { "db status a-1", "os d1" }, "a-1@0/d1", "d1" },
		{ { "os d1; db status a-1", "os d2; db status a-1 b-1" }, "a-1@0/d1 b-1@1/d2", "d2" },
		{ { "os d1; db status a-1", "wh etc/.wh.os-release" }, "a-1@0/?", NULL },
		{ { "os d1; db status a-1", "wh .wh.etc; os d2" }, "a-1@0/d2", "d2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stack s = { 0 };
		struct index_report r;
		struct err err = { 0 };

		while (s.n < MAX_LAYERS && cases[i].layers[s.n])
			push_layer(&s, cases[i].layers[s.n]);
		assert_int_equal(engine_coalesce(&s.task, STR("sha256:m"), s.layers, s.n, &r, &err), 0);
		print_message("case %zu\n", i);
		assert_str_is(summary(&s.task.arena, &r), cases[i].want);
		if (cases[i].distribution)
			assert_str_is(r.distributions.p[r.distribution].did, cases[i].distribution);
		else
			assert_int_equal(r.distribution, -1);
		task_close(&s.task);
	}
}

static void a_missing_layer_makes_the_report_incomplete(void **state)
{
	struct stack s = { 0 };
	struct index_report r;
	struct err err = { 0 };

	(void)state;
	push_layer(&s, "os d1; db status a-1");
	s.layers[s.n++] = (struct layer_findings){ .digest = STR("sha256:x"), .problem = STR("worker died") };
	assert_int_equal(engine_coalesce(&s.task, STR("sha256:m"), s.layers, s.n, &r, &err), 0);
	assert_true(r.is_incomplete);
	assert_str_is(r.notes.p[0], "layer sha256:x: worker died");
	assert_str_is(summary(&s.task.arena, &r), "a-1@0/d1");
	task_close(&s.task);
}

/* "name@layer:repoid,repoid ..." */
static struct str origins(struct arena *a, const struct index_report *r)
{
	struct buffer b = { .arena = a };

	VEC_EACH (const struct indexed_package, p, &r->packages) {
		assert_int_equal(p->environments.n, 1);
		put_bytes(&b, str_format(a, "%s" STR_FMT "@%u:", b.n ? " " : "", STR_ARG(p->package.name),
					 p->environments.p[0].layer));
		for (size_t i = 0; i < p->environments.p[0].repository_count; i++) {
			uint32_t at = p->environments.p[0].repositories[i];

			put_bytes(&b, i ? STR(",") : STR(""));
			put_bytes(&b, repoid_of_query(r->repositories.p[at].uri));
		}
	}
	return buffer_str(&b);
}

static void rpm_packages_get_the_repositories_of_their_layer(void **state)
{
	static const struct {
		const char *layers[MAX_LAYERS];
		const char *want;
		size_t repositories;
	} cases[] = {
		{ { "rpm db a-1 b-1; repo x y" }, "a@0:x,y b@0:x,y", 2 },
		{ { "rpm db a-1:y b-1:z c-1; repo x y" }, "a@0:y b@0: c@0:x,y", 2 },
		{ { "rpm db a-1" }, "a@0:", 0 },
		/* layers that name none have those of their neighbours, from below first */
		{ { "rpm db a-1; repo x", "rpm db a-1 b-1", "rpm db a-1 b-1 c-1; repo y" },
		  "a@0:x b@1:x c@2:y",
		  2 },
		{ { "rpm db a-1", "rpm db a-1 b-1; repo x", "rpm db a-1 b-1 c-1" }, "a@0:x b@1:x c@2:x", 1 },
		/* the hint is looked up in the layer that brought the package */
		{ { "rpm db a-1:x; repo x", "rpm db a-1:x b-1:y c-1:x; repo y" }, "a@0:x b@1:y c@1:", 2 },
		{ { "rpm db a-1; repo x", "rpm db a-1:z b-1:z; repo z" }, "a@0:x b@1:z", 2 },
		/* a deleted manifest was true all the same */
		{ { "rpm db a-1; repo x", "wh root/.wh.buildinfo" }, "a@0:x", 1 },
		{ { "db status a-1; repo x" }, "a@0:", 1 },
		{ { "rpm db a-1; repo x x" }, "a@0:x", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stack s = { 0 };
		struct index_report r;
		struct err err = { 0 };

		print_message("case %zu\n", i);
		while (s.n < MAX_LAYERS && cases[i].layers[s.n])
			push_layer(&s, cases[i].layers[s.n]);
		assert_int_equal(engine_coalesce(&s.task, STR("sha256:m"), s.layers, s.n, &r, &err), 0);
		assert_str_is(origins(&s.task.arena, &r), cases[i].want);
		assert_int_equal(r.repositories.n, cases[i].repositories);
		task_close(&s.task);
	}
}

/* "name@layer kind repository,..." */
static struct str containers(struct arena *a, const struct index_report *r)
{
	struct buffer b = { .arena = a };

	VEC_EACH (const struct indexed_package, p, &r->packages) {
		struct str kind = str_sub(p->package.normalized_version, 0,
					  str_find(p->package.normalized_version, ':'));

		assert_int_equal(p->environments.n, 1);
		assert_int_equal(p->environments.p[0].distribution, -1);
		put_bytes(&b, str_format(a, STR_FMT "@%u " STR_FMT " ", STR_ARG(p->package.name),
					 p->environments.p[0].layer, STR_ARG(kind)));
		for (size_t i = 0; i < p->environments.p[0].repository_count; i++)
			put_bytes(&b, r->repositories.p[p->environments.p[0].repositories[i]].name);
		put_bytes(&b, STR("; "));
	}
	return buffer_str(&b);
}

static void only_the_uppermost_container_can_be_matched(void **state)
{
	static const struct {
		const char *layers[MAX_LAYERS];
		const char *want;
	} cases[] = {
		{ { "os d1; image ubi ubi-1" }, "ubi@0 rhctag ubi; " },
		{ { "os d1; image f1 ubi-1 ubi-src-1", "os d1", "image f2 quay-3" },
		  "quay@2 rhctag f2; ubi@0 unmatchable f1; ubi-src@0 unmatchable f1; " },
		{ { "image f1 a-1", "image f2 a-1" }, "a@0 unmatchable f1; " },
		/* it names no package, but that it is one */
		{ { "image f1 ubi-1", "image f2" }, "ubi@0 unmatchable f1; " },
		{ { "image f1 ubi-1", "image f2 quay-3", "wh .wh.f2" }, "ubi@0 rhctag f1; " },
		{ { "image f1 ubi-1", "wh .wh.f1" }, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stack s = { 0 };
		struct index_report r;
		struct err err = { 0 };

		print_message("case %zu\n", i);
		while (s.n < MAX_LAYERS && cases[i].layers[s.n])
			push_layer(&s, cases[i].layers[s.n]);
		assert_int_equal(engine_coalesce(&s.task, STR("sha256:m"), s.layers, s.n, &r, &err), 0);
		assert_str_is(containers(&s.task.arena, &r), cases[i].want);
		task_close(&s.task);
	}
}

/* A hostile layer: as many databases as packages, in many layers. Quadratic work would take minutes. */
static void many_databases_are_merged_quickly(void **state)
{
	struct stack s = { 0 };
	struct index_report r;
	struct err err = { 0 };
	struct findings *dpkg;
	const struct findings **by = ARENA_ARRAY(&s.task.arena, const struct findings *, 64);

	(void)state;
	dpkg = findings_new(&s);
	for (uint32_t i = 0; i < 50000; i++) {
		struct found_package p = { .database = i };
		struct str name = str_format(&s.task.arena, "status.d/%u", i);

		VEC_PUSH(dpkg->arena, &dpkg->databases, ((struct database){ name, name, STR("") }));
		p.package = (struct package){ .name = name, .version = STR("1"), .kind = PACKAGE_BINARY };
		VEC_PUSH(dpkg->arena, &dpkg->packages, p);
	}
	by[scanner_index(&id_dpkg)] = dpkg;
	for (s.n = 0; s.n < 4; s.n++)
		s.layers[s.n] = (struct layer_findings){
			.digest = str_format(&s.task.arena, "sha256:%zu", s.n), .by_scanner = by
		};
	assert_int_equal(engine_coalesce(&s.task, STR("sha256:m"), s.layers, s.n, &r, &err), 0);
	assert_int_equal(r.packages.n, 50000);
	assert_int_equal(r.packages.p[7].environments.p[0].layer, 0);
	task_close(&s.task);
}

/* ---- Ubuntu Pro ---- */

static const struct findings *findings_of_status(struct stack *s, bool is_enabled)
{
	struct findings *f = findings_new(s);

	VEC_PUSH(f->arena, &f->databases,
		 ((struct database){ STR("status.json"), STR("status.json"), STR("") }));
	if (is_enabled)
		VEC_PUSH(f->arena, &f->repositories,
			 ((struct repository){ .name = STR("esm-infra"), .key = STR("ubuntu-pro") }));
	return f;
}

static void the_newest_status_of_ubuntu_pro_counts_for_all_packages(void **state)
{
	enum { NONE, OFF, ON, GONE };
	static const struct {
		int layers[3];
		size_t want;
	} cases[] = { { { NONE, NONE, NONE }, 0 }, { { NONE, ON, NONE }, 1 }, { { ON, OFF, NONE }, 0 },
		      { { OFF, NONE, ON }, 1 },	   { { ON, GONE, NONE }, 0 }, { { ON, NONE, NONE }, 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stack s = { .n = 3 };
		struct index_report report;
		struct err err = { 0 };

		for (int layer = 0; layer < 3; layer++) {
			const struct findings **by = ARENA_ARRAY(&s.task.arena, const struct findings *, 64);
			struct findings *dpkg = findings_new(&s), *whiteouts = findings_new(&s);
			int kind = cases[i].layers[layer];

			if (layer == 0)
				add_database(dpkg, STR("var/lib/dpkg/status a-1"));
			VEC_EACH (struct found_package, p, &dpkg->packages)
				p->package.scanner = scanner_index(&id_dpkg);
			if (kind == GONE)
				VEC_PUSH(whiteouts->arena, &whiteouts->whiteouts, STR(".wh.status.json"));
			by[scanner_index(&id_dpkg)] = dpkg;
			by[scanner_index(&id_whiteout)] = whiteouts;
			if (kind == ON || kind == OFF)
				by[scanner_index(&id_ubuntu_pro)] = findings_of_status(&s, kind == ON);
			s.layers[layer] = (struct layer_findings){
				.digest = str_format(&s.task.arena, "sha256:%d", layer), .by_scanner = by
			};
		}
		assert_int_equal(engine_coalesce(&s.task, STR("sha256:m"), s.layers, 3, &report, &err), 0);
		assert_int_equal(report.repositories.n, cases[i].want);
		assert_int_equal(report.packages.p[0].environments.p[0].repository_count, cases[i].want);
		task_close(&s.task);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whiteouts_delete_paths_and_what_is_below),
		cmocka_unit_test(layers_become_an_image),
		cmocka_unit_test(a_missing_layer_makes_the_report_incomplete),
		cmocka_unit_test(rpm_packages_get_the_repositories_of_their_layer),
		cmocka_unit_test(only_the_uppermost_container_can_be_matched),
		cmocka_unit_test(many_databases_are_merged_quickly),
		cmocka_unit_test(the_newest_status_of_ubuntu_pro_counts_for_all_packages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
