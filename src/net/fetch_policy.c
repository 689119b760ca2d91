/* SPDX-License-Identifier: Apache-2.0 */
/* Where a URL of a stranger may lead: rules first, then what kind of address it is.
 * Sources: IANA, "IPv4 Special-Purpose Address Registry" and the one for IPv6 (RFC 6890),
 * https://www.iana.org/assignments/iana-ipv4-special-registry; RFC 6052 and 8215 (NAT64), RFC 3056 (6to4),
 * RFC 4380 (Teredo); the addresses under which the large clouds serve their instances' credentials, from
 * their manuals. Easy to get wrong: many texts name one address ("0x7f.1", "2130706433", "::ffff:7f00:1"),
 * and IPv6 addresses carry IPv4 ones inside, so texts are never compared: the bytes of the address that a
 * socket is about to be connected to are, with every IPv4 address that is in them. */
#include "net/fetch_policy.h"

#include "base/arena.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#define HOST_BYTES_MAX 253u /* of a name in the DNS */
#define PORT_MAX 65535u

enum address_kind { LINK_LOCAL = 1, METADATA = 2, LOOPBACK = 4, PRIVATE = 8, RESERVED = 16 };
#define LOCAL_KINDS (LINK_LOCAL | LOOPBACK | PRIVATE)
#define ADDRESS_TEXT 64

/* What a connection would go to. */
struct peer {
	struct str host;
	unsigned port;
	unsigned char address[16];
};

#define V4(a, b, c, d)                                                                                       \
	{                                                                                                    \
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d                                         \
	}

static const struct range {
	unsigned char address[16];
	unsigned bits;
	enum address_kind kind;
	const char *what;
} ranges[] = {
	/* first those with a name of their own */
	{ V4(100, 100, 100, 200), 128, METADATA, "a cloud's metadata service" },
	{ V4(168, 63, 129, 16), 128, METADATA, "a cloud's metadata service" },
	{ V4(192, 0, 0, 192), 128, METADATA, "a cloud's metadata service" },
	{ V4(169, 254, 169, 254), 128, METADATA, "a cloud's metadata service" },
	{ { 0xfd, 0, 0x0e, 0xc2, [14] = 2, 0x54 }, 128, METADATA, "a cloud's metadata service" },
	{ { 0xfd, 0x20, 0, 0xce, [14] = 2, 0x54 }, 128, METADATA, "a cloud's metadata service" },
	{ { 0xfd, 0, 0, 0xc1, [12] = 0xa9, 0xfe, 0xa9, 0xfe }, 128, METADATA, "a cloud's metadata service" },
	{ { 0xfd, 0, 0, 0x42, [15] = 0x42 }, 128, METADATA, "a cloud's metadata service" },
	{ V4(169, 254, 0, 0), 112, LINK_LOCAL, "link-local" },
	{ { 0xfe, 0x80 }, 10, LINK_LOCAL, "link-local" },
	{ V4(127, 0, 0, 0), 104, LOOPBACK, "loopback" },
	{ { [15] = 1 }, 128, LOOPBACK, "loopback" },
	{ V4(10, 0, 0, 0), 104, PRIVATE, "private" },
	{ V4(172, 16, 0, 0), 108, PRIVATE, "private" },
	{ V4(192, 168, 0, 0), 112, PRIVATE, "private" },
	{ { 0xfc }, 7, PRIVATE, "unique-local" },
	{ V4(100, 64, 0, 0), 106, RESERVED, "shared by a carrier" },
	{ V4(0, 0, 0, 0), 104, RESERVED, "this host" },
	{ { 0 }, 128, RESERVED, "this host" },
	{ V4(192, 0, 0, 0), 120, RESERVED, "reserved" },
	{ V4(192, 0, 2, 0), 120, RESERVED, "reserved" },
	{ V4(192, 88, 99, 0), 120, RESERVED, "reserved" },
	{ V4(198, 18, 0, 0), 111, RESERVED, "reserved" },
	{ V4(198, 51, 100, 0), 120, RESERVED, "reserved" },
	{ V4(203, 0, 113, 0), 120, RESERVED, "reserved" },
	{ V4(224, 0, 0, 0), 100, RESERVED, "multicast" },
	{ V4(240, 0, 0, 0), 100, RESERVED, "reserved" },
	{ { 0xff }, 8, RESERVED, "multicast" },
	{ { 0xfe, 0xc0 }, 10, RESERVED, "site-local" },
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48, RESERVED, "a local translation prefix" },
	{ { 0x01, 0 }, 64, RESERVED, "reserved" },
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, RESERVED, "reserved" },
	{ { 0x3f, 0xff }, 20, RESERVED, "reserved" },
};

