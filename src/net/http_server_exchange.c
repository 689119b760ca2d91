/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer: gathered on the daemon's thread, handled on one of the pool, answered from
 * anywhere. Source: the libmicrohttpd manual, "Handling requests"; RFC 9110. What one would get wrong: the
 * callback for a request is called at its head, for each piece of its body, at its end, and once more after
 * the connection was resumed; state says which. */
#include "net/http_server_internal.h"

#include "base/cursor.h"

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

/* ---- text ---- */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decode %XX, and "+" when it is a form's. False: a malformed escape, or a NUL. */
static bool decode(struct arena *a, struct str s, bool is_form, struct str *out)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < s.n; i++) {
		int high, low;

		if (s.p[i] != '%') {
			put_u8(&b, is_form && s.p[i] == '+' ? ' ' : (uint8_t)s.p[i]);
			continue;
		}
		if (s.n - i < 3 || (high = hex(s.p[i + 1])) < 0 || (low = hex(s.p[i + 2])) < 0 ||
		    !(high | low))
			return false;
		put_u8(&b, (uint8_t)(high << 4 | low));
		i += 2;
	}
	*out = str_copy(a, buffer_str(&b));
	return true;
}

int http_query_of(struct http_exchange *x, const char *name, struct str *out)
{
	struct str rest = x->query, pair, key, value;

	*out = (struct str){ 0 };
	while (rest.n) {
		struct str tail = { 0 };

		str_cut(rest, '&', &pair, &tail);
		rest = tail;
		str_cut(pair, '=', &key, &value);
		if (!decode(&x->task.arena, key, true, &key) || !str_eq(key, str_of(name)))
			continue;
		if (!decode(&x->task.arena, value, true, out))
			*out = value;
		return 1;
	}
	return 0;
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
	e->connection = info ? info->socket_context : NULL;
	e->x.server_ = e;
	e->x.task.canceled = &e->canceled;
	atomic_init(&e->canceled, false);
	e->uri = str_copy(&e->x.task.arena, str_of(uri));
	name_request(e->x.request_id);
	pthread_mutex_lock(&e->server->lock);
	if (e->connection->state == CONNECTION_IDLE) {
		e->connection->state = CONNECTION_READING;
		e->connection->since_ns = http_server_now();
	}
	e->x.started_ns = e->connection->since_ns;
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
					str_copy(a, (struct str){ value, value_n }) }));
	return MHD_YES;
}

static void read_head(struct exchange *e, const char *method)
{
	struct http_server *s = e->server;
	struct str path, query = { 0 };
	uint64_t announced;

	e->is_begun = true;
	e->x.method = str_copy(&e->x.task.arena, str_of(method));
	str_cut(e->uri, '?', &path, &query);
	e->x.query = query;
	if (!decode(&e->x.task.arena, path, false, &e->x.path)) {
		e->x.path = path;
		e->x.refused = 400;
	}
	MHD_get_connection_values_n(e->handle, MHD_HEADER_KIND, add_header, e);
	e->max_body = s->options.max_body ? s->options.max_body(s->options.ctx, e->x.method, e->x.path)
					  : DEFAULT_BODY_BYTES;
	if (str_u64(http_header_of(&e->x, "Content-Length"), UINT64_MAX, &announced) &&
	    announced > e->max_body)
		e->x.refused = 413;
	if (e->connection->is_surplus)
		e->x.refused = 503;
}

