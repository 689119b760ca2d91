/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of an image in a registry, from server.py: a manifest for an indexer, a digest, an image. How
 * real registries are pulled from is in tests/integration/test_registry.py. */
#include "image/registry.h"

#include "net/server.h"

#define HELLO "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static const struct registry_options usual = { .platform = STR("linux/amd64") };

static struct str reference(struct task *task, struct server *s, const char *rest)
{
	return str_format(&task->arena, "127.0.0.1:%u/%s", s->port, rest);
}

static const struct {
	const char *name, *host, *path, *authorization;
} manifests[] = {
	{ "open/app", "127.0.0.1", "/v2/open/app/blobs/" HELLO, NULL },
	{ "open/app:index", "127.0.0.1", "/v2/open/app/blobs/" HELLO, NULL },
	{ "locked/app", "127.0.0.1", "/v2/locked/app/blobs/" HELLO, "Bearer token-" },
	{ "away/app", "localhost", "/ok?signature=1", NULL },
};

/* A storage elsewhere is told nothing, the registry its token. */
static void test_manifests_say_where_layers_are_in_the_end(void **state)
{
	struct server *s = *state;

	for (size_t i = 0; i < sizeof(manifests) / sizeof(manifests[0]); i++) {
		autotask struct task task = { 0 };
		struct manifest m;
		struct err err;
		struct str uri = str_format(&task.arena, "http://%s:%u%s", manifests[i].host, s->port,
					    manifests[i].path);

		if (registry_manifest(&task, reference(&task, s, manifests[i].name), &usual, &m, &err) < 0)
			fail_msg("%s: %s", manifests[i].name, err.text);
		assert_int_equal(m.layers.n, 1);
		assert_str_is(m.layers.p[0].hash, HELLO);
		assert_str_is(m.layers.p[0].uri, uri.p);
		assert_int_equal(m.layers.p[0].headers.n, manifests[i].authorization != NULL);
		if (!manifests[i].authorization)
			continue;
		assert_str_is(m.layers.p[0].headers.p[0].name, "Authorization");
		assert_true(
			str_starts(m.layers.p[0].headers.p[0].values[0], str_of(manifests[i].authorization)));
	}
}

static void test_a_reference_has_the_digest_of_the_image(void **state)
{
	autotask struct task task = { 0 };
	struct str direct, by_index, by_digest;
	struct err err;

	assert_int_equal(registry_resolve(&task, reference(&task, *state, "open/app"), &usual, &direct, &err),
			 0);
	assert_int_equal(
		registry_resolve(&task, reference(&task, *state, "open/app:index"), &usual, &by_index, &err),
		0);
	assert_true(str_eq(direct, by_index));
	assert_int_equal(registry_resolve(&task,
					  str_format(&task.arena, "127.0.0.1:%u/open/app@" STR_FMT,
						     ((struct server *)*state)->port, STR_ARG(direct)),
					  &usual, &by_digest, &err),
			 0);
	assert_true(str_eq(direct, by_digest));
}

static void test_layers_are_opened_when_they_are_wanted(void **state)
{
	static const char *const names[] = { "open/app", "locked/app", "away/app" };

	for (size_t i = 0; i < 3; i++) {
		autotask struct task task = { 0 };
		autoimage struct image image = { 0 };
		struct image_options options = { .platform = STR("linux/amd64"), .registry = &usual };
		struct reader *r;
		struct err err = { 0 };
		char text[16] = { 0 };
		int code;

		/* away/: the config is not where it should be */
		code = image_open(&task, reference(&task, *state, names[i]), &options, &image, &err);
		assert_int_equal(code, i == 2 ? E_FORMAT : 0);
		if (code < 0)
			continue;
		assert_str_is(image.platform, "linux/amd64");
		assert_int_equal(image.layers.p[0].open(&image.layers.p[0], &r, &err), 0);
		assert_int_equal(reader_full(r, text, 5, &err), 1);
		assert_int_equal(reader_read(r, text + 5, 1, &err), 0);
		assert_string_equal(text, "hello");
		reader_close(r);
	}
}

static const struct {
	const char *reference, *platform;
	int code;
	const char *says;
} refusals[] = {
	{ "open/app:none", "linux/amd64", E_NOTFOUND, "open/app:none: not found" },
	{ "open/app:index", "linux/s390x", E_NOTFOUND, "there are: linux/amd64" },
	{ "open/App", "linux/amd64", E_CONFIG, "lower case" },
	{ "open/app", "linux", E_CONFIG, "platform" },
};

static void test_what_cannot_be_had_is_said(void **state)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		autotask struct task task = { 0 };
		struct registry_options options = { .platform = str_of(refusals[i].platform) };
		struct str digest;
		struct err err = { 0 };
		int code = registry_resolve(&task, reference(&task, *state, refusals[i].reference), &options,
					    &digest, &err);

		if (code != refusals[i].code || !strstr(err.text, refusals[i].says))
			fail_msg("%s: %d %s", refusals[i].reference, code, err.text);
	}
}

static void test_the_policy_of_the_client_holds(void **state)
{
	autotask struct task task = { 0 };
	struct fetch_policy strict = { .mode = FETCH_STRICT };
	struct registry_options options = { .client = { .policy = &strict } };
	struct str digest;
	struct err err;

	assert_int_equal(
		registry_resolve(&task, reference(&task, *state, "open/app"), &options, &digest, &err),
		E_AUTH);
	assert_non_null(strstr(err.text, "disallowed by policy"));
}

static void test_a_canceled_task_asks_nothing(void **state)
{
	autotask struct task task = { 0 };
	const atomic_bool canceled = true;
	struct str digest;
	struct err err;

	task.canceled = &canceled;
	assert_int_equal(registry_resolve(&task, reference(&task, *state, "open/app"), &usual, &digest, &err),
			 E_CANCELED);
}

static int start_without_credentials(void **state)
{
	setenv("DOCKER_CONFIG", "/nowhere", 1);
	return start_server(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manifests_say_where_layers_are_in_the_end),
		cmocka_unit_test(test_a_reference_has_the_digest_of_the_image),
		cmocka_unit_test(test_layers_are_opened_when_they_are_wanted),
		cmocka_unit_test(test_what_cannot_be_had_is_said),
		cmocka_unit_test(test_the_policy_of_the_client_holds),
		cmocka_unit_test(test_a_canceled_task_asks_nothing),
	};

	return cmocka_run_group_tests(tests, start_without_credentials, stop_server);
}
