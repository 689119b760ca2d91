/* SPDX-License-Identifier: Apache-2.0 */
/* Archives: docker's in their three ages, OCI's, compressed ones, and members that lie. */
#include "fixture.h"

#include <zlib.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct buffer new_tar(struct fixture *f)
{
	return (struct buffer){ .arena = &f->arena };
}

static void put_tar(struct fixture *f, const char *name, struct buffer *tar)
{
	tar_write_trailer(tar);
	put_file(f, name, buffer_str(tar));
}

static struct str gzip(struct fixture *f, struct str s)
{
	z_stream z = { 0 };
	char *out = arena_alloc(&f->arena, s.n + 1000);

	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 31, 8, 0), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)s.p;
	z.avail_in = (uInt)s.n;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)s.n + 1000;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return (struct str){ out, z.total_out };
}

/* A config with the diff_ids of these layers (b may be empty). */
static struct str make_config(struct fixture *f, const char *platform, struct str a, struct str b)
{
	struct str ids = str_format(&f->arena, "\"%s\"", digest_text_of(f, a).p);

	if (b.n)
		ids = str_format(&f->arena, "%s,\"%s\"", ids.p, digest_text_of(f, b).p);
	return str_format(&f->arena, "{%s,\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}", platform,
			  ids.p);
}

#define LINUX "\"os\":\"linux\",\"architecture\":\"amd64\""

/* An archive of one image as `docker save` made it for ten years; layer.tar of B is `b_type`. */
static struct buffer docker_tar(struct fixture *f, const char *manifest, const char *config_name,
				struct str config)
{
	struct buffer tar = new_tar(f);

	tar_put(&tar, A, '5', NULL, (struct str){ NULL, 0 });
	tar_put(&tar, A "/VERSION", '0', NULL, STR("1.0"));
	tar_put(&tar, A "/layer.tar", '0', NULL, make_layer(f, "a"));
	tar_put(&tar, config_name, '0', NULL, config);
	tar_put(&tar, "manifest.json", '0', NULL, str_of(manifest));
	return tar;
}

#define MANIFEST_OF(layers) "[{\"Config\":\"c.json\",\"RepoTags\":[\"app:v1\"],\"Layers\":[" layers "]}]"

static void test_docker_archive_opens(void **state)
{
	struct fixture *f = *state;
	struct str layer = make_layer(f, "a"), config = make_config(f, LINUX, layer, (struct str){ NULL, 0 });
	struct buffer tar = docker_tar(f, MANIFEST_OF("\"" A "/layer.tar\""), "c.json", config);

	put_tar(f, "a.tar", &tar);
	for (int i = 0; i < 3; i++) {
		static const char *const kinds[] = { "docker-archive:", "", "docker-archive:" };

		assert_int_equal(open_as(f, kinds[i], i == 2 ? "a.tar:app:v1" : "a.tar", NULL), 0);
		assert_true(str_eq(f->image.manifest_hash, digest_text_of(f, config)));
		assert_str_is(f->image.platform, "linux/amd64");
		assert_int_equal(f->image.layers.n, 1);
		assert_true(str_eq(f->image.layers.p[0].digest, digest_text_of(f, layer)));
		assert_false(f->image.layers.p[0].verify_diff_id);
		assert_layer(f, 0, layer);
	}
	assert_int_equal(open_as(f, "docker-archive:", "a.tar:app:v2", NULL), E_NOTFOUND);
	assert_says(f, "no image named app:v2; there are: app:v1");
	assert_int_equal(open_as(f, "docker-archive:", "a.tar", "linux/arm64"), E_NOTFOUND);
	assert_int_equal(open_as(f, "oci-archive:", "a.tar", NULL), E_FORMAT);
	assert_says(f, "docker-archive:");
	assert_int_equal(open_as(f, "oci:", "a.tar", NULL), E_CONFIG);
	assert_int_equal(open_as(f, "dir:", "a.tar", NULL), E_CONFIG);
}

static void test_layers_must_hash_to_their_diff_ids(void **state)
{
	struct fixture *f = *state;
	struct str config = make_config(f, LINUX, make_layer(f, "other"), (struct str){ NULL, 0 }), out;
	struct buffer tar = docker_tar(f, MANIFEST_OF("\"" A "/layer.tar\""), "c.json", config);

	put_tar(f, "a.tar", &tar);
	assert_int_equal(open_as(f, "", "a.tar", NULL), 0);
	assert_int_equal(read_layer(f, 0, &out), E_FORMAT);
}

