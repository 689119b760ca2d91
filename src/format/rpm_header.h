/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_RPM_HEADER_H
#define FORMAT_RPM_HEADER_H

#include "base/err.h"
#include "base/str.h"

struct arena;

/* The data of one tag: type and count as stated by the index, bytes from the tag's offset to the end of the
 * data area. type 0: the header does not have the tag. */
struct rpm_tag {
	uint32_t type, count;
	struct str bytes;
};

/* What we use of an installed package's header. Strings borrow from the blob, are not checked to be UTF-8,
 * and are empty where the header has none. */
struct rpm_header {
	struct str name, version, release, arch, source_rpm, vendor, license, modularity_label;
	uint32_t epoch; /* 0 when missing */
	struct str payload_digest; /* hex */
	uint32_t payload_digest_algorithm; /* OpenPGP number: 8 is SHA-256 */
	struct str signature; /* OpenPGP packets of tag SIGPGP */
	struct rpm_tag base_names, dir_indexes, dir_names, file_names; /* for rpm_files_open */
	unsigned skipped; /* index entries that were passed over because they are damaged */
};

/* Read a header blob as databases hold it (no magic in front). Bytes behind the header are ignored.
 * Returns 0; E_FORMAT when the lengths do not fit, or NAME, VERSION, RELEASE or ARCH is damaged, or one of
 * the first three is missing (NAME gpg-pubkey included: it has all three). */
int rpm_header_parse(struct str blob, struct rpm_header *out, struct err *err);

/* Walks the files of a package without making a list. */
struct rpm_files {
	struct rpm_tag names, dir_indexes;
	struct str dirs; /* bytes of DIRNAMES */
	const uint32_t *dir_starts; /* offsets into dirs */
	uint32_t dir_count, next;
	bool is_damaged; /* the walk ended early, or passed over files without a directory */
};

/* Begin. The list of directories is in the arena. Tags: DIRNAMES + BASENAMES, else FILENAMES or OLDFILENAMES.
 */
void rpm_files_open(struct arena *a, const struct rpm_header *h, struct rpm_files *out);

/* The next file: its path is directory (with the slash at its end, or empty) and name, one after the other.
 * Returns false at the end. */
bool rpm_files_next(struct rpm_files *f, struct str *directory, struct str *name);

#endif
