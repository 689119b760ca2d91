/* SPDX-License-Identifier: Apache-2.0 */
/* The header of an installed rpm package: an index of tags and a data area, all big-endian.
 * Source: the rpm manual, https://rpm-software-management.github.io/rpm/manual/format_header.html and
 * hregions.html ("Header Regions"); tag numbers from tags.html.
 * Easy to get wrong: entries behind the region ("dribbles", written at installation) override those inside
 * it; the offset in the region's trailer is negative and counts the bytes of the region's index; old
 * databases have no region. */
#include "format/rpm_header.h"

#include "base/arena.h"
#include "base/cursor.h"
#include "base/limits.h"

#define ENTRY_BYTES 16
#define MAX_DATA_BYTES 0x0fffffffu

enum {
	TAG_IMAGE = 61,
	TAG_SIGNATURES = 62,
	TAG_IMMUTABLE = 63,
	TAG_FIRST = 100,
	TAG_SIGPGP = 259,
	TAG_NAME = 1000,
	TAG_VERSION = 1001,
	TAG_RELEASE = 1002,
	TAG_EPOCH = 1003,
	TAG_VENDOR = 1011,
	TAG_LICENSE = 1014,
	TAG_ARCH = 1022,
	TAG_OLDFILENAMES = 1027,
	TAG_SOURCERPM = 1044,
	TAG_DIRINDEXES = 1116,
	TAG_BASENAMES = 1117,
	TAG_DIRNAMES = 1118,
	TAG_FILENAMES = 5000,
	TAG_PAYLOADDIGEST = 5092,
	TAG_PAYLOADDIGESTALGO = 5093,
	TAG_MODULARITYLABEL = 5096,
};

enum {
	TYPE_CHAR = 1,
	TYPE_INT64 = 5,
	TYPE_STRING = 6,
	TYPE_BINARY = 7,
	TYPE_STRING_ARRAY = 8,
	TYPE_I18N = 9
};
enum type_class { CLASS_INTEGER, CLASS_STRING, CLASS_BINARY };

/* The tags that we read; the position is the one in found[]. */
enum {
	NAME,
	VERSION,
	RELEASE,
	ARCH, /* a header without these is of no use */
	EPOCH,
	VENDOR,
	LICENSE,
	SOURCERPM,
	MODULARITYLABEL,
	PAYLOADDIGEST,
	PAYLOADDIGESTALGO,
	SIGPGP,
	BASENAMES,
	DIRINDEXES,
	DIRNAMES,
	FILENAMES,
	OLDFILENAMES,
	KNOWN_TAGS,
};
static const struct {
	uint32_t tag;
	enum type_class class;
} known_tags[KNOWN_TAGS] = {
	[NAME] = { TAG_NAME, CLASS_STRING },
	[VERSION] = { TAG_VERSION, CLASS_STRING },
	[RELEASE] = { TAG_RELEASE, CLASS_STRING },
	[ARCH] = { TAG_ARCH, CLASS_STRING },
	[EPOCH] = { TAG_EPOCH, CLASS_INTEGER },
	[VENDOR] = { TAG_VENDOR, CLASS_STRING },
	[LICENSE] = { TAG_LICENSE, CLASS_STRING },
	[SOURCERPM] = { TAG_SOURCERPM, CLASS_STRING },
	[MODULARITYLABEL] = { TAG_MODULARITYLABEL, CLASS_STRING },
	[PAYLOADDIGEST] = { TAG_PAYLOADDIGEST, CLASS_STRING },
	[PAYLOADDIGESTALGO] = { TAG_PAYLOADDIGESTALGO, CLASS_INTEGER },
	[SIGPGP] = { TAG_SIGPGP, CLASS_BINARY },
	[BASENAMES] = { TAG_BASENAMES, CLASS_STRING },
	[DIRINDEXES] = { TAG_DIRINDEXES, CLASS_INTEGER },
	[DIRNAMES] = { TAG_DIRNAMES, CLASS_STRING },
	[FILENAMES] = { TAG_FILENAMES, CLASS_STRING },
	[OLDFILENAMES] = { TAG_OLDFILENAMES, CLASS_STRING },
};

struct entry {
	uint32_t tag, type, offset, count;
};

struct parse {
	struct str index, data;
	uint32_t entries, region_entries; /* region_entries: the region's own entry included; 0: no region */
	struct rpm_tag found[KNOWN_TAGS];
	bool is_dribble[KNOWN_TAGS];
	unsigned skipped;
};

static struct entry get_entry(struct cursor *c)
{
	struct entry e;

	e.tag = get_be32(c);
	e.type = get_be32(c);
	e.offset = get_be32(c);
	e.count = get_be32(c);
	return e;
}

