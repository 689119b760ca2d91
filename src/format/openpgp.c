/* SPDX-License-Identifier: Apache-2.0 */
/* Who claims to have signed: just enough of OpenPGP to find the issuer of a signature.
 * Source: RFC 4880, sections 4.2 (packet headers), 5.2 (signature packets); RFC 9580, section 5.2.3.35
 * (issuer fingerprint, subpacket 33). Easy to get wrong: the fingerprint subpacket begins with the version of
 * the key, and the key id is the end of a version 4 fingerprint but the beginning of a later one. */
#include "format/openpgp.h"

#include "base/cursor.h"

enum { PACKET_SIGNATURE = 2, SUBPACKET_ISSUER = 16, SUBPACKET_FINGERPRINT = 33 };

struct issuer {
	uint64_t key_id, fingerprint_id;
	bool has_key_id, has_fingerprint;
};

/* The length of new-format packets (shape 4.2.2) and of subpackets (5.2.3.1), which differ in what the octets
 * from 224 mean. */
static size_t get_length(struct cursor *c, bool is_subpacket)
{
	uint8_t first = get_u8(c);

	if (first < 192)
		return first;
	if (first == 255)
		return get_be32(c);
	if (first >= 224 && !is_subpacket) { /* partial lengths: not in signatures */
		c->bad = true;
		return 0;
	}
	return ((size_t)(first - 192) << 8) + get_u8(c) + 192;
}

static size_t get_old_length(struct cursor *c, uint8_t head)
{
	switch (head & 3) {
	case 0: return get_u8(c);
	case 1: return get_be16(c);
	case 2: return get_be32(c);
	default: return cursor_left(c); /* until the end */
	}
}

static bool next_packet(struct cursor *c, unsigned *tag, struct str *body)
{
	uint8_t head = get_u8(c);
	bool is_new = head & 0x40;
	size_t n;

	if (!(head & 0x80))
		return false;
	*tag = is_new ? head & 0x3f : head >> 2 & 0x0f;
	n = is_new ? get_length(c, false) : get_old_length(c, head);
	*body = get_bytes(c, n);
	return !c->bad;
}

static void read_fingerprint(struct cursor c, struct issuer *out)
{
	uint8_t version = get_u8(&c);
	uint64_t id;

	if (version == 4)
		get_bytes(&c, 12);
	id = get_be64(&c);
	if (c.bad || version < 4 || version > 6)
		return;
	out->fingerprint_id = id;
	out->has_fingerprint = true;
}

static void read_subpackets(struct str area, struct issuer *out)
{
	struct cursor c = cursor_of(area);

	while (cursor_left(&c) && !c.bad) {
		struct cursor sub = cursor_of(get_bytes(&c, get_length(&c, true)));
		uint8_t type = get_u8(&sub) & 0x7f; /* the top bit says "critical" */

		if (type == SUBPACKET_ISSUER && cursor_left(&sub) == 8) {
			out->key_id = get_be64(&sub);
			out->has_key_id = true;
		} else if (type == SUBPACKET_FINGERPRINT) {
			read_fingerprint(sub, out);
		}
	}
}

static void read_v3(struct cursor c, struct issuer *out)
{
	uint8_t hashed = get_u8(&c), type = get_u8(&c);
	uint64_t id;

	get_be32(&c); /* time */
	id = get_be64(&c);
	if (c.bad || hashed != 5 || type != 0)
		return;
	out->key_id = id;
	out->has_key_id = true;
}

static void read_v4(struct cursor c, struct issuer *out)
{
	uint8_t type = get_u8(&c);
	struct str hashed, unhashed;

	get_u8(&c); /* public-key algorithm */
	get_u8(&c); /* hash algorithm */
	hashed = get_bytes(&c, get_be16(&c));
	unhashed = get_bytes(&c, get_be16(&c));
	if (c.bad || type != 0)
		return;
	read_subpackets(hashed, out);
	read_subpackets(unhashed, out);
}

static bool read_signature(struct str body, uint64_t *key_id)
{
	struct cursor c = cursor_of(body);
	struct issuer issuer = { 0 };
	uint8_t version = get_u8(&c);

	if (version == 3)
		read_v3(c, &issuer);
	else if (version == 4)
		read_v4(c, &issuer);
	if (!issuer.has_key_id && !issuer.has_fingerprint)
		return false;
	*key_id = issuer.has_key_id ? issuer.key_id : issuer.fingerprint_id;
	return true;
}

bool openpgp_issuer(struct str packets, uint64_t *key_id)
{
	struct cursor c = cursor_of(packets);
	bool is_found = false;
	unsigned tag;
	struct str body;

	while (cursor_left(&c) && next_packet(&c, &tag, &body))
		if (tag == PACKET_SIGNATURE && read_signature(body, key_id))
			is_found = true;
	return is_found;
}
