/* SPDX-License-Identifier: Apache-2.0 */
/* Repositories that layers name: layers of our own, and those of the corpus. */
#include "layer.h"

#include "../source_file.h"

#include "base/limits.h"

#define AT "\1" /* separates path and text of a file; files are separated by \2 */
#define NEXT "\2"
#define MANIFESTS "root/buildinfo/content_manifests/"

static struct str dnf_data(struct layer *l, const char *name)
{
	struct str s = source_file(&l->task.arena, str_format(&l->task.arena, "tests/data/dnf/%s", name).p);

	assert_non_null(s.p);
	return s;
}

static struct str uris(struct layer *l)
{
	struct buffer b = { .arena = &l->task.arena };

	VEC_EACH (const struct repository, r, &l->found.repositories) {
		assert_str_is(r->key, "rhel-cpe-repository");
		assert_str_is(r->name, "");
		assert_str_is(r->cpe, "");
		put_bytes(&b, r->uri);
		put_u8(&b, ' ');
	}
	return buffer_str(&b);
}

static void add_files(struct layer *l, const char *files)
{
	struct str rest = str_of(files), file, path, text;

	while (rest.n) {
		str_cut(rest, '\2', &file, &rest);
		str_cut(file, '\1', &path, &text);
		if (str_eq(text, STR("DNF4")))
			text = dnf_data(l, "history.sqlite");
		if (str_eq(text, STR("DNF5")))
			text = dnf_data(l, "transaction_history.sqlite");
		layer_entry(l, str_copy(&l->task.arena, path).p, '0', "", text);
	}
}

#define DNF4 "var/lib/dnf/history.sqlite" AT "DNF4"
#define DNF5 "usr/lib/sysimage/libdnf5/transaction_history.sqlite" AT "DNF5"
#define OF_DNF "repoid=app+stream repoid=base-rpms repoid=extras "

static const struct {
	const char *name, *files, *want;
	unsigned notes;
} cases[] = {
	{ "a manifest", MANIFESTS "x.json" AT "{\"content_sets\":[\"a\",\"b\"]}", "repoid=a repoid=b ", 0 },
	{ "the newer place", "usr/share/buildinfo/content_manifests/x.json" AT "{\"content_sets\":[\"a\"]}",
	  "repoid=a ", 0 },
	{ "the newest place", "usr/share/buildinfo/content-sets.json" AT "{\"content_sets\":[\"a\"]}",
	  "repoid=a ", 0 },
	{ "the oldest place goes first",
	  "usr/share/buildinfo/a.json" AT "{\"content_sets\":[\"new\"]}" NEXT MANIFESTS "b.json" AT
	  "{\"content_sets\":[\"second\"]}" NEXT MANIFESTS "a.json" AT "{\"content_sets\":[\"first\"]}",
	  "repoid=first ", 0 },
	{ "a manifest goes before history", MANIFESTS "x.json" AT "{\"content_sets\":[\"a\"]}" NEXT DNF4,
	  "repoid=a ", 0 },
	{ "unless it points there",
	  MANIFESTS "x.json" AT "{\"content_sets\":[\"a\"],\"from_dnf_hint\":true}" NEXT DNF4, OF_DNF, 0 },
	{ "where nothing is", MANIFESTS "x.json" AT "{\"content_sets\":[\"a\"],\"from_dnf_hint\":true}", "",
	  0 },
	{ "an empty manifest", MANIFESTS "x.json" AT "{\"content_sets\":[]}" NEXT DNF4, "", 0 },
	{ "history alone", DNF4, OF_DNF, 0 },
	{ "history of dnf 5", DNF5, OF_DNF, 0 },
	{ "labels are no manifest", "usr/share/buildinfo/labels.json" AT "{\"name\":\"x\"}" NEXT DNF5, OF_DNF,
	  0 },
	{ "no JSON: no manifest", MANIFESTS "x.json" AT "File replaced" NEXT DNF4, OF_DNF, 1 },
	{ "no JSON: the next one",
	  MANIFESTS "a.json" AT "File replaced" NEXT MANIFESTS "b.json" AT "{\"content_sets\":[\"b\"]}",
	  "repoid=b ", 1 },
	{ "no database: no history", "var/lib/dnf/history.sqlite" AT "x", "", 1 },
	{ "no database: the other one",
	  "usr/lib/sysimage/libdnf5/transaction_history.sqlite" AT "x" NEXT DNF4, OF_DNF, 1 },
	{ "other files",
	  "root/buildinfo/x.json" AT "{\"content_sets\":[\"a\"]}" NEXT MANIFESTS "x/y.json" AT
	  "{\"content_sets\":[\"a\"]}" NEXT MANIFESTS ".json" AT "{\"content_sets\":[\"a\"]}" NEXT
	  "opt/var/lib/dnf/history.sqlite" AT "DNF4",
	  "", 0 },
};

static void layers_name_repositories(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layer l;

		print_message("%s\n", cases[i].name);
		layer_open(&l);
		add_files(&l, cases[i].files);
		layer_scan(&l, &scanner_rhel_repository);
		assert_str_is(uris(&l), cases[i].want);
		assert_int_equal(l.found.notes.n, cases[i].notes);
		layer_close(&l);
	}
}

static void manifests_behind_links_are_read(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_file(&l, "usr/share/buildinfo/content-sets.json", "{\"content_sets\":[\"a\"]}");
	layer_link(&l, "root/buildinfo", "../usr/share/buildinfo");
	layer_scan(&l, &scanner_rhel_repository);
	assert_str_is(uris(&l), "repoid=a ");
	layer_close(&l);
}

static void layers_of_the_corpus(void **state)
{
	static const struct {
		const char *name, *want;
		unsigned notes;
	} layers[] = {
		{ "layer-with-embedded-cs", "repoid=content-set-1 repoid=content-set-2 ", 0 },
		{ "layer-with-invalid-content-manifests-json", "", 1 },
		{ "layer-with-cpe", "", 0 },
		{ "layer-with-no-cpe-info", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		struct layer l;
		struct str tar;

		layer_open(&l);
		tar = source_file(
			&l.task.arena,
			str_format(&l.task.arena, "../shared/corpus/layers-odd/%s.tar", layers[i].name).p);
		if (!tar.p) {
			layer_close(&l);
			print_message("skipped: no corpus\n");
			skip();
		}
		put_bytes(&l.tar, tar);
		layer_scan(&l, &scanner_rhel_repository);
		assert_str_is(uris(&l), layers[i].want);
		assert_int_equal(l.found.notes.n, layers[i].notes);
		layer_close(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_name_repositories),
		cmocka_unit_test(manifests_behind_links_are_read),
		cmocka_unit_test(layers_of_the_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
