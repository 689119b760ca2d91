/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the packages of pacman's local database: var/lib/pacman/local/NAME-VERSION/desc below any directory,
 * and their files in `files` beside it. Source: alpm-db(5); format/alpm_desc.h. Easily got wrong: each entry
 * is a database of its own. An upgrade in a later layer removes the old folder and brings a new one, and the
 * other packages have no copy there. */
#include "scan/scanners.h"

#include "format/alpm_desc.h"
#include "scan/collect.h"

/* "[.../]var/lib/pacman/local/NAME/desc" or ".../files" */
static bool is_entry(struct str path, struct str file)
{
	struct str directory, rest, local = STR("var/lib/pacman/local");

	if (!str_rcut(path, '/', &directory, &rest) || !str_eq(rest, file))
		return false;
	if (!str_rcut(directory, '/', &directory, &rest) || !str_ends(directory, local))
		return false;
	return directory.n == local.n || directory.p[directory.n - local.n - 1] == '/';
}

static bool wants(const struct tar_entry *entry, struct str head)
{
	(void)head;
	if (entry->type != TAR_FILE && entry->type != TAR_HARD_LINK && entry->type != TAR_SYMLINK)
		return false;
	return is_entry(entry->path, STR("desc")) || is_entry(entry->path, STR("files"));
}

static struct package package_of(struct str text)
{
	struct package p = { .kind = PACKAGE_BINARY };
	struct alpm_block block;

	while (alpm_desc_next(&text, &block)) {
		if (str_eq(block.key, STR("NAME")))
			p.name = alpm_desc_value(&block);
		else if (str_eq(block.key, STR("VERSION")))
			p.version = alpm_desc_value(&block);
		else if (str_eq(block.key, STR("BASE")))
			p.source_name = alpm_desc_value(&block);
		else if (str_eq(block.key, STR("ARCH")))
			p.arch = alpm_desc_value(&block);
	}
	if (p.source_name.n == 0)
		p.source_name = p.name;
	p.source_version = p.version;
	return p;
}

/* Directories, which end with a slash, belong to many packages. */
static void add_files(struct file_collector *c, struct str text)
{
	struct alpm_block block;
	struct str line;

	while (alpm_desc_next(&text, &block))
		while (str_eq(block.key, STR("FILES")) && str_line(&block.values, &line))
			if (!str_ends(line, STR("/")))
				collect_file(c, STR(""), line);
}

static int scan_entry(const struct layer_files *files, struct file_collector *c, const struct kept_file *desc,
		      struct err *err)
{
	struct findings *out = c->findings;
	uint32_t database = collect_database(out, desc->path, desc->path);
	struct package p = package_of(desc->content);
	const struct kept_file *list;

	if (p.name.n == 0 || p.version.n == 0 || !collect_clean_package(out->arena, &p)) {
		collect_problem(out, database, "the package has no name or version, or a field is too long");
		return 0;
	}
	TRY(collect_package(out, database, &p, err));
	list = layer_files_find(files, str_format(out->arena, STR_FMT "files",
						  STR_ARG(str_sub(desc->path, 0, desc->path.n - 4))));
	if (!list)
		return 0;
	collect_owner(c, (uint32_t)(out->packages.n - 1));
	add_files(c, list->content);
	return 0;
}

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	struct file_collector owned = { .findings = out };
	size_t n;
	const struct kept_file *const *kept = layer_files_wanted(files, &scanner_alpm, &n);

	for (size_t i = 0; i < n; i++) {
		TRY(task_check(task, err));
		if (is_entry(kept[i]->path, STR("desc")))
			TRY(scan_entry(files, &owned, kept[i], err));
	}
	return 0;
}

const struct scanner scanner_alpm = { .id = &id_alpm, .wants = wants, .scan = scan };
