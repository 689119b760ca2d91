/* SPDX-License-Identifier: Apache-2.0 */
/* Index reports: post a manifest, read what was found in it, forget it. Source: Clair 4.9's indexer API. What
 * a reader would get wrong: 400 tells Quay never to try again, so it is only for what can never work; and an
 * asynchronous job outlives its request, so what it needs is copied before the answer goes. */
#include "api/request.h"
#include "api/routes.h"
#include "engine/repositories.h"
#include "report/clair_parse.h"
#include "report/writers.h"

#define RELATION "https://projectquay.io/clair/v1/"

/* A report that could not be made whole is a success with an err: clients stop at success alone. */
static int write_report(struct request *r, struct manifest_status *m, struct err *err)
{
	struct index_json_status status = { .state = m->state, .problem = m->problem };
	struct json_body b;

	if (m->is_finished) {
		TRY(repositories_expand(&r->x->task, r->api->options.advisories, &m->report, err));
		status = index_json_finished(request_arena(r), &m->report);
		status.success = true;
		request_header(r, "Clair-Report-Completeness",
			       m->report.is_incomplete ? STR("incomplete") : STR("complete"));
	}
	json_body_begin(r, &b);
	TRY(index_json_write_status(&r->x->task, &m->report, &status, 0, &b.writer.writer, err));
	return json_body_end(r, &b, err);
}

/* ---- POST ---- */

static struct str location_of(struct arena *a, struct str digest)
{
	return str_format(a, "/indexer/api/v1/index_report/" STR_FMT, STR_ARG(digest));
}

static void add_links(struct request *r, struct str digest)
{
	struct arena *a = request_arena(r);

	request_header(r, "Link",
		       str_format(a, "<" STR_FMT ">; rel=\"" RELATION "index_report\"",
				  STR_ARG(location_of(a, digest))));
	request_header(r, "Link",
		       str_format(a,
				  "</matcher/api/v1/vulnerability_report/" STR_FMT ">; rel=\"" RELATION
				  "vulnerability_report\"",
				  STR_ARG(digest)));
}

static int parse_manifest(struct request *r, struct manifest *out, struct err *err)
{
	int rc = clair_parse_manifest(&r->x->task, r->x->body, out, err);

	if (rc == E_CONFIG)
		err_set(err, E_FORMAT, "bogus manifest");
	else if (rc < 0)
		err_wrap(err, "failed to deserialize manifest");
	return request_blame(r, 400, rc);
}

/* Index, known to this process as being at it. */
static int index_manifest(struct api *a, struct task *task, const struct manifest *manifest,
			  struct index_outcome *outcome, struct err *err)
{
	struct lanes_digest entry = { .digest = manifest->hash };
	int rc;

	lanes_enter(a->lanes, &entry);
	rc = engine_index_manifest(task, a->options.indexing, manifest, outcome, err);
	lanes_leave(a->lanes, &entry);
	return rc;
}

/* Answer, and go on on this thread with memory of our own. The manifest is known as being indexed before the
 * answer leaves, so that who asks for the report at once is not told that there is none. */
static int respond_async(struct request *r, struct err *err)
{
	struct api *a = r->api;
	autotask struct task task = { .canceled = lanes_stopping(a->lanes) };
	struct manifest manifest = { 0 };
	struct index_outcome outcome = { 0 };
	struct lanes_digest entry = { .next = NULL };

	TRY(clair_parse_manifest(&task, str_copy(&task.arena, r->x->body), &manifest, err));
	entry.digest = manifest.hash;
	lanes_enter(a->lanes, &entry);
	request_header(r, "Location", location_of(request_arena(r), manifest.hash));
	request_header(r, "Preference-Applied", STR("respond-async"));
	request_send_status(r, 202);
	if (index_manifest(a, &task, &manifest, &outcome, err) < 0)
		log_event(a->options.log, LOG_WARNING, "asynchronous indexing failed",
			  (const struct log_attribute[]){
				  { "manifest", manifest.hash }, { "reason", str_of(err->text) }, { 0 } });
	lanes_leave(a->lanes, &entry);
	return 1;
}

