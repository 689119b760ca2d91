/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_ARCHIVE_H
#define IMAGE_ARCHIVE_H

#include "base/map.h"
#include "image/blob.h"

/* A tar archive that holds an image: its members by path. Compressed archives are inflated once into an
 * unlinked spool. The list of members comes from a confined worker and is checked here. */
struct archive {
	struct blob_store store; /* names are member paths; links are followed inside the archive only */
	uint64_t size;
	struct map members; /* path → struct archive_member; of equal paths the last */
};

/* Open the file at path (NUL-terminated): a regular file or a pipe. The archive is in the task's arena; the
 * caller closes store.fd, which is -1 when opening failed. */
int archive_open(struct task *task, struct str path, const struct archive_lister *lister, struct archive *out,
		 struct err *err);

/* Is there a member of that path that is a file or a link? */
bool archive_has(const struct archive *a, struct str path);

#endif
