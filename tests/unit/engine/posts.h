/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_POSTS_H
#define ENGINE_POSTS_H

/* Manifests that are posted to a real store with real workers; only the network is made up. For one source
 * file of a program. */

#include "layers.h"

#include "engine/index.h"
#include "engine/index_manifest.h"

#include <pthread.h>

enum { MAX_LAYERS = 64 };

struct fixture {
	struct http_client_options client; /* must be first: how image_from_manifest finds the rest */
	char dir[64];
	struct task task;
	struct log log;
	struct sandbox sandbox;
	struct index_store *store;
	struct layer_pool *pool;
	struct index_service service;
	struct made_layer layers[MAX_LAYERS];
	size_t layer_count;
};

/* ---- the network ---- */

/* Takes the place of image/remote_layers.c. The end of an address says what comes of fetching it. */
int image_from_manifest(struct task *task, const struct manifest *manifest,
			const struct http_client_options *client, struct image *out, struct err *err)
{
	struct fixture *f = (struct fixture *)client;

	out->manifest_hash = manifest->hash;
	VEC_EACH (const struct manifest_layer, l, &manifest->layers) {
		struct made_source *source = ARENA_NEW(&task->arena, struct made_source);
		size_t i = 0;

		if (!str_starts(l->uri, STR("http")))
			return err_set(err, E_FORMAT, "no http");
		while (i < f->layer_count && !str_eq(f->layers[i].digest, l->hash))
			i++;
		assert_true(i < f->layer_count);
		made_source_open(source, &f->layers[i]);
		source->task = task;
		source->layer.size_bytes = UINT64_MAX;
		if (str_ends(l->uri, STR("denied")))
			source->open_error = E_AUTH;
		if (str_ends(l->uri, STR("missing")))
			source->open_error = E_NOTFOUND;
		if (str_ends(l->uri, STR("slow-once")) && atomic_load(&f->layers[i].opens) == 0)
			source->read_error = E_TIMEOUT;
		if (str_ends(l->uri, STR("other")))
			source->other_bytes = STR("something else");
		VEC_PUSH(&task->arena, &out->layers, source->layer);
	}
	return 0;
}

/* ---- fixture ---- */

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct layer_pool_options options = { .sandbox = &f->sandbox, .log = &f->log, .threads = 2 };
	struct err err = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/clair-manifest-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->log.level = -1;
	f->sandbox.worker_path = test_worker(&f->task.arena);
	assert_int_equal(index_store_open(str_of(f->dir), &f->store, &err), 0);
	assert_int_equal(layer_pool_open(&options, &f->pool, &err), 0);
	f->service = (struct index_service){
		.store = f->store,
		.layers = f->pool,
		.client = &f->client,
		.log = &f->log,
	};
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	layer_pool_close(f->pool);
	index_store_close(f->store);
	task_close(&f->task);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static inline struct made_layer *add_layer(struct fixture *f, unsigned number)
{
	struct made_layer *l = &f->layers[f->layer_count++];

	make_layer(&f->task.arena, number, l);
	return l;
}

static inline struct made_layer *add_broken(struct fixture *f)
{
	struct made_layer *l = &f->layers[f->layer_count++];
	char digest[72];

	*l = (struct made_layer){ .bytes = STR("\x1f\x8b\x08 this is no gzip stream, whatever it says") };
	l->digest = str_copy(&f->task.arena, str_of(digest_of(l->bytes, digest)));
	return l;
}

static inline struct manifest manifest_of(struct fixture *f, const char *hash)
{
	(void)f;
	return (struct manifest){ .hash = str_of(hash) };
}

static inline void put_layer(struct fixture *f, struct manifest *m, const struct made_layer *l,
			     const char *uri)
{
	struct manifest_layer layer = { .hash = l->digest, .uri = str_of(uri) };

	VEC_PUSH(&f->task.arena, &m->layers, layer);
}

static inline struct manifest_status status_of(struct fixture *f, const char *hash)
{
	struct manifest_status status = { 0 };
	struct err err = { 0 };

	assert_true(manifest_get(f->store, &f->task, str_of(hash), true, &status, &err) >= 0);
	return status;
}

static inline uint64_t jobs_running(struct fixture *f)
{
	struct err err = { 0 };
	uint64_t n = 99;

	assert_int_equal(index_jobs_running(f->store, &n, &err), 0);
	return n;
}

static inline int opens(const struct made_layer *l)
{
	return atomic_load(&((struct made_layer *)l)->opens);
}

#define OK "https://registry.example/blob"

/* A poster on a thread of its own. */
struct poster {
	struct fixture *f;
	pthread_t thread;
	struct task task;
	atomic_bool canceled, has_ended;
	struct manifest manifest;
	struct index_outcome outcome;
	int result;
	struct err err;
};

static inline void *post(void *arg)
{
	struct poster *p = arg;

	p->task.canceled = &p->canceled;
	p->result = engine_index_manifest(&p->task, &p->f->service, &p->manifest, &p->outcome, &p->err);
	atomic_store(&p->has_ended, true);
	return NULL;
}

static inline void poster_start(struct poster *p, struct fixture *f, struct manifest m)
{
	*p = (struct poster){ .f = f, .manifest = m };
	assert_int_equal(pthread_create(&p->thread, NULL, post, p), 0);
}

static inline void poster_end(struct poster *p)
{
	pthread_join(p->thread, NULL);
}

static inline int post_now(struct fixture *f, struct manifest m, struct index_outcome *out, struct err *err)
{
	*err = (struct err){ 0 };
	return engine_index_manifest(&f->task, &f->service, &m, out, err);
}

static inline bool is_running(void *ctx)
{
	struct layer_pool_stats s;

	layer_pool_stats(((struct fixture *)ctx)->pool, &s);
	return s.running > 0;
}

static inline bool shares(void *ctx)
{
	struct layer_pool_stats s;

	layer_pool_stats(((struct fixture *)ctx)->pool, &s);
	return s.shared > 0;
}

static inline void assert_says(const char *text, const char *start)
{
	if (strncmp(text, start, strlen(start)) != 0)
		fail_msg("\"%s\" does not start with \"%s\"", text, start);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
