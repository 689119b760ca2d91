/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the packages of dpkg's databases: a file `status` beside a directory `info`, the one-package files of
 * a directory `status.d` (distroless images), and opkg's `status`. Source: dpkg(1) "Information about
 * packages", deb-control(5); /var/lib/dpkg as dpkg 1.21 writes it. Easily got wrong: only stanzas whose
 * Status says "ok" and "installed" are installed, a name may be there once per architecture, and "Source:
 * name (version)" gives the source's version only where it differs. */
#include "scan/scanners.h"

#include "base/digest.h"
#include "base/map.h"
#include "format/deb_control.h"
#include "scan/collect.h"

enum form { FORM_NONE, FORM_STATUS, FORM_STATUS_D, FORM_OPKG };

enum field {
	PACKAGE,
	STATUS,
	ARCHITECTURE,
	VERSION,
	SOURCE,
	PORT_VERSION,
	DEFAULT_FEATURES,
	FEATURE,
	FIELDS
};

/* One database while it is read. */
struct dpkg_database {
	const struct layer_files *files;
	struct findings *out;
	struct str path, directory;
	enum form form;
	uint32_t index;
	struct map seen; /* "name arch" -> its found_package's index + 1 */
	unsigned stanzas, named, skipped;
	struct err first_skip;
	bool is_vcpkg;
};

static struct str directory_of(struct str path, struct str *name)
{
	struct str directory;

	if (str_rcut(path, '/', &directory, name))
		return directory;
	*name = path;
	return STR("");
}

static struct str base_of(struct str path)
{
	struct str name;

	directory_of(path, &name);
	return name;
}

static bool is_link_or_file(enum tar_type type)
{
	return type == TAR_FILE || type == TAR_HARD_LINK || type == TAR_SYMLINK;
}

static bool wants(const struct tar_entry *entry, struct str head)
{
	struct str name, directory = directory_of(entry->path, &name);

	(void)head;
	if (!is_link_or_file(entry->type))
		return false;
	if (str_eq(name, STR("status")))
		return true;
	if (str_ends(name, STR(".list")) || str_ends(name, STR(".md5sums")))
		if (str_eq(base_of(directory), STR("info")))
			return true;
	return str_eq(base_of(directory), STR("status.d")) && !str_starts(name, STR(".wh."));
}

static bool wants_directory(struct str path)
{
	return str_eq(base_of(path), STR("info"));
}

static bool is_below(struct str path, struct str end)
{
	return str_ends(path, end) && (path.n == end.n || path.p[path.n - end.n - 1] == '/');
}

static bool is_known_place(struct str path)
{
	return is_below(path, STR("var/lib/dpkg/status")) ||
	       str_search(path, STR("lib/dpkg/status.d/")) < path.n;
}

/* Which kind of database, if any, is the kept file at path? An upper layer may hold `status` alone. */
static enum form form_of(struct arena *a, const struct layer_files *files, struct str path)
{
	struct str name, directory = directory_of(path, &name);

	if (str_eq(base_of(directory), STR("status.d")))
		return str_ends(name, STR(".md5sums")) ? FORM_NONE : FORM_STATUS_D;
	if (!str_eq(name, STR("status")))
		return FORM_NONE;
	if (is_below(path, STR("lib/opkg/status")))
		return FORM_OPKG;
	if (is_known_place(path))
		return FORM_STATUS;
	directory = str_format(a, STR_FMT "%sinfo", STR_ARG(directory), directory.n ? "/" : "");
	return layer_files_has_directory(files, directory) ? FORM_STATUS : FORM_NONE;
}

static bool is_installed(const struct dpkg_database *db, struct str status)
{
	bool ok = db->form == FORM_OPKG, installed = false; /* opkg writes "install user installed" */
	struct str word;

	if (db->form == FORM_STATUS_D)
		return true;
	while (str_word(&status, &word)) {
		ok |= str_eq(word, STR("ok"));
		installed |= str_eq(word, STR("installed"));
	}
	return ok && installed;
}

