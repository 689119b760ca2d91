/* SPDX-License-Identifier: Apache-2.0 */
/* Finds containers of Red Hat's newer builds: labels.json in root/buildinfo or usr/share/buildinfo.
 * Source: the files of such images; org.opencontainers.image.created is of the OCI image specification,
 * "Annotations". Easy to miss: some values are quoted twice, and the version is when the image was built, in
 * seconds since 1970, as tags of these images have it. */
#include "scan/scanners.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/time.h"
#include "model/cpe.h"
#include "model/repoid.h"
#include "scan/collect.h"
#include "scan/rhcc.h"

/* In the order in which they are asked. */
static const char *const places[] = { "root/buildinfo/labels.json", "usr/share/buildinfo/labels.json" };
enum { PLACES = sizeof(places) / sizeof(places[0]) };

static bool wants(const struct tar_entry *entry, struct str head)
{
	(void)head;
	if (entry->type != TAR_FILE && entry->type != TAR_HARD_LINK && entry->type != TAR_SYMLINK)
		return false;
	for (int i = 0; i < PLACES; i++)
		if (str_eq(entry->path, str_of(places[i])))
			return true;
	return false;
}

/* A label; one that is itself quoted loses that. */
static struct str label(struct arena *a, const struct json_value *labels, const char *key)
{
	struct str text = json_get_str(labels, key);
	struct json_value inside;
	struct err ignored;

	if (text.n > 1 && text.p[0] == '"' && json_parse(a, text, &inside, &ignored) == 0 &&
	    inside.type == JSON_STRING)
		return inside.text;
	return text;
}

static void add_repository(struct findings *out, struct str path, struct str cpe)
{
	struct str name = cpe_normalise(out->arena, cpe);

	if (name.n == 0 || name.n > LIMIT_FIELD_BYTES || !str_is_text(name)) {
		if (cpe.n)
			collect_note(out, STR_FMT ": the label cpe is no CPE name", STR_ARG(path));
		return;
	}
	VEC_PUSH(out->arena, &out->repositories,
		 ((struct repository){ .name = name, .key = STR(REPOSITORY_KEY_RHCC), .cpe = name }));
}

static int add_container(struct findings *out, const struct kept_file *file, const struct json_value *labels,
			 struct err *err)
{
	struct arena *a = out->arena;
	uint32_t database = collect_database(out, file->path, file->path);
	struct str created = json_get_str(labels, "org.opencontainers.image.created");
	struct rhcc_container c = { .name = label(a, labels, "name"),
				    .arch = label(a, labels, "architecture") };
	int64_t built;

	if (c.name.n == 0 || c.arch.n == 0 || created.n == 0)
		return 0;
	if (!time_parse(created, &built) || built < 0) {
		collect_note(out, STR_FMT ": the time of its build is none", STR_ARG(file->path));
		return 0;
	}
	c.component = c.name;
	c.version = str_format(a, "%lld", (long long)built);
	if (!rhcc_normalized_tag(a, c.version, &c.normalized))
		return 0;
	return rhcc_collect(out, database, &c, err);
}

/* 1, or 0 when the file has no labels. */
static int read_labels(struct findings *out, const struct kept_file *file, struct json_value *labels)
{
	struct err damage;

	if (file->content.n > LIMIT_BUILDINFO_BYTES)
		err_set(&damage, E_LIMIT, "%zu bytes, limit %llu", file->content.n, LIMIT_BUILDINFO_BYTES);
	else if (json_parse(out->arena, file->content, labels, &damage) == 0)
		return 1;
	collect_note(out, STR_FMT " is left out: %s", STR_ARG(file->path), damage.text);
	return 0;
}

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	for (int i = 0; i < PLACES; i++) {
		const struct kept_file *file = layer_files_find(files, str_of(places[i]));
		struct json_value labels;

		TRY(task_check(task, err));
		if (!file || !read_labels(out, file, &labels))
			continue;
		add_repository(out, file->path, label(out->arena, &labels, "cpe"));
		return add_container(out, file, &labels, err);
	}
	return 0;
}

const struct scanner scanner_rhcc_labels = { .id = &id_rhcc_labels, .wants = wants, .scan = scan };
