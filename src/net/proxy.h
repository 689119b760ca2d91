/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_PROXY_H
#define NET_PROXY_H

#include "base/arena.h"
#include "base/str.h"

/* The proxy that the environment names for a host (http_proxy, HTTP_PROXY, https_proxy, HTTPS_PROXY,
 * all_proxy, ALL_PROXY, without those of no_proxy, NO_PROXY); empty: none. Loopback hosts are never asked
 * through a proxy. NUL-terminated, in the arena. */
struct str proxy_for(struct arena *a, bool is_tls, struct str host, unsigned port);

#endif
