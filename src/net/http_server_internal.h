/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_SERVER_INTERNAL_H
#define NET_HTTP_SERVER_INTERNAL_H

#include "net/http_server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <sys/socket.h>

/* Inside of net/http_server*.c. */

/* What a connection is doing; decides which deadline it has and whether it may be closed for a new one. */
enum connection_state {
	CONNECTION_IDLE, /* between two requests */
	CONNECTION_READING, /* a request is coming in */
	CONNECTION_RUNNING, /* a handler has it */
	CONNECTION_WRITING, /* an answer is going out */
};

struct connection {
	struct http_server *server;
	struct connection *next, *previous;
	int fd;
	enum connection_state state;
	uint64_t since_ns; /* in this state */
	uint64_t received; /* bytes the kernel had counted when it became idle */
	uint64_t acknowledged; /* of the answer going out, when the watchdog looked last */
	struct sockaddr_storage address;
	bool is_surplus; /* beyond the limit, and nobody could go for it: is told 503 */
	bool is_closing; /* shut down by us */
	bool is_gone; /* the client hung up while a handler worked for it */
	bool lingers; /* may have sent what nobody reads: see http_server_linger.c */
	struct exchange *running;
	struct http_credentials *credentials; /* of its handshake */
};

/* An exchange with what only the server knows of it. */
struct exchange {
	struct http_exchange x; /* must be first */
	struct http_server *server;
	struct MHD_Connection *handle;
	struct connection *connection;
	struct exchange *next; /* in the queue */
	atomic_bool canceled;
	struct str uri; /* as sent */
	char *body;
	size_t body_n, body_room;
	uint64_t max_body;
	struct MHD_Response *response; /* once replied */
	unsigned status; /* of it */
	uint64_t reply_bytes;
	void (*release)(void *ctx); /* of the reply's body */
	void *release_ctx;
	unsigned holders; /* of its memory: the request, and the response while that lives */
	bool is_begun, is_replied, is_queued, was_running;
	char remote[64];
};

struct exchange_queue {
	struct exchange *first, *last;
	unsigned n;
};

struct http_credentials;

enum {
	HTTP_LINGER_MAX = 64, /* sockets lingering at once */
	HTTP_HEADROOM = 64, /* connections beyond the limit, to be told so */
};

/* A socket that stays open a moment after its last answer. */
struct lingering {
	int fd;
	uint64_t until_ns;
};

struct http_server {
	struct http_server_options options;
	struct MHD_Daemon *daemon;
	int listen_fd;
	unsigned port;
	pthread_t *threads, watchdog, refuser;
	unsigned thread_count;
	bool has_watchdog, has_refuser;

	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t work, refusal, quiet;
	struct exchange_queue requests,
		refusals; /* refusals have a thread of their own: they never wait for work */
	unsigned running; /* handed to a handler and not replied yet */
	struct connection *connections;
	unsigned open_count, surplus_count; /* of those not closing */
	uint64_t body_bytes; /* of all bodies being kept */
	bool is_draining, is_canceling, is_stopping;
	struct http_server_stats stats;
	struct http_credentials *credentials; /* the newest */
	struct lingering lingering[HTTP_LINGER_MAX];
	unsigned lingering_count;
};

uint64_t http_server_now(void);

/* ---- connections (http_server_connections.c) ---- */
void http_connection_notify(void *ctx, struct MHD_Connection *handle, void **slot,
			    enum MHD_ConnectionNotificationCode code);
void http_connection_state(struct http_server *s, struct connection *c, enum connection_state state);
void *http_server_watch(void *ctx);
/* Close the idle ones; returns how many others there are. With the lock held. */
unsigned http_connections_close_idle(struct http_server *s);
/* How many have an answer going out. With the lock held. */
unsigned http_connections_writing(const struct http_server *s);

/* ---- sockets after their last answer (http_server_linger.c); all with the lock held ---- */
void http_linger(struct http_server *s, int fd);
void http_linger_step(struct http_server *s, uint64_t now);
void http_linger_end(struct http_server *s);

/* ---- exchanges (http_server_exchange.c) ---- */
void *http_exchange_begin(void *ctx, const char *uri, struct MHD_Connection *handle);
enum MHD_Result http_exchange_step(void *ctx, struct MHD_Connection *handle, const char *url,
				   const char *method, const char *version, const char *data, size_t *size,
				   void **slot);
void http_exchange_completed(void *ctx, struct MHD_Connection *handle, void **slot,
			     enum MHD_RequestTerminationCode code);
void *http_server_work(void *ctx);
void *http_server_refuse(void *ctx);

/* ---- sockets and certificates ---- */
int http_listen(struct str address, int *fd, unsigned *port, struct err *err);
int http_credentials_load(struct http_server *s, struct err *err);
/* One user fewer; NULL is fine. With the lock held. */
void http_credentials_drop(struct http_credentials *c);
/* The option that has a certificate chosen for each handshake. */
struct MHD_OptionItem http_credentials_option(void);
/* "192.0.2.1:4711" into text of 64 bytes. */
void http_address_text(const struct sockaddr_storage *address, char text[64]);

#endif
