/* SPDX-License-Identifier: Apache-2.0 */
/* Fragments are kept in two halves: new ones and those used again go to the young half; when it is full the
 * old half is forgotten as a whole and the young one grows old. So memory is bounded, nothing is counted per
 * fragment, and what reports keep asking for stays. What one would get wrong: memory of a half goes away at
 * once, so readers get copies. */
#include "api/render_fragments.h"

#include "base/map.h"
#include "base/time.h"

#include <pthread.h>
#include <stdlib.h>

struct half {
	struct arena arena;
	struct map map; /* id to struct fragment */
};

struct fragments {
	pthread_mutex_t mutex;
	struct half young, old;
	uint64_t advisories, enrichments; /* generations */
	uint64_t half_bytes, used_ns;
};

struct fragments *fragments_new(uint64_t max_bytes)
{
	struct fragments *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	pthread_mutex_init(&f->mutex, NULL);
	f->half_bytes = max_bytes / 2;
	return f;
}

static void forget(struct half *h)
{
	arena_reset(&h->arena);
	h->map = (struct map){ 0 };
}

void fragments_free(struct fragments *f)
{
	if (!f)
		return;
	forget(&f->young);
	forget(&f->old);
	pthread_mutex_destroy(&f->mutex);
	free(f);
}

static struct str key_of(const struct fragment *f)
{
	return (struct str){ (const char *)&f->id, sizeof(f->id) };
}

static void copy(struct arena *a, struct fragment *to, const struct fragment *from)
{
	to->id = from->id;
	to->object = str_copy(a, from->object);
	for (int i = 0; i < ENRICHMENT_KINDS; i++)
		to->enrichments[i] = from->enrichments[i].n ? str_copy(a, from->enrichments[i])
							    : (struct str){ 0 };
}

static void put(struct fragments *f, const struct fragment *fragment)
{
	struct fragment *kept;
	struct half *h = &f->young;

	if (h->arena.used_bytes >= f->half_bytes) {
		forget(&f->old);
		f->old = f->young;
		f->young = (struct half){ 0 };
	}
	h->map.arena = &h->arena;
	f->old.map.arena = &f->old.arena;
	if (map_get(&h->map, key_of(fragment)))
		return;
	kept = ARENA_NEW(&h->arena, struct fragment);
	copy(&h->arena, kept, fragment);
	*map_put(&h->map, key_of(kept)) = kept;
}

static void get(struct fragments *f, struct arena *a, struct fragment *out)
{
	const struct fragment *found = map_get(&f->young.map, key_of(out));
	bool is_old = !found;

	if (is_old)
		found = map_get(&f->old.map, key_of(out));
	if (!found)
		return;
	copy(a, out, found);
	if (is_old)
		put(f, out);
}

void fragments_get(struct fragments *f, uint64_t advisories, uint64_t enrichments, struct arena *a,
		   struct fragment *list, size_t n)
{
	pthread_mutex_lock(&f->mutex);
	if (f->advisories != advisories || f->enrichments != enrichments) {
		forget(&f->young);
		forget(&f->old);
		f->advisories = advisories;
		f->enrichments = enrichments;
	}
	f->used_ns = time_monotonic_ns();
	for (size_t i = 0; i < n; i++)
		get(f, a, &list[i]);
	pthread_mutex_unlock(&f->mutex);
}

void fragments_put(struct fragments *f, uint64_t advisories, uint64_t enrichments,
		   const struct fragment *list, size_t n)
{
	pthread_mutex_lock(&f->mutex);
	if (f->advisories == advisories && f->enrichments == enrichments)
		for (size_t i = 0; i < n; i++)
			put(f, &list[i]);
	pthread_mutex_unlock(&f->mutex);
}

bool fragments_trim(struct fragments *f, uint64_t before_ns)
{
	bool any = false;

	pthread_mutex_lock(&f->mutex);
	if (f->used_ns < before_ns && (f->young.map.n || f->old.map.n)) {
		forget(&f->young);
		forget(&f->old);
		any = true;
	}
	pthread_mutex_unlock(&f->mutex);
	return any;
}