static void test_configs_named_by_digest_must_have_it(void **state)
{
	static const char *const names[] = { A ".json", "sha256:" A, "blobs/sha256/" A };
	struct fixture *f = *state;
	struct str config = make_config(f, LINUX, make_layer(f, "a"), (struct str){ NULL, 0 });

	for (size_t i = 0; i < 3; i++) {
		struct str manifest = str_format(
			&f->arena, "[{\"Config\":\"%s\",\"Layers\":[\"" A "/layer.tar\"]}]", names[i]);
		struct buffer tar = docker_tar(f, manifest.p, names[i], config);

		put_tar(f, "a.tar", &tar);
		assert_int_equal(open_as(f, "", "a.tar", NULL), E_FORMAT);
		assert_says(f, names[i]);
	}
}

static void test_linked_layers_are_followed_inside_the_archive(void **state)
{
	struct fixture *f = *state;
	struct str layer = make_layer(f, "a"), config = make_config(f, LINUX, layer, layer);

	for (int hard = 0; hard < 2; hard++) {
		struct buffer tar = docker_tar(f, MANIFEST_OF("\"" A "/layer.tar\",\"" B "/layer.tar\""),
					       "c.json", config);

		tar_put(&tar, B "/layer.tar", hard ? '1' : '2', hard ? A "/layer.tar" : "../" A "/layer.tar",
			(struct str){ NULL, 0 });
		put_tar(f, "a.tar", &tar);
		assert_int_equal(open_as(f, "", "a.tar", NULL), 0);
		assert_int_equal(f->image.layers.n, 2); /* kept twice */
		assert_layer(f, 0, layer);
		assert_layer(f, 1, layer);
	}
}

static const struct {
	const char *link;
	int code;
	const char *says;
} bad_links[] = {
	{ "/etc/passwd", E_NOTFOUND, "links to a member that is missing" },
	{ "../../../../../etc/passwd", E_NOTFOUND, "links to a member that is missing" },
	{ "layer.tar", E_FORMAT, "too many links" },
	{ "../" A, E_FORMAT, "not a regular file" },
};

static void test_links_to_elsewhere_are_refused(void **state)
{
	struct fixture *f = *state;
	struct str config = make_config(f, LINUX, make_layer(f, "a"), (struct str){ NULL, 0 });

	for (size_t i = 0; i < sizeof(bad_links) / sizeof(bad_links[0]); i++) {
		struct buffer tar = docker_tar(f, MANIFEST_OF("\"" B "/layer.tar\""), "c.json", config);

		tar_put(&tar, B "/layer.tar", '2', bad_links[i].link, (struct str){ NULL, 0 });
		put_tar(f, "a.tar", &tar);
		assert_int_equal(open_as(f, "", "a.tar", NULL), bad_links[i].code);
		assert_says(f, bad_links[i].says);
	}
}

static const struct {
	const char *layers;
	int code;
	const char *says;
} bad_manifests[] = {
	{ "\"../../etc/passwd\"", E_FORMAT, "leads out of the archive" },
	{ "\"a/../../b\"", E_FORMAT, "leads out of the archive" },
	{ "\"/etc/passwd\"", E_FORMAT, "no member name" },
	{ "\"\"", E_FORMAT, "no member name" },
	{ "\"gone/layer.tar\"", E_NOTFOUND, "missing in the archive" },
	{ "", E_FORMAT, "1 diff_ids for 0 layers" },
	{ "\"" A "/layer.tar\",\"" A "/layer.tar\"", E_FORMAT, "1 diff_ids for 2 layers" },
};

static void test_bad_paths_and_counts_are_refused(void **state)
{
	struct fixture *f = *state;
	struct str config = make_config(f, LINUX, make_layer(f, "a"), (struct str){ NULL, 0 });

	for (size_t i = 0; i < sizeof(bad_manifests) / sizeof(bad_manifests[0]); i++) {
		struct str manifest = str_format(&f->arena, "[{\"Config\":\"c.json\",\"Layers\":[%s]}]",
						 bad_manifests[i].layers);
		struct buffer tar = docker_tar(f, manifest.p, "c.json", config);

		put_tar(f, "a.tar", &tar);
		assert_int_equal(open_as(f, "", "a.tar", NULL), bad_manifests[i].code);
		assert_says(f, bad_manifests[i].says);
	}
}

