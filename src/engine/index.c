/* SPDX-License-Identifier: Apache-2.0 */
/* From an image to its index report, as a command wants it. A layer that is in the store is not read; the
 * others are scanned side by side by a pool, largest first, each in a worker process of its own. A layer that
 * fails does not stop the others: the report says so and is marked incomplete. The service's rule is another
 * one: index_manifest.c. */
#include "engine/index.h"

#include "engine/index_layers.h"
#include "model/defence.h"

struct str engine_index_state(struct arena *a)
{
	struct buffer b = { .arena = a };

	put_bytes(&b, STR("engine " ENGINE_VERSION));
	for (int i = 0; scanner_ids[i].name; i++)
		put_bytes(&b, str_format(a, ", %s %s", scanner_ids[i].name, scanner_ids[i].version));
	return buffer_str(&b);
}

struct teller {
	const struct index_options *options;
	size_t count;
};

static void tell(void *ctx, const struct layer_ask *ask, bool done)
{
	const struct teller *t = ctx;

	t->options->progress(t->options->progress_ctx, ((const struct index_layer *)ask)->position, t->count,
			     done);
}

static int scan_with(struct layer_pool *pool, struct index_layers *x, const struct index_options *options,
		     struct err *err)
{
	struct teller teller = { options, x->image->layers.n };
	struct layer_asking asking = {
		.terms = x->terms,
		.asks = x->asks,
		.count = x->ask_count,
		.progress = options->progress ? tell : NULL,
		.ctx = &teller,
	};

	return layer_pool_scan(pool, x->task, &asking, err);
}

static int scan(struct index_layers *x, const struct index_options *options, struct err *err)
{
	size_t jobs = options->jobs ? options->jobs : layer_pool_cores();
	const struct layer_pool_options own = {
		.sandbox = options->sandbox,
		.log = options->log,
		.threads = (unsigned)(jobs < x->ask_count ? jobs : x->ask_count),
		.memory_bytes = options->memory_bytes,
	};
	autopool struct layer_pool *pool = NULL;

	if (!x->ask_count)
		return 0;
	if (options->pool)
		return scan_with(options->pool, x, options, err);
	TRY(layer_pool_open(&own, &pool, err));
	return scan_with(pool, x, options, err);
}

/* What the kernel lacks is worth one line, not one a layer. */
static void tell_defences(const struct index_layers *x, const struct log *log)
{
	unsigned lacking = 0;

	for (size_t i = 0; i < x->ask_count; i++)
		if (x->asks[i]->was_scanned)
			lacking |= DEFENCE_REQUIRED & ~x->asks[i]->defences;
	if (lacking)
		log_line(log, LOG_WARNING,
			 "layers were scanned without %s; `clair version --security` says more",
			 defence_names(&x->task->arena, lacking).p);
}

/* Every layer failing is the whole scan's failure. */
static int check_failures(struct index_layers *x, struct err *err)
{
	const struct layer_ask *first = NULL;
	size_t failed = 0;

	for (size_t i = 0; i < x->count; i++) {
		struct layer_ask *ask = &x->list[i].ask;

		if (!ask->error.code)
			continue;
		if (ask->was_recalled)
			err_wrap(&ask->error, "failed before (--retry tries again)");
		first = first ? first : ask;
		failed++;
	}
	if (!failed || failed < x->count)
		return 0;
	*err = first->error;
	return err_wrap(err, "layer " STR_FMT, STR_ARG(first->layer->digest));
}

static int index_layers(struct index_layers *x, const struct index_options *options, struct index_report *out,
			struct err *err)
{
	struct err ignored = { 0 };

	TRY(index_layers_list(x, err));
	TRY(scan(x, options, err));
	tell_defences(x, options->log);
	TRY(check_failures(x, err));
	TRY(index_layers_coalesce(x, x->task, out, err));
	if (!out->is_incomplete &&
	    index_put_report(x->terms.store, out, engine_index_state(&x->task->arena), &ignored) < 0)
		log_line(options->log, LOG_WARNING, "the index report is not remembered: %s", ignored.text);
	return 0;
}

int engine_index(struct task *task, struct index_store *store, const struct image *image,
		 const struct index_options *options, struct index_report *out, struct err *err)
{
	struct index_layers x = {
		.task = task,
		.image = image,
		.terms = { .store = store,
			   .seconds = options->layer_seconds,
			   .max_inflated_bytes = options->max_inflated_bytes,
			   .with_findings = true,
			   .rescan = options->refresh,
			   .retry = options->retry },
	};
	struct str *digests = ARENA_ARRAY(&task->arena, struct str, image->layers.n);
	int known = 0;

	for (size_t i = 0; i < image->layers.n; i++)
		digests[i] = image->layers.p[i].digest;
	if (!options->refresh)
		known = index_get_report(store, task, image->manifest_hash, engine_index_state(&task->arena),
					 digests, image->layers.n, out, err);
	if (known != 0)
		return known < 0 ? known : 0;
	return index_layers(&x, options, out, err);
}
