/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of TARGET, with a file system of a few invented paths. */
#include "unit.h"

#include "base/arena.h"
#include "image/image_target.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static bool exists(void *ctx, struct str path)
{
	static const char *const there[] = { "layout", "a.tar", "a:b.tar", "odd@name", "/", "dir/sub", NULL };

	(void)ctx;
	for (size_t i = 0; there[i]; i++)
		if (str_eq(path, str_of(there[i])))
			return true;
	return false;
}

static const struct {
	const char *text;
	int code;
	enum image_kind kind;
	const char *path, *reference, *digest, *says;
} cases[] = {
	{ "oci:layout", 0, IMAGE_OCI, "layout", "", "", "" },
	{ "oci:layout:v1", 0, IMAGE_OCI, "layout", "v1", "", "" },
	{ "oci:layout:v1:x", 0, IMAGE_OCI, "layout", "v1:x", "", "" },
	{ "oci:layout@sha256:" HEX, 0, IMAGE_OCI, "layout", "", "sha256:" HEX, "" },
	{ "oci-archive:a.tar", 0, IMAGE_OCI_ARCHIVE, "a.tar", "", "", "" },
	{ "oci-archive:a:b.tar", 0, IMAGE_OCI_ARCHIVE, "a:b.tar", "", "", "" },
	{ "oci-archive:a:b.tar:latest", 0, IMAGE_OCI_ARCHIVE, "a:b.tar", "latest", "", "" },
	{ "docker-archive:a.tar:docker.io/library/debian:12", 0, IMAGE_DOCKER_ARCHIVE, "a.tar",
	  "docker.io/library/debian:12", "", "" },
	{ "dir:/", 0, IMAGE_DIRECTORY, "/", "", "", "" },
	{ "dir:a:b.tar", 0, IMAGE_DIRECTORY, "a:b.tar", "", "", "" },
	{ "layout", 0, IMAGE_BY_CONTENT, "layout", "", "", "" },
	{ "dir/sub", 0, IMAGE_BY_CONTENT, "dir/sub", "", "", "" },
	{ "odd@name", 0, IMAGE_BY_CONTENT, "odd@name", "", "", "" },
	{ "layout:v1", 0, IMAGE_BY_CONTENT, "layout", "v1", "", "" },
	{ "a.tar@sha256:" HEX, 0, IMAGE_BY_CONTENT, "a.tar", "", "sha256:" HEX, "" },
	/* not there */
	{ "oci:gone", E_NOTFOUND, 0, "", "", "", "gone: no such file" },
	{ "oci:gone:v1", E_NOTFOUND, 0, "", "", "", "gone: no such file" },
	{ "oci:layout@sha256:12", E_NOTFOUND, 0, "", "", "", "no such file" },
	{ "docker-archive:a.tar@sha256:" HEX, E_NOTFOUND, 0, "", "", "", "no such file" },
	{ "dir:layout:v1", E_NOTFOUND, 0, "", "", "", "no such file" },
	{ "./gone", E_NOTFOUND, 0, "", "", "", "no such file" },
	{ "/gone.tar:x", E_NOTFOUND, 0, "", "", "", "no such file" },
	/* malformed */
	{ "", E_CONFIG, 0, "", "", "", "empty" },
	{ "oci:", E_CONFIG, 0, "", "", "", "without a path" },
	{ "dir:", E_CONFIG, 0, "", "", "", "without a path" },
	{ "oci::v1", E_NOTFOUND, 0, "", "", "", "no such file" },
	/* unknown schemes */
	{ "oci-archve:x/a.tar", E_CONFIG, 0, "", "", "", "did you mean \"oci-archive:\"" },
	{ "docker-archiv:a.tar", E_CONFIG, 0, "", "", "", "did you mean \"docker-archive:\"" },
	{ "directory:some/where", E_CONFIG, 0, "", "", "", "there are oci:, oci-archive:" },
	/* registries */
	{ "alpine", 0, IMAGE_REGISTRY, "alpine", "", "", "" },
	{ "alpine:3.18", 0, IMAGE_REGISTRY, "alpine:3.18", "", "", "" },
	{ "alpine:3", 0, IMAGE_REGISTRY, "alpine:3", "", "", "" },
	{ "quay.io/a/b:v1", 0, IMAGE_REGISTRY, "quay.io/a/b:v1", "", "", "" },
	{ "localhost:5000/a", 0, IMAGE_REGISTRY, "localhost:5000/a", "", "", "" },
	{ "registry.example:5000/a:b", 0, IMAGE_REGISTRY, "registry.example:5000/a:b", "", "", "" },
	{ "alpine@sha256:" HEX, 0, IMAGE_REGISTRY, "alpine@sha256:" HEX, "", "", "" },
	{ "registry:layout", 0, IMAGE_REGISTRY, "layout", "", "", "" },
	{ "registry:oci:v1", 0, IMAGE_REGISTRY, "oci:v1", "", "", "" },
	{ "docker://quay.io/a/b:v1", 0, IMAGE_REGISTRY, "quay.io/a/b:v1", "", "", "" },
	{ "registry:", E_CONFIG, 0, "", "", "", "no name" },
	{ "registry:A", E_CONFIG, 0, "", "", "", "lower case" },
	{ "docker-daemon://x", E_CONFIG, 0, "", "", "", "unknown scheme \"docker-daemon:\"" },
	{ "Alpine", E_CONFIG, 0, "", "", "",
	  "no such file or directory, and no image: reference \"Alpine\"" },
	{ "image.tar", E_NOTFOUND, 0, "", "", "", "image.tar: no such file" },
	{ "build/image.tar.gz", E_NOTFOUND, 0, "", "", "", "no such file" },
};

