/* SPDX-License-Identifier: Apache-2.0 */
/* Containers of Red Hat's catalog, by Dockerfiles and by labels. */
#include "layer.h"

#include "../source_file.h"

#include "scan/rhcc.h"

#define AT "\1" /* separates path and text of a file; files are separated by \2 */
#define NEXT "\2"
#define BUILDINFO "root/buildinfo/"
#define LABELS                                                                                               \
	"LABEL com.redhat.component=\"quay-registry-container\" name=\"quay/quay-rhel8\" "                   \
	"architecture=x86_64\n"

/* "kind name version arch source normalized; " */
static struct str listed(struct layer *l)
{
	struct arena *a = &l->task.arena;
	struct buffer b = { .arena = a };

	VEC_EACH (struct found_package, f, &l->found.packages) {
		const struct package *p = &f->package;

		assert_str_is(p->repository_hint, "rhcc");
		assert_str_is(p->source_version, p->source_name.n ? str_copy(a, p->version).p : "");
		put_bytes(&b,
			  str_format(a, "%s " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT "; ",
				     package_kind_name(p->kind), STR_ARG(p->name), STR_ARG(p->version),
				     STR_ARG(p->arch), STR_ARG(p->source_name),
				     STR_ARG(str_sub(p->normalized_version, 0,
						     p->normalized_version.n - strlen(".0.0.0.0.0.0.0.0")))));
	}
	return buffer_str(&b);
}

static void add_files(struct layer *l, const char *files)
{
	struct str rest = str_of(files), file, path, text;

	while (rest.n) {
		str_cut(rest, '\2', &file, &rest);
		str_cut(file, '\1', &path, &text);
		layer_entry(l, str_copy(&l->task.arena, path).p, '0', "", text);
	}
}

#define QUAY(version, numbers)                                                                               \
	"source quay-registry-container " version " x86_64  rhctag:" numbers                                 \
	"; binary quay/quay-rhel8 " version " x86_64 quay-registry-container rhctag:" numbers                \
	"; ancestry quay/quay-rhel8 " version " x86_64 quay-registry-container rhctag:" numbers "; "

static const struct {
	const char *name, *files, *want, *database;
	unsigned repositories, notes;
} dockerfiles[] = {
	{ "a container", BUILDINFO "Dockerfile-quay-quay-rhel8-v3.5.6-4" AT LABELS, QUAY("v3.5.6-4", "3.5"),
	  BUILDINFO "Dockerfile-quay-quay-rhel8-v3.5.6-4", 1, 0 },
	{ "no release in the name", BUILDINFO "Dockerfile-quay" AT LABELS, "", BUILDINFO "Dockerfile-quay", 1,
	  0 },
	{ "no number in it", BUILDINFO "Dockerfile-quay-rhel8-x" AT LABELS, "",
	  BUILDINFO "Dockerfile-quay-rhel8-x", 1, 0 },
	{ "the first that has a version",
	  BUILDINFO "Dockerfile-a" AT "FROM x\n" NEXT BUILDINFO "Dockerfile-b-1-2" AT LABELS NEXT BUILDINFO
		    "Dockerfile-c-2-2" AT LABELS,
	  QUAY("1-2", "1.0"), BUILDINFO "Dockerfile-b-1-2", 1, 0 },
	{ "a label is missing", BUILDINFO "Dockerfile-a-1-1" AT "LABEL name=a architecture=b\n", "",
	  BUILDINFO "Dockerfile-a-1-1", 1, 0 },
	{ "other files", BUILDINFO "x/Dockerfile-a-1-1" AT LABELS NEXT "buildinfo/Dockerfile-a-1-1" AT LABELS,
	  "", NULL, 0, 0 },
};

static void dockerfiles_name_containers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(dockerfiles) / sizeof(dockerfiles[0]); i++) {
		struct layer l;

		print_message("%s\n", dockerfiles[i].name);
		layer_open(&l);
		add_files(&l, dockerfiles[i].files);
		layer_scan(&l, &scanner_rhcc_dockerfile);
		assert_str_is(listed(&l), dockerfiles[i].want);
		assert_int_equal(l.found.repositories.n, dockerfiles[i].repositories);
		assert_int_equal(l.found.notes.n, dockerfiles[i].notes);
		assert_int_equal(l.found.databases.n, dockerfiles[i].database != NULL);
		if (dockerfiles[i].database)
			assert_str_is(l.found.databases.p[0].name, dockerfiles[i].database);
		if (l.found.repositories.n) {
			assert_str_is(l.found.repositories.p[0].name, "Red Hat Container Catalog");
			assert_str_is(l.found.repositories.p[0].key, "rhcc-container-repository");
			assert_str_is(l.found.repositories.p[0].uri,
				      "https://catalog.redhat.com/software/containers/explore");
		}
		layer_close(&l);
	}
}

#define UBI(version)                                                                                         \
	"source ubi9/ubi " version " x86_64  rhctag:" version ".0; binary ubi9/ubi " version                 \
	" x86_64 ubi9/ubi rhctag:" version ".0; ancestry ubi9/ubi " version                                  \
	" x86_64 ubi9/ubi rhctag:" version ".0; "
#define CREATED "\"org.opencontainers.image.created\":\"2025-03-24T16:24:36Z\""
#define CPE "cpe:2.3:a:redhat:enterprise_linux:9:*:appstream:*:*:*:*:*"