/* IPv6 prefixes whose addresses carry an IPv4 address, and where; mask: it is stored inverted. */
static const struct {
	unsigned char prefix[16];
	unsigned bits, at;
	unsigned char mask;
} carriers[] = {
	{ { 0, 0x64, 0xff, 0x9b }, 96, 12, 0 }, /* NAT64 */
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48, 12, 0 }, /* NAT64, local */
	{ { 0x20, 0x02 }, 16, 2, 0 }, /* 6to4 */
	{ { 0x20, 0x01, 0, 0 }, 32, 12, 0xff }, /* Teredo */
	{ { [8] = 0xff, 0xff }, 96, 12, 0 }, /* SIIT */
	{ { 0 }, 96, 12, 0 }, /* IPv4-compatible */
};

/* Names under which metadata services answer; the only defence where a proxy resolves names. */
static const char *const metadata_names[] = {
	"metadata.google.internal",
	"metadata.goog",
	"instance-data.ec2.internal",
	"instance-data",
};

static bool has_prefix(const unsigned char *address, const unsigned char *prefix, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (memcmp(address, prefix, bytes) != 0)
		return false;
	return rest == 0 || (address[bytes] ^ prefix[bytes]) >> (8 - rest) == 0;
}

static const struct range *range_of(const unsigned char address[16])
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (has_prefix(address, ranges[i].address, ranges[i].bits))
			return &ranges[i];
	return NULL;
}

static void set_v4(unsigned char out[16], const unsigned char *v4, unsigned char mask)
{
	memset(out, 0, 10);
	out[10] = out[11] = 0xff;
	for (unsigned i = 0; i < 4; i++)
		out[12 + i] = v4[i] ^ mask;
}

/* The IPv4 address inside, as ::ffff:a.b.c.d. */
static bool carried(const unsigned char address[16], unsigned char out[16])
{
	static const unsigned char isatap[4] = { 0, 0, 0x5e, 0xfe };

	for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
		if (!has_prefix(address, carriers[i].prefix, carriers[i].bits))
			continue;
		set_v4(out, address + carriers[i].at, carriers[i].mask);
		return true;
	}
	if (memcmp(address + 9, isatap + 1, 3) != 0 || (address[8] & ~2u) != 0)
		return false;
	set_v4(out, address + 12, 0);
	return true;
}

/* --- rules --- */

static struct str bare_host(struct str host)
{
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		return str_sub(host, 1, host.n - 2);
	return host.n && host.p[host.n - 1] == '.' ? str_sub(host, 0, host.n - 1) : host;
}

/* How narrow a name rule is; 0 when it does not match. */
static unsigned match_name(const struct fetch_rule *r, const struct peer *peer)
{
	bool is_pattern = str_starts(r->host, STR("*"));
	struct str want = is_pattern ? str_sub(r->host, 1, r->host.n - 1) : r->host, have = peer->host;

	if (r->host.n == 0 || (r->port && r->port != peer->port))
		return 0;
	if (is_pattern && have.n > want.n)
		have = str_sub(have, have.n - want.n, want.n);
	if (!str_eq_nocase(have, want))
		return 0;
	return 1 + 4 * (unsigned)want.n + (is_pattern ? 0 : 2) + (r->port != 0);
}

static unsigned match_address(const struct fetch_rule *r, const struct peer *peer)
{
	if (r->host.n || (r->port && r->port != peer->port) ||
	    !has_prefix(peer->address, r->address, r->bits))
		return 0;
	return 1 + 2 * r->bits + (r->port != 0);
}

typedef unsigned rule_match(const struct fetch_rule *r, const struct peer *peer);

static unsigned narrowest(const fetch_rules *rules, rule_match *match, const struct peer *peer)
{
	unsigned best = 0;

	VEC_EACH (const struct fetch_rule, r, rules) {
		unsigned score = match(r, peer);

		best = score > best ? score : best;
	}
	return best;
}

enum decision { UNDECIDED, ALLOWED, DENIED };

static enum decision decide(const struct fetch_policy *p, rule_match *match, const struct peer *peer)
{
	unsigned allow = narrowest(&p->allow, match, peer), deny = narrowest(&p->deny, match, peer);

