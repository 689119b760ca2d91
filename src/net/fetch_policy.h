/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_FETCH_POLICY_H
#define NET_FETCH_POLICY_H

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"

#include <sys/socket.h>

/* Where a caller-given URL may lead. Asked with the name, before it is resolved, and with every address that
 * a connection is about to be made to: after resolution and on each redirect. */
enum fetch_policy_mode {
	FETCH_DEFAULT, /* link-local and cloud metadata addresses are refused */
	FETCH_STRICT, /* private, loopback, unique-local, carrier-grade, multicast, reserved ones too */
	FETCH_ANY, /* nothing is refused */
};

/* "10.0.0.0/8", "fd00::/8", "192.0.2.7", or a host pattern: "registry.example", "*.example", with an optional
 * ":port". */
struct fetch_rule {
	struct str host; /* pattern, lower case; empty: an address rule */
	unsigned char address[16]; /* IPv6; IPv4 as ::ffff:a.b.c.d */
	unsigned bits; /* of the prefix, 0 to 128 */
	unsigned port; /* 0: any */
};
typedef VEC(struct fetch_rule) fetch_rules;

struct fetch_policy {
	enum fetch_policy_mode mode;
	bool is_airgapped; /* only private, loopback and link-local addresses, as Clair's indexer.airgap */
	fetch_rules allow, deny; /* decide first; the longer prefix or pattern wins, deny at a tie */
};

/* Parse one rule; strings in the arena. E_CONFIG. */
struct arena;
int fetch_rule_parse(struct arena *a, struct str text, struct fetch_rule *out, struct err *err);
/* 0, or E_AUTH "disallowed by policy: ...". host: as in the URL, may be an address literal. */
int fetch_policy_check_host(const struct fetch_policy *p, struct str host, unsigned port, struct err *err);
/* Is a connection to this address, for a URL with this host, allowed? A host allowed by name allows its
 * addresses, but for those denied by an address rule. */
int fetch_policy_check_address(const struct fetch_policy *p, struct str host, unsigned port,
			       const struct sockaddr *address, struct err *err);

#endif
