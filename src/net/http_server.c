/* SPDX-License-Identifier: Apache-2.0 */
/* Starting, draining and stopping the HTTP server. libmicrohttpd polls the sockets on one thread (epoll) and
 * parses HTTP; a pool of our threads runs the handlers, while the connections they work for are suspended.
 * What libmicrohttpd has not is ours: deadlines from the first byte on, room for new clients, hang-ups of
 * suspended ones (http_server_connections.c). Source: the libmicrohttpd manual, chapters "Starting and
 * stopping the server" and "Suspending". What one would get wrong: the daemon must not be stopped while a
 * connection is suspended. */
#include "net/http_server_internal.h"

#include "base/limits.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	DEFAULT_CONNECTIONS = 1000,
	DEFAULT_QUEUE = 1024,
	DEFAULT_REQUEST_SECONDS = 14, /* with what a look at the clock takes, 15 in the end */
	DEFAULT_IDLE_SECONDS = 75,
	OTHER_FILES = 256, /* descriptors for everything else */
	HEAD_EXTRA_BYTES = 8 * 1024, /* what libmicrohttpd notes about a request's head */
	STOP_SECONDS = 1, /* for answers that are going out when the server stops */
	POOL_STACK_BYTES = 1024 * 1024,
};

/* TLS 1.2 and newer. */
#define TLS_PRIORITIES "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-DTLS-ALL"

uint64_t http_server_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void fill_defaults(struct http_server_options *o)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned threads = cores > 2 ? 2 * (unsigned)cores : 4;

	o->threads = o->threads ? o->threads : threads;
	o->queue = o->queue ? o->queue : DEFAULT_QUEUE;
	o->connections = o->connections ? o->connections : DEFAULT_CONNECTIONS;
	o->request_seconds = o->request_seconds ? o->request_seconds : DEFAULT_REQUEST_SECONDS;
	o->idle_seconds = o->idle_seconds ? o->idle_seconds : DEFAULT_IDLE_SECONDS;
	o->header_bytes = o->header_bytes ? o->header_bytes : LIMIT_REQUEST_HEADER_BYTES;
}

/* As many descriptors as the connections may need; as many connections as there may be descriptors. */
static void raise_files(struct http_server_options *o)
{
	const rlim_t others = HTTP_HEADROOM + HTTP_LINGER_MAX + OTHER_FILES;
	rlim_t wanted = o->connections + others;
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || r.rlim_cur >= wanted)
		return;
	r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max >= wanted ? wanted : r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur >= wanted)
		return;
	o->connections = r.rlim_cur > 2 * others ? (unsigned)(r.rlim_cur - others) : (unsigned)others;
	if (o->log)
		log_line(o->log, LOG_WARNING, "only %u connections at once: the limit of open files is %llu",
			 o->connections, (unsigned long long)r.rlim_cur);
}

/* What libmicrohttpd calls instead of exit: one of us broke its rules. */
static void panic(void *ctx, const char *file, unsigned line, const char *reason)
{
	const struct log errors = { 0 };

	(void)ctx, (void)file;
	log_line(&errors, LOG_ERROR, "libmicrohttpd, line %u: %s", line, reason ? reason : "no reason given");
	abort();
}

static void log_daemon(void *ctx, const char *format, va_list arguments)
{
	const struct http_server *s = ctx;
	char text[256];
	size_t n;

	vsnprintf(text, sizeof(text), format, arguments);
	n = strlen(text);
	while (n && text[n - 1] == '\n')
		text[--n] = '\0';
	if (s->options.log)
		log_line(s->options.log, LOG_DEBUG, "http: %s", text);
}

static int start_daemon(struct http_server *s, struct err *err)
{
	const struct http_server_options *o = &s->options;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem more[] = { { MHD_OPTION_END, 0, NULL },
					 { MHD_OPTION_HTTPS_PRIORITIES, 0,
					   (void *)(uintptr_t)TLS_PRIORITIES },
					 { MHD_OPTION_END, 0, NULL } };

	if (o->tls_cert.n) {
		flags |= MHD_USE_TLS;
		more[0] = http_credentials_option();
	}
	s->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, http_exchange_step, s, MHD_OPTION_EXTERNAL_LOGGER, log_daemon, s,
		MHD_OPTION_LISTEN_SOCKET, s->listen_fd, MHD_OPTION_URI_LOG_CALLBACK, http_exchange_begin, s,
		MHD_OPTION_NOTIFY_COMPLETED, http_exchange_completed, s, MHD_OPTION_NOTIFY_CONNECTION,
		http_connection_notify, s, MHD_OPTION_CONNECTION_LIMIT, o->connections + HTTP_HEADROOM,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		2 * o->header_bytes + HEAD_EXTRA_BYTES, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
	if (!s->daemon)
		return err_set(err, E_IO, "the HTTP server cannot be started on \"" STR_FMT "\"",
			       STR_ARG(o->listen));
	s->listen_fd = -1; /* the daemon's now */
	return 0;
}

