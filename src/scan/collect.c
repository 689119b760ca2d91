/* SPDX-License-Identifier: Apache-2.0 */
/* Adds packages, distributions, owned files and remarks to findings. Everything that a layer says passes here
 * on its way out of the worker: the parent refuses findings with text that is not UTF-8 or too long, and it
 * would then refuse the whole layer, so one odd package must be mended or left out before. */
#include "scan/collect.h"

#include "base/limits.h"

#include <stdarg.h>
#include <stdio.h>

enum { MAX_NOTES = 1000 };

uint32_t collect_database(struct findings *f, struct str name, struct str file)
{
	struct database d = { str_printable(f->arena, name), str_printable(f->arena, file), STR("") };

	VEC_PUSH(f->arena, &f->databases, d);
	return (uint32_t)(f->databases.n - 1);
}

static struct str text_of(struct arena *a, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	return str_copy(a, str_printable(a, str_of(text)));
}

void collect_problem(struct findings *f, uint32_t database, const char *fmt, ...)
{
	struct str *problem = &f->databases.p[database].problem;
	va_list ap;

	if (problem->n)
		return;
	va_start(ap, fmt);
	*problem = text_of(f->arena, fmt, ap);
	va_end(ap);
}

void collect_note(struct findings *f, const char *fmt, ...)
{
	va_list ap;

	if (f->notes.n >= MAX_NOTES)
		return;
	va_start(ap, fmt);
	VEC_PUSH(f->arena, &f->notes, text_of(f->arena, fmt, ap));
	va_end(ap);
}

static bool clean_fields(struct arena *a, struct str *const *fields, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (fields[i]->n > LIMIT_FIELD_BYTES)
			return false;
		*fields[i] = str_printable(a, *fields[i]);
		if (fields[i]->n > LIMIT_FIELD_BYTES)
			return false;
	}
	return true;
}

bool collect_clean_package(struct arena *a, struct package *p)
{
	struct str *const fields[] = { &p->name,
				       &p->version,
				       &p->arch,
				       &p->module,
				       &p->source_name,
				       &p->source_version,
				       &p->normalized_version,
				       &p->repository_hint,
				       &p->filepath };

	return p->name.n && clean_fields(a, fields, sizeof(fields) / sizeof(fields[0]));
}

int collect_package(struct findings *f, uint32_t database, const struct package *p, struct err *err)
{
	if (f->packages.n >= LIMIT_LAYER_PACKAGES)
		return err_set(err, E_LIMIT, "more than %u packages in a layer", LIMIT_LAYER_PACKAGES);
	VEC_PUSH(f->arena, &f->packages, ((struct found_package){ *p, database }));
	return 0;
}

bool collect_clean_distribution(struct arena *a, struct distribution *d)
{
	struct str *const fields[] = { &d->did,	       &d->name, &d->version, &d->version_code_name,
				       &d->version_id, &d->arch, &d->cpe,     &d->pretty_name,
				       &d->release };

	return clean_fields(a, fields, sizeof(fields) / sizeof(fields[0]));
}

void collect_owner(struct file_collector *c, uint32_t package)
{
	struct findings *f = c->findings;

	VEC_PUSH(f->arena, &f->owned, ((struct owned_files){ .package = package }));
}

static struct str without_root(struct str path)
{
	while (str_starts(path, STR("/")) || str_starts(path, STR("./")))
		path = str_sub(path, path.p[0] == '/' ? 1 : 2, path.n - (path.p[0] == '/' ? 1 : 2));
	return path;
}

static struct str join(struct arena *a, struct str directory, struct str name)
{
	size_t n = size_add(directory.n, size_add(name.n, 1));
	char *p;

	if (directory.n == 0)
		return name;
	p = arena_alloc_raw(a, n);
	memcpy(p, directory.p, directory.n);
	p[directory.n] = '/';
	if (name.n)
		memcpy(p + directory.n + 1, name.p, name.n);
	return (struct str){ p, n };
}

/* Room for one more path. The list doubles whenever its length is a power of two, from 8. */
static void push(struct arena *a, struct owned_files *o, struct str path)
{
	size_t n = o->n;

	if (n == 0)
		o->paths = ARENA_ARRAY(a, struct str, 8);
	else if (n >= 8 && (n & (n - 1)) == 0)
		o->paths = arena_grow(a, o->paths, n * sizeof(path), size_mul(n, 2 * sizeof(path)));
	o->paths[o->n++] = path;
}

static void leave_out_the_rest(struct file_collector *c)
{
	c->is_full = true;
	collect_note(c->findings,
		     "packages own more than %u files or %llu bytes of paths; the others are left out",
		     LIMIT_PACKAGE_FILES, LIMIT_OWNED_BYTES);
}

/* Take n bytes off what paths may cost. False when that is used up, now or before. */
static bool charge(struct file_collector *c, size_t n)
{
	if (!c->is_full && n > LIMIT_OWNED_BYTES - c->bytes)
		leave_out_the_rest(c);
	if (c->is_full)
		return false;
	c->bytes += n;
	return true;
}

/* The cost is paid before the work, also for paths that are not taken: a few bytes of a database can ask for
 * a path of 64 KiB. */
void collect_file(struct file_collector *c, struct str directory, struct str name)
{
	struct findings *f = c->findings;
	size_t n = size_add(directory.n, size_add(name.n, 1));
	struct str path;

	if (n > LIMIT_PATH_BYTES || !charge(c, n))
		return;
	path = str_printable(f->arena, without_root(join(f->arena, directory, name)));
	if (path.n == 0 || path.n > LIMIT_PATH_BYTES || str_eq(path, STR(".")))
		return;
	if (path.n > n && !charge(c, path.n - n))
		return;
	if (c->paths++ == LIMIT_PACKAGE_FILES)
		leave_out_the_rest(c);
	if (!c->is_full)
		push(f->arena, &f->owned.p[f->owned.n - 1], path);
}
