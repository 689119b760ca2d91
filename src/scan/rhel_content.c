/* SPDX-License-Identifier: Apache-2.0 */
/* Finds content manifests and dnf's history in a layer, and decides which of them counts.
 * Source: where Red Hat's images keep them (docs/formats/content_manifest.md, dnf_history.md).
 * Easy to miss: usr/share/buildinfo also holds labels.json, which is no content manifest; and a history that
 * says where the build machine took packages from counts only when the manifest says that it does. */
#include "scan/rhel_content.h"

#include "base/arena.h"
#include "base/limits.h"
#include "format/content_manifest.h"
#include "scan/collect.h"

#define WAL_SUFFIX "-wal"

/* In the order in which they are asked. */
static const char *const manifest_places[] = {
	"root/buildinfo/content_manifests/",
	"usr/share/buildinfo/content_manifests/",
	"usr/share/buildinfo/",
};
enum { MANIFEST_PLACES = sizeof(manifest_places) / sizeof(manifest_places[0]) };

static const char *const history_places[] = {
	"usr/lib/sysimage/libdnf5/transaction_history.sqlite",
	"var/lib/dnf/history.sqlite",
};
enum { HISTORY_PLACES = sizeof(history_places) / sizeof(history_places[0]) };

static bool is_manifest_at(struct str path, const char *place)
{
	struct str directory = str_of(place), name;

	if (!str_starts(path, directory))
		return false;
	name = str_sub(path, directory.n, path.n - directory.n);
	return str_ends(name, STR(".json")) && str_find(name, '/') == name.n && name.p[0] != '.' &&
	       !str_eq(name, STR("labels.json"));
}

static bool is_history(struct str path)
{
	if (str_ends(path, STR(WAL_SUFFIX)))
		path.n -= STR(WAL_SUFFIX).n;
	for (int i = 0; i < HISTORY_PLACES; i++)
		if (str_eq(path, str_of(history_places[i])))
			return true;
	return false;
}

bool rhel_content_wants(const struct tar_entry *entry)
{
	if (entry->type != TAR_FILE && entry->type != TAR_HARD_LINK && entry->type != TAR_SYMLINK)
		return false;
	for (int i = 0; i < MANIFEST_PLACES; i++)
		if (is_manifest_at(entry->path, manifest_places[i]))
			return true;
	return is_history(entry->path);
}

/* What a file turned out to be: 1 what it should, 0 something else (told in notes), or what ends the task. */
static int judge(struct task *task, struct findings *notes, struct str path, int code,
		 const struct err *damage, struct err *err)
{
	TRY(task_check(task, err));
	if (code == 0)
		return 1;
	if (code != E_FORMAT && code != E_LIMIT && code != E_UNSUPPORTED && code != E_NOTFOUND) {
		*err = *damage;
		return code;
	}
	if (notes)
		collect_note(notes, STR_FMT " is left out: %s", STR_ARG(path), damage->text);
	return 0;
}

static int read_manifest(struct task *task, const struct kept_file *file, struct findings *notes,
			 struct content_manifest *out, struct err *err)
{
	struct err damage;
	int code = content_manifest_parse(task, file->content, out, &damage);

	return judge(task, notes, file->path, code, &damage, err);
}

/* The first place that has a manifest decides. */
static int find_manifest(struct task *task, const struct layer_files *files, const struct scanner *as,
			 struct findings *notes, struct content_manifest *out, struct err *err)
{
	size_t count;
	const struct kept_file *const *kept = layer_files_wanted(files, as, &count);

	for (int place = 0; place < MANIFEST_PLACES; place++) {
		for (size_t i = 0; i < count; i++) {
			int got = 0;

			if (is_manifest_at(kept[i]->path, manifest_places[place]))
				got = read_manifest(task, kept[i], notes, out, err);
			if (got)
				return got;
		}
	}
	return 0;
}

static int read_history(struct task *task, const struct layer_files *files, const char *path,
			struct findings *notes, struct dnf_history *out, struct err *err)
{
	struct str wal_path = str_format(&task->arena, "%s" WAL_SUFFIX, path);
	const struct kept_file *file = layer_files_find(files, str_of(path)),
			       *wal = layer_files_find(files, wal_path);
	struct err damage;
	int got;

	if (!file)
		return 0;
	got = dnf_history_read(task, file->content, wal ? wal->content : STR(""), out, &damage);
	got = judge(task, notes, str_of(path), got, &damage, err);
	if (got > 0 && notes && out->damages)
		collect_note(notes, "%s: %zu damaged places, the first: %s", path, out->damages,
			     out->damage.text);
	return got;
}

static int find_history(struct task *task, const struct layer_files *files, struct findings *notes,
			struct dnf_history *out, struct err *err)
{
	int got = 0;

	for (int i = 0; i < HISTORY_PLACES && got == 0; i++)
		got = read_history(task, files, history_places[i], notes, out, err);
	return got;
}

int rhel_content_read(struct task *task, const struct layer_files *files, const struct scanner *as,
		      struct findings *notes, struct rhel_content *out, struct err *err)
{
	struct content_manifest manifest = { 0 };
	int found = find_manifest(task, files, as, notes, &manifest, err);

	*out = (struct rhel_content){ .repoids = manifest.content_sets };
	if (found < 0)
		return found;
	if (manifest.is_cut && notes)
		collect_note(notes, "more than %u content sets; the others are left out", LIMIT_CONTENT_SETS);
	if (found && !manifest.from_dnf_hint)
		return 0;
	found = find_history(task, files, notes, &out->history, err);
	out->repoids = out->history.repoids;
	return found < 0 ? found : 0;
}
