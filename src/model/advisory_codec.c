/* SPDX-License-Identifier: Apache-2.0 */
/* Advisories as bytes, on their way from the worker that parsed a feed. Neighbours in a feed share most
 * fields, so each advisory begins with a bit set of the strings that differ from the one before; only those
 * follow. */
#include "model/advisory_codec.h"

#include "base/limits.h"

enum { FIELDS = ADVISORY_STRINGS, LONG_FIELDS = 2 }; /* the long ones come first */

static void fields_of(struct advisory *a, struct str *out[FIELDS])
{
	struct distribution *d = &a->distribution;
	struct str *const fields[FIELDS] = {
		&a->description,    &a->links,		&a->key.namespace,
		&a->key.package,    &a->module,		&a->arch,
		&a->arch_operation, &a->name,		&a->fixed_in,
		&a->severity,	    &a->status_text,	&a->repository_name,
		&a->repository_key, &a->repository_uri, &d->did,
		&d->name,	    &d->version,	&d->version_code_name,
		&d->version_id,	    &d->arch,		&d->cpe,
		&d->pretty_name,    &d->release,	&a->range,
	};

	memcpy(out, fields, sizeof(fields));
}

/* Appends a string. Returns where it is in the buffer. */
static size_t put_string_at(struct buffer *out, struct str s)
{
	put_string(out, s);
	return out->n - s.n;
}

void advisory_encode(struct advisory_encoder *e, const struct advisory *a, struct buffer *out)
{
	struct advisory now = *a;
	struct str *fields[FIELDS], batch = buffer_str(out);
	uint32_t changed = 0;

	fields_of(&now, fields);
	for (int i = 0; i < FIELDS; i++)
		if (!str_eq(*fields[i], str_sub(batch, e->last[i].at, e->last[i].n)))
			changed |= 1u << i;
	put_varint(out, changed);
	for (int i = 0; i < FIELDS; i++)
		if (changed >> i & 1) {
			e->last[i].at = put_string_at(out, *fields[i]);
			e->last[i].n = fields[i]->n;
		}
	put_u8(out, (uint8_t)a->package_kind);
	put_u8(out, (uint8_t)a->normalized_severity);
	put_u8(out, (uint8_t)a->status);
	put_varint(out, zigzag(a->issued));
}

static bool get_enums(struct cursor *in, struct advisory *a)
{
	uint8_t kind = get_u8(in), severity = get_u8(in), status = get_u8(in);
	uint64_t issued = get_varint(in);

	a->package_kind = (enum package_kind)kind;
	a->normalized_severity = (enum severity)severity;
	a->status = (enum advisory_status)status;
	a->issued = zagzig(issued);
	return !in->bad && kind <= PACKAGE_LAYER && severity < SEVERITY_COUNT && status < STATUS_COUNT;
}

int advisory_decode(struct cursor *in, struct advisory *a, struct err *err)
{
	struct str *fields[FIELDS];
	uint64_t changed;

	if (cursor_left(in) == 0 && !in->bad)
		return 0;
	changed = get_varint(in);
	if (in->bad || changed >> FIELDS)
		return err_set(err, E_FORMAT, "advisory: unknown fields");
	fields_of(a, fields);
	for (int i = 0; i < FIELDS; i++) {
		if (!(changed >> i & 1))
			continue;
		*fields[i] = get_string(in, i < LONG_FIELDS ? LIMIT_FEED_TEXT_BYTES : LIMIT_FIELD_BYTES);
		if (in->bad || !str_is_text(*fields[i]))
			return err_set(err, E_FORMAT, "advisory: a field is too long or not UTF-8");
	}
	if (!get_enums(in, a) || a->key.namespace.n == 0 || a->key.package.n == 0 || a->name.n == 0)
		return err_set(err, E_FORMAT, "advisory: incomplete");
	return 1;
}