	if (allow == 0 && deny == 0)
		return UNDECIDED;
	return deny >= allow ? DENIED : ALLOWED;
}

/* --- addresses --- */

static int refuse(const struct peer *peer, const char *why, struct err *err)
{
	return err_set(err, E_AUTH, "disallowed by policy: host " STR_FMT " is %s", STR_ARG(peer->host), why);
}

static int refuse_address(const struct peer *peer, const char *why, struct err *err)
{
	char text[ADDRESS_TEXT] = "?";

	if (has_prefix(peer->address, (const unsigned char[16])V4(0, 0, 0, 0), 96))
		inet_ntop(AF_INET, peer->address + 12, text, sizeof(text));
	else
		inet_ntop(AF_INET6, peer->address, text, sizeof(text));
	return err_set(err, E_AUTH, "disallowed by policy: host " STR_FMT ": address %s is %s",
		       STR_ARG(peer->host), text, why);
}

static int check_range(const struct fetch_policy *p, const struct peer *peer, struct err *err)
{
	const struct range *range = range_of(peer->address);

	if (!range || p->mode == FETCH_ANY)
		return 0;
	if (p->mode == FETCH_STRICT || (range->kind & (LINK_LOCAL | METADATA)) != 0)
		return refuse_address(peer, range->what, err);
	return 0;
}

static int check_ranges(const struct fetch_policy *p, const struct peer *peer, struct err *err)
{
	const struct range *range = range_of(peer->address);
	struct peer inner = *peer;

	if (p->is_airgapped && (!range || (range->kind & LOCAL_KINDS) == 0))
		return refuse_address(peer, "outside (airgap)", err);
	TRY(check_range(p, peer, err));
	if ((!range || range->kind == RESERVED) && carried(peer->address, inner.address))
		return check_range(p, &inner, err);
	return 0;
}

static int check_bytes(const struct fetch_policy *p, const struct peer *peer, struct err *err)
{
	enum decision by_name = decide(p, match_name, peer), by_address = decide(p, match_address, peer);
	struct peer inner = *peer;

	if (carried(peer->address, inner.address) && decide(p, match_address, &inner) == DENIED)
		by_address = DENIED;
	if (by_name == DENIED)
		return refuse(peer, "denied", err);
	if (by_address == DENIED)
		return refuse_address(peer, "denied", err);
	return by_name == ALLOWED || by_address == ALLOWED ? 0 : check_ranges(p, peer, err);
}

/* An address in its usual form, or, if is_lenient, in every form that a resolver takes. */
static bool parse_literal(struct str host, bool is_lenient, unsigned char out[16])
{
	char text[ADDRESS_TEXT];
	struct in_addr v4;

	if (host.n == 0 || host.n >= sizeof(text) || str_find(host, '\0') < host.n)
		return false;
	snprintf(text, sizeof(text), STR_FMT, STR_ARG(host));
	if (inet_pton(AF_INET6, text, out) == 1)
		return true;
	if (inet_pton(AF_INET, text, &v4) != 1 && !(is_lenient && inet_aton(text, &v4)))
		return false;
	set_v4(out, (const unsigned char *)&v4, 0);
	return true;
}

static int check_name(const struct fetch_policy *p, const struct peer *peer, struct err *err)
{
	struct str host = peer->host;
	size_t tail = host.n > 10 ? host.n - 10 : 0;

	if (p->mode == FETCH_ANY)
		return 0;
	for (size_t i = 0; i < sizeof(metadata_names) / sizeof(metadata_names[0]); i++)
		if (str_eq_nocase(host, str_of(metadata_names[i])))
			return refuse(peer, "a cloud's metadata service", err);
	if (p->mode == FETCH_STRICT && (str_eq_nocase(host, STR("localhost")) ||
					str_eq_nocase(str_sub(host, tail, host.n - tail), STR(".localhost"))))
		return refuse(peer, "loopback", err);
	return 0;
}

int fetch_policy_check_host(const struct fetch_policy *p, struct str host, unsigned port, struct err *err)
{
	struct peer peer = { .host = bare_host(host), .port = port };

	if (peer.host.n == 0 || peer.host.n > HOST_BYTES_MAX)
		return err_set(err, E_AUTH, "disallowed by policy: host name of %zu bytes", peer.host.n);
	if (parse_literal(str_sub(peer.host, 0, str_find(peer.host, '%')), true, peer.address))
		return check_bytes(p, &peer, err);
	switch (decide(p, match_name, &peer)) {
	case DENIED: return refuse(&peer, "denied", err);
	case ALLOWED: return 0;
	case UNDECIDED: break;
	}
	return check_name(p, &peer, err);
}

