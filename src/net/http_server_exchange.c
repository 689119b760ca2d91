/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer: gathered on the daemon's thread, handled on one of the pool, answered from
 * anywhere. Source: the libmicrohttpd manual, "Handling requests"; RFC 9110. What one would get wrong: the
 * callback for a request is called at its head, for each piece of its body, at its end, and once more after
 * the connection was resumed; state says which. */
#include "net/http_server_internal.h"

#include "base/limits.h"
#include "net/http_target.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define DEFAULT_BODY_BYTES (1024 * 1024)
enum { BODY_STEP = 64 * 1024 };

struct str http_header_of(const struct http_exchange *x, const char *name)
{
	for (size_t i = 0; i < x->headers.n; i++)
		if (str_eq_nocase(x->headers.p[i].name, str_of(name)))
			return x->headers.p[i].value;
	return (struct str){ 0 };
}

int http_query_of(struct http_exchange *x, const char *name, struct str *out)
{
	return http_target_parameter(&x->task.arena, x->query, str_of(name), out);
}

/* ---- begin ---- */

static void name_request(char id[17])
{
	unsigned char r[8];

	if (getrandom(r, sizeof(r), 0) != (ssize_t)sizeof(r))
		abort();
	for (int i = 0; i < 8; i++)
		snprintf(id + 2 * i, 3, "%02x", r[i]);
}

void *http_exchange_begin(void *ctx, const char *uri, struct MHD_Connection *handle)
{
	struct exchange *e = calloc(1, sizeof(*e));
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle,
								       MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	if (!e)
		abort();
	e->server = ctx;
	e->handle = handle;
	e->holders = 1;
	e->connection = info ? info->socket_context : NULL;
	e->x.server_ = e;
	e->x.task.canceled = &e->canceled;
	atomic_init(&e->canceled, false);
	e->uri = str_copy(&e->x.task.arena, str_of(uri));
	name_request(e->x.request_id);
	pthread_mutex_lock(&e->server->lock);
	e->x.started_ns = http_server_now();
	if (e->connection->state == CONNECTION_IDLE) {
		e->connection->state = CONNECTION_READING;
		e->connection->since_ns = e->x.started_ns;
	}
	pthread_mutex_unlock(&e->server->lock);
	http_address_text(&e->connection->address, e->remote);
	e->x.remote = str_of(e->remote);
	return e;
}

static enum MHD_Result add_header(void *ctx, enum MHD_ValueKind kind, const char *name, size_t name_n,
				  const char *value, size_t value_n)
{
	struct exchange *e = ctx;
	struct arena *a = &e->x.task.arena;

	(void)kind;
	VEC_PUSH(a, &e->x.headers,
		 ((struct http_header){ str_copy(a, (struct str){ name, name_n }),
					str_copy(a, str_trim((struct str){ value, value_n })) }));
	return MHD_YES;
}

static unsigned count_headers(const struct exchange *e, const char *name)
{
	unsigned n = 0;

	VEC_EACH (struct http_header, h, &e->x.headers)
		n += str_eq_nocase(h->name, str_of(name));
	return n;
}

/* Is there one way only to tell where the request ends? Others are how requests are smuggled past proxies
 * (RFC 9112, section 6.3), and libmicrohttpd takes some of them. */
static bool is_framed(const struct exchange *e)
{
	unsigned lengths = count_headers(e, "Content-Length"),
		 codings = count_headers(e, "Transfer-Encoding");

	return lengths + codings <= 1 &&
	       (!codings || str_eq_nocase(http_header_of(&e->x, "Transfer-Encoding"), STR("chunked")));
}

static size_t head_bytes(const struct exchange *e)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		e->handle, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return info ? info->header_size : 0;
}

/* The status with which a request is turned down before its body is read, or 0. */
static unsigned judge_head(struct exchange *e)
{
	struct http_server *s = e->server;
	struct err err;
	uint64_t announced;

	if (http_target_split(&e->x.task.arena, e->uri, &e->x.path, &e->x.query, &err) < 0) {
		e->x.path = e->uri;
		return 400;
	}
	if (e->connection->is_surplus)
		return 503;
	if (head_bytes(e) > s->options.header_bytes)
		return 431;
	if (!is_framed(e))
		return 400;
	e->max_body = s->options.max_body ? s->options.max_body(s->options.ctx, e->x.method, e->x.path)
					  : DEFAULT_BODY_BYTES;
	if (str_u64(http_header_of(&e->x, "Content-Length"), UINT64_MAX, &announced) &&
	    announced > e->max_body)
		return 413;
	return 0;
}

static void read_head(struct exchange *e, const char *method)
{
	e->is_begun = true;
	e->x.method = str_copy(&e->x.task.arena, str_of(method));
	MHD_get_connection_values_n(e->handle, MHD_HEADER_KIND, add_header, e);
	e->x.refused = judge_head(e);
}

