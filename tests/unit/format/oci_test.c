/* SPDX-License-Identifier: Apache-2.0 */
/* oci: each kind of document, and what is refused. The documents are ours, after the examples of the
 * specifications. */
#include "../unit.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "format/oci.h"

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C64 "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"
#define CONFIG                                                                                               \
	"{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"sha256:" A64               \
	"\",\"size\":7023}"
#define LAYER                                                                                                \
	"{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"sha256:" B64            \
	"\",\"size\":32654}"
#define OCI_TYPE "application/vnd.oci.image.manifest.v1+json"
#define NONE ((struct str){ NULL, 0 })

static struct arena memory;

static int release(void **state)
{
	(void)state;
	arena_reset(&memory);
	return 0;
}

static void a_manifest_has_a_config_and_layers(void **state)
{
	struct oci_document d;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		oci_document_parse(&memory,
				   STR("{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE
				       "\",\"artifactType\":\"x/y\",\"config\":" CONFIG ",\"layers\":[" LAYER
				       ",{\"digest\":\"sha512:" C64 C64 "\"}],\"annotations\":{}}"),
				   NONE, &d, &err),
		0);
	assert_int_equal(d.kind, OCI_MANIFEST);
	assert_str_is(d.manifest.media_type, OCI_TYPE);
	assert_str_is(d.manifest.artifact_type, "x/y");
	assert_str_is(d.manifest.config.digest, "sha256:" A64);
	assert_int_equal(d.manifest.config.size_bytes, 7023);
	assert_int_equal(d.manifest.layers.n, 2);
	assert_str_is(d.manifest.layers.p[0].media_type, "application/vnd.oci.image.layer.v1.tar+gzip");
	assert_int_equal(d.manifest.layers.p[0].size_bytes, 32654);
	assert_int_equal(d.manifest.layers.p[1].size_bytes, UINT64_MAX);
	assert_str_is(str_sub(d.manifest.layers.p[1].digest, 0, 10), "sha512:ccc");
	assert_int_equal(d.index.manifests.n, 0);
}

static void an_index_lists_platforms_and_names(void **state)
{
	struct oci_index x;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		oci_index_parse(&memory,
				STR("{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:" A64
				    "\",\"size\":5,\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\","
				    "\"variant\":\"v8\",\"os.version\":\"10.0\"},\"annotations\":{"
				    "\"org.opencontainers.image.ref.name\":\"12\","
				    "\"io.containerd.image.name\":\"docker.io/library/debian:12\","
				    "\"vnd.docker.reference.type\":\"attestation-manifest\"}},"
				    "{\"digest\":\"sha256:" B64 "\",\"platform\":null}]}"),
				&x, &err),
		0);
	assert_int_equal(x.manifests.n, 2);
	assert_str_is(oci_platform_text(&memory, &x.manifests.p[0].platform), "linux/arm64/v8");
	assert_str_is(x.manifests.p[0].platform.os_version, "10.0");
	assert_str_is(x.manifests.p[0].ref_name, "12");
	assert_str_is(x.manifests.p[0].image_name, "docker.io/library/debian:12");
	assert_str_is(x.manifests.p[0].reference_type, "attestation-manifest");
	assert_str_is(oci_platform_text(&memory, &x.manifests.p[1].platform), "");
	assert_str_is(oci_platform_text(&memory,
					&(struct oci_platform){ .os = STR("linux"), .arch = STR("amd64") }),
		      "linux/amd64");
}