int fetch_policy_check_address(const struct fetch_policy *p, struct str host, unsigned port,
			       const struct sockaddr *address, struct err *err)
{
	struct peer peer = { .host = bare_host(host), .port = port };

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;

		set_v4(peer.address, (const unsigned char *)&in->sin_addr, 0);
	} else if (address->sa_family == AF_INET6) {
		memcpy(peer.address, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	} else {
		return refuse(&peer, "not at an internet address", err);
	}
	return check_bytes(p, &peer, err);
}

/* --- parsing rules --- */

static int bad_rule(struct str text, const char *why, struct err *err)
{
	return err_set(err, E_CONFIG,
		       "fetch rule \"%.100s\": %s; write an address (192.0.2.7), a network (10.0.0.0/8, "
		       "fd00::/8) or a host (registry.example, *.example), each with :port if need be",
		       text.p, why);
}

/* "[v6]", "[v6]:port", "v4:port", "host:port"; a bare IPv6 address has no port. */
static bool cut_port(struct str text, struct str *rest, unsigned *port)
{
	struct str tail;
	uint64_t number;

	*rest = text;
	*port = 0;
	if (text.n && text.p[0] == '[') {
		size_t close = str_find(text, ']');

		if (close == text.n)
			return false;
		*rest = str_sub(text, 1, close - 1);
		tail = str_sub(text, close + 1, text.n - close - 1);
		if (tail.n == 0)
			return true;
		if (tail.p[0] != ':')
			return false;
		tail = str_sub(tail, 1, tail.n - 1);
	} else if (str_find(text, ':') != str_rfind(text, ':') || !str_rcut(text, ':', rest, &tail)) {
		return true;
	}
	*port = str_u64(tail, PORT_MAX, &number) ? (unsigned)number : 0;
	return *port != 0;
}

static bool is_host_pattern(struct str s)
{
	struct str rest = str_starts(s, STR("*.")) ? str_sub(s, 2, s.n - 2) : s;

	if (str_eq(s, STR("*")))
		return true;
	if (rest.n == 0 || rest.n > HOST_BYTES_MAX || rest.p[0] == '.')
		return false;
	for (size_t i = 0; i < rest.n; i++) {
		char c = rest.p[i];
		bool is_name = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';

		if (!is_name && !(c == '.' && i + 1 < rest.n && rest.p[i + 1] != '.'))
			return false;
	}
	return true;
}

/* Returns 1, 0 when it is no address, or E_CONFIG. */
static int parse_network(struct str text, struct str network, struct fetch_rule *out, struct err *err)
{
	unsigned char ignored[16];
	struct str address, bits;
	bool has_bits = str_cut(network, '/', &address, &bits);
	bool is_v4 = str_find(address, ':') == address.n;
	uint64_t number = 0;

	if (!parse_literal(address, false, out->address)) {
		if (has_bits)
			return bad_rule(text, "no address before '/'", err);
		return parse_literal(address, true, ignored) ? bad_rule(text, "an address cut short", err)
							     : 0;
	}
	if (has_bits && !str_u64(bits, is_v4 ? 32 : 128, &number))
		return bad_rule(text, "a prefix longer than the address", err);
	out->bits = has_bits ? (unsigned)number + (is_v4 ? 96 : 0) : 128;
	return 1;
}

int fetch_rule_parse(struct arena *a, struct str text, struct fetch_rule *out, struct err *err)
{
	struct fetch_rule rule = { 0 };
	struct str rest;
	int found;

	text = str_printable(a, str_copy(a, text));
	text = str_copy(a, str_trim(text));
	if (text.n == 0 || text.n > HOST_BYTES_MAX + 10)
		return bad_rule(text, "empty or too long", err);
	if (!cut_port(text, &rest, &rule.port))
		return bad_rule(text, "no port after ':'", err);
	found = parse_network(text, rest, &rule, err);
	TRY(found);
	if (found == 0) {
		rule.host = bare_host(str_lower(a, rest));
		if (!is_host_pattern(rule.host))
			return bad_rule(text, "neither an address nor a host name", err);
	}
	*out = rule;
	return 0;
}
