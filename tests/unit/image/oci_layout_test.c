/* SPDX-License-Identifier: Apache-2.0 */
/* OCI layouts: which image is taken, and that nothing passes whose size or digest is wrong. */
#include "fixture.h"

#include <pthread.h>

#define INDEX_TYPE "application/vnd.oci.image.index.v1+json"
#define MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define CONFIG_TYPE "application/vnd.oci.image.config.v1+json"
#define LAYER_TYPE "application/vnd.oci.image.layer.v1.tar"

/* What put_image makes. */
struct recipe {
	const char *content; /* of the only layer */
	const char *os, *arch, *variant; /* of the config; os NULL: linux/amd64 */
	const char *layer_type, *config_type;
	const char *layer_digest; /* instead of the right one */
	size_t size_off; /* added to the layer's size in the manifest */
	unsigned diff_ids; /* how many; 0: one */
};

static const char * or (const char *s, const char *otherwise)
{
	return s ? s : otherwise;
}

static struct str descriptor(struct fixture *f, const char *type, struct str digest, size_t size,
			     const char *more)
{
	return str_format(&f->arena, "{\"mediaType\":\"%s\",\"digest\":\"%.*s\",\"size\":%zu%s}", type,
			  STR_ARG(digest), size, more);
}

static struct str put_config(struct fixture *f, const struct recipe *r, struct str layer, size_t *size)
{
	struct str diff_id = digest_text_of(f, layer), config;

	config = str_format(
		&f->arena,
		"{\"os\":\"%s\",\"architecture\":\"%s\",\"variant\":\"%s\",\"rootfs\":{\"type\":\"layers\","
		"\"diff_ids\":[\"%.*s\"%s%.*s%s]}}",
		or (r->os, "linux"), or (r->arch, "amd64"), or (r->variant, ""), STR_ARG(diff_id),
		r->diff_ids > 1 ? ",\"" : "", r->diff_ids > 1 ? (int)diff_id.n : 0, diff_id.p,
		r->diff_ids > 1 ? "\"" : "");
	*size = config.n;
	return put_blob(f, "l", config);
}

/* An image of one layer in the layout "l"; returns the descriptor of its manifest, `more` put into it. */
static struct str put_image(struct fixture *f, const struct recipe *r, const char *more)
{
	struct str layer = make_layer(f, or (r->content, "one")), digest = put_blob(f, "l", layer), config,
		   manifest;
	size_t config_size;

	config = put_config(f, r, layer, &config_size);
	if (r->layer_digest)
		digest = str_of(r->layer_digest);
	config = descriptor(f, or (r->config_type, CONFIG_TYPE), config, config_size, "");
	digest = descriptor(f, or (r->layer_type, LAYER_TYPE), digest, layer.n + r->size_off, "");
	manifest = str_format(&f->arena, "{\"schemaVersion\":2,\"config\":%.*s,\"layers\":[%.*s]}",
			      STR_ARG(config), STR_ARG(digest));
	return descriptor(f, MANIFEST_TYPE, put_blob(f, "l", manifest), manifest.n, more);
}

static struct str make_index(struct fixture *f, struct str descriptors)
{
	return str_format(&f->arena, "{\"schemaVersion\":2,\"manifests\":[%.*s]}", STR_ARG(descriptors));
}

static void put_layout(struct fixture *f, struct str descriptors)
{
	put_file(f, "l/oci-layout", STR("{\"imageLayoutVersion\":\"1.0.0\"}"));
	put_file(f, "l/index.json", make_index(f, descriptors));
}

static struct str both(struct fixture *f, struct str a, struct str b)
{
	return str_format(&f->arena, "%.*s,%.*s", STR_ARG(a), STR_ARG(b));
}

/* The descriptor of an index with these manifests, as a blob. */
static struct str put_index(struct fixture *f, struct str descriptors)
{
	struct str index = make_index(f, descriptors);

	return descriptor(f, INDEX_TYPE, put_blob(f, "l", index), index.n, "");
}

static struct str put_for(struct fixture *f, const char *arch, const char *variant, const char *more)
{
	struct recipe r = { .content = arch, .arch = arch, .variant = variant };
	struct str platform = str_format(
		&f->arena, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\",\"variant\":\"%s\"}%s",
		arch, or (variant, ""), more);

	return put_image(f, &r, platform.p);
}

