/* SPDX-License-Identifier: Apache-2.0 */
/* Finds containers of Red Hat's older builds: root/buildinfo/Dockerfile-NAME-VERSION-RELEASE, whose labels
 * say what the container is. Source: the files of such images; the names of the repository are those of Clair
 * v4. Easy to miss: the version is in the name of the file only, and the path before it may have hyphens too;
 * an image with such a file is of the catalog even when its labels say nothing. */
#include "scan/scanners.h"

#include "base/limits.h"
#include "format/dockerfile.h"
#include "model/repoid.h"
#include "scan/collect.h"
#include "scan/rhcc.h"

#define PLACE "root/buildinfo/Dockerfile-"

static bool wants(const struct tar_entry *entry, struct str head)
{
	struct str place = STR(PLACE), name = entry->path;

	(void)head;
	if (entry->type != TAR_FILE && entry->type != TAR_HARD_LINK && entry->type != TAR_SYMLINK)
		return false;
	if (!str_starts(name, place))
		return false;
	name = str_sub(name, place.n, name.n - place.n);
	return str_find(name, '/') == name.n;
}

/* "3.5.6-4" of ".../Dockerfile-quay-quay-rhel8-3.5.6-4": what is behind the last hyphen but one. */
static bool version_of(struct str path, struct str *out)
{
	struct str before, version, release;

	if (!str_rcut(path, '-', &before, &release) || !str_rcut(before, '-', &before, &version))
		return false;
	*out = str_sub(path, before.n + 1, path.n - before.n - 1);
	return true;
}

static int add_container(struct task *task, const struct kept_file *file, uint32_t database,
			 struct findings *out, struct err *err)
{
	struct rhcc_container c;
	struct dockerfile d;

	if (!version_of(file->path, &c.version) || !rhcc_normalized_tag(out->arena, c.version, &c.normalized))
		return 0;
	if (file->content.n > LIMIT_BUILDINFO_BYTES) {
		collect_note(out, STR_FMT ": %zu bytes, limit %llu", STR_ARG(file->path), file->content.n,
			     LIMIT_BUILDINFO_BYTES);
		return 0;
	}
	TRY(dockerfile_read(task, file->content, &d, err));
	c.component = dockerfile_label(&d, "com.redhat.component");
	c.name = dockerfile_label(&d, "name");
	c.arch = dockerfile_label(&d, "architecture");
	if (c.component.n == 0 || c.name.n == 0 || c.arch.n == 0)
		return 0;
	return rhcc_collect(out, database, &c, err);
}

/* The first that has a version in its name, or the first. */
static const struct kept_file *choose(const struct kept_file *const *files, size_t n)
{
	struct str version;

	for (size_t i = 0; i < n; i++)
		if (version_of(files[i]->path, &version))
			return files[i];
	return n ? files[0] : NULL;
}

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	size_t n;
	const struct kept_file *const *kept = layer_files_wanted(files, &scanner_rhcc_dockerfile, &n);
	const struct kept_file *file = choose(kept, n);

	if (!file)
		return 0;
	VEC_PUSH(out->arena, &out->repositories,
		 ((struct repository){
			 .name = STR(REPOSITORY_NAME_CATALOG),
			 .key = STR(REPOSITORY_KEY_RHCC),
			 .uri = STR("https://catalog.redhat.com/software/containers/explore") }));
	return add_container(task, file, collect_database(out, file->path, file->path), out, err);
}

const struct scanner scanner_rhcc_dockerfile = { .id = &id_rhcc_dockerfile, .wants = wants, .scan = scan };