/* Only what posting again cannot change is the caller's fault. */
static int fail_post(struct request *r, const struct index_outcome *outcome, struct err *err)
{
	r->fault = outcome->is_permanent ? 400 : 500;
	if (err->code == E_CANCELED && !outcome->is_permanent) {
		r->fault = 503;
		r->retry_after = 5;
	}
	return err_wrap(err, "failed to start scan");
}

int handle_index_post(struct request *r, struct err *err)
{
	struct manifest manifest = { 0 };
	struct index_outcome outcome = { 0 };

	TRY(parse_manifest(r, &manifest, err));
	add_links(r, manifest.hash);
	if (etag_match(&r->x->headers, r->api->token) == ETAG_SAME) {
		request_send_status(r, 412);
		return 1;
	}
	if (header_has_word(&r->x->headers, "Prefer", STR("respond-async")))
		return respond_async(r, err);
	if (index_manifest(r->api, &r->x->task, &manifest, &outcome, err) < 0)
		return fail_post(r, &outcome, err);
	request_etag(r, r->api->token);
	request_header(r, "Location", location_of(request_arena(r), manifest.hash));
	r->answer.status = 201;
	return write_report(r, &outcome.status, err);
}

/* ---- GET ---- */

static int not_modified(struct request *r)
{
	request_etag(r, r->api->token);
	request_send_status(r, 304);
	return 1;
}

int handle_index_get(struct request *r, struct err *err)
{
	enum etag_match match = etag_match(&r->x->headers, r->api->token);
	struct manifest_status status = { 0 };
	struct str digest;
	int known;

	TRY(request_digest(r, &digest, err));
	if (match == ETAG_SAME) /* whether there is one or not: clairctl relies on it */
		return not_modified(r);
	known = manifest_get(r->api->options.index, &r->x->task, digest, true, &status, err);
	TRY(known);
	if (!known && lanes_has(r->api->lanes, digest)) {
		status = (struct manifest_status){ .state = STR("CheckManifest"),
						   .report.manifest_hash = digest };
		known = 1;
	}
	if (!known)
		return request_blame(r, 404, err_set(err, E_NOTFOUND, "index report not found"));
	if (match == ETAG_ANY)
		return not_modified(r);
	request_etag(r, r->api->token);
	return write_report(r, &status, err);
}

int handle_index_state(struct request *r, struct err *err)
{
	struct json_body b;

	if (etag_match(&r->x->headers, r->api->token) != ETAG_NONE)
		return not_modified(r);
	request_etag(r, r->api->token);
	json_body_begin(r, &b);
	json_object_begin(&b.json);
	json_member(&b.json, "state", r->api->token);
	json_object_end(&b.json);
	return json_body_end(r, &b, err);
}

/* ---- DELETE ---- */

int handle_index_delete(struct request *r, struct err *err)
{
	str_list deleted = { 0 };
	struct manifest_status status = { 0 };
	struct str digest;
	int known;

	TRY(request_digest(r, &digest, err));
	TRY(manifests_delete(r->api->options.index, &r->x->task, &digest, 1, &deleted, err));
	known = deleted.n ? 0 : manifest_get(r->api->options.index, &r->x->task, digest, false, &status, err);
	TRY(known);
	if (known || (!deleted.n && lanes_has(r->api->lanes, digest))) {
		r->retry_after = 5;
		r->reason = "busy";
		return request_blame(r, 409,
				     err_set(err, E_CONFLICT, "the manifest is being indexed: try again"));
	}
	request_send_status(r, 204);
	return 1;
}

int handle_index_bulk_delete(struct request *r, struct err *err)
{
	digest_list digests = { 0 };
	str_list deleted = { 0 };
	struct json_body b;

	if (clair_parse_digests(&r->x->task, r->x->body, &digests, err) < 0)
		return request_blame(r, 400, err_wrap(err, "failed to deserialize bulk delete"));
	if (manifests_delete(r->api->options.index, &r->x->task, digests.p, digests.n, &deleted, err) < 0)
		return err_wrap(err, "could not delete manifests");
	json_body_begin(r, &b);
	json_array_begin(&b.json);
	VEC_EACH (struct str, d, &deleted)
		json_str(&b.json, *d);
	json_array_end(&b.json);
	return json_body_end(r, &b, err);
}
