/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ZIP_STREAM_H
#define BASE_ZIP_STREAM_H

#include "base/io.h"

/* A zip archive read once from its beginning, entry by entry, without its directory, which stands at the end.
 * Stored and deflated entries, sizes before or after the content, zip64. Every content is checked against its
 * size and CRC-32. Encrypted entries, other methods, and stored ones without a size are E_UNSUPPORTED. */
struct zip_stream;

/* source is borrowed. max: all contents together, inflated; more is E_LIMIT. */
struct zip_stream *zip_stream_open(struct reader *source, uint64_t max);
void zip_stream_close(struct zip_stream *z);
void zip_stream_closep(struct zip_stream **z);
#define autozip __attribute__((cleanup(zip_stream_closep)))

/* The next entry, passing over what is left of the one before. *name is valid until the next call. Returns 1;
 * 0 where the entries end (what follows them is left in the source); or an error, also by all later calls. */
int zip_stream_next(struct zip_stream *z, struct str *name, struct err *err);
/* The content of the entry: 0 at its end, once it is found to be whole. */
struct reader *zip_stream_content(struct zip_stream *z);
/* Has the archive failed? Tells its errors from those of what reads a content. */
bool zip_stream_failed(const struct zip_stream *z);

#endif
