/* SPDX-License-Identifier: Apache-2.0 */
/* Real images: every one of the corpus opens, every layer reads to its end with the right digest. */
#include "fixture.h"

#include <dirent.h>

static const char *corpus(struct fixture *f, const char *name)
{
	const char *root = getenv("CLAIR_SOURCE");

	return str_format(&f->arena, "%s/../shared/corpus/images/%s", root ? root : ".", name).p;
}

static void read_all_layers(struct fixture *f, const char *target)
{
	struct image_options options = { .lister = &test_lister };

	if (image_open(&f->task, str_of(target), &options, &f->image, &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_true(f->image.layers.n > 0);
	assert_true(str_starts(f->image.manifest_hash, STR("sha256:")));
	assert_true(f->image.platform.n > 0);
	for (size_t i = 0; i < f->image.layers.n; i++) {
		struct str bytes;

		if (read_layer(f, i, &bytes) < 0)
			fail_msg("%s: layer %zu: %s", target, i, f->err.text);
		assert_int_equal(bytes.n, f->image.layers.p[i].size_bytes);
		assert_int_equal(f->image.layers.p[i].diff_id.n, 71);
	}
	image_close(&f->image);
	f->image = (struct image){ 0 };
	arena_reset(&f->arena);
	task_close(&f->task);
}

static void read_all_images(struct fixture *f, const char *directory, const char *scheme)
{
	DIR *d = opendir(corpus(f, directory));
	const struct dirent *e;

	if (!d) {
		print_message("skipped: no corpus\n");
		skip();
	}
	while ((e = readdir(d)) != NULL) {
		struct str name = str_of(e->d_name);
		const char *path;

		if (!str_ends(name, STR(".tar")) && !str_ends(name, STR(".gz")))
			continue;
		if (str_search(name, STR("-upgrade")) < name.n && str_eq(str_of(directory), STR("oci")))
			continue; /* several images: below */
		path = corpus(f, str_format(&f->arena, "%s/%s", directory, e->d_name).p);
		read_all_layers(f, str_format(&f->arena, "%s%s", scheme, path).p);
	}
	closedir(d);
}

static void test_oci_archives_of_the_corpus_open(void **state)
{
	read_all_images(*state, "oci", "");
	read_all_images(*state, "oci", "oci-archive:");
	read_all_images(*state, "rpm", "");
}

static void test_docker_archives_of_the_corpus_open(void **state)
{
	read_all_images(*state, "docker", "");
	read_all_images(*state, "docker", "docker-archive:");
}

static void test_archives_of_several_images_want_a_tag(void **state)
{
	static const char *const targets[][2] = {
		{ "oci/debian-bookworm-upgrade-made.oci.tar", "upgraded" },
		{ "oci/alpine-3.10-upgrade.oci.tar", "base" },
		{ "oci/alpine-3.10-upgrade.oci.tar", "upgraded" },
		{ "oci/alpine-3.10-upgrade.oci.tar", "upgraded-zstd" },
	};
	struct fixture *f = *state;
	struct image_options options = { .lister = &test_lister };

	if (access(corpus(f, targets[0][0]), R_OK) < 0) {
		print_message("skipped: no corpus\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct str path = str_of(corpus(f, targets[i][0]));

		assert_int_equal(image_open(&f->task, path, &options, &f->image, &f->err), E_NOTFOUND);
		assert_says(f, "name one of: base, upgraded");
		read_all_layers(f, str_format(&f->arena, "%.*s:%s", STR_ARG(path), targets[i][1]).p);
	}
}

static void test_every_tag_of_the_layout_opens(void **state)
{
	static const char *const tags[] = {
		"base",	       "whiteout-db",	   "whiteout-dir",	"opaque-dir", "opaque-then-restore",
		"remove-zlib", "no-os-release",	   "odd-paths",		"dup-layer",  "unrelated-layer",
		"no-history",  "plain-tar-layers", "docker-mediatypes",
	};
	struct fixture *f = *state;

	if (access(corpus(f, "oci/alpine-3.18.9-variants"), R_OK) < 0) {
		print_message("skipped: no corpus\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		read_all_layers(f, str_format(&f->arena, "oci:%s:%s", corpus(f, "oci/alpine-3.18.9-variants"),
					      tags[i])
					   .p);
}

static void test_missing_targets_are_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_as(f, "", "gone", NULL), E_NOTFOUND);
	assert_says(f, "gone: no such file or directory");
	assert_int_equal(open_as(f, "dir:", "gone", NULL), E_NOTFOUND);
	assert_int_equal(open_as(f, "oci-archiv:", "gone", NULL), E_CONFIG);
	assert_says(f, "oci-archive:");
}

static void test_directories_have_no_tags(void **state)
{
	struct fixture *f = *state;

	put_file(f, "r/x", STR("x"));
	assert_int_equal(open_as(f, "", "r:v1", NULL), E_CONFIG);
	assert_says(f, "no tags");
	assert_int_equal(open_as(f, "docker-archive:", "r", NULL), E_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		image_test(test_oci_archives_of_the_corpus_open),
		image_test(test_docker_archives_of_the_corpus_open),
		image_test(test_archives_of_several_images_want_a_tag),
		image_test(test_every_tag_of_the_layout_opens),
		image_test(test_missing_targets_are_named),
		image_test(test_directories_have_no_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