static int start_threads(struct http_server *s, struct err *err)
{
	pthread_attr_t attributes;

	s->threads = calloc(s->options.threads, sizeof(*s->threads));
	if (!s->threads)
		abort();
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, POOL_STACK_BYTES);
	while (s->thread_count < s->options.threads &&
	       pthread_create(&s->threads[s->thread_count], &attributes, http_server_work, s) == 0)
		s->thread_count++;
	s->has_watchdog = pthread_create(&s->watchdog, &attributes, http_server_watch, s) == 0;
	s->has_refuser = pthread_create(&s->refuser, &attributes, http_server_refuse, s) == 0;
	pthread_attr_destroy(&attributes);
	if (!s->thread_count || !s->has_watchdog || !s->has_refuser)
		return err_set(err, E_IO, "no threads for the HTTP server: %m");
	return 0;
}

/* Signals are for the threads that wait for them: new threads block what their maker blocks. */
static int start_without_signals(struct http_server *s, struct err *err)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = start_threads(s, err);
	if (rc == 0)
		rc = start_daemon(s, err);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static int start(struct http_server *s, struct err *err)
{
	if (!s->options.tls_cert.n != !s->options.tls_key.n)
		return err_set(err, E_CONFIG, "TLS needs a certificate and a key: one of the two is missing");
	if (s->options.tls_cert.n)
		TRY(http_credentials_load(s, err));
	TRY(http_listen(s->options.listen, &s->listen_fd, &s->port, err));
	MHD_set_panic_func(panic, NULL);
	return start_without_signals(s, err);
}

int http_server_start(const struct http_server_options *options, struct http_server **out, struct err *err)
{
	struct http_server *s = calloc(1, sizeof(*s));
	pthread_condattr_t monotonic;

	if (!s)
		abort();
	s->options = *options;
	s->listen_fd = -1;
	fill_defaults(&s->options);
	raise_files(&s->options);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->work, NULL);
	pthread_cond_init(&s->refusal, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->quiet, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (start(s, err) < 0) {
		http_server_stop(s);
		return err->code;
	}
	*out = s;
	return 0;
}

unsigned http_server_port(const struct http_server *s)
{
	return s->port;
}

void http_server_stats(struct http_server *s, struct http_server_stats *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->stats;
	out->connections = s->open_count;
	out->requests_running = s->running;
	out->queued = s->requests.n;
	pthread_mutex_unlock(&s->lock);
}

int http_server_reload_tls(struct http_server *s, struct err *err)
{
	if (!s->options.tls_cert.n)
		return err_set(err, E_CONFIG, "this listener has no certificate");
	return http_credentials_load(s, err);
}

static void cancel_running(struct http_server *s)
{
	s->is_canceling = true;
	for (struct connection *c = s->connections; c; c = c->next)
		if (c->running)
			atomic_store(&c->running->canceled, true);
}

static void quiesce(struct http_server *s)
{
	int fd;

	s->is_draining = true;
	pthread_mutex_unlock(&s->lock);
	fd = s->daemon ? (int)MHD_quiesce_daemon(s->daemon) : -1;
	if (fd >= 0)
		close(fd);
	pthread_mutex_lock(&s->lock);
}

/* Until something is over, or 50 ms. With the lock held. */
static void wait_a_little(struct http_server *s)
{
	uint64_t next = http_server_now() + 50u * 1000000u;
	struct timespec t = { .tv_sec = (time_t)(next / 1000000000u), .tv_nsec = (long)(next % 1000000000u) };

	pthread_cond_timedwait(&s->quiet, &s->lock, &t);
}

int http_server_drain(struct http_server *s, unsigned seconds, struct err *err)
{
	uint64_t end = http_server_now() + (uint64_t)seconds * 1000000000u;
	unsigned canceled;

	pthread_mutex_lock(&s->lock);
	if (!s->is_draining)
		quiesce(s);
	while (http_connections_close_idle(s) > 0 && http_server_now() < end)
		wait_a_little(s);
	canceled = s->running + s->requests.n;
	cancel_running(s);
	pthread_mutex_unlock(&s->lock);
	if (canceled)
		return err_set(err, E_TIMEOUT, "%u requests did not end within %u s and were canceled",
			       canceled, seconds);
	return 0;
}

/* Nothing may be suspended when the daemon stops. */
static void await_handlers(struct http_server *s)
{
	uint64_t end;

	pthread_mutex_lock(&s->lock);
	if (!s->is_draining)
		quiesce(s);
	cancel_running(s);
	while (s->running || s->requests.n || s->refusals.n)
		pthread_cond_wait(&s->quiet, &s->lock);
	s->is_stopping = true;
	end = http_server_now() + STOP_SECONDS * UINT64_C(1000000000);
	while (http_connections_writing(s) && http_server_now() < end)
		wait_a_little(s);
	pthread_cond_broadcast(&s->work);
	pthread_cond_broadcast(&s->refusal);
	pthread_mutex_unlock(&s->lock);
}

void http_server_stop(struct http_server *s)
{
	await_handlers(s);
	if (s->has_watchdog)
		pthread_join(s->watchdog, NULL);
	if (s->has_refuser)
		pthread_join(s->refuser, NULL);
	for (unsigned i = 0; i < s->thread_count; i++)
		pthread_join(s->threads[i], NULL);
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
	http_credentials_drop(s->credentials);
	http_linger_end(s);
	pthread_cond_destroy(&s->quiet);
	pthread_cond_destroy(&s->work);
	pthread_cond_destroy(&s->refusal);
	pthread_mutex_destroy(&s->lock);
	free(s->threads);
	free(s);
}
