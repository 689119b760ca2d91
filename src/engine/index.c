/* SPDX-License-Identifier: Apache-2.0 */
/* From an image to its index report. A layer that is in the store is not read; the others are scanned side by
 * side, largest first, each in a worker process of its own and on a thread of its own that waits for it. A
 * layer that fails does not stop the others: the report says so and is marked incomplete. */
#include "engine/index.h"

#include "base/inflate.h"
#include "base/limits.h"
#include "base/map.h"
#include "engine/coalesce.h"
#include "model/defence.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_INDEX_THREADS = 64 };

/* One distinct layer of the image. */
struct layer_job {
	const struct image_layer *layer;
	size_t position; /* of its first occurrence, for progress */
	struct task task; /* owns what the scan returns; lives until the report is made */
	uint64_t known, wanted; /* scanner sets */
	struct layer_scan *scans; /* by scanner: from the store or from the worker */
	const struct findings **by_scanner;
	unsigned defences; /* that held its worker */
	bool is_own_fault; /* the error is the layer's, and the bytes were the right ones */
	struct err error; /* code 0: scanned or known */
};

struct indexing {
	struct task *task;
	struct index_store *store;
	const struct image *image;
	const struct index_options *options;
	struct layer_job *jobs;
	size_t job_count;
	struct layer_job **queue; /* jobs with work, largest first */
	size_t queue_count, next;
	uint64_t memory_left;
	pthread_mutex_t lock; /* guards next, memory_left, the store's writes and progress */
	pthread_cond_t memory_freed;
};

static uint64_t all_scanners(void)
{
	uint64_t set = 0;

	for (int i = 0; scanner_ids[i].name; i++)
		set |= 1ull << i;
	return set;
}

static size_t scanner_count(void)
{
	return (size_t)__builtin_popcountll(all_scanners());
}

struct str engine_index_state(struct arena *a)
{
	struct buffer b = { .arena = a };

	put_bytes(&b, STR("engine " ENGINE_VERSION));
	for (int i = 0; scanner_ids[i].name; i++)
		put_bytes(&b, str_format(a, ", %s %s", scanner_ids[i].name, scanner_ids[i].version));
	return buffer_str(&b);
}

/* A layer that failed before is not tried again by the same engine. */
static int recall_failure(struct indexing *x, struct layer_job *job, struct err *err)
{
	int failed = index_get_failure(x->store, job->layer->digest, &job->error, err);

	TRY(failed);
	if (failed) {
		job->wanted = 0;
		err_wrap(&job->error, "failed before (--retry tries again)");
	}
	return 0;
}

static void store_failure(struct indexing *x, const struct layer_job *job)
{
	struct err ignored = { 0 };
	struct err check = { 0 };

	if (!job->is_own_fault || task_check(x->task, &check) < 0)
		return;
	if (index_put_failure(x->store, job->layer->digest, &job->error, &ignored) < 0)
		log_line(x->options->log, LOG_DEBUG, "the failure of layer " STR_FMT " is not remembered: %s",
			 STR_ARG(job->layer->digest), ignored.text);
}

/* The distinct layers of the image, with what the store knows of them. */
static int list_jobs(struct indexing *x, struct err *err)
{
	struct arena *a = &x->task->arena;
	struct map seen = { .arena = a };

	x->jobs = ARENA_ARRAY(a, struct layer_job, x->image->layers.n);
	for (size_t i = 0; i < x->image->layers.n; i++) {
		const struct image_layer *layer = &x->image->layers.p[i];
		void **slot = map_put(&seen, layer->digest);
		struct layer_job *job = &x->jobs[x->job_count];

		if (*slot)
			continue;
		*slot = job;
		*job = (struct layer_job){ .layer = layer, .position = i, .wanted = all_scanners() };
		job->task.canceled = x->task->canceled;
		job->task.deadline_ns = x->task->deadline_ns;
		job->scans = ARENA_ARRAY(a, struct layer_scan, scanner_count());
		x->job_count++;
		if (x->options->refresh)
			continue; /* and what failed is tried again */
		TRY(index_get_layer(x->store, x->task, layer->digest, job->wanted, false, job->scans,
				    &job->known, err));
		job->wanted &= ~job->known;
		if (job->wanted && !x->options->retry)
			TRY(recall_failure(x, job, err));
	}
	return 0;
}

