/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_PACE_H
#define NET_HTTP_PACE_H

#include "base/str.h"

#include <pthread.h>
#include <stdint.h>

enum {
	PACE_HOSTS = 64, /* more share the last place */
	PACE_HOST_BYTES = 256,
	PACE_RATE = 10, /* requests a second, at most */
};

/* How often each host is asked, by all clients together (service.md 4.3): 10 requests a second, the first 10
 * at once; fewer after an answer 429, more again after good ones. Shared by threads. */
struct http_pace {
	pthread_mutex_t lock;
	size_t n;
	struct http_pace_host {
		char name[PACE_HOST_BYTES];
		double rate; /* a second */
		uint64_t next_ns; /* when the next request is due if none is saved up */
	} hosts[PACE_HOSTS];
};

void http_pace_open(struct http_pace *p);
void http_pace_close(struct http_pace *p);
/* Take a place in the row: how long to wait before asking the host. now_ns: CLOCK_MONOTONIC. */
uint64_t http_pace_take(struct http_pace *p, struct str host, uint64_t now_ns);
/* What the host answered. */
void http_pace_answered(struct http_pace *p, struct str host, unsigned status);

#endif