static void test_single_image_opens(void **state)
{
	struct fixture *f = *state;
	struct str d = put_image(f, &(struct recipe){ 0 }, ""), layer = make_layer(f, "one");

	put_layout(f, d);
	for (int bare = 0; bare < 2; bare++) {
		assert_int_equal(open_as(f, bare ? "" : "oci:", "l", NULL), 0);
		assert_int_equal(f->image.layers.n, 1);
		assert_str_is(f->image.platform, "linux/amd64");
		assert_true(str_search(d, f->image.manifest_hash) < d.n);
		assert_true(str_eq(f->image.layers.p[0].digest, digest_text_of(f, layer)));
		assert_true(str_eq(f->image.layers.p[0].diff_id, digest_text_of(f, layer)));
		assert_false(f->image.layers.p[0].verify_diff_id);
		assert_layer(f, 0, layer);
		assert_layer(f, 0, layer); /* as often as wanted */
	}
}

static void test_tags_and_digests_choose(void **state)
{
	struct fixture *f = *state;
	struct str a, b, digest;

	a = put_image(f, &(struct recipe){ .content = "a" },
		      ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"v1\"}");
	b = put_image(f, &(struct recipe){ .content = "b" },
		      ",\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/app:v2\"}");
	put_layout(f, both(f, a, b));
	assert_int_equal(open_as(f, "oci:", "l:v1", NULL), 0);
	assert_layer(f, 0, make_layer(f, "a"));
	assert_int_equal(open_as(f, "oci:", "l:v2", NULL), 0);
	assert_layer(f, 0, make_layer(f, "b"));
	assert_int_equal(open_as(f, "", "l:app:v2", NULL), 0);
	digest = str_sub(b, str_search(b, STR("sha256:")), 71);
	assert_int_equal(open_as(f, "oci:", str_format(&f->arena, "l@%.*s", STR_ARG(digest)).p, NULL), 0);
	assert_layer(f, 0, make_layer(f, "b"));
	assert_int_equal(open_as(f, "oci:", "l:v3", NULL), E_NOTFOUND);
	assert_says(f, "no image tagged v3 in the layout; there are: v1, docker.io/library/app:v2");
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_NOTFOUND);
	assert_says(f, "several images; name one of: v1, docker.io/library/app:v2");
}

static void test_two_tags_of_one_image_are_one(void **state)
{
	struct fixture *f = *state;
	struct recipe r = { 0 };

	put_layout(f,
		   both(f, put_image(f, &r, ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"a\"}"),
			put_image(f, &r, ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"b\"}")));
	assert_int_equal(open_as(f, "oci:", "l", NULL), 0);
}

static void test_untagged_variants_are_chosen_by_platform(void **state)
{
	struct fixture *f = *state;

	put_layout(f, both(f, put_for(f, "arm64", "v8", ""), put_for(f, "s390x", NULL, "")));
	assert_int_equal(open_as(f, "oci:", "l", "linux/s390x"), 0);
	assert_str_is(f->image.platform, "linux/s390x");
	assert_int_equal(open_as(f, "oci:", "l", "linux/arm64"), 0);
	assert_str_is(f->image.platform, "linux/arm64/v8");
	assert_int_equal(open_as(f, "oci:", "l", "linux/386"), E_NOTFOUND);
	assert_says(f, "no image for linux/386; there are: linux/arm64/v8, linux/s390x");
	assert_int_equal(open_as(f, "oci:", "l", "windows/amd64"), E_UNSUPPORTED);
	assert_int_equal(open_as(f, "oci:", "l", "linux"), E_CONFIG);
}

static void test_given_platform_is_checked_against_the_config(void **state)
{
	struct fixture *f = *state;

	put_layout(f, put_image(f, &(struct recipe){ .arch = "arm64" }, ""));
	assert_int_equal(open_as(f, "oci:", "l", "linux/arm64"), 0);
	assert_int_equal(open_as(f, "oci:", "l", NULL), 0); /* the only one */
	assert_int_equal(open_as(f, "oci:", "l", "linux/amd64"), E_NOTFOUND);
	assert_says(f, "no image for linux/amd64; there is: linux/arm64");
}

static void test_nested_indexes_are_followed(void **state)
{
	struct fixture *f = *state;
	struct str d;

	d = both(f, put_for(f, "arm64", "v8", ""),
		 put_for(f, "s390x", NULL,
			 ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}"));
	d = both(f, d,
		 str_format(&f->arena,
			    "{\"mediaType\":\"" MANIFEST_TYPE "\",\"digest\":\"sha256:%064d\",\"size\":1,"
			    "\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}}",
			    7));
	for (unsigned i = 0; i < LIMIT_INDEX_DEPTH; i++)
		d = put_index(f, d);
	put_layout(f, d);
	assert_int_equal(open_as(f, "oci:", "l", NULL), 0);
	assert_str_is(f->image.platform, "linux/arm64/v8");
	assert_int_equal(open_as(f, "oci:", "l", "linux/s390x"), E_NOTFOUND);
	put_layout(f, put_index(f, d));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_LIMIT);
	assert_says(f, "nested deeper than");
}