static void the_kind_is_the_media_type_or_the_members(void **state)
{
	static const struct {
		const char *text, *media_type;
		enum oci_kind want;
	} cases[] = {
		{ "{\"manifests\":[]}", "", OCI_INDEX },
		{ "{\"config\":" CONFIG ",\"layers\":[]}", "", OCI_MANIFEST },
		{ "{\"config\":" CONFIG "}", "", OCI_UNKNOWN },
		{ "{\"config\":" CONFIG "}", OCI_TYPE, OCI_MANIFEST },
		{ "{}", "", OCI_UNKNOWN },
		{ "{\"manifests\":[]}", "application/json", OCI_UNKNOWN },
		{ "{\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":" CONFIG
		  "}",
		  "", OCI_MANIFEST },
		{ "{\"mediaType\":\"application/vnd.docker.distribution.manifest.list.v2+json\"}", OCI_TYPE,
		  OCI_INDEX },
		{ "{\"mediaType\":\"application/vnd.oci.image.index.v1+json\"}", "", OCI_INDEX },
		{ "{\"mediaType\":\"text/plain\",\"manifests\":[]}", "", OCI_UNKNOWN },
		{ "{\"schemaVersion\":1,\"fsLayers\":[]}", "", OCI_DOCKER_V1 },
		{ "{\"schemaVersion\":1}", OCI_TYPE, OCI_DOCKER_V1 },
		{ "{}", "application/vnd.docker.distribution.manifest.v1+prettyjws", OCI_DOCKER_V1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oci_document d;
		struct err err = { 0 };

		if (oci_document_parse(&memory, str_of(cases[i].text), str_of(cases[i].media_type), &d,
				       &err) < 0)
			fail_msg("%s: %s", cases[i].text, err.text);
		if (d.kind != cases[i].want)
			fail_msg("%s is %d", cases[i].text, d.kind);
	}
}

static void broken_documents_are_refused(void **state)
{
	static const struct {
		const char *text;
		int want;
	} cases[] = {
		{ "", E_FORMAT },
		{ "[]", E_FORMAT },
		{ "{", E_FORMAT },
		{ "{\"config\":" CONFIG ",\"layers\":[],\"manifests\":[]}", E_FORMAT },
		{ "{\"config\":" CONFIG ",\"manifests\":[]}", E_FORMAT },
		{ "{\"mediaType\":5}", E_FORMAT },
		{ "{\"mediaType\":\"" OCI_TYPE "\",\"layers\":[]}", E_FORMAT },
		{ "{\"manifests\":{}}", E_FORMAT },
		{ "{\"manifests\":[5]}", E_FORMAT },
		{ "{\"manifests\":[{}]}", E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\"sha256:abc\"}]}", E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\"sha256:../../../../../../etc/passwd\"}]}", E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\"sha256\"}]}", E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\":" A64 "\"}]}", E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\"blake3:" A64 "\"}]}", E_UNSUPPORTED },
		{ "{\"manifests\":[{\"digest\":\"sha256:" A64 "\",\"size\":-1}]}", E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\"sha256:" A64 "\",\"size\":1e3}]}", E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\"sha256:" A64 "\",\"size\":9223372036854775808}]}",
		  E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\"sha256:" A64 "\",\"size\":\"5\"}]}", E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\"sha256:" A64 "\",\"platform\":[]}]}", E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\"sha256:" A64 "\",\"platform\":{\"os\":1}}]}", E_FORMAT },
		{ "{\"manifests\":[{\"digest\":\"sha256:" A64 "\",\"annotations\":5}]}", E_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct oci_document d;
		struct err err = { 0 };

		if (oci_document_parse(&memory, str_of(cases[i].text), NONE, &d, &err) != cases[i].want)
			fail_msg("%s: %s", cases[i].text, err.text);
	}
}

static void errors_name_the_place(void **state)
{
	struct oci_document d;
	struct oci_index x;
	struct err err = { 0 };

	(void)state;
	oci_document_parse(&memory, STR("{\"config\":" CONFIG ",\"layers\":[" LAYER ",{\"digest\":\"x\"}]}"),
			   NONE, &d, &err);
	assert_string_equal(err.text, "layers[1]: \"x\" is no digest");
	assert_int_equal(oci_index_parse(&memory, STR("{}"), &x, &err), E_FORMAT);
	assert_string_equal(err.text, "not an image index");
}

/* n times part, with commas between. */
static struct str list(const char *begin, const char *part, size_t n, const char *end)
{
	struct buffer b = { .arena = &memory };

	put_bytes(&b, str_of(begin));
	for (size_t i = 0; i < n; i++) {
		if (i)
			put_u8(&b, ',');
		put_bytes(&b, str_of(part));
	}
	put_bytes(&b, str_of(end));
	return buffer_str(&b);
}

static void limits_hold(void **state)
{
	struct oci_document d;
	struct oci_config c;
	docker_images images;
	struct err err = { 0 };
	struct str blanks = list("", " \n ", LIMIT_MANIFEST_BYTES / 3, "{}");

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		size_t n = LIMIT_MANIFEST_LAYERS + over;
		int want = over ? E_LIMIT : 0;

		assert_int_equal(oci_document_parse(
					 &memory, list("{\"config\":" CONFIG ",\"layers\":[", LAYER, n, "]}"),
					 NONE, &d, &err),
				 want);
		assert_int_equal(
			oci_config_parse(&memory,
					 list("{\"rootfs\":{\"diff_ids\":[", "\"sha256:" A64 "\"", n, "]}}"),
					 &c, &err),
			want);
		assert_int_equal(docker_archive_parse(
					 &memory, list("[{\"Config\":\"c\",\"Layers\":[", "\"l\"", n, "]}]"),
					 &images, &err),
				 want);
	}
	assert_true(blanks.n > LIMIT_MANIFEST_BYTES);
	assert_int_equal(oci_document_parse(&memory, blanks, NONE, &d, &err), E_LIMIT);
	assert_int_equal(docker_archive_parse(&memory, blanks, &images, &err), E_LIMIT);
}

static void a_config_has_diff_ids_and_history(void **state)
{
	struct oci_config c;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		oci_config_parse(
			&memory,
			STR("{\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v7\",\"rootfs\":{"
			    "\"type\":"
			    "\"layers\",\"diff_ids\":[\"sha256:" A64 "\",\"sha256:" C64
			    "\"]},\"history\":[{},"
			    "{\"empty_layer\":true},{\"empty_layer\":false},{\"empty_layer\":true}]}"),
			&c, &err),
		0);
	assert_str_is(oci_platform_text(&memory, &c.platform), "linux/arm/v7");
	assert_int_equal(c.diff_ids.n, 2);
	assert_str_is(c.diff_ids.p[0], "sha256:" A64);
	assert_str_is(str_sub(c.diff_ids.p[1], 0, 10), "sha256:ccc");
	assert_int_equal(c.history_count, 4);
	assert_int_equal(c.empty_layer_count, 2);
	assert_int_equal(oci_config_parse(&memory, STR("{}"), &c, &err), 0);
	assert_int_equal(c.diff_ids.n, 0);
	assert_int_equal(oci_config_parse(&memory, STR("{\"rootfs\":{\"diff_ids\":[5]}}"), &c, &err),
			 E_FORMAT);
	assert_int_equal(oci_config_parse(&memory, STR("{\"rootfs\":[]}"), &c, &err), E_FORMAT);
	assert_int_equal(oci_config_parse(&memory, STR("{\"history\":{}}"), &c, &err), E_FORMAT);
}

