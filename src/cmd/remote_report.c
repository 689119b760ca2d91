/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a service about an image in a registry: resolve the reference, have it indexed, fetch the report.
 * Facts: clairctl of Clair v4 (its report command). What a reader would get wrong: an image that the service
 * knows is posted again all the same, because only the service can say whether its scanners have changed
 * since; --novel leaves that out. */
#include "cmd/remote_report.h"

#include "base/cursor.h"
#include "report/clair_manifest.h"

static int manifest_body(struct remote_result *r, const struct manifest *m, struct str *out, struct err *err)
{
	struct buffer b = { .arena = &r->task.arena };
	struct mem_writer to;
	struct json_writer w;

	mem_writer_open(&to, &b);
	json_writer_open(&w, &to.writer, 0, err);
	clair_manifest_write(&w, m);
	TRY(json_writer_end(&w));
	*out = buffer_str(&b);
	return 0;
}

static int check_indexed(const struct remote_answer *answer, struct arena *a, struct err *err)
{
	struct json_value v = { 0 };
	const struct json_value *success;
	struct str problem;

	TRY(json_parse(a, answer->body, &v, err));
	success = json_get(&v, "success");
	problem = json_get_str(&v, "err");
	if (success && success->type == JSON_FALSE && problem.n)
		return err_set(err, E_FORMAT, "indexer error: " STR_FMT, STR_ARG(problem));
	return 0;
}

static int post_manifest(struct remote *remote, const struct remote_service *service, struct remote_result *r,
			 struct err *err)
{
	struct remote_request post = { .method = "POST", .path = STR("/indexer/api/v1/index_report") };
	struct remote_answer answer;
	struct manifest manifest = { 0 };

	TRY(registry_manifest(&r->task, r->reference, &service->registry, &manifest, err));
	TRY(manifest_body(r, &manifest, &post.body, err));
	TRY(remote_call(remote, &r->task, &post, &answer, err));
	if (answer.status != 200 && answer.status != 201)
		return remote_refused(&answer, "indexing", err);
	return check_indexed(&answer, &r->task.arena, err);
}

static int have_indexed(struct remote *remote, const struct remote_service *service, bool novel,
			struct remote_result *r, struct err *err)
{
	struct remote_request get = { .method = "GET" };
	struct remote_answer answer;

	TRY(registry_resolve(&r->task, r->reference, &service->registry, &r->digest, err));
	get.path = str_format(&r->task.arena, "/indexer/api/v1/index_report/" STR_FMT, STR_ARG(r->digest));
	TRY(remote_call(remote, &r->task, &get, &answer, err));
	if (answer.status != 200 && answer.status != 404)
		return remote_refused(&answer, "index report", err);
	if (answer.status == 200 && novel)
		return check_indexed(&answer, &r->task.arena, err);
	return post_manifest(remote, service, r, err);
}

static int fetch_report(struct remote *remote, struct remote_result *r, struct err *err)
{
	struct remote_request get = {
		.method = "GET",
		.path = str_format(&r->task.arena, "/matcher/api/v1/vulnerability_report/" STR_FMT,
				   STR_ARG(r->digest)),
	};
	struct remote_answer answer;

	TRY(remote_call(remote, &r->task, &get, &answer, err));
	if (answer.status == 202)
		return err_set(err, E_NOTFOUND,
			       "the service has no advisories yet: its first update is still running");
	if (answer.status != 200)
		return remote_refused(&answer, "vulnerability report", err);
	r->report = answer.body;
	return 0;
}

void remote_report(const struct remote_service *service, bool with_report, bool novel,
		   struct remote_result *r)
{
	autoremote struct remote remote = { 0 };

	r->is_index_error = true;
	if (remote_open(service, &remote, &r->error) < 0 ||
	    have_indexed(&remote, service, novel, r, &r->error) < 0)
		return;
	r->is_index_error = false;
	if (with_report)
		(void)fetch_report(&remote, r, &r->error);
}
