/* SPDX-License-Identifier: Apache-2.0 */
/* The indexing verb of the service: one manifest from "posted" to "finished" or "failed" (the states of
 * service.md 3.3). Of many posters of one manifest one works, the others wait and find its report; of many
 * manifests with one layer all wait for one scan. What one would get wrong: who waits must hold nothing but
 * its manifest, so findings go through the store and are read back by few threads at a time; and a finished
 * report is replaced only by a finished one. */
#include "engine/index_manifest.h"

#include "base/digest.h"
#include "base/limits.h"
#include "base/time.h"
#include "engine/index.h"
#include "engine/index_layers.h"
#include "engine/index_turn.h"

#include <time.h>

enum {
	LEASE_SECONDS = 60,
	RENEW_SECONDS = 20,
	LAYERS_AT_ONCE = 10,
	MAX_TRIES = 3, /* of a manifest whose layers time out */
	MAX_ROUNDS = 3, /* when the store loses layers while they are wanted */
	POLL_MS = 100,
};

struct run {
	struct task *task;
	const struct index_service *service;
	const struct manifest *manifest;
	struct index_outcome *out;
	struct index_layers layers;
	uint64_t renewed_ns;
	bool is_scanning; /* the store was told so */
	bool timed_out; /* the last error is a layer's time-out, which may pass */
};

bool index_error_is_permanent(int code)
{
	return code == E_FORMAT || code == E_LIMIT || code == E_UNSUPPORTED;
}

struct str engine_index_token(struct arena *a)
{
	autohasher struct hasher *h = hasher_new(HASH_MD5);
	struct str state = engine_index_state(a);
	unsigned char raw[64];
	char hex[129];
	size_t n;

	hasher_add(h, state.p, state.n);
	for (int i = 0; scanner_ids[i].name; i++) {
		struct str kind = str_of(scanner_kind_name(scanner_ids[i].kind));

		hasher_add(h, "\n", 1);
		hasher_add(h, kind.p, kind.n);
	}
	n = hasher_end(h, raw);
	return str_copy(a, str_of(hex_of(raw, n, hex)));
}

/* ---- waiting ---- */

static int renew(struct run *r, struct err *err)
{
	const struct index_service *service = r->service;
	struct err problem = { 0 };

	if (time_monotonic_ns() - r->renewed_ns < RENEW_SECONDS * 1000000000ull)
		return 0;
	r->renewed_ns = time_monotonic_ns();
	if (index_job_renew(service->store, r->manifest->hash, LEASE_SECONDS, &problem) == 0)
		return 0;
	if (problem.code == E_CONFLICT || problem.code == E_NOTFOUND) {
		*err = problem;
		return err_wrap(err, "another node has taken over the indexing of this manifest");
	}
	log_line(service->log, LOG_WARNING, "the lease on manifest " STR_FMT " is not renewed: %s",
		 STR_ARG(r->manifest->hash), problem.text);
	return 0;
}

static int sleep_ms(struct task *task, uint64_t ms, struct err *err)
{
	uint64_t end = time_monotonic_ns() + ms * 1000000ull, now;

	while ((now = time_monotonic_ns()) < end) {
		uint64_t left = end - now, most = POLL_MS * 1000000ull;
		struct timespec t = { .tv_nsec = (long)(left < most ? left : most) };

		TRY(task_check(task, err));
		nanosleep(&t, NULL);
	}
	return task_check(task, err);
}

/* ---- the answer ---- */

static bool is_same_image(const struct manifest *m, const struct index_report *report)
{
	if (m->layers.n != report->layers.n)
		return false;
	for (size_t i = 0; i < m->layers.n; i++)
		if (!str_eq(m->layers.p[i].hash, report->layers.p[i]))
			return false;
	return true;
}

/* 1: the store has the report of this state and these layers, and it is the answer. */
static int recall(struct run *r, struct err *err)
{
	struct arena_mark mark = arena_mark(&r->task->arena);
	struct manifest_status status = { 0 };
	int known = manifest_get(r->service->store, r->task, r->manifest->hash, false, &status, err);
	bool is_current;

	if (known <= 0)
		return known;
	is_current = status.is_finished && str_eq(status.made_by, engine_index_state(&r->task->arena));
	arena_release(&r->task->arena, mark);
	if (!is_current)
		return 0;
	known = manifest_get(r->service->store, r->task, r->manifest->hash, true, &status, err);
	if (known <= 0 || !status.is_finished || !is_same_image(r->manifest, &status.report)) {
		arena_release(&r->task->arena, mark);
		return known < 0 ? known : 0;
	}
	status.state = STR("IndexFinished");
	status.problem = (struct str){ 0 }; /* of another attempt */
	r->out->status = status;
	return 1;
}

/* ---- scanning ---- */

static void tell_state(struct run *r, struct str state)
{
	struct err problem = { 0 };

	if (index_job_state(r->service->store, r->manifest->hash, state, &problem) < 0)
		log_line(r->service->log, LOG_DEBUG, "state " STR_FMT " of manifest " STR_FMT ": %s",
			 STR_ARG(state), STR_ARG(r->manifest->hash), problem.text);
}

