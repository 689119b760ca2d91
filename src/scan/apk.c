/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the packages of apk's databases: lib/apk/db/installed below any directory (usr/lib/... too).
 * Source: apk-v2(5) of apk-tools; format/apk_installed.h.
 * Easily got wrong: security data are keyed by the origin, the package that an aports recipe builds, and a
 * package without one is its own origin (apk's own rule). Virtual packages (".name", made by apk add -t)
 * are packages like others. */
#include "scan/scanners.h"

#include "base/map.h"
#include "format/apk_installed.h"
#include "scan/collect.h"

static bool wants(const struct tar_entry *entry, struct str head)
{
	struct str place = STR("lib/apk/db/installed"), path = entry->path;

	(void)head;
	if (!str_ends(path, STR("/installed")) || !str_ends(path, place))
		return false;
	if (entry->type != TAR_FILE && entry->type != TAR_HARD_LINK && entry->type != TAR_SYMLINK)
		return false;
	return path.n == place.n || path.p[path.n - place.n - 1] == '/';
}

static struct package package_of(const struct apk_record *r)
{
	return (struct package){
		.name = r->name,
		.version = r->version,
		.arch = r->arch,
		.kind = PACKAGE_BINARY,
		.source_name = r->origin.n ? r->origin : r->name,
		.source_version = r->version,
		.repository_hint = r->commit,
	};
}

static void add_files(struct file_collector *c, const struct apk_record *r, uint32_t package)
{
	struct str lines = r->lines, directory = STR(""), name;

	collect_owner(c, package);
	while (apk_installed_file(&lines, &directory, &name))
		collect_file(c, directory, name);
}

/* Of a name that comes again the first counts, as for apk. A record that cannot be reported is a problem. */
static int add_record(struct file_collector *c, struct map *seen, uint32_t database,
		      const struct apk_record *r, struct err *err)
{
	struct findings *out = c->findings;
	struct package p = package_of(r);
	void **place;

	if (p.name.n == 0 || p.version.n == 0 || !collect_clean_package(out->arena, &p)) {
		collect_problem(out, database, "a package has no name or version, or a field is too long");
		return 0;
	}
	place = map_put(seen, p.name);
	if (*place)
		return 0;
	*place = out;
	TRY(collect_package(out, database, &p, err));
	add_files(c, r, (uint32_t)(out->packages.n - 1));
	return 0;
}

static int scan_database(struct task *task, struct file_collector *c, const struct kept_file *file,
			 struct err *err)
{
	uint32_t database = collect_database(c->findings, file->path, file->path);
	struct map seen = { .arena = c->findings->arena };
	struct apk_installed in;
	struct apk_record record;

	apk_installed_open(&in, file->content);
	while (apk_installed_next(&in, &record)) {
		TRY(task_check(task, err));
		if (in.bad_line)
			collect_problem(c->findings, database, "line %u is no field", in.bad_line);
		TRY(add_record(c, &seen, database, &record, err));
	}
	return 0;
}

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	struct file_collector owned = { .findings = out };
	size_t n;
	const struct kept_file *const *kept = layer_files_wanted(files, &scanner_apk, &n);

	for (size_t i = 0; i < n; i++)
		TRY(scan_database(task, &owned, kept[i], err));
	return 0;
}

const struct scanner scanner_apk = { .id = &id_apk, .wants = wants, .scan = scan };
