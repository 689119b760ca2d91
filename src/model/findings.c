/* SPDX-License-Identifier: Apache-2.0 */
/* Findings as bytes: the form in which they cross from the worker to the parent and rest in the store.
 * All numbers are varints, all strings have their length before them (base/cursor.h). The decoder believes
 * nothing: what an attacker inside a worker could send is either a valid list of findings or an error. */
#include "model/findings.h"

#include "base/limits.h"
#include "base/task.h"

#include <stdlib.h>

static void put_database(struct buffer *out, const struct database *d)
{
	put_string(out, d->name);
	put_string(out, d->file);
	put_string(out, d->problem);
}

static void put_package(struct buffer *out, const struct found_package *f)
{
	const struct package *p = &f->package;
	const struct str fields[] = { p->name,
				      p->version,
				      p->arch,
				      p->module,
				      p->source_name,
				      p->source_version,
				      p->normalized_version,
				      p->repository_hint,
				      p->filepath };

	put_varint(out, f->database);
	put_u8(out, (uint8_t)p->kind);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		put_string(out, fields[i]);
}

static void put_distribution(struct buffer *out, const struct distribution *d)
{
	const struct str fields[] = { d->did,	     d->name, d->version, d->version_code_name,
				      d->version_id, d->arch, d->cpe,	  d->pretty_name,
				      d->release };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		put_string(out, fields[i]);
}

static void put_repository(struct buffer *out, const struct repository *r)
{
	put_string(out, r->name);
	put_string(out, r->key);
	put_string(out, r->uri);
	put_string(out, r->cpe);
}

void findings_encode(const struct findings *f, struct buffer *out)
{
	put_varint(out, f->databases.n);
	VEC_EACH (const struct database, d, &f->databases)
		put_database(out, d);
	put_varint(out, f->packages.n);
	VEC_EACH (const struct found_package, p, &f->packages)
		put_package(out, p);
	put_varint(out, f->distributions.n);
	VEC_EACH (const struct distribution, d, &f->distributions)
		put_distribution(out, d);
	put_varint(out, f->repositories.n);
	VEC_EACH (const struct repository, r, &f->repositories)
		put_repository(out, r);
	put_varint(out, f->whiteouts.n);
	VEC_EACH (const struct str, w, &f->whiteouts)
		put_string(out, *w);
	put_varint(out, f->notes.n);
	VEC_EACH (const struct str, n, &f->notes)
		put_string(out, *n);
}