static void progress(void *ctx, const struct layer_ask *ask, bool done)
{
	struct run *r = ctx;

	(void)ask;
	if (!done && !r->is_scanning)
		tell_state(r, STR("ScanLayers"));
	r->is_scanning = true;
}

static int tick(void *ctx, struct err *err)
{
	return renew(ctx, err);
}

static struct str copy(struct arena *a, struct str s)
{
	return s.n ? str_copy(a, s) : s;
}

/* A layer with its address and headers, in memory of the scan. */
static struct manifest_layer *copy_layer(struct arena *a, const struct manifest_layer *from)
{
	struct manifest_layer *to = ARENA_NEW(a, struct manifest_layer);

	to->hash = copy(a, from->hash);
	to->uri = copy(a, from->uri);
	to->media_type = copy(a, from->media_type);
	VEC_EACH (const struct manifest_header, h, &from->headers) {
		struct manifest_header header = { copy(a, h->name), ARENA_ARRAY(a, struct str, h->n), h->n };

		for (size_t i = 0; i < h->n; i++)
			header.values[i] = copy(a, h->values[i]);
		VEC_PUSH(a, &to->headers, header);
	}
	return to;
}

/* The poster may be gone when the layer is read. */
static int detach(void *ctx, const struct layer_ask *ask, struct task *scan, struct image *out,
		  struct err *err)
{
	const struct run *r = ctx;
	const struct index_layer *l = (const struct index_layer *)ask;
	struct manifest *one = ARENA_NEW(&scan->arena, struct manifest);

	one->hash = copy(&scan->arena, r->manifest->hash);
	one->layers.p = copy_layer(&scan->arena, &r->manifest->layers.p[l->position]);
	one->layers.n = 1;
	return image_from_manifest(scan, one, r->service->client, out, err);
}

/* The error of a layer is the manifest's, in Clair's words. */
static int fail_with(struct run *r, const struct layer_ask *ask, struct err *err)
{
	*err = ask->error;
	if (ask->was_recalled)
		err_wrap(err, "failed before");
	err_wrap(err, "layer \"" STR_FMT "\"", STR_ARG(ask->layer->digest));
	r->timed_out = err->code == E_TIMEOUT;
	r->out->is_permanent = ask->fault == FAULT_LAYER && index_error_is_permanent(err->code);
	return err_wrap(err, ask->fault == FAULT_SOURCE ? "failed to fetch layers"
							: "failed to scan all layer contents");
}

static int check_layers(struct run *r, struct err *err)
{
	for (size_t i = 0; i < r->layers.count; i++)
		if (r->layers.list[i].ask.error.code)
			return fail_with(r, &r->layers.list[i].ask, err);
	return 0;
}

static int scan_layers(struct run *r, struct err *err)
{
	const struct index_service *service = r->service;
	struct layer_asking asking = {
		.terms = r->layers.terms,
		.asks = r->layers.asks,
		.count = r->layers.ask_count,
		.at_once = service->layers_at_once ? service->layers_at_once : LAYERS_AT_ONCE,
		.stop_at_failure = true,
		.detach = detach,
		.progress = progress,
		.tick = tick,
		.ctx = r,
	};

	TRY(index_layers_list(&r->layers, err));
	TRY(check_layers(r, err));
	asking.asks = r->layers.asks;
	asking.count = r->layers.ask_count;
	if (!asking.count)
		return 0;
	tell_state(r, STR("FetchLayers"));
	TRY(layer_pool_scan(service->layers, r->task, &asking, err));
	return check_layers(r, err);
}

/* ---- the report ---- */

/* Few threads do this at a time: it is the one step whose memory grows with what was found. Returns 1, or 0
 * when layers have to be scanned again. */
static int make_report(struct run *r, struct err *err)
{
	const struct index_service *service = r->service;
	autotask struct task work = { .canceled = r->task->canceled, .deadline_ns = r->task->deadline_ns };
	autoturn struct index_turn turn = { 0 };
	struct index_report report = { 0 };
	int made;

	TRY(index_turn_take(layer_pool_turns(service->layers), r->task, STR(""),
			    layer_pool_threads(service->layers), &turn, err));
	TRY(renew(r, err));
	tell_state(r, STR("Coalesce"));
	made = index_layers_coalesce(&r->layers, &work, &report, err);
	if (made <= 0)
		return made;
	tell_state(r, STR("IndexManifest"));
	if (index_put_report(service->store, &report, engine_index_state(&work.arena), err) < 0)
		return err_wrap(err, "indexing manifest contents failed");
	return 1;
}

static int index_image(struct run *r, struct task *work, const struct image *image, struct err *err)
{
	for (int round = 0; round < MAX_ROUNDS; round++) {
		int made;

		r->layers = (struct index_layers){
			.task = work,
			.image = image,
			.terms = { .store = r->service->store, .seconds = r->service->layer_seconds },
		};
		TRY(scan_layers(r, err));
		made = make_report(r, err);
		if (made != 0)
			return made < 0 ? made : 0;
	}
	return err_set(err, E_CONFLICT, "layers were deleted while the manifest was indexed: post it again");
}

