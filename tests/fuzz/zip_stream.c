/* SPDX-License-Identifier: Apache-2.0 */
/* Zip archives as a stream: whatever they are, they end, and give no more than they may. */
#include "base/zip_stream.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BYTES = 1 << 20 };

/* Read all of a content, or its beginning. Returns how much. */
static uint64_t read_content(struct zip_stream *z, bool whole)
{
	struct err err = { 0 };
	char buf[777];
	uint64_t n = 0;
	ssize_t got;

	do {
		got = reader_read(zip_stream_content(z), buf, sizeof(buf), &err);
		if (got < 0 && !zip_stream_failed(z))
			abort();
		n += got > 0 ? (uint64_t)got : 0;
	} while (whole && got > 0);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem_reader in;
	autozip struct zip_stream *z = NULL;
	struct err err = { 0 };
	struct str name;
	uint64_t n = 0;
	int more;

	mem_reader_open(&in, (struct str){ (const char *)data, size });
	z = zip_stream_open(&in.reader, MAX_BYTES);
	while ((more = zip_stream_next(z, &name, &err)) > 0)
		n += read_content(z, name.n % 2);
	if (n > MAX_BYTES || (more < 0) != zip_stream_failed(z) || zip_stream_next(z, &name, &err) != more)
		abort();
	return 0;
}