static struct entry entry_at(const struct parse *p, uint32_t i)
{
	struct cursor c = cursor_of(str_sub(p->index, (size_t)i * ENTRY_BYTES, ENTRY_BYTES));

	return get_entry(&c);
}

static bool is_region_tag(uint32_t tag)
{
	return tag >= TAG_IMAGE && tag <= TAG_IMMUTABLE;
}

/* Entries in the region that e opens, from its trailer in the data area; 0 when it is damaged. */
static uint32_t region_length(const struct parse *p, const struct entry *e)
{
	struct cursor c = cursor_of(p->data);
	struct entry trailer;
	uint32_t bytes;

	get_bytes(&c, e->offset);
	trailer = get_entry(&c);
	bytes = 0u - trailer.offset;
	if (c.bad || e->type != TYPE_BINARY || e->count != ENTRY_BYTES || trailer.type != TYPE_BINARY ||
	    trailer.count != ENTRY_BYTES)
		return 0;
	if (trailer.tag != e->tag && !(e->tag == TAG_SIGNATURES && trailer.tag == TAG_IMAGE))
		return 0;
	if (bytes % ENTRY_BYTES || bytes / ENTRY_BYTES > p->entries)
		return 0;
	return bytes / ENTRY_BYTES;
}

static size_t width_of(uint32_t type)
{
	static const unsigned char width[] = { 1, 1, 1, 2, 4, 8 };

	return type <= TYPE_INT64 ? width[type] : 1;
}

static bool is_sound(const struct parse *p, const struct entry *e)
{
	size_t width = width_of(e->type);

	if (e->tag < TAG_FIRST || e->type < TYPE_CHAR || e->type > TYPE_I18N || e->count == 0)
		return false;
	if (e->offset >= p->data.n || e->offset % width || e->count > (p->data.n - e->offset) / width)
		return false;
	return true;
}

static bool has_class(uint32_t type, enum type_class class)
{
	if (type == TYPE_BINARY)
		return class == CLASS_BINARY;
	return class == (type <= TYPE_INT64 ? CLASS_INTEGER : CLASS_STRING);
}

static int known_tag(uint32_t tag)
{
	for (int i = 0; i < KNOWN_TAGS; i++)
		if (known_tags[i].tag == tag)
			return i;
	return -1;
}

/* Inside the region, or of equal rank, the first of two entries counts; a dribble beats the region. */
static int take_entry(struct parse *p, uint32_t i, struct err *err)
{
	struct entry e = entry_at(p, i);
	bool is_dribble = p->region_entries && i >= p->region_entries, is_ok = is_sound(p, &e);
	int k = known_tag(e.tag);

	if (k >= 0 && is_ok)
		is_ok = has_class(e.type, known_tags[k].class);
	if (!is_ok && k >= NAME && k <= ARCH)
		return err_set(err, E_FORMAT, "rpm header: tag %u of type %u, offset %u, count %u is damaged",
			       e.tag, e.type, e.offset, e.count);
	p->skipped += !is_ok;
	if (k < 0 || !is_ok || (p->found[k].type && (p->is_dribble[k] || !is_dribble)))
		return 0;
	p->found[k] = (struct rpm_tag){ e.type, e.count, str_sub(p->data, e.offset, p->data.n - e.offset) };
	p->is_dribble[k] = is_dribble;
	return 0;
}

static int open_blob(struct str blob, struct parse *p, struct err *err)
{
	struct cursor c = cursor_of(blob);
	uint32_t data_bytes;

	p->entries = get_be32(&c);
	data_bytes = get_be32(&c);
	if (c.bad || p->entries == 0 || p->entries > LIMIT_RPM_HEADER_TAGS || data_bytes > MAX_DATA_BYTES ||
	    blob.n > LIMIT_RPM_HEADER_BYTES)
		return err_set(err, E_FORMAT, "rpm header: %u tags, %u bytes of data, %zu in all", p->entries,
			       data_bytes, blob.n);
	p->index = get_bytes(&c, (size_t)p->entries * ENTRY_BYTES);
	p->data = get_bytes(&c, data_bytes);
	if (c.bad)
		return err_set(err, E_FORMAT, "rpm header: cut, %u tags and %u bytes of data in %zu",
			       p->entries, data_bytes, blob.n);
	return 0;
}

/* ---- values ---- */

/* Take the next NUL-terminated string. False when there is none. */
static bool next_string(struct str *rest, struct str *out)
{
	size_t n = str_find(*rest, '\0');

	if (n == rest->n)
		return false;
	*out = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n + 1, rest->n - n - 1);
	return true;
}