static void test_index_of_attestations_has_no_image(void **state)
{
	struct fixture *f = *state;
	struct str d = put_for(f, "amd64", NULL,
			       ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}");

	put_layout(f, put_index(f, d));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_NOTFOUND);
	assert_says(f, "without images");
	put_layout(f, d);
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_NOTFOUND);
	assert_says(f, "there are: none");
	put_layout(f, STR(""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_NOTFOUND);
}

static void test_windows_is_refused_before_its_layers_are_looked_for(void **state)
{
	struct fixture *f = *state;
	char digest[80];

	snprintf(digest, sizeof(digest), "sha256:%064d", 1);
	put_layout(f, put_image(f, &(struct recipe){ .os = "windows", .layer_digest = digest }, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_UNSUPPORTED);
	assert_says(f, "Windows images are not supported (windows/amd64)");
}

/* Damage the blob whose digest the descriptor d names. */
static void damage(struct fixture *f, struct str digest, struct str content)
{
	put_file(f, str_format(&f->arena, "l/blobs/sha256/%.*s", 64, digest.p + 7).p, content);
}

static void test_wrong_sizes_and_digests_of_layers_are_found(void **state)
{
	struct fixture *f = *state;
	struct str layer = make_layer(f, "one"), digest = digest_text_of(f, layer), out;
	struct str changed = str_copy(&f->arena, layer);

	put_layout(f, put_image(f, &(struct recipe){ .size_off = 1 }, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_FORMAT);
	assert_says(f, "expected");
	put_layout(f, put_image(f, &(struct recipe){ 0 }, ""));
	damage(f, digest, str_sub(layer, 0, layer.n - 512));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_FORMAT); /* truncated */
	((char *)(uintptr_t)changed.p)[600] ^= 1;
	damage(f, digest, changed);
	assert_int_equal(open_as(f, "oci:", "l", NULL), 0); /* layers are hashed while they are read */
	assert_int_equal(read_layer(f, 0, &out), E_FORMAT);
	damage(f, digest, str_sub(layer, 0, 512)); /* cut after opening */
	assert_int_equal(read_layer(f, 0, &out), E_FORMAT);
	assert_int_equal(unlink(in_dir(f, str_format(&f->arena, "l/blobs/sha256/%s", digest.p + 7).p)), 0);
	assert_int_equal(read_layer(f, 0, &out), E_NOTFOUND);
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_NOTFOUND);
	assert_says(f, digest.p);
}

static void test_wrong_manifests_and_configs_are_found(void **state)
{
	struct fixture *f = *state;
	struct str d = put_image(f, &(struct recipe){ 0 }, ""), manifest;

	manifest = str_sub(d, str_search(d, STR("sha256:")), 71);
	put_layout(f, d);
	damage(f, manifest, STR("{}"));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_FORMAT);
	assert_int_equal(
		unlink(in_dir(f, str_format(&f->arena, "l/blobs/sha256/%.*s", 64, manifest.p + 7).p)), 0);
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_NOTFOUND);
	put_layout(f, put_image(f, &(struct recipe){ .diff_ids = 2 }, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_FORMAT);
	assert_says(f, "2 diff_ids for 1 layers");
}

