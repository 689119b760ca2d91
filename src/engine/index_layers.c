/* SPDX-License-Identifier: Apache-2.0 */
/* The distinct layers of an image: listed with what the store knows of them, and put together again when all
 * are scanned. The same layer may stand in an image several times; it is asked for once. */
#include "engine/index_layers.h"

#include "base/map.h"
#include "engine/coalesce.h"

#include <stdlib.h>

static int add_layer(struct index_layers *x, size_t position, struct err *err)
{
	struct index_layer *l = &x->list[x->count++];

	l->position = position;
	l->ask.layer = &x->image->layers.p[position];
	l->ask.wanted = layer_all_scanners();
	if (x->terms.with_findings)
		l->ask.scans = ARENA_ARRAY(&x->task->arena, struct layer_scan, layer_scanner_count());
	TRY(task_check(x->task, err));
	return x->terms.rescan ? 0 : layer_recall(x->task, &x->terms, &l->ask, err);
}

static int larger_first(const void *a, const void *b)
{
	const struct index_layer *l = *(struct index_layer *const *)a, *m = *(struct index_layer *const *)b;
	uint64_t i = l->ask.layer->size_bytes, j = m->ask.layer->size_bytes;

	if (i != j)
		return i < j ? 1 : -1;
	return (l->position > m->position) - (l->position < m->position);
}

int index_layers_list(struct index_layers *x, struct err *err)
{
	struct arena *a = &x->task->arena;
	size_t n = x->image->layers.n;
	struct map seen = { .arena = a };

	x->list = ARENA_ARRAY(a, struct index_layer, n);
	x->of = ARENA_ARRAY(a, uint32_t, n);
	x->asks = ARENA_ARRAY(a, struct layer_ask *, n);
	x->count = x->ask_count = 0;
	for (size_t i = 0; i < n; i++) {
		void **slot = map_put(&seen, x->image->layers.p[i].digest);

		if (!*slot) {
			TRY(add_layer(x, i, err));
			*slot = (void *)(uintptr_t)x->count;
		}
		x->of[i] = (uint32_t)((uintptr_t)*slot - 1);
	}
	for (size_t i = 0; i < x->count; i++)
		if (x->list[i].ask.wanted && !x->list[i].ask.error.code)
			x->asks[x->ask_count++] = &x->list[i].ask;
	if (x->ask_count)
		qsort(x->asks, x->ask_count, sizeof(x->asks[0]), larger_first);
	return 0;
}

/* Findings from memory, or from the store. Returns 1, or 0 when the store has not all of them. */
static int scans_of(const struct index_layers *x, const struct index_layer *l, struct task *work,
		    struct layer_scan **out, struct err *err)
{
	uint64_t known = 0;

	*out = l->ask.scans;
	if (*out)
		return 1;
	*out = ARENA_ARRAY(&work->arena, struct layer_scan, layer_scanner_count());
	TRY(index_get_layer(x->terms.store, work, l->ask.layer->digest, layer_all_scanners(), false, *out,
			    &known, err));
	return known == layer_all_scanners();
}

static int decode(const struct index_layers *x, const struct index_layer *l, struct task *work,
		  const struct findings **by_scanner, struct err *err)
{
	struct layer_scan *scans;
	int got = scans_of(x, l, work, &scans, err);

	for (size_t s = 0; got > 0 && s < layer_scanner_count(); s++) {
		struct findings *f = ARENA_NEW(&work->arena, struct findings);

		f->arena = &work->arena;
		if (scans[s].findings.n == 0)
			continue;
		if (findings_decode(work, scans[s].findings, (int)s, f, err) < 0)
			return err_wrap(err, "layer " STR_FMT ", scanner %s", STR_ARG(l->ask.layer->digest),
					scanner_ids[s].name);
		by_scanner[s] = f;
	}
	return got;
}

int index_layers_coalesce(struct index_layers *x, struct task *work, struct index_report *out,
			  struct err *err)
{
	struct arena *a = &work->arena;
	size_t n = x->image->layers.n;
	struct layer_findings *distinct = ARENA_ARRAY(a, struct layer_findings, x->count);
	struct layer_findings *layers = ARENA_ARRAY(a, struct layer_findings, n);

	for (size_t i = 0; i < x->count; i++) {
		const struct index_layer *l = &x->list[i];
		const struct findings **by_scanner = ARENA_ARRAY(a, const struct findings *,
								 layer_scanner_count());
		int got = l->ask.error.code ? 1 : decode(x, l, work, by_scanner, err);

		if (got <= 0)
			return got;
		distinct[i] = (struct layer_findings){ .digest = l->ask.layer->digest };
		if (l->ask.error.code)
			distinct[i].problem = str_copy(a, str_of(l->ask.error.text));
		else
			distinct[i].by_scanner = by_scanner;
	}
	for (size_t i = 0; i < n; i++)
		layers[i] = distinct[x->of[i]];
	TRY(engine_coalesce(work, x->image->manifest_hash, layers, n, out, err));
	return 1;
}