static void docker_archives_list_images(void **state)
{
	static const char *const broken[] = { "",
					      "{}",
					      "[5]",
					      "[{}]",
					      "[{\"Config\":\"c\",\"Layers\":[1]}]",
					      "[{\"Config\":\"c\",\"RepoTags\":\"x\"}]",
					      "[{\"Config\":7}]" };
	docker_images images;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		docker_archive_parse(
			&memory,
			STR("[{\"Config\":\"a.json\",\"RepoTags\":[\"d:12\",\"d:latest\"],\"Layers\":["
			    "\"1/layer.tar\",\"2/layer.tar\"],\"LayerSources\":{}},"
			    "{\"Config\":\"b.json\",\"RepoTags\":null,\"Layers\":null}]"),
			&images, &err),
		0);
	assert_int_equal(images.n, 2);
	assert_str_is(images.p[0].config, "a.json");
	assert_str_is(images.p[0].repo_tags.p[1], "d:latest");
	assert_int_equal(images.p[0].layers.n, 2);
	assert_str_is(images.p[0].layers.p[1], "2/layer.tar");
	assert_int_equal(images.p[1].repo_tags.n + images.p[1].layers.n, 0);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		assert_int_equal(docker_archive_parse(&memory, str_of(broken[i]), &images, &err), E_FORMAT);
}

static void the_oldest_archives_have_tags_and_parents(void **state)
{
	docker_tags tags;
	struct str id, parent;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(docker_repositories_parse(
				 &memory, STR("{\"debian\":{\"12\":\"abc\",\"latest\":\"abc\"},\"x/y\":{}}"),
				 &tags, &err),
			 0);
	assert_int_equal(tags.n, 2);
	assert_str_is(tags.p[1].name, "debian");
	assert_str_is(tags.p[1].tag, "latest");
	assert_str_is(tags.p[1].id, "abc");
	assert_int_equal(docker_repositories_parse(&memory, STR("{\"d\":[]}"), &tags, &err), E_FORMAT);
	assert_int_equal(docker_repositories_parse(&memory, STR("{\"d\":{\"t\":1}}"), &tags, &err), E_FORMAT);
	assert_int_equal(docker_v1_layer_parse(&memory, STR("{\"id\":\"abc\",\"parent\":\"def\"}"), &id,
					       &parent, &err),
			 0);
	assert_str_is(id, "abc");
	assert_str_is(parent, "def");
	assert_int_equal(docker_v1_layer_parse(&memory, STR("{\"id\":\"abc\"}"), &id, &parent, &err), 0);
	assert_str_is(parent, "");
	assert_int_equal(docker_v1_layer_parse(&memory, STR("{}"), &id, &parent, &err), E_FORMAT);
}

static void layouts_of_version_one_are_read(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(oci_layout_check(&memory, STR("{\"imageLayoutVersion\":\"1.0.0\"}"), &err), 0);
	assert_int_equal(oci_layout_check(&memory, STR("{\"imageLayoutVersion\":\"2.0.0\"}"), &err),
			 E_UNSUPPORTED);
	assert_int_equal(oci_layout_check(&memory, STR("{}"), &err), E_UNSUPPORTED);
	assert_int_equal(oci_layout_check(&memory, STR("x"), &err), E_FORMAT);
}

#define TEST(name) cmocka_unit_test_teardown(name, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_manifest_has_a_config_and_layers),
		TEST(an_index_lists_platforms_and_names),
		TEST(the_kind_is_the_media_type_or_the_members),
		TEST(broken_documents_are_refused),
		TEST(errors_name_the_place),
		TEST(limits_hold),
		TEST(a_config_has_diff_ids_and_history),
		TEST(docker_archives_list_images),
		TEST(the_oldest_archives_have_tags_and_parents),
		TEST(layouts_of_version_one_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