static void test_artifacts_and_old_manifests_are_named(void **state)
{
	struct fixture *f = *state;
	struct str v1 = STR("{\"schemaVersion\":1,\"fsLayers\":[]}"), other = STR("{\"x\":1}");

	put_layout(f, put_image(f,
				&(struct recipe){
					.layer_type = "application/vnd.cncf.helm.chart.content.v1.tar+gzip" },
				""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_UNSUPPORTED);
	assert_says(f, "application/vnd.cncf.helm.chart.content.v1.tar+gzip");
	put_layout(f, descriptor(f, "application/x-v1", put_blob(f, "l", v1), v1.n, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_UNSUPPORTED);
	assert_says(f, "schema 1");
	put_layout(f, descriptor(f, "application/x-other", put_blob(f, "l", other), other.n, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_UNSUPPORTED);
	assert_says(f, "application/x-other");
}

static void test_foreign_layers_may_be_there(void **state)
{
	struct fixture *f = *state;
	struct recipe r = { .layer_type = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" };
	char digest[80];

	put_layout(f, put_image(f, &r, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), 0);
	snprintf(digest, sizeof(digest), "sha256:%064d", 1);
	r.layer_digest = digest;
	put_layout(f, put_image(f, &r, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_NOTFOUND);
	assert_says(f, digest);
	assert_says(f, "foreign");
}

static void test_tar_layers_of_artifacts_are_scanned(void **state)
{
	struct fixture *f = *state;

	put_layout(f,
		   put_image(f, &(struct recipe){ .config_type = "application/vnd.oci.empty.v1+json" }, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), 0);
	assert_int_equal(f->image.layers.p[0].diff_id.n, 0);
	assert_str_is(f->image.platform, "");
}

static void test_damaged_layouts_are_errors(void **state)
{
	struct fixture *f = *state;

	put_layout(f, put_image(f, &(struct recipe){ 0 }, ""));
	put_file(f, "l/oci-layout", STR("{\"imageLayoutVersion\":\"2.0.0\"}"));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_UNSUPPORTED);
	put_file(f, "l/oci-layout", STR("{\"imageLayoutVersion\":\"1.0.0\"}"));
	put_file(f, "l/index.json", STR("{\"manifests\":["));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_FORMAT);
	put_file(f, "l/index.json", (struct str){ f->dir, 0 });
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_FORMAT);
	assert_int_equal(truncate(in_dir(f, "l/index.json"), (off_t)LIMIT_MANIFEST_BYTES + 1), 0);
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_LIMIT);
	assert_int_equal(unlink(in_dir(f, "l/index.json")), 0);
	assert_int_equal(mkfifo(in_dir(f, "l/index.json"), 0644), 0); /* must not block */
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_FORMAT);
	assert_int_equal(unlink(in_dir(f, "l/index.json")), 0);
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_NOTFOUND);
	assert_int_equal(open_as(f, "oci-archive:", "l", NULL), E_CONFIG);
	assert_int_equal(open_as(f, "oci:", "l/oci-layout", NULL), E_CONFIG);
}

static void test_digests_with_paths_in_them_are_refused(void **state)
{
	struct fixture *f = *state;

	put_layout(f, descriptor(f, MANIFEST_TYPE, STR("sha256:../../../../../../etc/passwd"), 100, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_FORMAT);
	put_layout(f, put_image(f, &(struct recipe){ .layer_digest = "../../../etc/passwd" }, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_FORMAT);
}

static void *read_many(void *ctx)
{
	const struct image_layer *layer = ctx;

	for (int i = 0; i < 20; i++) {
		char buf[1000];
		struct err err;
		struct reader *r;
		ssize_t n;

		if (layer->open(layer, &r, &err) < 0)
			return ctx;
		while ((n = reader_read(r, buf, sizeof(buf), &err)) > 0)
			;
		reader_close(r);
		if (n < 0)
			return ctx;
	}
	return NULL;
}

static void test_layers_are_read_by_several_threads(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[4];

	put_layout(f, put_image(f, &(struct recipe){ 0 }, ""));
	assert_int_equal(open_as(f, "oci:", "l", NULL), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_many, &f->image.layers.p[0]), 0);
	for (int i = 0; i < 4; i++) {
		void *failed;

		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
}

static void test_canceled_tasks_open_nothing(void **state)
{
	struct fixture *f = *state;
	const atomic_bool canceled = true;

	put_layout(f, put_image(f, &(struct recipe){ 0 }, ""));
	f->task.canceled = &canceled;
	assert_int_equal(open_as(f, "oci:", "l", NULL), E_CANCELED);
	f->task.canceled = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		image_test(test_single_image_opens),
		image_test(test_tags_and_digests_choose),
		image_test(test_two_tags_of_one_image_are_one),
		image_test(test_untagged_variants_are_chosen_by_platform),
		image_test(test_given_platform_is_checked_against_the_config),
		image_test(test_nested_indexes_are_followed),
		image_test(test_index_of_attestations_has_no_image),
		image_test(test_windows_is_refused_before_its_layers_are_looked_for),
		image_test(test_wrong_sizes_and_digests_of_layers_are_found),
		image_test(test_wrong_manifests_and_configs_are_found),
		image_test(test_artifacts_and_old_manifests_are_named),
		image_test(test_foreign_layers_may_be_there),
		image_test(test_tar_layers_of_artifacts_are_scanned),
		image_test(test_damaged_layouts_are_errors),
		image_test(test_digests_with_paths_in_them_are_refused),
		image_test(test_layers_are_read_by_several_threads),
		image_test(test_canceled_tasks_open_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
