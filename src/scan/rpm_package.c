/* SPDX-License-Identifier: Apache-2.0 */
/* From the fields of an rpm header, or of a line of a distroless image's manifest, to a package.
 * Source: Clair v4's reports (version, source, module and hint have its forms); the manifest is what
 * CBL-Mariner's distroless images carry: rpm -qa with ten fields between tabs.
 * Easy to get wrong: an epoch of 0 is not written; the source's version never has an epoch, as the name of
 * the source package file does not have one. */
#include "scan/rpm_package.h"

#include "base/arena.h"
#include "base/limits.h"
#include "format/openpgp.h"

#include <inttypes.h>

#define HASH_SHA256_OPENPGP 8
#define SHA256_HEX_DIGITS 64
#define MANIFEST_COLUMNS 10

enum {
	COLUMN_NAME = 0,
	COLUMN_VERSION_RELEASE = 1,
	COLUMN_EPOCH = 5,
	COLUMN_ARCH = 7,
	COLUMN_SOURCE_RPM = 9
};

static bool is_field(struct str s)
{
	return s.n <= LIMIT_FIELD_BYTES && str_is_text(s);
}

static struct str field_or_empty(struct arena *a, struct str s)
{
	return s.n && is_field(s) ? str_copy(a, s) : (struct str){ NULL, 0 };
}

static void strip_suffix(struct str *s, struct str suffix)
{
	if (str_ends(*s, suffix))
		s->n -= suffix.n;
}

/* name-version-release[.src|.nosrc][.rpm] */
static void set_source(struct arena *a, struct str source_rpm, struct package *out)
{
	struct str name_version, name, version, release;

	strip_suffix(&source_rpm, STR(".rpm"));
	strip_suffix(&source_rpm, STR(".src"));
	strip_suffix(&source_rpm, STR(".nosrc"));
	if (!is_field(source_rpm) || !str_rcut(source_rpm, '-', &name_version, &release) ||
	    !str_rcut(name_version, '-', &name, &version) || name.n == 0)
		return;
	out->source_name = str_copy(a, name);
	out->source_version = str_copy(a, str_sub(source_rpm, name.n + 1, source_rpm.n - name.n - 1));
}

/* name:stream of name:stream:version:context[:arch]. */
static struct str module_of(struct arena *a, struct str label)
{
	struct str name, stream, rest;

	if (!str_cut(label, ':', &name, &rest) || !str_cut(rest, ':', &stream, &rest))
		return (struct str){ NULL, 0 };
	return field_or_empty(a, str_sub(label, 0, name.n + 1 + stream.n));
}

static struct str version_of(struct arena *a, uint32_t epoch, struct str version, struct str release)
{
	if (epoch)
		return str_format(a, "%" PRIu32 ":" STR_FMT "-" STR_FMT, epoch, STR_ARG(version),
				  STR_ARG(release));
	return str_format(a, STR_FMT "-" STR_FMT, STR_ARG(version), STR_ARG(release));
}

static bool is_sha256_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (str_find(STR("0123456789abcdef"), s.p[i]) == 16)
			return false;
	return s.n == SHA256_HEX_DIGITS;
}

struct str rpm_repository_hint(struct arena *a, const struct rpm_header *h)
{
	bool has_hash = h->payload_digest_algorithm == HASH_SHA256_OPENPGP &&
			is_sha256_hex(h->payload_digest);
	uint64_t key;
	bool has_key = openpgp_issuer(h->signature, &key);
	struct str hash = str_sub(h->payload_digest, 0, has_hash ? SHA256_HEX_DIGITS : 0);

	if (has_hash && has_key)
		return str_format(a, "hash=sha256%%3A" STR_FMT "&key=%016" PRIx64, STR_ARG(hash), key);
	if (has_hash)
		return str_format(a, "hash=sha256%%3A" STR_FMT, STR_ARG(hash));
	if (has_key)
		return str_format(a, "key=%016" PRIx64, key);
	return (struct str){ NULL, 0 };
}

bool rpm_package_of_header(struct arena *a, const struct rpm_header *h, struct package *out)
{
	struct package p = { .kind = PACKAGE_BINARY, .scanner = -1 };

	if (!is_field(h->name) || !is_field(h->version) || !is_field(h->release) || !is_field(h->arch) ||
	    h->version.n + h->release.n + 12 > LIMIT_FIELD_BYTES)
		return false;
	p.name = str_copy(a, h->name);
	p.version = version_of(a, h->epoch, h->version, h->release);
	p.arch = str_copy(a, h->arch);
	p.module = module_of(a, h->modularity_label);
	p.repository_hint = rpm_repository_hint(a, h);
	set_source(a, h->source_rpm, &p);
	*out = p;
	return true;
}

/* "(none)" or a number. */
static bool epoch_of(struct str text, uint32_t *epoch)
{
	uint64_t v = 0;

	if (!str_eq(text, STR("(none)")) && !str_u64(text, UINT32_MAX, &v))
		return false;
	*epoch = (uint32_t)v;
	return true;
}

bool rpm_package_of_manifest(struct arena *a, struct str line, struct package *out)
{
	struct package p = { .kind = PACKAGE_BINARY, .scanner = -1 };
	struct str columns[MANIFEST_COLUMNS], version, release;
	size_t n = 0;
	uint32_t epoch;

	while (n < MANIFEST_COLUMNS && str_cut(line, '\t', &columns[n], &line))
		n++;
	if (n != MANIFEST_COLUMNS - 1 || !is_field(line))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_field(columns[i]))
			return false;
	if (columns[COLUMN_NAME].n == 0 || !epoch_of(columns[COLUMN_EPOCH], &epoch) ||
	    !str_rcut(columns[COLUMN_VERSION_RELEASE], '-', &version, &release))
		return false;
	p.name = str_copy(a, columns[COLUMN_NAME]);
	p.version = version_of(a, epoch, version, release);
	p.arch = str_copy(a, columns[COLUMN_ARCH]);
	set_source(a, columns[COLUMN_SOURCE_RPM], &p);
	*out = p;
	return true;
}
