/* SPDX-License-Identifier: Apache-2.0 */
/* Finds rpm packages: databases of the three formats that rpm has had, anywhere in the layer, and the
 * manifest of distroless images that carry no database. Source: the databases' own formats (format/rpm_*.h);
 * names of databases are Clair's: "sqlite:var/lib/rpm". Easy to miss: `Packages` is a common name, only a
 * Berkeley DB hash file counts; and a database that is damaged still yields what can be read of it, with the
 * problem stated. */
#include "scan/scanners.h"

#include "base/limits.h"
#include "format/rpm_bdb.h"
#include "format/rpm_ndb.h"
#include "format/rpm_sqlite.h"
#include "model/repoid.h"
#include "scan/collect.h"
#include "scan/rhel_content.h"
#include "scan/rpm_package.h"

#define MANIFEST_PATH "var/lib/rpmmanifest/container-manifest-2"
#define WAL_SUFFIX "-wal"

/* ---- the kinds of databases ---- */

static int open_bdb(struct task *task, struct str file, struct str wal, struct rpm_blobs **out,
		    struct err *err)
{
	(void)wal;
	return rpm_bdb_open(task, file, out, err);
}

static int open_ndb(struct task *task, struct str file, struct str wal, struct rpm_blobs **out,
		    struct err *err)
{
	(void)wal;
	return rpm_ndb_open(task, file, out, err);
}

static bool is_any(struct str head)
{
	(void)head;
	return true;
}

struct database_kind {
	const char *file_name, *prefix;
	bool (*is)(struct str head);
	int (*open)(struct task *task, struct str file, struct str wal, struct rpm_blobs **out,
		    struct err *err);
};

static const struct database_kind kinds[] = {
	{ "Packages", "bdb", rpm_bdb_is, open_bdb },
	{ "rpmdb.sqlite", "sqlite", is_any, rpm_sqlite_open },
	{ "Packages.db", "ndb", rpm_ndb_is, open_ndb },
};

static struct str base_name(struct str path)
{
	struct str directory, base;

	return str_rcut(path, '/', &directory, &base) ? base : path;
}

static const struct database_kind *kind_of(struct str path)
{
	struct str base = base_name(path);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq(base, str_of(kinds[i].file_name)))
			return &kinds[i];
	return NULL;
}

static bool is_manifest(struct str path)
{
	return str_eq(path, STR(MANIFEST_PATH));
}

static bool wants(const struct tar_entry *entry, struct str head)
{
	const struct database_kind *kind = kind_of(entry->path);

	if (entry->type != TAR_FILE && entry->type != TAR_HARD_LINK && entry->type != TAR_SYMLINK)
		return false;
	if (kind)
		return entry->type != TAR_FILE || kind->is(head);
	return str_eq(base_name(entry->path), STR("rpmdb.sqlite" WAL_SUFFIX)) || is_manifest(entry->path) ||
	       rhel_content_wants(entry);
}

/* ---- one database ---- */

struct scan {
	struct task *task;
	const struct layer_files *files;
	struct findings *out;
	struct file_collector owned;
	struct rhel_content content; /* where packages come from */
	struct str path; /* of the database at hand */
	uint32_t database; /* its index */
	size_t damages; /* in it */
	struct err damage; /* the first of them */
};

static struct str directory_of(struct str path)
{
	struct str directory, base;

	return str_rcut(path, '/', &directory, &base) ? directory : STR(".");
}

static void begin_database(struct scan *s, struct str name, struct str path)
{
	s->path = path;
	s->database = collect_database(s->out, name, path);
	s->damages = 0;
}

/* Count damage that was passed over. */
static void add_damage(struct scan *s, const struct err *err)
{
	if (s->damages++ == 0)
		s->damage = *err;
}

static void end_database(struct scan *s)
{
	if (s->damages == 1)
		collect_problem(s->out, s->database, "%s", s->damage.text);
	else if (s->damages)
		collect_problem(s->out, s->database, "%zu damaged places, the first: %s", s->damages,
				s->damage.text);
}

/* The collector keeps borrowed names as they are when there is no directory to put before them; a header's
 * bytes do not outlive the next one. */
static int add_owned(struct scan *s, const struct rpm_header *h, struct err *err)
{
	struct str directory, name;
	struct rpm_files files;

	rpm_files_open(s->out->arena, h, &files);
	if (files.names.count)
		collect_owner(&s->owned, (uint32_t)s->out->packages.n - 1);
	while (!s->owned.is_full && rpm_files_next(&files, &directory, &name)) {
		TRY(task_check(s->task, err));
		if (str_ends(directory, STR("/")))
			directory.n--;
		if (directory.n == 0)
			name = str_copy(s->out->arena, name);
		collect_file(&s->owned, directory, name);
	}
	if (files.is_damaged)
		collect_note(s->out, STR_FMT ": the list of files of a package is damaged", STR_ARG(s->path));
	return 0;
}