static void test_targets_are_parsed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct image_target t = { 0 };
		struct err err = { 0 };
		int code = image_target_parse(&a, str_of(cases[i].text), exists, NULL, &t, &err);

		if (code != cases[i].code || !strstr(err.text, cases[i].says))
			fail_msg("%s: %s: %s", cases[i].text, err_name(code), err.text);
		assert_int_equal(t.kind, cases[i].kind);
		assert_str_is(t.path, cases[i].path);
		assert_str_is(t.reference, cases[i].reference);
		assert_str_is(t.digest, cases[i].digest);
	}
}

static void test_endless_and_binary_targets_are_refused(void **state)
{
	static const char zeros[10000];
	autoarena struct arena a = { 0 };
	struct image_target t;
	struct err err;

	(void)state;
	assert_int_equal(image_target_parse(&a, (struct str){ zeros, 2 }, exists, NULL, &t, &err), E_CONFIG);
	assert_int_equal(image_target_parse(&a, (struct str){ zeros, sizeof(zeros) }, exists, NULL, &t, &err),
			 E_CONFIG);
}

static const struct {
	const char *a, *b;
	bool equal;
} references[] = {
	{ "alpine", "docker.io/library/alpine:latest", true },
	{ "alpine:3.18", "docker.io/library/alpine:3.18", true },
	{ "alpine:3.18", "index.docker.io/library/alpine:3.18", true },
	{ "a/b", "docker.io/a/b", true },
	{ "alpine:3.18", "alpine", false },
	{ "quay.io/alpine", "alpine", false },
	{ "localhost:5000/a", "localhost:5000/a:latest", true },
	{ "localhost:5000/a", "localhost:5001/a", false },
};

static void test_references_are_compared_with_their_defaults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++)
		assert_int_equal(image_reference_eq(str_of(references[i].a), str_of(references[i].b)),
				 references[i].equal);
	assert_str_is(image_reference_tag(STR("localhost:5000/a:v1")), "v1");
	assert_str_is(image_reference_tag(STR("localhost:5000/a")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets_are_parsed),
		cmocka_unit_test(test_endless_and_binary_targets_are_refused),
		cmocka_unit_test(test_references_are_compared_with_their_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