static struct str string_of(struct parse *p, int k)
{
	struct str rest = p->found[k].bytes, s = { 0 };

	if (p->found[k].type && !next_string(&rest, &s))
		p->skipped++;
	return s;
}

/* Element i of an array of integers; i is below count, which take_entry compared with the data. */
static uint64_t integer_at(const struct rpm_tag *t, uint32_t i)
{
	size_t width = width_of(t->type);
	struct cursor c = cursor_of(str_sub(t->bytes, i * width, width));

	return width == 1 ? get_u8(&c) : width == 2 ? get_be16(&c) : width == 4 ? get_be32(&c) : get_be64(&c);
}

static uint32_t integer_of(const struct parse *p, int k)
{
	return p->found[k].type ? (uint32_t)integer_at(&p->found[k], 0) : 0;
}

static void fill(struct parse *p, struct rpm_header *out)
{
	const struct rpm_tag *signature = &p->found[SIGPGP];

	if (signature->type)
		out->signature = str_sub(signature->bytes, 0, signature->count);
	out->name = string_of(p, NAME);
	out->version = string_of(p, VERSION);
	out->release = string_of(p, RELEASE);
	out->arch = string_of(p, ARCH);
	out->source_rpm = string_of(p, SOURCERPM);
	out->vendor = string_of(p, VENDOR);
	out->license = string_of(p, LICENSE);
	out->modularity_label = string_of(p, MODULARITYLABEL);
	out->epoch = integer_of(p, EPOCH);
	out->payload_digest = string_of(p, PAYLOADDIGEST);
	out->payload_digest_algorithm = integer_of(p, PAYLOADDIGESTALGO);
	out->base_names = p->found[BASENAMES];
	out->dir_indexes = p->found[DIRINDEXES];
	out->dir_names = p->found[DIRNAMES];
	out->file_names = p->found[p->found[FILENAMES].type ? FILENAMES : OLDFILENAMES];
	out->skipped = p->skipped;
}

int rpm_header_parse(struct str blob, struct rpm_header *out, struct err *err)
{
	struct parse p = { 0 };
	struct rpm_header h = { 0 };
	struct entry first;
	uint32_t i = 0;

	TRY(open_blob(blob, &p, err));
	first = entry_at(&p, 0);
	if (is_region_tag(first.tag)) {
		p.region_entries = region_length(&p, &first);
		p.skipped += p.region_entries == 0;
		i = 1;
	}
	for (; i < p.entries; i++)
		TRY(take_entry(&p, i, err));
	fill(&p, &h);
	if (h.name.n == 0 || h.version.n == 0 || h.release.n == 0)
		return err_set(err, E_FORMAT, "rpm header: no name, version or release");
	*out = h;
	return 0;
}

/* ---- files ---- */

void rpm_files_open(struct arena *a, const struct rpm_header *h, struct rpm_files *out)
{
	uint32_t max = h->dir_names.count < LIMIT_PACKAGE_FILES ? h->dir_names.count : LIMIT_PACKAGE_FILES;
	struct str rest = h->dir_names.bytes, dir;
	uint32_t *starts;

	*out = (struct rpm_files){ .names = h->base_names.type ? h->base_names : h->file_names };
	if (!h->base_names.type)
		return;
	out->dir_indexes = h->dir_indexes;
	out->dirs = h->dir_names.bytes;
	starts = arena_alloc_raw(a, max * sizeof(*starts));
	while (out->dir_count < max) {
		starts[out->dir_count] = (uint32_t)(out->dirs.n - rest.n);
		if (!next_string(&rest, &dir))
			break;
		out->dir_count++;
	}
	out->dir_starts = starts;
}

static bool directory_of(const struct rpm_files *f, uint32_t i, struct str *out)
{
	uint64_t k;
	struct str rest;

	*out = (struct str){ NULL, 0 };
	if (!f->dir_starts)
		return true;
	k = i < f->dir_indexes.count ? integer_at(&f->dir_indexes, i) : UINT64_MAX;
	if (k >= f->dir_count)
		return false;
	rest = str_sub(f->dirs, f->dir_starts[k], f->dirs.n - f->dir_starts[k]);
	return next_string(&rest, out);
}

bool rpm_files_next(struct rpm_files *f, struct str *directory, struct str *name)
{
	while (f->next < f->names.count) {
		uint32_t i = f->next++;

		if (!next_string(&f->names.bytes, name)) {
			f->is_damaged = true;
			f->next = f->names.count;
			return false;
		}
		if (directory_of(f, i, directory))
			return true;
		f->is_damaged = true;
	}
	return false;
}