static int larger_first(const void *a, const void *b)
{
	uint64_t m = (*(struct layer_job *const *)a)->layer->size_bytes;
	uint64_t n = (*(struct layer_job *const *)b)->layer->size_bytes;

	return (m < n) - (m > n);
}

static void make_queue(struct indexing *x)
{
	x->queue = ARENA_ARRAY(&x->task->arena, struct layer_job *, x->job_count);
	for (size_t i = 0; i < x->job_count; i++)
		if (x->jobs[i].wanted)
			x->queue[x->queue_count++] = &x->jobs[i];
	if (x->queue_count)
		qsort(x->queue, x->queue_count, sizeof(x->queue[0]), larger_first);
}

/* A layer as the sandbox wants it. */
struct layer_source {
	struct sandbox_source source;
	const struct image_layer *layer;
};

static int open_layer(struct sandbox_source *s, const struct str *names, size_t n, bool is_second,
		      struct reader **out, struct err *err)
{
	const struct image_layer *layer = ((struct layer_source *)s)->layer;

	if (is_second && layer->open_names)
		return layer->open_names(layer, names, n, out, err);
	return layer->open(layer, out, err);
}

/* Bytes that a worker may need for this layer: what every worker may use, and the window that the stream asks
 * for. */
static uint64_t memory_for(const struct image_layer *layer)
{
	struct err ignored;
	struct reader *r;
	char head[64];
	ssize_t n;

	if (layer->is_heads_first || layer->open(layer, &r, &ignored) < 0)
		return WORKER_MEMORY_BYTES;
	n = reader_read(r, head, sizeof(head), &ignored);
	reader_close(r);
	return WORKER_MEMORY_BYTES + (n > 0 ? inflate_memory((struct str){ head, (size_t)n }) : 0);
}

static int check_diff_id(const struct image_layer *layer, const struct sandbox_result *result,
			 struct err *err)
{
	if (layer->verify_diff_id && !str_eq(layer->diff_id, result->diff_id))
		return err_set(err, E_FORMAT, "its tar is " STR_FMT ", the image's config says " STR_FMT,
			       STR_ARG(result->diff_id), STR_ARG(layer->diff_id));
	return 0;
}

/* Broken, too large or deadly whoever tries: not trouble of the moment, nor of the limits asked for this
 * time. */
static bool is_own_fault(const struct indexing *x, int code)
{
	return code == E_FORMAT || (code == E_LIMIT && !x->options->max_inflated_bytes);
}

static int scan_job(struct indexing *x, struct layer_job *job, struct err *err)
{
	struct layer_source source = {
		.source = { .open = open_layer, .is_heads_first = job->layer->is_heads_first },
		.layer = job->layer,
	};
	struct sandbox_job what = {
		.scanner_set = job->wanted,
		.want_diff_id = job->layer->verify_diff_id,
		.max_inflated_bytes = x->options->max_inflated_bytes,
		.seconds = x->options->layer_seconds,
	};
	struct sandbox_result result = { 0 };

	if (sandbox_scan_layer(&job->task, x->options->sandbox, &source.source, &what, &result, err) < 0) {
		job->is_own_fault = is_own_fault(x, err->code) && source.source.is_verified;
		return err->code;
	}
	TRY(check_diff_id(job->layer, &result, err));
	job->defences = result.defences;
	for (size_t i = 0; i < result.scans.n; i++) {
		int s = result.scans.p[i].scanner;

		job->scans[s] = (struct layer_scan){ &scanner_ids[s], result.scans.p[i].findings,
						     result.scans.p[i].owned };
	}
	return 0;
}

/* Store what was scanned. A store that cannot be written costs the next scan time, not this one its result.
 */
