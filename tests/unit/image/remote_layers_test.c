/* SPDX-License-Identifier: Apache-2.0 */
/* Layers by URI, from the server of the tests of net/. */
#include "image/remote_layers.h"

#include "base/digest.h"
#include "net/server.h"

#define HELLO "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static const struct http_client_options anywhere;

static void make(struct task *task, struct server *s, const char *path, const char *digest,
		 struct manifest *out)
{
	struct manifest_layer layer = { .hash = str_of(digest) };
	struct manifest_header h = { .name = STR("Authorization"), .n = 1 };

	h.values = ARENA_NEW(&task->arena, struct str);
	h.values[0] = STR("Bearer hush-hush");
	layer.uri = str_format(&task->arena, "http://127.0.0.1:%u%s", s->port, path);
	VEC_PUSH(&task->arena, &layer.headers, h);
	*out = (struct manifest){ .hash = str_of(digest) };
	VEC_PUSH(&task->arena, &out->layers, layer);
}

static int read_layer(struct image *image, char *text, size_t size, struct err *err)
{
	struct reader *r;
	ssize_t n, all = 0;

	TRY(image->layers.p[0].open(&image->layers.p[0], &r, err));
	while ((n = reader_read(r, text + all, size - 1 - (size_t)all, err)) > 0)
		all += n;
	text[all] = '\0';
	reader_close(r);
	return (int)n;
}

static const struct {
	const char *path, *digest;
	int code;
	const char *says;
} layers[] = {
	{ "/ok", HELLO, 0, "" },
	{ "/to/302//ok", HELLO, 0, "" },
	{ "/ok", "sha256:0000000000000000000000000000000000000000000000000000000000000000", E_FORMAT,
	  "digest is " HELLO },
	{ "/typed/text/html", HELLO, E_FORMAT, "content type text/html" },
	{ "/typed/Application/JSON;%20charset=utf-8", HELLO, E_FORMAT, "content type Application/JSON" },
	{ "/typed/text/plain", HELLO, 0, "" },
	{ "/typed/binary/octet-stream", HELLO, 0, "" },
	{ "/missing?token=hush-hush", HELLO, E_NOTFOUND, "HTTP status 404" },
	{ "/status/401", HELLO, E_AUTH, "HTTP status 401" },
};

static void test_layers_are_fetched_and_checked(void **state)
{
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		autotask struct task task = { 0 };
		struct manifest m;
		struct image image;
		struct err err = { 0 };
		char text[100];
		int code;

		make(&task, *state, layers[i].path, layers[i].digest, &m);
		assert_int_equal(image_from_manifest(&task, &m, &anywhere, &image, &err), 0);
		code = read_layer(&image, text, sizeof(text), &err);
		if (code != layers[i].code || !strstr(err.text, layers[i].says) || strstr(err.text, "hush"))
			fail_msg("%s: %d %s", layers[i].path, code, err.text);
		if (code == 0)
			assert_string_equal(text, "hello");
		image_close(&image);
	}
}

static void test_headers_are_sent_with_the_layer(void **state)
{
	autotask struct task task = { 0 };
	struct manifest m;
	struct image image;
	struct err err;
	char text[100];

	make(&task, *state, "/echo/Authorization", HELLO, &m);
	assert_int_equal(image_from_manifest(&task, &m, &anywhere, &image, &err), 0);
	assert_int_equal(read_layer(&image, text, sizeof(text), &err), E_FORMAT);
	assert_string_equal(text, "Bearer hush-hush");
}

static void test_other_uris_are_refused_without_a_secret(void **state)
{
	static const char *const uris[] = { "", "file:///etc/passwd", "ftp://u:hush@h/x?hush", "x?hush",
					    "http:///x?hush" };

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		autotask struct task task = { 0 };
		struct manifest m;
		struct image image;
		struct err err;

		make(&task, *state, "/ok", HELLO, &m);
		m.layers.p[0].uri = str_of(uris[i]);
		assert_int_equal(image_from_manifest(&task, &m, &anywhere, &image, &err), E_FORMAT);
		assert_null(strstr(err.text, "hush"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layers_are_fetched_and_checked),
		cmocka_unit_test(test_headers_are_sent_with_the_layer),
		cmocka_unit_test(test_other_uris_are_refused_without_a_secret),
	};

	return cmocka_run_group_tests(tests, start_server, stop_server);
}