static int compare_paths(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static size_t common_prefix(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n, i = 0;

	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

void findings_encode_owned(const struct findings *f, struct buffer *out)
{
	put_varint(out, f->owned.n);
	VEC_EACH (const struct owned_files, o, &f->owned) {
		struct str previous = { 0 };

		if (o->n)
			qsort(o->paths, o->n, sizeof(o->paths[0]), compare_paths);
		put_varint(out, o->package);
		put_varint(out, o->n);
		for (size_t i = 0; i < o->n; i++) {
			size_t shared = common_prefix(previous, o->paths[i]);

			put_varint(out, shared);
			put_string(out, str_sub(o->paths[i], shared, o->paths[i].n - shared));
			previous = o->paths[i];
		}
	}
}

/* A decoder: the cursor, and the first thing that was wrong. */
struct decoder {
	struct cursor in;
	const char *wrong;
};

static void wrong(struct decoder *d, const char *what)
{
	if (!d->wrong)
		d->wrong = what;
	d->in.bad = true;
}

static struct str get_text(struct decoder *d, size_t max)
{
	struct str s = get_string(&d->in, max);

	if (!str_is_text(s))
		wrong(d, "text is not UTF-8");
	return s;
}

static struct str get_field(struct decoder *d)
{
	return get_text(d, LIMIT_FIELD_BYTES);
}

static struct str get_path(struct decoder *d)
{
	return get_text(d, LIMIT_PATH_BYTES);
}

/* A count of things that take at least min_bytes each: never more than the bytes left can hold. */
static size_t get_count(struct decoder *d, size_t min_bytes, uint64_t max, const char *what)
{
	uint64_t n = get_varint(&d->in);

	if (n > max || n > cursor_left(&d->in) / min_bytes)
		wrong(d, what);
	return d->in.bad ? 0 : (size_t)n;
}

static struct database get_database(struct decoder *d)
{
	struct database out;

	out.name = get_path(d);
	out.file = get_path(d);
	out.problem = get_field(d);
	return out;
}

static struct found_package get_package(struct decoder *d, size_t databases, int scanner)
{
	struct found_package f = { 0 };
	struct package *p = &f.package;
	struct str *const fields[] = { &p->name,
				       &p->version,
				       &p->arch,
				       &p->module,
				       &p->source_name,
				       &p->source_version,
				       &p->normalized_version,
				       &p->repository_hint,
				       &p->filepath };
	uint64_t database = get_varint(&d->in);
	uint8_t kind = get_u8(&d->in);

	if (database >= databases)
		wrong(d, "package of an unknown database");
	if (kind > PACKAGE_LAYER)
		wrong(d, "unknown package kind");
	f.database = (uint32_t)database;
	p->kind = (enum package_kind)kind;
	p->scanner = scanner;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		*fields[i] = get_path(d);
	if (p->name.n == 0)
		wrong(d, "package without a name");
	return f;
}

static struct distribution get_distribution(struct decoder *d)
{
	struct distribution out = { 0 };
	struct str *const fields[] = { &out.did,	&out.name, &out.version, &out.version_code_name,
				       &out.version_id, &out.arch, &out.cpe,	 &out.pretty_name,
				       &out.release };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		*fields[i] = get_field(d);
	return out;
}

static struct repository get_repository(struct decoder *d)
{
	struct repository r;

	r.name = get_field(d);
	r.key = get_field(d);
	r.uri = get_field(d);
	r.cpe = get_field(d);
	return r;
}

static int finish(struct decoder *d, struct err *err)
{
	if (d->wrong)
		return err_set(err, E_FORMAT, "findings: %s", d->wrong);
	if (d->in.bad)
		return err_set(err, E_FORMAT, "findings: truncated, or a length is out of bounds");
	if (cursor_left(&d->in))
		return err_set(err, E_FORMAT, "findings: %zu bytes too many", cursor_left(&d->in));
	return 0;
}

int findings_decode(struct task *task, struct str bytes, int scanner, struct findings *f, struct err *err)
{
	struct decoder d = { .in = cursor_of(bytes) };
	struct arena *a = f->arena;
	size_t n;

	n = get_count(&d, 3, LIMIT_LAYER_PACKAGES, "too many databases");
	for (size_t i = 0; i < n && !d.in.bad; i++)
		VEC_PUSH(a, &f->databases, get_database(&d));
	n = get_count(&d, 11, LIMIT_LAYER_PACKAGES, "too many packages");
	for (size_t i = 0; i < n && !d.in.bad; i++) {
		VEC_PUSH(a, &f->packages, get_package(&d, f->databases.n, scanner));
		TRY(task_check(task, err));
	}
	n = get_count(&d, 9, 64, "too many distributions");
	for (size_t i = 0; i < n && !d.in.bad; i++)
		VEC_PUSH(a, &f->distributions, get_distribution(&d));
	n = get_count(&d, 4, 65536, "too many repositories");
	for (size_t i = 0; i < n && !d.in.bad; i++)
		VEC_PUSH(a, &f->repositories, get_repository(&d));
	n = get_count(&d, 1, LIMIT_LAYER_ENTRIES, "too many whiteouts");
	for (size_t i = 0; i < n && !d.in.bad; i++)
		VEC_PUSH(a, &f->whiteouts, get_path(&d));
	n = get_count(&d, 1, 65536, "too many notes");
	for (size_t i = 0; i < n && !d.in.bad; i++)
		VEC_PUSH(a, &f->notes, get_path(&d));
	return finish(&d, err);
}

/* Rebuild one front-coded path in path (LIMIT_PATH_BYTES long); *n is the previous length and becomes this
 * one. */
static void get_owned_path(struct decoder *d, char *path, size_t *n)
{
	uint64_t shared = get_varint(&d->in);
	struct str rest = get_string(&d->in, LIMIT_PATH_BYTES);

	if (shared > *n || shared + rest.n > LIMIT_PATH_BYTES)
		wrong(d, "owned path too long");
	if (d->in.bad)
		return;
	if (rest.n)
		memcpy(path + shared, rest.p, rest.n);
	*n = (size_t)shared + rest.n;
	if (!str_is_text((struct str){ path, *n }))
		wrong(d, "owned path is not UTF-8");
}

static int decode_owned_list(struct task *task, struct decoder *d, struct findings *f, char *path,
			     uint64_t *bytes_left, struct err *err)
{
	uint64_t package = get_varint(&d->in);
	size_t count = get_count(d, 2, LIMIT_PACKAGE_FILES, "too many owned files"), n = 0;
	struct owned_files *o;

	if (package >= f->packages.n)
		wrong(d, "files of an unknown package");
	if (d->in.bad)
		return 0;
	o = VEC_ADD(f->arena, &f->owned);
	*o = (struct owned_files){ (uint32_t)package, ARENA_ARRAY(f->arena, struct str, count), 0 };
	for (size_t i = 0; i < count && !d->in.bad; i++) {
		get_owned_path(d, path, &n);
		if (n > *bytes_left)
			return err_set(err, E_LIMIT, "owned files: more than %llu bytes of paths",
				       LIMIT_OWNED_BYTES);
		*bytes_left -= n;
		o->paths[o->n++] = str_copy(f->arena, (struct str){ path, n });
		TRY(task_check(task, err));
	}
	return 0;
}

int findings_decode_owned(struct task *task, struct str bytes, struct findings *f, struct err *err)
{
	struct decoder d = { .in = cursor_of(bytes) };
	char *path = arena_alloc_raw(f->arena, LIMIT_PATH_BYTES);
	uint64_t bytes_left = LIMIT_OWNED_BYTES;
	size_t n;

	if (bytes.n == 0)
		return 0;
	n = get_count(&d, 2, LIMIT_LAYER_PACKAGES, "too many owners");
	for (size_t i = 0; i < n && !d.in.bad; i++)
		TRY(decode_owned_list(task, &d, f, path, &bytes_left, err));
	return finish(&d, err);
}