/* "repoid" is the last of a hint's keys in their order. */
static void add_origin(struct scan *s, const struct rpm_header *h, struct package *p)
{
	const struct dnf_package wanted = { h->name, h->version, h->release, h->arch, h->epoch };
	struct str repoid = dnf_history_origin(&s->content.history, &wanted), query;

	if (repoid.n == 0)
		return;
	query = repoid_query(s->out->arena, repoid);
	p->repository_hint = p->repository_hint.n ? str_format(s->out->arena, STR_FMT "&" STR_FMT,
							       STR_ARG(p->repository_hint), STR_ARG(query))
						  : query;
}

static int add_header(struct scan *s, const struct rpm_header *h, struct err *err)
{
	struct package p;

	if (str_eq(h->name, STR("gpg-pubkey"))) /* a trusted key, kept as if it were a package */
		return 0;
	if (!rpm_package_of_header(s->out->arena, h, &p)) {
		collect_note(s->out,
			     STR_FMT ": a package whose name, version or architecture is no text is left out",
			     STR_ARG(s->path));
		return 0;
	}
	if (h->skipped)
		collect_note(s->out, STR_FMT ": " STR_FMT " has %u damaged tags", STR_ARG(s->path),
			     STR_ARG(p.name), h->skipped);
	add_origin(s, h, &p);
	TRY(collect_package(s->out, s->database, &p, err));
	return add_owned(s, h, err);
}

static int read_blobs(struct scan *s, struct rpm_blobs *blobs, struct err *err)
{
	struct rpm_header header;
	struct str blob;
	int got;

	while (s->damages < LIMIT_DATABASE_DAMAGES && (got = blobs->next(blobs, &blob, err)) != 0) {
		TRY(task_check(s->task, err));
		if (got > 0)
			got = rpm_header_parse(blob, &header, err);
		if (got == E_FORMAT)
			add_damage(s, err);
		else if (got < 0)
			return got;
		else
			TRY(add_header(s, &header, err));
	}
	return 0;
}

static struct str wal_of(const struct scan *s, struct str path)
{
	struct str wal_path = str_format(s->out->arena, STR_FMT WAL_SUFFIX, STR_ARG(path));
	const struct kept_file *wal = layer_files_find(s->files, wal_path);

	return wal ? wal->content : (struct str){ NULL, 0 };
}

static int scan_database(struct scan *s, const struct database_kind *kind, const struct kept_file *file,
			 struct err *err)
{
	struct rpm_blobs *blobs;
	int code;

	if (!kind->is(file->content))
		return 0;
	begin_database(
		s, str_format(s->out->arena, "%s:" STR_FMT, kind->prefix, STR_ARG(directory_of(file->path))),
		file->path);
	code = kind->open(s->task, file->content, wal_of(s, file->path), &blobs, err);
	if (code == 0)
		TRY(read_blobs(s, blobs, err));
	else if (code == E_FORMAT || code == E_UNSUPPORTED || code == E_NOTFOUND)
		add_damage(s, err);
	else
		return code;
	end_database(s);
	return 0;
}

/* ---- the manifest of distroless images ---- */

static int scan_manifest(struct scan *s, const struct kept_file *file, struct err *err)
{
	struct str rest = file->content, line;
	unsigned number = 0;

	begin_database(s, file->path, file->path);
	while (str_line(&rest, &line)) {
		struct err damage;
		struct package p;

		number++;
		TRY(task_check(s->task, err));
		if (line.n == 0)
			continue;
		if (rpm_package_of_manifest(s->out->arena, line, &p)) {
			TRY(collect_package(s->out, s->database, &p, err));
		} else {
			err_set(&damage, E_FORMAT, "line %u is not a package", number);
			add_damage(s, &damage);
		}
	}
	end_database(s);
	return 0;
}

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	struct scan s = { .task = task, .files = files, .out = out, .owned = { .findings = out } };
	size_t count;
	const struct kept_file *const *wanted = layer_files_wanted(files, &scanner_rpm, &count);

	TRY(rhel_content_read(task, files, &scanner_rpm, NULL, &s.content, err));
	for (size_t i = 0; i < count; i++) {
		const struct database_kind *kind = kind_of(wanted[i]->path);

		if (kind)
			TRY(scan_database(&s, kind, wanted[i], err));
		else if (is_manifest(wanted[i]->path))
			TRY(scan_manifest(&s, wanted[i], err));
	}
	return 0;
}

const struct scanner scanner_rpm = { .id = &id_rpm, .wants = wants, .scan = scan };