static void store_job(struct indexing *x, struct layer_job *job)
{
	struct layer_scan *fresh = ARENA_ARRAY(&job->task.arena, struct layer_scan, scanner_count());
	struct err err = { 0 };
	size_t n = 0;

	for (size_t s = 0; s < scanner_count(); s++)
		if (job->wanted >> s & 1)
			fresh[n++] = job->scans[s];
	if (index_put_layer(x->store, job->layer->digest, job->layer->size_bytes, fresh, n, &err) < 0)
		log_line(x->options->log, LOG_WARNING, "layer " STR_FMT " is not remembered: %s",
			 STR_ARG(job->layer->digest), err.text);
}

static void tell(struct indexing *x, const struct layer_job *job, bool done)
{
	if (x->options->progress)
		x->options->progress(x->options->progress_ctx, job->position, x->image->layers.n, done);
}

/* The next layer to scan, once there is memory for it; NULL when all are taken. A layer that needs more than
 * there is in all runs alone. */
static struct layer_job *take_job(struct indexing *x, uint64_t budget, uint64_t *memory)
{
	struct layer_job *job;

	pthread_mutex_lock(&x->lock);
	job = x->next < x->queue_count ? x->queue[x->next++] : NULL;
	pthread_mutex_unlock(&x->lock);
	if (!job)
		return NULL;
	*memory = memory_for(job->layer);
	if (*memory > budget)
		*memory = budget;
	pthread_mutex_lock(&x->lock);
	while (x->memory_left < *memory)
		pthread_cond_wait(&x->memory_freed, &x->lock);
	x->memory_left -= *memory;
	tell(x, job, false);
	pthread_mutex_unlock(&x->lock);
	return job;
}

static uint64_t memory_budget(const struct indexing *x)
{
	return x->options->memory_bytes ? x->options->memory_bytes : INDEX_MEMORY_BYTES;
}

static void *run(void *arg)
{
	struct indexing *x = arg;
	struct layer_job *job;
	uint64_t memory;

	while ((job = take_job(x, memory_budget(x), &memory))) {
		bool failed = scan_job(x, job, &job->error) < 0;

		pthread_mutex_lock(&x->lock);
		if (failed)
			store_failure(x, job);
		else
			store_job(x, job);
		x->memory_left += memory;
		pthread_cond_broadcast(&x->memory_freed);
		tell(x, job, true);
		pthread_mutex_unlock(&x->lock);
	}
	return NULL;
}

static unsigned thread_count(const struct indexing *x)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = x->options->jobs ? x->options->jobs : (unsigned)(cores > 0 ? cores : 1);

	if (n > x->queue_count)
		n = (unsigned)x->queue_count;
	return n > MAX_INDEX_THREADS ? MAX_INDEX_THREADS : n;
}

static void scan_queue(struct indexing *x)
{
	pthread_t threads[MAX_INDEX_THREADS];
	unsigned started = 0, n = thread_count(x);

	x->memory_left = memory_budget(x);
	pthread_mutex_init(&x->lock, NULL);
	pthread_cond_init(&x->memory_freed, NULL);
	while (started + 1 < n && pthread_create(&threads[started], NULL, run, x) == 0)
		started++;
	if (n)
		run(x);
	while (started)
		pthread_join(threads[--started], NULL);
	pthread_cond_destroy(&x->memory_freed);
	pthread_mutex_destroy(&x->lock);
}

static int decode_job(struct indexing *x, struct layer_job *job, struct err *err)
{
	struct arena *a = &x->task->arena;

	job->by_scanner = ARENA_ARRAY(a, const struct findings *, scanner_count());
	for (size_t s = 0; s < scanner_count(); s++) {
		struct findings *f = ARENA_NEW(a, struct findings);

		f->arena = a;
		if (job->scans[s].findings.n == 0)
			continue;
		if (findings_decode(x->task, job->scans[s].findings, (int)s, f, err) < 0)
			return err_wrap(err, "layer " STR_FMT ", scanner %s", STR_ARG(job->layer->digest),
					scanner_ids[s].name);
		job->by_scanner[s] = f;
	}
	return 0;
}

