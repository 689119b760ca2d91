/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the packages of chiselled images (Ubuntu), which have no dpkg database: a file manifest.wall, packed
 * with zstd, with a JSON object a line. Source:
 * https://documentation.ubuntu.com/chisel/en/latest/reference/manifest/ . Easily got wrong: what is there of
 * a package is slices of it, so that the files that it owns are those of the lines "content", by the slice's
 * name, PACKAGE_SLICE; and they come before the packages. Names of source packages are not in it; Ubuntu's
 * advisories need none. */
#include "scan/scanners.h"

#include "base/inflate.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "scan/collect.h"

/* A manifest while it is read. */
struct manifest {
	struct task *task;
	struct findings *out;
	uint32_t database;
	struct map paths; /* package -> str_list of its files */
	struct map packages; /* "name arch" -> itself: of a repeated one the first counts */
	uint32_t first; /* package */
};

static bool wants(const struct tar_entry *entry, struct str head)
{
	struct str name = STR("manifest.wall"), path = entry->path;

	(void)head;
	if (entry->type != TAR_FILE && entry->type != TAR_HARD_LINK && entry->type != TAR_SYMLINK)
		return false;
	return str_ends(path, name) && (path.n == name.n || path.p[path.n - name.n - 1] == '/');
}

static int take_package(struct manifest *m, const struct json_value *line, struct err *err)
{
	struct arena *a = m->out->arena;
	struct package p = { .kind = PACKAGE_BINARY,
			     .name = str_copy(a, json_get_str(line, "name")),
			     .version = str_copy(a, json_get_str(line, "version")),
			     .arch = str_copy(a, json_get_str(line, "arch")) };
	void **slot;

	if (p.name.n == 0 || p.version.n == 0 || !collect_clean_package(a, &p)) {
		collect_problem(m->out, m->database,
				"a package has no name or version, or a field is too long");
		return 0;
	}
	slot = map_put(&m->packages, str_format(a, STR_FMT " " STR_FMT, STR_ARG(p.name), STR_ARG(p.arch)));
	if (*slot)
		return 0;
	*slot = m;
	return collect_package(m->out, m->database, &p, err);
}

/* A path of a slice; directories end with a slash. */
static void take_content(struct manifest *m, const struct json_value *line)
{
	struct arena *a = m->out->arena;
	struct str path = json_get_str(line, "path"), package, slice;
	str_list *list;

	if (!str_cut(json_get_str(line, "slice"), '_', &package, &slice) || path.n == 0 ||
	    str_ends(path, STR("/")))
		return;
	list = map_get(&m->paths, package);
	if (!list)
		*map_put(&m->paths, str_copy(a, package)) = list = ARENA_NEW(a, str_list);
	VEC_PUSH(a, list, str_copy(a, path));
}

static int take_line(struct manifest *m, const struct json_value *line, struct err *err)
{
	struct str kind = json_get_str(line, "kind");

	if (str_eq(kind, STR("package")))
		return take_package(m, line, err);
	if (str_eq(kind, STR("content")))
		take_content(m, line);
	return 0;
}

/* One JSON object after the other; the first says what they are. */
static int read_lines(struct manifest *m, struct reader *in, struct err *err)
{
	autojson struct json_reader *json = json_reader_open(in);
	bool is_first = true;
	int more;

	do {
		autoarena struct arena scratch = { 0 };
		struct json_token token;
		struct json_value line;

		TRY(task_check(m->task, err));
		TRY(json_next(json, &token, err));
		TRY(json_tree(json, &token, &scratch, LIMIT_PACKAGE_RECORD_BYTES, &line, err));
		if (is_first && json_get_str(&line, "jsonwall").n == 0)
			return err_set(err, E_FORMAT, "the first line is no header of a jsonwall");
		is_first = false;
		TRY(take_line(m, &line, err));
		more = json_next_document(json, err);
	} while (more > 0);
	return more;
}

static int read_manifest(struct manifest *m, struct str packed, struct err *err)
{
	autoinflate struct inflate *inflate = NULL;
	struct limit_reader limit;
	struct mem_reader in;
	uint64_t memory = inflate_memory(packed);

	if (memory > LIMIT_CHISEL_WINDOW_BYTES)
		return err_set(err, E_LIMIT, "the manifest needs %llu bytes to be inflated, limit %llu",
			       (unsigned long long)memory, LIMIT_CHISEL_WINDOW_BYTES);
	mem_reader_open(&in, packed);
	TRY(inflate_open(&in.reader, &inflate, err));
	limit_reader_open(&limit, inflate_reader(inflate), LIMIT_CHISEL_BYTES, "chisel manifest");
	return read_lines(m, &limit.reader, err);
}

static void add_files(struct manifest *m, struct file_collector *owned)
{
	for (uint32_t i = m->first; i < m->out->packages.n; i++) {
		const str_list *paths = map_get(&m->paths, m->out->packages.p[i].package.name);

		if (!paths)
			continue;
		collect_owner(owned, i);
		VEC_EACH (const struct str, path, paths)
			collect_file(owned, STR(""), *path);
	}
}

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	struct file_collector owned = { .findings = out };
	size_t n;
	const struct kept_file *const *kept = layer_files_wanted(files, &scanner_chisel, &n);

	for (size_t i = 0; i < n; i++) {
		struct manifest m = { .task = task, .out = out, .first = (uint32_t)out->packages.n };
		struct err failure = { 0 };

		m.paths.arena = m.packages.arena = out->arena;
		m.database = collect_database(out, kept[i]->path, kept[i]->path);
		if (read_manifest(&m, kept[i]->content, &failure) < 0)
			collect_problem(out, m.database, "%s", failure.text);
		TRY(task_check(task, err));
		if (out->packages.n >= LIMIT_LAYER_PACKAGES)
			return err_set(err, E_LIMIT, "%s", failure.text);
		add_files(&m, &owned);
	}
	return 0;
}

const struct scanner scanner_chisel = { .id = &id_chisel, .wants = wants, .scan = scan };
