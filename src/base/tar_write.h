/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TAR_WRITE_H
#define BASE_TAR_WRITE_H

#include "base/cursor.h"

/* One member to write. */
struct tar_member {
	struct str path, link_target; /* as they shall stand in the archive; no NUL */
	char type; /* '0' file, '1' hard link, '2' symlink, '3' '4' device, '5' directory, '6' fifo */
	uint64_t size; /* of the content that follows; 0 for all but files */
	uint32_t mode; /* permission bits */
	uint32_t dev_major, dev_minor;
	bool is_opaque; /* written as xattr trusted.overlay.opaque=y */
};

/* Append the header of a member: ustar, after a pax header where that cannot say it (a path or target of
 * more than 100 bytes, 8 GiB or more, is_opaque). Owner and times are 0, so the same members give the same
 * bytes. */
void tar_write_header(struct buffer *out, const struct tar_member *m);

/* Append what follows a content of size bytes: zeros up to a whole block. */
void tar_write_padding(struct buffer *out, uint64_t size);

/* Append the end of the archive. */
void tar_write_trailer(struct buffer *out);

#endif
