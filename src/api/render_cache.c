/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps renderings: a table, a list by last use, one mutex, and a thread that drops what nobody asked for in
 * a minute, so that an idle service is small. What one would get wrong: an entry may leave the table
 * (evicted, outdated) while answers are still being sent from it; only the last reference frees it. */
#include "api/render_cache.h"

#include "base/time.h"

#include <assert.h>
#include <malloc.h>
#include <stdlib.h>
#include <time.h>

#define CACHE_BYTES (16u << 20)
#define FRAGMENT_BYTES (16u << 20) /* the affected advisories of one Debian release have some 15 MB */

static struct rendering_ **bucket_of(struct render_cache *c, const struct render_key *key)
{
	return &c->buckets[(str_hash(key->manifest_hash) ^ key->revision) % RENDER_BUCKETS];
}

static bool key_eq(const struct render_key *a, const struct render_key *b)
{
	return a->revision == b->revision && a->advisories == b->advisories &&
	       a->enrichments == b->enrichments && str_eq(a->manifest_hash, b->manifest_hash);
}

/* ---- entries; all under the mutex ---- */

static void release(struct rendering_ *r)
{
	assert(r->references > 0);
	if (--r->references)
		return;
	free((char *)(uintptr_t)r->facts.json.p);
	free((char *)(uintptr_t)r->facts.gzip.p);
	free(r);
}

static void count(struct render_cache *c, struct rendering_ *r, size_t bytes)
{
	if (!r->is_listed)
		return;
	r->bytes += bytes;
	c->bytes += bytes;
}

static void unlink_use(struct render_cache *c, struct rendering_ *r)
{
	*(r->newer ? &r->newer->older : &c->newest) = r->older;
	*(r->older ? &r->older->newer : &c->oldest) = r->newer;
	r->newer = r->older = NULL;
}

static void link_newest(struct render_cache *c, struct rendering_ *r)
{
	r->used_ns = time_monotonic_ns();
	r->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = r;
	c->newest = r;
}

static void unlist(struct render_cache *c, struct rendering_ *r)
{
	struct rendering_ **at = bucket_of(c, &r->key);

	if (!r->is_listed)
		return;
	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	unlink_use(c, r);
	r->is_listed = false;
	c->bytes -= r->bytes;
	release(r);
}

static void list(struct render_cache *c, struct rendering_ *r)
{
	struct rendering_ **at = bucket_of(c, &r->key);

	r->next = *at;
	*at = r;
	link_newest(c, r);
	r->is_listed = true;
	r->references++;
	count(c, r, sizeof(*r) + r->key.manifest_hash.n);
}

static struct rendering_ *find(struct render_cache *c, const struct render_key *key)
{
	struct rendering_ *r = *bucket_of(c, key);

	while (r && !key_eq(&r->key, key))
		r = r->next;
	if (r && r->state == RENDER_READY && time_monotonic_ns() - r->made_ns > RENDER_AGE_NS) {
		unlist(c, r);
		return NULL;
	}
	return r;
}

static struct rendering_ *new_entry(const struct render_key *key)
{
	struct rendering_ *r = calloc(1, sizeof(*r) + key->manifest_hash.n);

	if (!r)
		abort();
	r->key = *key;
	if (key->manifest_hash.n)
		memcpy(r->hash, key->manifest_hash.p, key->manifest_hash.n);
	r->key.manifest_hash.p = r->hash;
	r->references = 1;
	return r;
}

/* Least recently used first; what is being made stays. */
static void evict(struct render_cache *c)
{
	struct rendering_ *r = c->oldest, *newer;

	for (; r && c->bytes > c->options.cache_bytes; r = newer) {
		newer = r->newer;
		if (r->state == RENDER_READY)
			unlist(c, r);
	}
}

/* Nobody asks for a generation that has passed. */
static void drop_outdated(struct render_cache *c, const struct render_key *key)
{
	struct rendering_ *r = c->oldest, *newer;

	if (key->advisories == c->advisories && key->enrichments == c->enrichments)
		return;
	c->advisories = key->advisories;
	c->enrichments = key->enrichments;
	for (; r; r = newer) {
		newer = r->newer;
		if (r->key.advisories != key->advisories || r->key.enrichments != key->enrichments)
			unlist(c, r);
	}
}

/* Wait for a change, at most a moment: deadlines and cancellation have no signal of their own. */
static int wait_change(struct render_cache *c, const struct task *task, struct err *err)
{
	struct timespec until;

	TRY(task_check(task, err));
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += 100 * 1000 * 1000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_cond_timedwait(&c->changed, &c->mutex, &until);
	return 0;
}

/* ---- taking and giving ---- */

/* 1 ready, 0 its maker gave up, or an error. r is held. */
static int wait_made(struct render_cache *c, const struct task *task, struct rendering_ *r, struct err *err)
{
	while (r->state == RENDER_MAKING)
		TRY(wait_change(c, task, err));
	if (r->state == RENDER_READY)
		return 1;
	if (r->error.code == E_CANCELED || r->error.code == E_TIMEOUT)
		return 0;
	*err = r->error;
	return err->code;
}

static int take(struct render_cache *c, const struct task *task, const struct render_key *key,
		struct rendering_ **out, struct err *err)
{
	struct rendering_ *r;
	int made = 0;

