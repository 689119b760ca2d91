/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_APK_INSTALLED_H
#define FORMAT_APK_INSTALLED_H

#include "base/str.h"

/* Walks the records of an apk installed database. */
struct apk_installed {
	struct str rest; /* what has not been read */
	unsigned line; /* number of the last line read, from 1 */
	unsigned bad_line; /* first line of the last record that is no field, 0: none */
};

/* One installed package. Everything borrows from the text; absent fields are empty. */
struct apk_record {
	struct str name, version, arch, origin, commit; /* P V A o c */
	struct str lines; /* the whole record, for apk_installed_file */
};

/* Begin to read a borrowed text. */
void apk_installed_open(struct apk_installed *in, struct str text);

/* The next record. Of a repeated field the first counts. Lines that are no field (no colon in second place,
 * or longer than LIMIT_CONTROL_LINE_BYTES) are passed over and noted in bad_line. Returns false at the end.
 * Source: apk-v2(5), https://wiki.alpinelinux.org/wiki/Apk_spec, "Installed database". */
bool apk_installed_next(struct apk_installed *in, struct apk_record *out);

/* The next file of a record: lines starts as record.lines, directory as empty; both are moved on.
 * The file is directory + "/" + name, or name when directory is empty. Returns false at the end. */
bool apk_installed_file(struct str *lines, struct str *directory, struct str *name);

#endif