/* Each package has the source version it states, also where two of one source differ: a partly upgraded
 * image. */
static void set_source(struct package *p, struct str source)
{
	struct str name, version;

	p->source_name = p->name;
	p->source_version = p->version;
	if (source.n == 0)
		return;
	str_cut(source, ' ', &name, &version);
	p->source_name = name;
	version = str_strip(version, STR("() \t"));
	if (version.n)
		p->source_version = version;
}

static void skip_stanza(struct dpkg_database *db, unsigned line, const char *why)
{
	if (db->skipped++ == 0)
		err_set(&db->first_skip, E_FORMAT, "stanza ending at line %u: %s", line, why);
}

static int add_package(struct dpkg_database *db, const struct package *p, struct err *err)
{
	struct str key = str_format(db->out->arena, STR_FMT " " STR_FMT, STR_ARG(p->name), STR_ARG(p->arch));
	void **place = map_put(&db->seen, key);

	if (*place) {
		db->out->packages.p[(uintptr_t)*place - 1].package = *p;
		return 0;
	}
	TRY(collect_package(db->out, db->index, p, err));
	*place = (void *)(uintptr_t)db->out->packages.n;
	return 0;
}

static int take_stanza(struct dpkg_database *db, const struct str *values, unsigned line, struct err *err)
{
	struct package p = { .name = values[PACKAGE],
			     .version = values[VERSION],
			     .arch = values[ARCHITECTURE],
			     .kind = PACKAGE_BINARY };

	db->named += p.name.n > 0;
	if (!is_installed(db, values[STATUS]))
		return 0;
	if (p.name.n == 0 || p.version.n == 0 || p.arch.n == 0) {
		db->is_vcpkg |= values[PORT_VERSION].n || values[DEFAULT_FEATURES].n || values[FEATURE].n;
		skip_stanza(db, line, "no Package, Version or Architecture");
		return 0;
	}
	set_source(&p, values[SOURCE]);
	if (!collect_clean_package(db->out->arena, &p)) {
		skip_stanza(db, line, "a field is too long");
		return 0;
	}
	return add_package(db, &p, err);
}

static int read_stanzas(struct task *task, struct dpkg_database *db, struct str text, struct err *err)
{
	const struct str names[FIELDS] = { STR("Package"),	    STR("Status"), STR("Architecture"),
					   STR("Version"),	    STR("Source"), STR("Port-Version"),
					   STR("Default-Features"), STR("Feature") };
	struct str values[FIELDS];
	struct deb_control in;
	struct err stanza_err;
	int result;

	deb_control_open(&in, text);
	while ((result = deb_control_next(&in, names, values, FIELDS, &stanza_err)) != 0) {
		TRY(task_check(task, err));
		db->stanzas++;
		if (result < 0) {
			skip_stanza(db, in.line, stanza_err.text);
			continue;
		}
		if (in.bad_line)
			collect_problem(db->out, db->index, "line %u is no field", in.bad_line);
		TRY(take_stanza(db, values, in.line, err));
	}
	return 0;
}

/* --- files in info/ or beside a status.d file --- */

static const struct kept_file *find_info(const struct dpkg_database *db, const struct package *p,
					 const char *end)
{
	struct arena *a = db->out->arena;
	const struct kept_file *found;

	found = layer_files_find(db->files,
				 str_format(a, STR_FMT "/info/" STR_FMT ":" STR_FMT "%s",
					    STR_ARG(db->directory), STR_ARG(p->name), STR_ARG(p->arch), end));
	if (found)
		return found;
	return layer_files_find(db->files, str_format(a, STR_FMT "/info/" STR_FMT "%s",
						      STR_ARG(db->directory), STR_ARG(p->name), end));
}

