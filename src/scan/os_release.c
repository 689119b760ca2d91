/* SPDX-License-Identifier: Apache-2.0 */
/* Finds out which distribution a layer is of: keeps the release files, asks the rules of scan/distributions.c
 * in order, and reports at most one distribution.
 * Source: os-release(5) for the places of that file; the others are the distributions' own.
 * Easily got wrong: etc/os-release is usually a link to usr/lib/os-release. The first database reported is
 * the file that decided, named by what the link points to: when a later layer deletes it, the release is
 * unknown. */
#include "scan/scanners.h"

#include "base/limits.h"
#include "scan/collect.h"
#include "scan/distributions.h"

/* In the order in which they are asked. */
static const struct place {
	const char *path;
	enum release_kind kind;
} places[] = {
	{ "etc/os-release", RELEASE_OS },
	{ "usr/lib/os-release", RELEASE_OS },
	{ "x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", RELEASE_OS },
	{ "aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", RELEASE_OS },
	{ "etc/lsb-release", RELEASE_LSB },
	{ "etc/issue", RELEASE_ISSUE },
	{ "etc/alpine-release", RELEASE_ALPINE },
	{ "etc/debian_version", RELEASE_DEBIAN },
	{ "etc/oracle-release", RELEASE_SENTENCE },
	{ "etc/centos-release", RELEASE_SENTENCE },
	{ "etc/rocky-release", RELEASE_SENTENCE },
	{ "etc/almalinux-release", RELEASE_SENTENCE },
	{ "etc/fedora-release", RELEASE_SENTENCE },
	{ "usr/lib/fedora-release", RELEASE_SENTENCE },
	{ "etc/gentoo-release", RELEASE_SENTENCE },
	{ "etc/system-release", RELEASE_SENTENCE },
	{ "usr/lib/system-release", RELEASE_SENTENCE },
	{ "etc/redhat-release", RELEASE_SENTENCE },
	{ "etc/photon-release", RELEASE_PHOTON },
	{ "etc/SuSE-release", RELEASE_SUSE },
	{ "etc/arch-release", RELEASE_ARCH },
	{ "etc/apk/repositories", RELEASE_APK_REPOSITORIES },
};
enum { PLACES = sizeof(places) / sizeof(places[0]) };

static bool wants(const struct tar_entry *entry, struct str head)
{
	(void)head;
	if (entry->path.n == 0 || !strchr("euxa", entry->path.p[0]))
		return false;
	if (entry->type != TAR_FILE && entry->type != TAR_HARD_LINK && entry->type != TAR_SYMLINK)
		return false;
	for (int i = 0; i < PLACES; i++)
		if (str_eq(entry->path, str_of(places[i].path)))
			return true;
	return false;
}

/* The release files of a layer. */
struct release_files {
	struct release_file files[PLACES];
	size_t n;
};

static void parse_fields(struct findings *out, struct release_file *file)
{
	struct err err;

	file->is_well_formed = true;
	if (file->kind == RELEASE_LSB)
		os_release_parse_lsb(out->arena, file->text, &file->fields, &err);
	if (file->kind != RELEASE_OS || os_release_parse(out->arena, file->text, &file->fields, &err) == 0)
		return;
	file->is_well_formed = false;
	collect_note(out, STR_FMT ": %s", STR_ARG(file->path), err.text);
}

static struct release_files read_files(const struct layer_files *layer, struct findings *out)
{
	struct release_files all = { .n = 0 };

	for (int i = 0; i < PLACES; i++) {
		const struct kept_file *kept = layer_files_find(layer, str_of(places[i].path));
		struct release_file *file = &all.files[all.n];

		if (!kept)
			continue;
		if (kept->content.n > LIMIT_OS_RELEASE_BYTES) {
			collect_note(out, "%s: %zu bytes, limit %llu", places[i].path, kept->content.n,
				     LIMIT_OS_RELEASE_BYTES);
			continue;
		}
		*file = (struct release_file){ .kind = places[i].kind,
					       .path = str_of(places[i].path),
					       .text = kept->content };
		parse_fields(out, file);
		all.n++;
	}
	return all;
}

/* The file by which a rule recognises a distribution, or NULL. */
static const struct release_file *ask(struct arena *a, const struct release_files *all,
				      const struct distribution_rule *rule, struct distribution *out)
{
	for (size_t i = 0; i < all->n; i++) {
		struct distribution found = { 0 };

		if (all->files[i].kind != rule->kind || !rule->read(a, &all->files[i], &found))
			continue;
		if (!collect_clean_distribution(a, &found))
			continue;
		*out = found;
		return &all->files[i];
	}
	return NULL;
}

static const struct release_file *decide(struct arena *a, const struct release_files *all,
					 struct distribution *out)
{
	for (const struct distribution_rule *rule = distribution_rules; rule->name; rule++) {
		const struct release_file *file = ask(a, all, rule, out);

		if (file)
			return file;
	}
	return NULL;
}

static const struct release_file *first_of(const struct release_files *all, enum release_kind kind)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->files[i].kind == kind)
			return &all->files[i];
	return NULL;
}

/* The exact version: from Debian's or Alpine's own file, else the os-release VERSION_ID where it says more.
 */
static const struct release_file *set_release(struct arena *a, const struct release_files *all,
					      const struct release_file *decided, struct distribution *d)
{
	const struct release_file *file = NULL;
	struct str release = STR("");

	if (str_eq(d->did, STR("debian")))
		file = first_of(all, RELEASE_DEBIAN);
	if (str_eq(d->did, STR("alpine")))
		file = first_of(all, RELEASE_ALPINE);
	if (file)
		release = distribution_patch_level(file->text);
	else if (decided->kind == RELEASE_OS)
		release = os_release_get(&decided->fields, STR("VERSION_ID"));
	release = str_printable(a, release);
	if (release.n > LIMIT_FIELD_BYTES || str_eq(release, d->version_id))
		return NULL;
	d->release = release;
	return file;
}

/* etc/os-release and usr/lib/os-release with the same bytes in memory are one file under two names. */
static struct str target_of(const struct release_files *all, const struct release_file *file)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->files[i].text.p == file->text.p && file->text.n && &all->files[i] > file)
			return all->files[i].path;
	return file->path;
}

static int scan(struct task *task, const struct layer_files *layer, struct findings *out, struct err *err)
{
	struct release_files all = read_files(layer, out);
	const struct release_file *decided, *other;
	struct distribution d;

	decided = decide(out->arena, &all, &d);
	if (!decided)
		return task_check(task, err);
	other = set_release(out->arena, &all, decided, &d);
	VEC_PUSH(out->arena, &out->distributions, d);
	collect_database(out, decided->path, target_of(&all, decided));
	if (other && other != decided)
		collect_database(out, other->path, other->path);
	return task_check(task, err);
}

const struct scanner scanner_os_release = { .id = &id_os_release, .wants = wants, .scan = scan };
