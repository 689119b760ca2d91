/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs that outlive their process: what is kept of a request, and taking up what a process left when it went
 * away. Only what is no secret is kept: a manifest whose layers need tokens or signed addresses has to be
 * posted again, and its report says so. The kept form is ours, not Clair's:
 * {"hash":"sha256:...","layers":[{"hash":"...","uri":"...","media_type":"...","accept":["..."]}]}. */
#include "engine/index_manifest.h"

#include "base/json.h"
#include "base/limits.h"
#include "model/digest.h"
#include "net/url.h"

enum { LEASE_SECONDS = 60 };

/* ---- keeping ---- */

static bool is_public_uri(struct str uri)
{
	struct url u = url_split(uri);

	return url_is_http(uri) && !u.has_query && !u.has_fragment &&
	       str_find(u.authority, '@') == u.authority.n;
}

static bool is_public(const struct manifest_layer *l)
{
	for (size_t i = 0; i < l->headers.n; i++)
		if (!str_eq_nocase(l->headers.p[i].name, STR("Accept")))
			return false;
	return is_public_uri(l->uri);
}

static void put_layer(struct json_writer *w, const struct manifest_layer *l)
{
	json_object_begin(w);
	json_member(w, "hash", l->hash);
	json_member(w, "uri", l->uri);
	if (l->media_type.n)
		json_member(w, "media_type", l->media_type);
	json_key(w, "accept");
	json_array_begin(w);
	VEC_EACH (const struct manifest_header, h, &l->headers)
		for (size_t i = 0; i < h->n; i++)
			json_str(w, h->values[i]);
	json_array_end(w);
	json_object_end(w);
}

struct str index_request_keep(struct arena *a, const struct manifest *manifest)
{
	struct buffer text = { .arena = a };
	struct mem_writer to;
	struct json_writer w;
	struct err ignored = { 0 };

	VEC_EACH (const struct manifest_layer, l, &manifest->layers)
		if (!is_public(l))
			return (struct str){ 0 };
	mem_writer_open(&to, &text);
	json_writer_open(&w, &to.writer, 0, &ignored);
	json_object_begin(&w);
	json_member(&w, "hash", manifest->hash);
	json_key(&w, "layers");
	json_array_begin(&w);
	VEC_EACH (const struct manifest_layer, l, &manifest->layers)
		put_layer(&w, l);
	json_array_end(&w);
	json_object_end(&w);
	if (json_writer_end(&w) < 0 || text.n > LIMIT_MANIFEST_BYTES)
		return (struct str){ 0 };
	return buffer_str(&text);
}

/* ---- taking up ---- */

static void take_accept(struct arena *a, const struct json_value *values, struct manifest_layer *l)
{
	struct manifest_header h = { .name = STR("Accept") };

	if (!values || values->type != JSON_ARRAY || values->n == 0)
		return;
	h.values = ARENA_ARRAY(a, struct str, values->n);
	for (size_t i = 0; i < values->n; i++)
		if (values->items[i].type == JSON_STRING)
			h.values[h.n++] = values->items[i].text;
	VEC_PUSH(a, &l->headers, h);
}

/* It comes from our own store, and is checked all the same. */
static int parse_request(struct arena *a, const struct index_job *job, struct manifest *out, struct err *err)
{
	struct json_value root;
	const struct json_value *layers;

	TRY(json_parse(a, job->request, &root, err));
	layers = json_get(&root, "layers");
	out->hash = json_get_str(&root, "hash");
	if (!str_eq(out->hash, job->manifest_hash) || !layers || layers->type != JSON_ARRAY)
		return err_set(err, E_FORMAT, "a kept request is damaged");
	for (size_t i = 0; i < layers->n; i++) {
		const struct json_value *v = &layers->items[i];
		struct manifest_layer l = { .uri = json_get_str(v, "uri"),
					    .media_type = json_get_str(v, "media_type") };

		TRY(digest_parse(a, json_get_str(v, "hash"), &l.hash, err));
		take_accept(a, json_get(v, "accept"), &l);
		VEC_PUSH(a, &out->layers, l);
	}
	return 0;
}

/* Nobody can start it again: say so where its report would be. */
static int give_up(const struct index_service *service, const struct index_job *job, struct str why,
		   struct err *err)
{
	int taken = index_job_begin(service->store, job->manifest_hash, LEASE_SECONDS, (struct str){ 0 },
				    err);

	if (taken <= 0)
		return taken; /* another node has it */
	return index_job_end(service->store, job->manifest_hash, why, false, err);
}

static int resume(struct task *task, const struct index_service *service, const struct index_job *job,
		  struct err *err)
{
	autotask struct task own = { .canceled = task->canceled, .deadline_ns = task->deadline_ns };
	struct manifest manifest = { 0 };
	struct index_outcome outcome;
	struct err damaged = { 0 };

	if (job->request.n == 0)
		return give_up(service, job,
			       STR("indexing was interrupted by a restart, and how to fetch the layers is "
				   "not kept as it may be secret: post the manifest again"),
			       err);
	if (parse_request(&own.arena, job, &manifest, &damaged) < 0)
		return give_up(service, job,
			       STR("indexing was interrupted by a restart: post the manifest again"), err);
	return engine_index_manifest(&own, service, &manifest, &outcome, err);
}

int engine_resume_jobs(struct task *task, const struct index_service *service, struct err *err)
{
	index_jobs jobs = { 0 };

	TRY(index_jobs_abandoned(service->store, task, &jobs, err));
	VEC_EACH (const struct index_job, job, &jobs) {
		struct err failed = { 0 };

		TRY(task_check(task, err));
		if (resume(task, service, job, &failed) < 0)
			log_line(service->log, LOG_WARNING, "manifest " STR_FMT ", taken up again: %s",
				 STR_ARG(job->manifest_hash), failed.text);
		else
			log_line(service->log, LOG_INFO, "manifest " STR_FMT " was taken up again",
				 STR_ARG(job->manifest_hash));
	}
	return task_check(task, err);
}