/* Count n more bytes of bodies; false: all bodies together have too many. */
static bool reserve(struct http_server *s, size_t n)
{
	bool has_room;

	pthread_mutex_lock(&s->lock);
	has_room = s->body_bytes + n <= LIMIT_REQUEST_BODIES_BYTES;
	s->body_bytes += has_room ? n : 0;
	pthread_mutex_unlock(&s->lock);
	return has_room;
}

static void drop_body(struct exchange *e)
{
	pthread_mutex_lock(&e->server->lock);
	e->server->body_bytes -= e->body_room;
	pthread_mutex_unlock(&e->server->lock);
	free(e->body);
	e->body = NULL;
	e->body_n = e->body_room = 0;
}

static bool grow_body(struct exchange *e, size_t need)
{
	size_t room = e->body_room ? e->body_room : BODY_STEP;
	char *grown;

	while (room < need)
		room *= 2;
	if (room == e->body_room)
		return true;
	if (!reserve(e->server, room - e->body_room))
		return false;
	grown = realloc(e->body, room);
	if (!grown)
		abort();
	e->body = grown;
	e->body_room = room;
	return true;
}

/* What comes after a refusal is read, as the answer can be sent only behind it, and dropped. */
static void take_body(struct exchange *e, const char *data, size_t n)
{
	if (e->x.refused)
		return;
	if (n > e->max_body - e->body_n)
		e->x.refused = 413;
	else if (!grow_body(e, e->body_n + n))
		e->x.refused = 503;
	if (e->x.refused) {
		drop_body(e);
		return;
	}
	memcpy(e->body + e->body_n, data, n);
	e->body_n += n;
}

/* ---- to a handler and back ---- */

static void push(struct exchange_queue *q, struct exchange *e)
{
	if (q->last)
		q->last->next = e;
	else
		q->first = e;
	q->last = e;
	q->n++;
}

static struct exchange *pop(struct exchange_queue *q)
{
	struct exchange *e = q->first;

	if (!e)
		return NULL;
	q->first = e->next;
	if (!q->first)
		q->last = NULL;
	q->n--;
	return e;
}

/* To the pool, or to the refuser. MHD_NO: the connection is being closed. */
static enum MHD_Result enqueue(struct exchange *e)
{
	struct http_server *s = e->server;
	struct connection *c = e->connection;

	e->x.body = (struct str){ e->body, e->body_n };
	pthread_mutex_lock(&s->lock);
	if (c->is_closing || s->is_stopping) {
		pthread_mutex_unlock(&s->lock);
		return MHD_NO;
	}
	MHD_suspend_connection(e->handle);
	if ((s->requests.n >= s->options.queue || s->is_canceling) && !e->x.refused)
		e->x.refused = 503;
	e->was_running = true;
	c->state = CONNECTION_RUNNING;
	c->since_ns = http_server_now();
	c->running = e;
	c->lingers = e->x.refused != 0;
	s->stats.refused += e->x.refused != 0;
	push(e->x.refused ? &s->refusals : &s->requests, e);
	pthread_cond_signal(e->x.refused ? &s->refusal : &s->work);
	pthread_mutex_unlock(&s->lock);
	return MHD_YES;
}

/* The next of a queue, counted as running; NULL: the server ends. */
static struct exchange *take(struct http_server *s, struct exchange_queue *q, pthread_cond_t *filled)
{
	struct exchange *e;

	pthread_mutex_lock(&s->lock);
	while (!q->first && !s->is_stopping)
		pthread_cond_wait(filled, &s->lock);
	e = pop(q);
	s->running += e != NULL;
	pthread_mutex_unlock(&s->lock);
	return e;
}

void *http_server_work(void *ctx)
{
	struct http_server *s = ctx;
	struct exchange *e;

	while ((e = take(s, &s->requests, &s->work)))
		s->options.handle(s->options.ctx, &e->x);
	return NULL;
}

void *http_server_refuse(void *ctx)
{
	struct http_server *s = ctx;
	struct exchange *e;

	while ((e = take(s, &s->refusals, &s->refusal)))
		s->options.refuse(s->options.ctx, &e->x);
	return NULL;
}

/* ---- the answer ---- */

/* Release what the request holds once both it and the response are over: libmicrohttpd may let go of either
 * first, and the body may be in the arena. */
static void let_go(struct exchange *e)
{
	if (--e->holders)
		return;
	drop_body(e);
	task_close(&e->x.task);
	free(e);
}

static void release_body(void *ctx)
{
	struct exchange *e = ctx;

	if (e->release)
		e->release(e->release_ctx);
	let_go(e);
}

