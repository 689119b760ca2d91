/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_REMOTE_READER_H
#define IMAGE_REMOTE_READER_H

#include "net/http_reader.h"

/* The bytes of a layer as a server sends them: hashed on the way, size (UINT64_MAX unknown) and digest
 * checked at the end; an answer that is a page for people or a JSON document is refused (E_FORMAT). digest
 * must live as long as the reader. Errors of http_reader_open. Free with reader_close. */
int remote_reader_open(const struct http_reader_options *options, struct str digest, uint64_t size,
		       struct reader **out, struct err *err);

#endif
