/* SPDX-License-Identifier: Apache-2.0 */
/* Being polite to publishers: a rate of requests for each host, shared by all clients of a run. Source: RFC
 * 6585 "Additional HTTP Status Codes", section 4 (429). What a reader would get wrong: requests that were not
 * made are saved up, but for a second only, so that a few questions go out at once and many do not. */
#include "net/http_pace.h"

#include <string.h>

#define SECOND_NS 1000000000.0

void http_pace_open(struct http_pace *p)
{
	memset(p, 0, sizeof(*p));
	pthread_mutex_init(&p->lock, NULL);
}

void http_pace_close(struct http_pace *p)
{
	pthread_mutex_destroy(&p->lock);
}

/* Under the lock. */
static struct http_pace_host *host_of(struct http_pace *p, struct str host)
{
	struct http_pace_host *h;

	host.n = host.n < PACE_HOST_BYTES ? host.n : PACE_HOST_BYTES - 1;
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(str_of(p->hosts[i].name), host))
			return &p->hosts[i];
	if (p->n == PACE_HOSTS)
		return &p->hosts[PACE_HOSTS - 1];
	h = &p->hosts[p->n++];
	memcpy(h->name, host.p, host.n);
	h->rate = PACE_RATE;
	return h;
}

uint64_t http_pace_take(struct http_pace *p, struct str host, uint64_t now_ns)
{
	struct http_pace_host *h;
	uint64_t saved = (uint64_t)SECOND_NS, wait;

	pthread_mutex_lock(&p->lock);
	h = host_of(p, host);
	if (h->next_ns + saved < now_ns)
		h->next_ns = now_ns - (now_ns < saved ? now_ns : saved);
	h->next_ns += (uint64_t)(SECOND_NS / h->rate);
	wait = h->next_ns > now_ns ? h->next_ns - now_ns : 0;
	pthread_mutex_unlock(&p->lock);
	return wait;
}

/* One fewer, or half as many when there is one; then slowly as many as before. */
void http_pace_answered(struct http_pace *p, struct str host, unsigned status)
{
	struct http_pace_host *h;

	pthread_mutex_lock(&p->lock);
	h = host_of(p, host);
	if (status == 429)
		h->rate = h->rate > 1 ? h->rate - 1 : h->rate / 2;
	else if (status < 400)
		h->rate = h->rate + 1 < PACE_RATE ? h->rate + 1 : PACE_RATE;
	if (h->rate < 0.05)
		h->rate = 0.05;
	pthread_mutex_unlock(&p->lock);
}
