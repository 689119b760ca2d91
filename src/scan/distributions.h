/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_DISTRIBUTIONS_H
#define SCAN_DISTRIBUTIONS_H

#include "format/os_release.h"
#include "model/distribution.h"

/* Kinds of files that tell of the release. */
enum release_kind {
	RELEASE_OS, /* os-release */
	RELEASE_LSB, /* lsb-release */
	RELEASE_ISSUE, /* etc/issue */
	RELEASE_ALPINE, /* etc/alpine-release: the version alone */
	RELEASE_DEBIAN, /* etc/debian_version: the version, or "codename/sid" */
	RELEASE_SENTENCE, /* "<name> release <version> ...": redhat-release and its kin */
	RELEASE_SUSE, /* etc/SuSE-release */
	RELEASE_PHOTON, /* etc/photon-release */
	RELEASE_ARCH, /* etc/arch-release: that it exists */
	RELEASE_APK_REPOSITORIES, /* etc/apk/repositories */
};

/* One such file of a layer. fields: of RELEASE_OS and RELEASE_LSB. is_well_formed: every line of an
 * os-release file is an assignment; Clair's own rules want that, the others do not. */
struct release_file {
	enum release_kind kind;
	struct str path, text;
	struct os_release fields;
	bool is_well_formed;
};

/* How a distribution is recognised in one kind of file. read: fill *out (zeroed) with texts borrowed from the
 * file or in the arena and return true, or return false: not this one. */
struct distribution_rule {
	const char *name;
	enum release_kind kind;
	bool (*read)(struct arena *a, const struct release_file *file, struct distribution *out);
};

/* The rules in order: the first that says yes decides. Ends with a NULL name. */
extern const struct distribution_rule distribution_rules[];

/* Clair's generic reading of an os-release file: every key in its field, did "linux" and name "Linux" when
 * they are missing. It is not in the table as such; the rules for distributions without a shape of their own
 * use it. */
struct distribution distribution_generic(struct arena *a, const struct os_release *fields);

/* The exact version that a file of kind RELEASE_ALPINE or RELEASE_DEBIAN holds: its first line, trimmed. */
struct str distribution_patch_level(struct str text);

#endif
