/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include "api/api.h"
#include "api/lanes.h"
#include "api/negotiate.h"
#include "api/openapi.h"
#include "base/cursor.h"
#include "base/inflate.h"
#include "base/json.h"

/* For the files of api/ only. */
struct api {
	struct api_options options;
	struct arena arena;
	struct str token; /* engine_index_token */
	struct openapi openapi;
	struct lanes *lanes;
	atomic_bool has_data; /* advisories were seen */
};

/* What a handler answers. Headers and body in the exchange's arena, or alive until release. */
struct answer {
	unsigned status; /* 0: 200 */
	const char *media; /* Content-Type; NULL: none */
	struct str body;
	enum compression packed; /* how body is compressed already */
	bool is_final; /* never compress it */
	http_headers headers;
	void (*release)(void *ctx);
	void *release_ctx;
};

/* A request on its way through the API. */
struct request {
	struct api *api;
	struct http_exchange *x;
	const struct route *route; /* NULL: none matched */
	struct str name; /* the variable part of the path */
	const char *media; /* negotiated; NULL: the route does not negotiate */
	struct coding_choice coding;
	struct answer answer;
	unsigned fault; /* status when the handler fails; 0: 500 */
	const char *reason; /* and its reason; NULL: by the error's code */
	unsigned retry_after; /* seconds; 0: not said */
	struct str allow; /* methods, of a 405 */
	bool is_answered;
};

/* The path for logs: of a request that could not be taken apart it is all that was sent, a query too, which
 * may hold a secret. */
struct str request_path(const struct http_exchange *x);
static inline struct arena *request_arena(struct request *r)
{
	return &r->x->task.arena;
}
/* When result is an error: answer it with this status. Returns result. */
int request_blame(struct request *r, unsigned status, int result);
void request_header(struct request *r, const char *name, struct str value);
/* Quoted, as ETag. */
void request_etag(struct request *r, struct str tag);
/* {path} of the request as a digest; 400 "malformed path: ...". */
int request_digest(struct request *r, struct str *out, struct err *err);

/* A JSON body: write to request_json()'s writer, then request_json_end. */
struct json_body {
	struct buffer buffer;
	struct mem_writer writer;
	struct json_writer json;
	struct err err;
};
void json_body_begin(struct request *r, struct json_body *b);
/* The text becomes the answer's body, of the negotiated type or application/json. */
int json_body_end(struct request *r, struct json_body *b, struct err *err);

/* Send r->answer, or the error. r->x is gone afterwards. */
void request_send(struct request *r);
void request_fail(struct request *r, const struct err *err);
/* An answer without a body. */
void request_send_status(struct request *r, unsigned status);

/* The JSON text of an error; ASCII. */
struct str error_body(struct arena *a, unsigned status, const char *reason, struct str message);
/* "limit", "not-found": the machine-readable reason of an error code. */
const char *error_reason(int code);
/* "bad-request", "not-found" ...: Clair's word for a status. */
const char *error_slug(unsigned status);

#endif