static void test_several_images_want_a_name(void **state)
{
	struct fixture *f = *state;
	struct str config = make_config(f, LINUX, make_layer(f, "a"), (struct str){ NULL, 0 });
	struct buffer tar = docker_tar(
		f,
		"[{\"Config\":\"c.json\",\"RepoTags\":[\"app:v1\"],\"Layers\":[\"" A "/layer.tar\"]},"
		"{\"Config\":\"c.json\",\"RepoTags\":[\"app:v2\"],\"Layers\":[\"" A "/layer.tar\"]}]",
		"c.json", config);

	put_tar(f, "a.tar", &tar);
	assert_int_equal(open_as(f, "", "a.tar", NULL), E_NOTFOUND);
	assert_says(f, "there are: app:v1, app:v2");
	assert_int_equal(open_as(f, "", "a.tar:docker.io/library/app:v2", NULL), 0);
}

static void test_windows_is_refused(void **state)
{
	struct fixture *f = *state;
	struct str config = make_config(f, "\"os\":\"windows\",\"architecture\":\"amd64\"",
					make_layer(f, "a"), (struct str){ NULL, 0 });
	struct buffer tar = docker_tar(f, MANIFEST_OF("\"" A "/layer.tar\""), "c.json", config);

	put_tar(f, "a.tar", &tar);
	assert_int_equal(open_as(f, "", "a.tar", NULL), E_UNSUPPORTED);
	assert_says(f, "Windows");
}