static void add_reply_header(struct exchange *e, const struct http_header *h)
{
	struct arena *a = &e->x.task.arena;

	if (str_eq_nocase(h->name, STR("Content-Length")) || str_eq_nocase(h->name, STR("Date")))
		return; /* libmicrohttpd's */
	if (MHD_add_response_header(e->response, str_copy(a, h->name).p, str_copy(a, h->value).p) !=
		    MHD_YES &&
	    e->server->options.log)
		log_line(e->server->options.log, LOG_DEBUG, "http: header " STR_FMT " of an answer left out",
			 STR_ARG(h->name));
}

static void add_headers(struct exchange *e, const http_headers *headers)
{
	bool is_last, has_retry = false;

	VEC_EACH (struct http_header, h, headers) {
		add_reply_header(e, h);
		has_retry = has_retry || str_eq_nocase(h->name, STR("Retry-After"));
	}
	if (e->x.refused == 503 && !has_retry)
		MHD_add_response_header(e->response, "Retry-After", "1");
	pthread_mutex_lock(&e->server->lock);
	is_last = e->server->is_draining;
	pthread_mutex_unlock(&e->server->lock);
	if (is_last || e->x.refused)
		MHD_add_response_header(e->response, "Connection", "close");
}

static bool has_body(unsigned status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* On the thread that replies, as what the reply points to may be gone when it returns. */
static void make_response(struct exchange *e, const struct http_reply *reply)
{
	bool is_head = str_eq(e->x.method, STR("HEAD"));
	struct str body = has_body(reply->status) && (reply->body.p || is_head) ? reply->body
										: (struct str){ 0 };

	e->status = reply->status;
	e->reply_bytes = is_head ? 0 : body.n;
	e->release = reply->release;
	e->release_ctx = reply->release_ctx;
	e->holders++;
	e->response = MHD_create_response_from_buffer_with_free_callback_cls(
		body.n, (void *)(uintptr_t)(body.p ? body.p : ""), release_body, e);
	if (!e->response)
		abort();
	add_headers(e, &reply->headers);
}

void http_reply(struct http_exchange *x, const struct http_reply *reply)
{
	struct exchange *e = x->server_;
	struct http_server *s = e->server;

	assert(!e->response);
	make_response(e, reply);
	pthread_mutex_lock(&s->lock);
	e->connection->running = NULL;
	e->connection->state = CONNECTION_WRITING;
	e->connection->since_ns = http_server_now();
	MHD_resume_connection(e->handle);
	s->running--;
	pthread_cond_broadcast(&s->quiet);
	pthread_mutex_unlock(&s->lock);
}

static enum MHD_Result send_reply(struct exchange *e)
{
	struct MHD_Response *response = e->response;

	e->is_queued = true;
	if (MHD_queue_response(e->handle, e->status, response) != MHD_YES) {
		MHD_destroy_response(response);
		return MHD_NO;
	}
	MHD_destroy_response(response);
	return MHD_YES;
}

enum MHD_Result http_exchange_step(void *ctx, struct MHD_Connection *handle, const char *url,
				   const char *method, const char *version, const char *data, size_t *size,
				   void **slot)
{
	struct exchange *e = *slot;

	(void)ctx, (void)handle, (void)url, (void)version;
	if (e->response)
		return e->is_queued ? MHD_YES : send_reply(e);
	if (!e->is_begun) {
		read_head(e, method);
		return e->x.refused ? enqueue(e) : MHD_YES;
	}
	if (*size == 0)
		return enqueue(e);
	take_body(e, data, *size);
	*size = 0;
	return MHD_YES;
}

/* The client has the answer, as far as one can know. */
static bool is_delivered(struct exchange *e, enum MHD_RequestTerminationCode code)
{
	bool is_gone;

	pthread_mutex_lock(&e->server->lock);
	is_gone = e->connection->is_gone;
	pthread_mutex_unlock(&e->server->lock);
	return code == MHD_REQUEST_TERMINATED_COMPLETED_OK && !is_gone;
}

void http_exchange_completed(void *ctx, struct MHD_Connection *handle, void **slot,
			     enum MHD_RequestTerminationCode code)
{
	struct http_server *s = ctx;
	struct exchange *e = *slot;
	bool is_sent;

	(void)handle;
	if (!e)
		return;
	is_sent = is_delivered(e, code);
	if (e->was_running && s->options.finished)
		s->options.finished(s->options.ctx, &e->x, is_sent ? e->status : 499,
				    is_sent ? e->reply_bytes : 0);
	if (e->response && !e->is_queued)
		MHD_destroy_response(e->response);
	http_connection_state(s, e->connection, CONNECTION_IDLE);
	*slot = NULL;
	let_go(e);
}