/* In distroless images the file is named like the package, but for a few. */
static const struct kept_file *find_beside(const struct dpkg_database *db, const struct package *p)
{
	struct arena *a = db->out->arena;
	const struct kept_file *found;

	found = layer_files_find(db->files, str_format(a, STR_FMT ".md5sums", STR_ARG(db->path)));
	if (found)
		return found;
	return layer_files_find(db->files, str_format(a, STR_FMT "/" STR_FMT ".md5sums",
						      STR_ARG(db->directory), STR_ARG(p->name)));
}

/* One absolute path a line. */
static void take_list(struct file_collector *c, struct str text)
{
	struct str line;

	while (str_line(&text, &line))
		collect_file(c, STR(""), line);
}

/* 32 hex digits, two spaces, a path without leading slash. */
static void take_md5sums(struct file_collector *c, struct str text)
{
	struct str line;

	while (str_line(&text, &line))
		if (line.n > 34)
			collect_file(c, STR(""), str_sub(line, 34, line.n - 34));
}

/* Clair's hint: the MD5 of the md5sums file, which names a build of the package. */
static struct str hint_of(struct arena *a, struct str md5sums)
{
	autohasher struct hasher *h = hasher_new(HASH_MD5);
	unsigned char raw[64];
	char hex[129];

	hasher_add(h, md5sums.p, md5sums.n);
	hex_of(raw, hasher_end(h, raw), hex);
	return str_copy(a, str_of(hex));
}

static void take_info(const struct dpkg_database *db, struct file_collector *c, uint32_t index)
{
	struct package *p = &db->out->packages.p[index].package;
	const struct kept_file *list = NULL, *md5sums;

	if (db->form == FORM_STATUS_D)
		md5sums = find_beside(db, p);
	else
		md5sums = find_info(db, p, ".md5sums");
	if (db->form != FORM_STATUS_D)
		list = find_info(db, p, ".list");
	if (md5sums)
		p->repository_hint = hint_of(db->out->arena, md5sums->content);
	if (!list && !md5sums)
		return;
	collect_owner(c, index);
	if (list)
		take_list(c, list->content);
	else
		take_md5sums(c, md5sums->content);
}

/* A file that only looks like a database: vcpkg's, or one in which nothing is a package. */
static bool is_foreign(const struct dpkg_database *db)
{
	return db->is_vcpkg || (db->stanzas && db->named == 0 && !is_known_place(db->path));
}

static int scan_database(struct task *task, struct dpkg_database *db, struct str text,
			 struct file_collector *owned, struct err *err)
{
	uint32_t first = (uint32_t)db->out->packages.n;

	db->index = collect_database(db->out, db->path, db->path);
	TRY(read_stanzas(task, db, text, err));
	if (is_foreign(db)) {
		db->out->packages.n = first;
		db->out->databases.n--;
		return 0;
	}
	if (db->skipped)
		collect_problem(db->out, db->index, "%u of %u stanzas skipped; the first: %s", db->skipped,
				db->stanzas, db->first_skip.text);
	for (uint32_t i = first; i < db->out->packages.n; i++) {
		take_info(db, owned, i);
		TRY(task_check(task, err));
	}
	return 0;
}

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	struct file_collector owned = { .findings = out };
	size_t n;
	const struct kept_file *const *kept = layer_files_wanted(files, &scanner_dpkg, &n);

	for (size_t i = 0; i < n; i++) {
		struct dpkg_database db = {
			.files = files, .out = out, .path = kept[i]->path, .seen.arena = out->arena
		};
		struct str name;

		TRY(task_check(task, err));
		db.form = form_of(out->arena, files, db.path);
		db.directory = directory_of(db.path, &name);
		if (db.form != FORM_NONE)
			TRY(scan_database(task, &db, kept[i]->content, &owned, err));
	}
	return 0;
}

const struct scanner scanner_dpkg = {
	.id = &id_dpkg,
	.wants = wants,
	.wants_directory = wants_directory,
	.scan = scan,
};