static void take_body(struct exchange *e, const char *data, size_t n)
{
	size_t room = e->body_room;

	if (e->x.refused)
		return;
	if (n > e->max_body - e->body_n) {
		e->x.refused = 413;
		return;
	}
	while (room < e->body_n + n)
		room = room ? room * 2 : BODY_STEP;
	if (room != e->body_room) {
		e->body = realloc(e->body, room);
		if (!e->body)
			abort();
		e->body_room = room;
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

static void enqueue(struct exchange *e)
{
	struct http_server *s = e->server;

	e->x.body = (struct str){ e->body, e->body_n };
	e->was_running = true;
	pthread_mutex_lock(&s->lock);
	if (s->requests.n >= s->options.queue && !e->x.refused)
		e->x.refused = 503;
	e->connection->state = CONNECTION_RUNNING;
	e->connection->since_ns = http_server_now();
	e->connection->running = e;
	s->stats.refused += e->x.refused != 0;
	push(e->x.refused ? &s->refusals : &s->requests, e);
	pthread_cond_signal(e->x.refused ? &s->refusal : &s->work);
	pthread_mutex_unlock(&s->lock);
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

void http_reply(struct http_exchange *x, const struct http_reply *reply)
{
	struct exchange *e = x->server_;
	struct http_server *s = e->server;

	assert(!e->is_replied);
	e->reply = *reply;
	e->is_replied = true;
	pthread_mutex_lock(&s->lock);
	e->connection->running = NULL;
	e->connection->state = CONNECTION_WRITING;
	e->connection->since_ns = http_server_now();
	MHD_resume_connection(e->handle);
	s->running--;
	pthread_cond_broadcast(&s->quiet);
	pthread_mutex_unlock(&s->lock);
}

/* ---- the answer ---- */

static void release_body(void *ctx)
{
	struct http_reply *r = ctx;

	if (r->release)
		r->release(r->release_ctx);
	free(r);
}

/* The body may be sent after the exchange is gone only when it is not the exchange's: libmicrohttpd calls
 * completed after the last byte, so the arena lives long enough; release is told in any case. */
static struct MHD_Response *response_of(struct exchange *e)
{
	struct http_reply *kept = malloc(sizeof(*kept));
	struct str body = e->reply.body;

	if (!kept)
		abort();
	*kept = e->reply;
	return MHD_create_response_from_buffer_with_free_callback_cls(body.n, (void *)(uintptr_t)body.p,
								      release_body, kept);
}

static void add_headers(struct exchange *e, struct MHD_Response *response)
{
	struct arena *a = &e->x.task.arena;
	bool is_draining;

	for (size_t i = 0; i < e->reply.headers.n; i++) {
		const struct http_header *h = &e->reply.headers.p[i];

		MHD_add_response_header(response, str_copy(a, h->name).p, str_copy(a, h->value).p);
	}
	pthread_mutex_lock(&e->server->lock);
	is_draining = e->server->is_draining;
	pthread_mutex_unlock(&e->server->lock);
	if (is_draining || e->x.refused == 413 || e->connection->is_surplus)
		MHD_add_response_header(response, "Connection", "close");
}

static enum MHD_Result send_reply(struct exchange *e)
{
	struct MHD_Response *response = response_of(e);
	enum MHD_Result result;

	if (!response)
		abort();
	add_headers(e, response);
	e->status = e->reply.status;
	e->is_queued = true;
	result = MHD_queue_response(e->handle, e->reply.status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result http_exchange_step(void *ctx, struct MHD_Connection *handle, const char *url,
				   const char *method, const char *version, const char *data, size_t *size,
				   void **slot)
{
	struct exchange *e = *slot;

	(void)ctx;
	(void)url;
	(void)version;
	if (e->is_replied)
		return e->is_queued ? MHD_YES : send_reply(e);
	if (!e->is_begun) {
		read_head(e, method);
		if (e->x.refused != 413)
			return MHD_YES;
		/* refused before a byte of the body is read */
	} else if (*size) {
		take_body(e, data, *size);
		*size = 0;
		return MHD_YES;
	}
	MHD_suspend_connection(handle);
	enqueue(e);
	return MHD_YES;
}

void http_exchange_completed(void *ctx, struct MHD_Connection *handle, void **slot,
			     enum MHD_RequestTerminationCode code)
{
	struct http_server *s = ctx;
	struct exchange *e = *slot;
	bool is_sent = code == MHD_REQUEST_TERMINATED_COMPLETED_OK && !atomic_load(&e->canceled);

	(void)handle;
	if (!e)
		return;
	if (e->is_begun && s->options.finished && e->was_running)
		s->options.finished(s->options.ctx, &e->x, is_sent ? e->status : 499,
				    is_sent ? e->reply.body.n : 0);
	if (e->is_replied && !e->is_queued && e->reply.release)
		e->reply.release(e->reply.release_ctx);
	http_connection_state(s, e->connection, CONNECTION_IDLE);
	free(e->body);
	task_close(&e->x.task);
	free(e);
	*slot = NULL;
}
