/* SPDX-License-Identifier: Apache-2.0 */
/* How an answer leaves: headers, compression, errors; what all handlers share. Source: RFC 9110, sections 8.4
 * and 12.5.5. What a reader would get wrong: an answer without a body is never compressed (a client would
 * inflate nothing), and one that could have been compressed says Vary even when it was not. */
#include "api/request.h"

#include "base/compress.h"
#include "base/cursor.h"
#include "model/digest.h"

enum { SMALL_BODY_BYTES = 1024 }; /* not worth compressing: one packet either way */

struct str request_path(const struct http_exchange *x)
{
	return x->refused ? str_sub(x->path, 0, str_find(x->path, '?')) : x->path;
}

int request_blame(struct request *r, unsigned status, int result)
{
	if (result < 0)
		r->fault = status;
	return result;
}

void request_header(struct request *r, const char *name, struct str value)
{
	VEC_PUSH(request_arena(r), &r->answer.headers, ((struct http_header){ str_of(name), value }));
}

void request_etag(struct request *r, struct str tag)
{
	request_header(r, "ETag", str_format(request_arena(r), "\"" STR_FMT "\"", STR_ARG(tag)));
}

int request_digest(struct request *r, struct str *out, struct err *err)
{
	if (digest_parse(request_arena(r), r->name, out, err) < 0)
		return request_blame(r, 400, err_wrap(err, "malformed path"));
	return 0;
}

void json_body_begin(struct request *r, struct json_body *b)
{
	*b = (struct json_body){ .buffer = { .arena = request_arena(r) } };
	mem_writer_open(&b->writer, &b->buffer);
	json_writer_open(&b->json, &b->writer.writer, 0, &b->err);
}

int json_body_end(struct request *r, struct json_body *b, struct err *err)
{
	if (json_writer_end(&b->json) < 0) {
		*err = b->err;
		return err->code;
	}
	r->answer.body = buffer_str(&b->buffer);
	r->answer.media = r->media ? r->media : "application/json";
	return 0;
}

static const char *coding_name(enum compression c)
{
	return c == COMPRESSION_GZIP ? "gzip" : c == COMPRESSION_ZSTD ? "zstd" : NULL;
}

static enum compression coding_for(const struct request *r)
{
	bool is_small = r->answer.body.n < SMALL_BODY_BYTES;

	if (r->coding.coding == COMPRESSION_NONE && r->coding.identity_refused)
		return COMPRESSION_GZIP;
	return is_small && !r->coding.identity_refused ? COMPRESSION_NONE : r->coding.coding;
}

static void drop_body(struct answer *a)
{
	if (a->release)
		a->release(a->release_ctx);
	a->release = NULL;
}

static void add_vary(struct request *r)
{
	request_header(r, "Vary", r->media ? STR("Accept-Encoding, Accept") : STR("Accept-Encoding"));
}

static void compress_answer(struct request *r)
{
	struct answer *a = &r->answer;
	enum compression wanted = coding_for(r);

	if (a->packed == COMPRESSION_NONE && wanted != COMPRESSION_NONE) {
		struct str packed = compress_bytes(request_arena(r), wanted, a->body);

		drop_body(a);
		a->body = packed;
		a->packed = wanted;
	}
	if (a->packed != COMPRESSION_NONE)
		request_header(r, "Content-Encoding", str_of(coding_name(a->packed)));
	add_vary(r);
}

void request_send(struct request *r)
{
	struct answer *a = &r->answer;
	struct http_reply reply = { .status = a->status ? a->status : 200 };

	if (a->body.n && !a->is_final)
		compress_answer(r);
	else if (a->status == 304)
		add_vary(r);
	if (a->media)
		request_header(r, "Content-Type", str_of(a->media));
	reply.headers = a->headers;
	reply.body = a->body;
	reply.release = a->release;
	reply.release_ctx = a->release_ctx;
	r->is_answered = true;
	http_reply(r->x, &reply);
}

void request_send_status(struct request *r, unsigned status)
{
	r->answer.status = status;
	r->answer.media = NULL;
	r->answer.body = STR("");
	request_send(r);
}

/* What only the operator should act on is logged; what the caller did wrong only when somebody looks. */
static void log_failure(const struct request *r, const struct err *err, unsigned status)
{
	const struct log_attribute attributes[] = {
		{ "request_id", str_of(r->x->request_id) },
		{ "method", r->x->method },
		{ "path", request_path(r->x) },
		{ "reason", str_of(err->text) },
		{ 0 },
	};
	int level = status < 500 ? LOG_DEBUG : err->code == E_CANCELED ? LOG_INFO : LOG_WARNING;

	log_event(r->api->options.log, level, "request failed", attributes);
}

void request_fail(struct request *r, const struct err *err)
{
	unsigned status = r->fault ? r->fault : 500;
	const char *reason = r->reason ? r->reason : error_reason(err->code);

	log_failure(r, err, status);
	drop_body(&r->answer);
	r->answer = (struct answer){ .status = status, .media = "application/json" };
	r->answer.body = error_body(request_arena(r), status, reason, str_of(err->text));
	request_header(r, "X-Content-Type-Options", STR("nosniff"));
	if (r->allow.n)
		request_header(r, "Allow", r->allow);
	if (r->retry_after)
		request_header(r, "Retry-After", str_format(request_arena(r), "%u", r->retry_after));
	request_send(r);
}