static struct layer_job *job_of(struct indexing *x, struct str digest)
{
	for (size_t i = 0; i < x->job_count; i++)
		if (str_eq(x->jobs[i].layer->digest, digest))
			return &x->jobs[i];
	return NULL;
}

/* Cancellation and deadline are the whole scan's, and so is every layer failing. */
static int check_failures(struct indexing *x, struct err *err)
{
	size_t failed = 0;
	const struct layer_job *first = NULL;

	TRY(task_check(x->task, err));
	for (size_t i = 0; i < x->job_count; i++) {
		if (!x->jobs[i].error.code)
			continue;
		first = first ? first : &x->jobs[i];
		failed++;
	}
	if (!failed || failed < x->job_count)
		return 0;
	*err = first->error;
	return err_wrap(err, "layer " STR_FMT, STR_ARG(first->layer->digest));
}

static int coalesce(struct indexing *x, struct index_report *out, struct err *err)
{
	size_t n = x->image->layers.n;
	struct layer_findings *layers = ARENA_ARRAY(&x->task->arena, struct layer_findings, n);

	for (size_t i = 0; i < x->job_count; i++)
		if (!x->jobs[i].error.code)
			TRY(decode_job(x, &x->jobs[i], err));
	for (size_t i = 0; i < n; i++) {
		struct layer_job *job = job_of(x, x->image->layers.p[i].digest);

		layers[i] = (struct layer_findings){
			.digest = job->layer->digest,
			.by_scanner = job->by_scanner,
			.problem = job->error.code ? str_copy(&x->task->arena, str_of(job->error.text))
						   : (struct str){ 0 },
		};
	}
	return engine_coalesce(x->task, x->image->manifest_hash, layers, n, out, err);
}

/* What the kernel lacks is worth one line, not one a layer. */
static void tell_defences(const struct indexing *x)
{
	unsigned lacking = 0;

	for (size_t i = 0; i < x->queue_count; i++)
		if (!x->queue[i]->error.code)
			lacking |= DEFENCE_REQUIRED & ~x->queue[i]->defences;
	if (lacking)
		log_line(x->options->log, LOG_WARNING,
			 "layers were scanned without %s; `clair version --security` says more",
			 defence_names(&x->task->arena, lacking).p);
}

static int index_layers(struct indexing *x, struct index_report *out, struct err *err)
{
	struct err ignored = { 0 };

	TRY(list_jobs(x, err));
	make_queue(x);
	scan_queue(x);
	tell_defences(x);
	TRY(check_failures(x, err));
	TRY(coalesce(x, out, err));
	if (!out->is_incomplete &&
	    index_put_report(x->store, out, engine_index_state(&x->task->arena), &ignored) < 0)
		log_line(x->options->log, LOG_WARNING, "the index report is not remembered: %s",
			 ignored.text);
	return 0;
}

/* Deep copies of what the jobs' tasks own are not needed: their memory is handed to the caller's task. */
static void close_jobs(struct indexing *x)
{
	for (size_t i = 0; i < x->job_count; i++)
		arena_adopt(&x->task->arena, &x->jobs[i].task.arena);
}

int engine_index(struct task *task, struct index_store *store, const struct image *image,
		 const struct index_options *options, struct index_report *out, struct err *err)
{
	struct indexing x = { .task = task, .store = store, .image = image, .options = options };
	struct str *digests = ARENA_ARRAY(&task->arena, struct str, image->layers.n);
	int result;

	for (size_t i = 0; i < image->layers.n; i++)
		digests[i] = image->layers.p[i].digest;
	if (!options->refresh) {
		result = index_get_report(store, task, image->manifest_hash, engine_index_state(&task->arena),
					  digests, image->layers.n, out, err);
		if (result != 0)
			return result < 0 ? result : 0;
	}
	result = index_layers(&x, out, err);
	close_jobs(&x);
	return result;
}