static void test_compressed_layers_are_hashed_as_stored(void **state)
{
	struct fixture *f = *state;
	struct str layer = make_layer(f, "a"), packed = gzip(f, layer),
		   config = make_config(f, LINUX, layer, layer);
	struct str named = str_format(&f->arena, "blobs/sha256/%s", digest_text_of(f, packed).p + 7),
		   manifest;
	struct buffer tar = new_tar(f);

	manifest = str_format(&f->arena, "[{\"Config\":\"c.json\",\"Layers\":[\"l.tgz\",\"%s\"]}]", named.p);
	tar_put(&tar, "l.tgz", '0', NULL, packed);
	tar_put(&tar, named.p, '0', NULL, packed);
	tar_put(&tar, "c.json", '0', NULL, config);
	tar_put(&tar, "./manifest.json", '0', NULL, manifest);
	put_tar(f, "a.tar", &tar);
	assert_int_equal(open_as(f, "", "a.tar", NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_true(f->image.layers.p[i].verify_diff_id);
		assert_true(str_eq(f->image.layers.p[i].digest, digest_text_of(f, packed)));
		assert_true(str_eq(f->image.layers.p[i].diff_id, digest_text_of(f, layer)));
		assert_layer(f, i, packed);
	}
}

static void put_legacy(struct fixture *f, const char *name, const char *json_a, const char *json_b,
		       const char *tags)
{
	struct buffer tar = new_tar(f);

	tar_put(&tar, A "/json", '0', NULL, str_of(json_a));
	tar_put(&tar, A "/layer.tar", '0', NULL, make_layer(f, "a"));
	tar_put(&tar, B "/json", '0', NULL, str_of(json_b));
	tar_put(&tar, B "/layer.tar", '0', NULL, make_layer(f, "b"));
	tar_put(&tar, "repositories", '0', NULL, str_of(tags));
	put_tar(f, name, &tar);
}

static void test_oldest_archives_have_parents(void **state)
{
	struct fixture *f = *state;
	const char *top = "{\"id\":\"" B "\",\"parent\":\"" A "\"," LINUX "}";

	put_legacy(f, "a.tar", "{\"id\":\"" A "\"}", top,
		   "{\"app\":{\"v1\":\"" B "\",\"latest\":\"" B "\"}}");
	assert_int_equal(open_as(f, "", "a.tar", NULL), 0);
	assert_int_equal(f->image.layers.n, 2);
	assert_layer(f, 0, make_layer(f, "a"));
	assert_layer(f, 1, make_layer(f, "b"));
	assert_true(str_eq(f->image.layers.p[0].digest, digest_text_of(f, make_layer(f, "a"))));
	assert_int_equal(f->image.layers.p[0].diff_id.n, 0);
	assert_true(str_eq(f->image.manifest_hash, digest_text_of(f, str_of(top))));
	assert_str_is(f->image.platform, "linux/amd64");
	assert_int_equal(open_as(f, "docker-archive:", "a.tar:app", NULL), 0);
	assert_int_equal(open_as(f, "docker-archive:", "a.tar:app:v9", NULL), E_NOTFOUND);
	assert_says(f, "app:v1");
}

static void test_odd_oldest_archives_are_refused(void **state)
{
	struct fixture *f = *state;

	put_legacy(f, "cycle.tar", "{\"id\":\"" A "\",\"parent\":\"" B "\"}",
		   "{\"id\":\"" B "\",\"parent\":\"" A "\"}", "{\"app\":{\"v1\":\"" B "\"}}");
	assert_int_equal(open_as(f, "", "cycle.tar", NULL), E_LIMIT);
	put_legacy(f, "two.tar", "{\"id\":\"" A "\"}", "{\"id\":\"" B "\"}",
		   "{\"app\":{\"v1\":\"" A "\",\"v2\":\"" B "\"}}");
	assert_int_equal(open_as(f, "", "two.tar", NULL), E_NOTFOUND);
	put_legacy(f, "up.tar", "{\"id\":\"" A "\"}", "{\"id\":\"" B "\"}",
		   "{\"app\":{\"v1\":\"../../etc\"}}");
	assert_int_equal(open_as(f, "", "up.tar", NULL), E_FORMAT);
	put_legacy(f, "gone.tar", "{\"id\":\"" A "\"}", "{\"id\":\"" B "\",\"parent\":\"cccc\"}",
		   "{\"app\":{\"v1\":\"" B "\"}}");
	assert_true(open_as(f, "", "gone.tar", NULL) < 0);
}

/* The same content as OCI layout and as docker archive in one tar, told apart by their tags. */
static struct buffer both_kinds(struct fixture *f)
{
	struct str layer = make_layer(f, "a"), config = make_config(f, LINUX, layer, (struct str){ NULL, 0 });
	struct str l = digest_text_of(f, layer), c = digest_text_of(f, config), m, manifest, index, docker;
	struct buffer tar = new_tar(f);

	manifest = str_format(
		&f->arena,
		"{\"schemaVersion\":2,\"config\":{\"digest\":\"%s\",\"size\":%zu},"
		"\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"%s\","
		"\"size\":%zu}]}",
		c.p, config.n, l.p, layer.n);
	m = digest_text_of(f, manifest);
	index = str_format(&f->arena, "{\"manifests\":[{\"digest\":\"%s\",\"size\":%zu}]}", m.p, manifest.n);
	docker = str_format(&f->arena, "[{\"Config\":\"blobs/sha256/%s\",\"Layers\":[\"blobs/sha256/%s\"]}]",
			    c.p + 7, l.p + 7);
	tar_put(&tar, str_format(&f->arena, "blobs/sha256/%s", l.p + 7).p, '0', NULL, layer);
	tar_put(&tar, str_format(&f->arena, "blobs/sha256/%s", c.p + 7).p, '0', NULL, config);
	tar_put(&tar, str_format(&f->arena, "blobs/sha256/%s", m.p + 7).p, '0', NULL, manifest);
	tar_put(&tar, "index.json", '0', NULL, index);
	tar_put(&tar, "oci-layout", '0', NULL, STR("{\"imageLayoutVersion\":\"1.0.0\"}"));
	tar_put(&tar, "manifest.json", '0', NULL, docker);
	return tar;
}

static void test_archives_of_both_kinds_are_read_as_asked(void **state)
{
	struct fixture *f = *state;
	struct buffer tar = both_kinds(f);
	struct str oci, docker;

	put_tar(f, "a.tar", &tar);
	assert_int_equal(open_as(f, "oci-archive:", "a.tar", NULL), 0);
	oci = str_copy(&f->arena, f->image.manifest_hash);
	assert_layer(f, 0, make_layer(f, "a"));
	assert_int_equal(open_as(f, "docker-archive:", "a.tar", NULL), 0);
	docker = str_copy(&f->arena, f->image.manifest_hash);
	assert_layer(f, 0, make_layer(f, "a"));
	assert_false(str_eq(oci, docker));
	assert_int_equal(open_as(f, "", "a.tar", NULL), 0);
	assert_true(str_eq(oci, f->image.manifest_hash));
}

static void test_compressed_archives_are_unpacked(void **state)
{
	struct fixture *f = *state;
	struct buffer tar = both_kinds(f);
	struct str packed;

	tar_write_trailer(&tar);
	packed = gzip(f, buffer_str(&tar));
	put_file(f, "a.tar.gz", packed);
	assert_int_equal(open_as(f, "", "a.tar.gz", NULL), 0);
	assert_layer(f, 0, make_layer(f, "a"));
	put_file(f, "cut.tar.gz", str_sub(packed, 0, packed.n / 2));
	assert_int_equal(open_as(f, "", "cut.tar.gz", NULL), E_FORMAT);
}

static void test_pipes_are_read_once(void **state)
{
	struct fixture *f = *state;
	struct buffer tar = both_kinds(f);
	pid_t pid;

	put_tar(f, "a.tar", &tar);
	assert_int_equal(mkfifo(in_dir(f, "pipe"), 0600), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open(in_dir(f, "pipe"), O_WRONLY);
		struct err err;

		_exit(fd_write_all(fd, tar.p, tar.n, &err) < 0);
	}
	assert_int_equal(open_as(f, "oci-archive:", "pipe", NULL), 0);
	waitpid(pid, NULL, 0);
	assert_layer(f, 0, make_layer(f, "a"));
}

static void test_truncated_archives_are_errors(void **state)
{
	struct fixture *f = *state;
	struct buffer tar = both_kinds(f);

	put_file(f, "a.tar", (struct str){ (char *)tar.p, 700 }); /* inside the first member's content */
	assert_true(open_as(f, "", "a.tar", NULL) < 0);
	put_file(f, "text", STR("this is no archive, and shorter than a block"));
	assert_true(open_as(f, "", "text", NULL) < 0);
	put_file(f, "empty", STR(""));
	assert_int_equal(open_as(f, "", "empty", NULL), E_FORMAT);
	assert_says(f, "neither index.json nor manifest.json");
}

/* A lister that was taken over. */
static int lying_list(const struct archive_lister *self, struct task *task, int fd, uint64_t size,
		      archive_members *out, struct err *err)
{
	struct archive_member m = { .path = STR("manifest.json"), .is_file = true };

	(void)self, (void)fd, (void)err;
	m.offset = size / 2 ? UINT64_MAX - 10 : 0;
	m.size = 100;
	VEC_PUSH(&task->arena, out, m);
	return 0;
}

static int endless_list(const struct archive_lister *self, struct task *task, int fd, uint64_t size,
			archive_members *out, struct err *err)
{
	(void)self, (void)fd, (void)err, (void)size;
	for (unsigned i = 0; i <= LIMIT_ARCHIVE_MEMBERS; i++)
		VEC_PUSH(&task->arena, out, (struct archive_member){ .path = STR("x") });
	return 0;
}

static void test_lies_of_the_lister_are_found(void **state)
{
	struct fixture *f = *state;
	struct archive_lister lister = { lying_list };
	struct image_options options = { .lister = &lister };
	struct buffer tar = both_kinds(f);
	struct str target;

	put_tar(f, "a.tar", &tar);
	target = str_of(in_dir(f, "a.tar"));
	assert_int_equal(image_open(&f->task, target, &options, &f->image, &f->err), E_FORMAT);
	lister.list = endless_list;
	assert_int_equal(image_open(&f->task, target, &options, &f->image, &f->err), E_LIMIT);
	options.lister = NULL;
	assert_int_equal(image_open(&f->task, target, &options, &f->image, &f->err), E_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		image_test(test_docker_archive_opens),
		image_test(test_layers_must_hash_to_their_diff_ids),
		image_test(test_configs_named_by_digest_must_have_it),
		image_test(test_linked_layers_are_followed_inside_the_archive),
		image_test(test_links_to_elsewhere_are_refused),
		image_test(test_bad_paths_and_counts_are_refused),
		image_test(test_several_images_want_a_name),
		image_test(test_windows_is_refused),
		image_test(test_compressed_layers_are_hashed_as_stored),
		image_test(test_oldest_archives_have_parents),
		image_test(test_odd_oldest_archives_are_refused),
		image_test(test_archives_of_both_kinds_are_read_as_asked),
		image_test(test_compressed_archives_are_unpacked),
		image_test(test_pipes_are_read_once),
		image_test(test_truncated_archives_are_errors),
		image_test(test_lies_of_the_lister_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