static const struct {
	const char *name, *files, *want, *repository;
	unsigned notes;
} labels[] = {
	{ "a container",
	  BUILDINFO "labels.json" AT "{\"name\":\"ubi9/ubi\",\"architecture\":\"x86_64\","
		    "\"cpe\":\"cpe:/a:redhat:enterprise_linux:9::appstream\"," CREATED "}",
	  UBI("1742833476"), CPE, 0 },
	{ "values quoted twice",
	  "usr/share/buildinfo/labels.json" AT
	  "{\"name\":\"\\\"ubi9/ubi\\\"\",\"architecture\":\"\\\"x86_64\\\"\","
	  "\"cpe\":\"\\\"cpe:/a:redhat:enterprise_linux:9::appstream\\\"\"," CREATED "}",
	  UBI("1742833476"), CPE, 0 },
	{ "no CPE",
	  BUILDINFO "labels.json" AT "{\"name\":\"ubi9/ubi\",\"architecture\":\"x86_64\"," CREATED "}",
	  UBI("1742833476"), NULL, 0 },
	{ "an odd CPE",
	  BUILDINFO "labels.json" AT
		    "{\"name\":\"ubi9/ubi\",\"architecture\":\"x86_64\",\"cpe\":\"x\"," CREATED "}",
	  UBI("1742833476"), NULL, 1 },
	{ "no time",
	  BUILDINFO
	  "labels.json" AT
	  "{\"name\":\"a\",\"architecture\":\"b\",\"cpe\":\"cpe:/a:redhat:enterprise_linux:9::appstream\"}",
	  "", CPE, 0 },
	{ "an odd time",
	  BUILDINFO "labels.json" AT
		    "{\"name\":\"a\",\"architecture\":\"b\",\"org.opencontainers.image.created\":\"today\"}",
	  "", NULL, 1 },
	{ "no JSON", BUILDINFO "labels.json" AT "x", "", NULL, 1 },
	{ "the other place",
	  BUILDINFO "labels.json" AT "x" NEXT "usr/share/buildinfo/labels.json" AT
		    "{\"name\":\"ubi9/ubi\",\"architecture\":\"x86_64\"," CREATED "}",
	  UBI("1742833476"), NULL, 1 },
	{ "other types", BUILDINFO "labels.json" AT "{\"name\":1,\"architecture\":[],\"cpe\":{}}", "", NULL,
	  0 },
	{ "no object", BUILDINFO "labels.json" AT "[1]", "", NULL, 0 },
};

static void labels_name_containers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct layer l;

		print_message("%s\n", labels[i].name);
		layer_open(&l);
		add_files(&l, labels[i].files);
		layer_scan(&l, &scanner_rhcc_labels);
		assert_str_is(listed(&l), labels[i].want);
		assert_int_equal(l.found.notes.n, labels[i].notes);
		assert_int_equal(l.found.repositories.n, labels[i].repository != NULL);
		if (labels[i].repository) {
			assert_str_is(l.found.repositories.p[0].name, labels[i].repository);
			assert_str_is(l.found.repositories.p[0].cpe, labels[i].repository);
			assert_str_is(l.found.repositories.p[0].key, "rhcc-container-repository");
			assert_str_is(l.found.repositories.p[0].uri, "");
		}
		layer_close(&l);
	}
}

static void tags_have_a_normalized_form(void **state)
{
	static const struct {
		const char *tag, *want;
	} tags[] = {
		{ "v3.5.6-4", "rhctag:3.5.0.0.0.0.0.0.0.0" },
		{ "4-22", "rhctag:4.0.0.0.0.0.0.0.0.0" },
		{ "8.5-21.1645811927", "rhctag:8.5.0.0.0.0.0.0.0.0" },
		{ "1742843776", "rhctag:1742843776.0.0.0.0.0.0.0.0.0" },
		{ "v4.6.0-202112140546.p0.g8b9da97.assembly.stream", "rhctag:4.6.0.0.0.0.0.0.0.0" },
		{ "1.x", "rhctag:1.0.0.0.0.0.0.0.0.0" },
		{ "-1", NULL },
		{ "v", NULL },
		{ "x-1", NULL },
		{ "99999999999", NULL },
		{ "", NULL },
	};
	autoarena struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		struct str got = STR("");

		assert_int_equal(rhcc_normalized_tag(&a, str_of(tags[i].tag), &got), tags[i].want != NULL);
		assert_str_is(got, tags[i].want ? tags[i].want : "");
	}
}

/* Its Dockerfile has no label `name`. */
static void a_layer_of_the_corpus(void **state)
{
	struct layer l;
	struct str tar;

	(void)state;
	layer_open(&l);
	tar = source_file(&l.task.arena, "../shared/corpus/layers-odd/layer-with-cpe.tar");
	if (!tar.p) {
		layer_close(&l);
		print_message("skipped: no corpus\n");
		skip();
	}
	put_bytes(&l.tar, tar);
	layer_scan(&l, &scanner_rhcc_dockerfile);
	assert_str_is(listed(&l), "");
	assert_int_equal(l.found.repositories.n, 1);
	assert_str_is(l.found.databases.p[0].file, "root/buildinfo/Dockerfile-name-1-1");
	layer_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dockerfiles_name_containers),
		cmocka_unit_test(labels_name_containers),
		cmocka_unit_test(tags_have_a_normalized_form),
		cmocka_unit_test(a_layer_of_the_corpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