/* One try. All its memory goes with it. */
static int try_index(struct run *r, struct err *err)
{
	autotask struct task work = { .canceled = r->task->canceled, .deadline_ns = r->task->deadline_ns };
	autoimage struct image image = { 0 };

	r->timed_out = false;
	r->is_scanning = false;
	r->out->is_permanent = false;
	if (image_from_manifest(&work, r->manifest, r->service->client, &image, err) < 0) {
		r->out->is_permanent = index_error_is_permanent(err->code);
		return err_wrap(err, "failed to fetch layers");
	}
	return index_image(r, &work, &image, err);
}

static int index_with_retries(struct run *r, struct err *err)
{
	for (int tries = 1;; tries++) {
		struct err canceled = { 0 };

		if (try_index(r, err) == 0)
			return 0;
		if (!r->timed_out || tries == MAX_TRIES || task_check(r->task, &canceled) < 0)
			return err->code;
		TRY(sleep_ms(r->task, 1000 + time_monotonic_ns() / 1000 % 4000, err));
		TRY(renew(r, err));
	}
}

/* ---- the job ---- */

/* Take the job, waiting for another node that has it. Returns 1 when the report is there, 0 when the job is
 * ours. */
static int take_job(struct run *r, struct err *err)
{
	struct str request = index_request_keep(&r->task->arena, r->manifest);

	for (uint64_t ms = 200;; ms = ms < 1000 ? ms * 2 : 1000) {
		int got = recall(r, err);

		if (got != 0)
			return got;
		got = index_job_begin(r->service->store, r->manifest->hash, LEASE_SECONDS, request, err);
		if (got != 0) {
			r->renewed_ns = time_monotonic_ns();
			return got < 0 ? got : 0;
		}
		TRY(sleep_ms(r->task, ms, err));
	}
}

/* What callers see of a failure that may pass is trouble here: "not found" of a layer's address is not "not
 * found" of the manifest. */
static int plain_error(const struct run *r, struct err *err)
{
	struct err gave_up = { 0 };

	if (task_check(r->task, &gave_up) < 0)
		*err = gave_up;
	else if (!r->out->is_permanent)
		err->code = E_IO;
	return err->code;
}

static void end_job(struct run *r, struct str problem)
{
	struct err err = { 0 };

	if (index_job_end(r->service->store, r->manifest->hash, problem, r->out->is_permanent, &err) < 0)
		log_line(r->service->log, LOG_WARNING,
			 "the end of indexing manifest " STR_FMT " is not stored: %s",
			 STR_ARG(r->manifest->hash), err.text);
}

/* A poster that gave up is no failure of the manifest. */
static int fail_job(struct run *r, struct err *err)
{
	struct err gave_up = { 0 };
	bool is_given_up = task_check(r->task, &gave_up) < 0;
	struct str problem = is_given_up ? (struct str){ 0 } : str_copy(&r->task->arena, str_of(err->text));

	end_job(r, problem);
	if (!is_given_up) {
		r->out->status.state = STR("IndexError");
		r->out->status.problem = problem;
		r->out->status.report.manifest_hash = r->manifest->hash;
	}
	return plain_error(r, err);
}

static int do_job(struct run *r, struct err *err)
{
	int found;

	if (index_with_retries(r, err) < 0)
		return fail_job(r, err);
	end_job(r, (struct str){ 0 });
	found = recall(r, err);
	if (found == 0)
		err_set(err, E_IO, "the manifest was deleted while it was indexed: post it again");
	return found > 0 ? 0 : plain_error(r, err);
}

static int check_manifest(const struct manifest *m, struct err *err)
{
	if (m->layers.n == 0)
		return err_set(err, E_FORMAT, "a manifest without layers");
	if (m->layers.n > LIMIT_MANIFEST_LAYERS)
		return err_set(err, E_LIMIT, "%zu layers, limit %u", m->layers.n, LIMIT_MANIFEST_LAYERS);
	return 0;
}

int engine_index_manifest(struct task *task, const struct index_service *service,
			  const struct manifest *manifest, struct index_outcome *out, struct err *err)
{
	struct run r = { .task = task, .service = service, .manifest = manifest, .out = out };
	autoturn struct index_turn turn = { 0 };
	int found;

	*out = (struct index_outcome){ 0 };
	out->is_permanent = check_manifest(manifest, err) < 0;
	if (out->is_permanent)
		return err->code;
	found = recall(&r, err);
	if (found == 0) {
		TRY(index_turn_take(layer_pool_turns(service->layers), task, manifest->hash, 1, &turn, err));
		found = take_job(&r, err);
	}
	if (found < 0)
		return plain_error(&r, err);
	out->was_known = found > 0;
	return found > 0 ? 0 : do_job(&r, err);
}