	drop_outdated(c, key);
	while (key->revision && (r = find(c, key))) {
		r->references++;
		made = wait_made(c, task, r, err);
		if (made > 0) {
			if (r->is_listed) {
				unlink_use(c, r);
				link_newest(c, r);
			}
			c->hits++;
			*out = r;
			return 1;
		}
		release(r);
		TRY(made);
	}
	*out = r = new_entry(key);
	if (key->revision)
		list(c, r);
	c->misses++;
	return 0;
}

int render_cache_take(struct render_cache *c, struct task *task, const struct render_key *key,
		      struct rendering_ **out, struct err *err)
{
	int result;

	pthread_mutex_lock(&c->mutex);
	result = take(c, task, key, out, err);
	pthread_mutex_unlock(&c->mutex);
	return result;
}

void render_cache_finish(struct render_cache *c, struct rendering_ *r, bool keep, const struct err *error)
{
	pthread_mutex_lock(&c->mutex);
	r->made_ns = time_monotonic_ns();
	count(c, r, r->facts.json.n);
	r->state = error ? RENDER_FAILED : RENDER_READY;
	if (error)
		r->error = *error;
	if (error || !keep)
		unlist(c, r);
	evict(c);
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->mutex);
}

int render_cache_gzip(struct render_cache *c, struct task *task, struct rendering_ *r, struct err *err)
{
	int result = 0;

	pthread_mutex_lock(&c->mutex);
	while (r->is_compressing && result == 0)
		result = wait_change(c, task, err);
	if (result == 0) {
		result = r->facts.gzip.n > 0;
		r->is_compressing = !result;
	}
	pthread_mutex_unlock(&c->mutex);
	return result;
}

void render_cache_add_gzip(struct render_cache *c, struct rendering_ *r, struct str gzip)
{
	pthread_mutex_lock(&c->mutex);
	r->facts.gzip = gzip;
	r->is_compressing = false;
	count(c, r, gzip.n);
	evict(c);
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->mutex);
}

struct rendering render_cache_facts(struct render_cache *c, const struct rendering_ *r)
{
	struct rendering facts;

	pthread_mutex_lock(&c->mutex);
	facts = r->facts;
	pthread_mutex_unlock(&c->mutex);
	return facts;
}

void render_cache_drop(struct render_cache *c, struct rendering_ *r)
{
	pthread_mutex_lock(&c->mutex);
	release(r);
	pthread_mutex_unlock(&c->mutex);
}

/* ---- the cache ---- */

static bool drop_idle(struct render_cache *c)
{
	uint64_t now = time_monotonic_ns();
	bool any = now > RENDER_IDLE_NS && fragments_trim(c->fragments, now - RENDER_IDLE_NS);

	while (c->oldest && c->oldest->state == RENDER_READY && now - c->oldest->used_ns > RENDER_IDLE_NS) {
		unlist(c, c->oldest);
		any = true;
	}
	return any;
}

static void *keep_clean(void *ctx)
{
	struct render_cache *c = ctx;
	struct timespec until;

	pthread_mutex_lock(&c->mutex);
	while (!c->is_closing) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += 15;
		if (pthread_cond_timedwait(&c->closing, &c->mutex, &until) == 0 || !drop_idle(c))
			continue;
		pthread_mutex_unlock(&c->mutex);
		malloc_trim(0);
		pthread_mutex_lock(&c->mutex);
	}
	pthread_mutex_unlock(&c->mutex);
	return NULL;
}

static void copy_options(struct render_cache *c, const struct render_options *options)
{
	struct str *names = ARENA_ARRAY(&c->arena, struct str, options->matcher_count);

	for (size_t i = 0; i < options->matcher_count; i++)
		names[i] = str_copy(&c->arena, options->matchers[i]);
	c->options = *options;
	c->options.matchers = names;
	if (!c->options.cache_bytes)
		c->options.cache_bytes = CACHE_BYTES;
}

static void release_cache(struct render_cache *c)
{
	fragments_free(c->fragments);
	pthread_cond_destroy(&c->changed);
	pthread_cond_destroy(&c->closing);
	pthread_mutex_destroy(&c->mutex);
	arena_reset(&c->arena);
	free(c);
}

int render_cache_open(const struct render_options *options, struct render_cache **out, struct err *err)
{
	struct render_cache *c = calloc(1, sizeof(*c));
	pthread_condattr_t monotonic;

	if (!c)
		abort();
	copy_options(c, options);
	c->fragments = fragments_new(FRAGMENT_BYTES);
	pthread_mutex_init(&c->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&c->changed, &monotonic);
	pthread_cond_init(&c->closing, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&c->janitor, NULL, keep_clean, c) != 0) {
		release_cache(c);
		return err_set(err, E_IO, "cannot start a thread for the cache of reports");
	}
	*out = c;
	return 0;
}

void render_cache_close(struct render_cache *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->mutex);
	c->is_closing = true;
	pthread_cond_signal(&c->closing);
	pthread_mutex_unlock(&c->mutex);
	pthread_join(c->janitor, NULL);
	while (c->oldest)
		unlist(c, c->oldest);
	release_cache(c);
}

void render_cache_stats(struct render_cache *c, struct render_stats *out)
{
	pthread_mutex_lock(&c->mutex);
	*out = (struct render_stats){ c->hits, c->misses, c->bytes };
	pthread_mutex_unlock(&c->mutex);
}
