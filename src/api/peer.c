/* SPDX-License-Identifier: Apache-2.0 */
/* Talking to the indexer of another process. Source: Clair 4.9's internal routes. What a reader would get
 * wrong: there are no retries here. The client that waits for us has its own deadline, and the peer may be
 * the one that is too busy. */
#include "api/peer.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/time.h"
#include "report/clair_parse.h"

struct question {
	const char *method;
	struct str path, body;
};

static int sign(const struct api *a, struct arena *arena, struct http_header *out, struct err *err)
{
	struct str token;

	TRY(jwt_sign(arena, a->options.indexer.psk, STR("clair-intraservice"), time_now(), &token, err));
	*out = (struct http_header){ STR("Authorization"),
				     str_format(arena, "Bearer " STR_FMT, STR_ARG(token)) };
	return 0;
}

static int perform(struct api *a, struct http_client *client, struct task *task, const struct question *q,
		   unsigned *status, struct str *body, struct err *err)
{
	struct http_header headers[] = { { STR("Accept"), STR("application/json") }, { { 0 }, { 0 } } };
	struct buffer bytes = { .arena = &task->arena };
	struct http_response response = { 0 };
	struct mem_writer to;
	struct http_request request = {
		.url = str_format(&task->arena, STR_FMT STR_FMT, STR_ARG(a->options.indexer.url),
				  STR_ARG(q->path)),
		.method = str_of(q->method),
		.body = q->body,
		.headers = headers,
		.header_count = 1,
		.max_bytes = LIMIT_PEER_ANSWER_BYTES,
		.timeout_seconds = 60,
		.no_retry = true,
	};

	if (a->options.indexer.psk.n)
		TRY(sign(a, &task->arena, &headers[request.header_count++], err));
	mem_writer_open(&to, &bytes);
	TRY(http_perform(client, task, &request, &to.writer, &response, err));
	*status = response.status;
	*body = buffer_str(&bytes);
	return 0;
}

static int ask(struct api *a, struct task *task, const struct question *q, unsigned *status, struct str *body,
	       struct err *err)
{
	static const struct http_client_options plain;
	struct http_client *client = NULL;
	int rc;

	TRY(http_client_new_with(a->options.indexer.client ? a->options.indexer.client : &plain, &client,
				 err));
	rc = perform(a, client, task, q, status, body, err);
	http_client_free(client);
	return rc < 0 ? err_wrap(err, "the indexer") : 0;
}

int peer_index_report(struct api *a, struct task *task, struct str digest, struct index_report *out,
		      uint64_t *revision, struct err *err)
{
	const struct question q = { "GET",
				    str_format(&task->arena, "/indexer/api/v1/index_report/" STR_FMT,
					       STR_ARG(digest)),
				    { 0 } };
	struct index_report_state state = { 0 };
	unsigned status;
	struct str body;

	TRY(ask(a, task, &q, &status, &body, err));
	if (status == 404)
		return 0;
	if (status != 200)
		return err_set(err, E_IO, "the indexer answers %u", status);
	TRY(clair_parse_index_report(task, body, out, &state, err));
	*revision = str_hash(body) | 1; /* never 0, which is "unknown" */
	return str_eq(state.state, STR("IndexFinished"));
}

int peer_affected(struct api *a, struct task *task, struct str body, struct str *out, struct err *err)
{
	const struct question q = { "POST", STR("/indexer/api/v1/internal/affected_manifest/"), body };
	unsigned status;

	TRY(ask(a, task, &q, &status, out, err));
	if (status != 200)
		return err_set(err, E_IO, "the indexer answers %u", status);
	return 0;
}
