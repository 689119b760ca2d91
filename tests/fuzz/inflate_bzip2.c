/* SPDX-License-Identifier: Apache-2.0 */
/* bzip2: what the library decodes stream by stream, we decode in other portions, and it is the same. */
#include "inflate_diff.h"

#include <bzlib.h>

static bool bzip2_member(struct str *in, struct buffer *out)
{
	bz_stream s = { .next_in = (char *)(uintptr_t)in->p, .avail_in = (unsigned)in->n };
	char chunk[16384];
	int code = BZ_OK;
	size_t before;

	if (BZ2_bzDecompressInit(&s, 0, 1) != BZ_OK)
		abort();
	do {
		before = out->n;
		s.next_out = chunk;
		s.avail_out = sizeof(chunk);
		code = BZ2_bzDecompress(&s);
		put_bytes(out, (struct str){ chunk, sizeof(chunk) - s.avail_out });
	} while (code == BZ_OK && out->n > before && out->n <= OUTPUT_MAX);
	*in = str_sub(*in, in->n - s.avail_in, s.avail_in);
	BZ2_bzDecompressEnd(&s);
	return code == BZ_STREAM_END || out->n > OUTPUT_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char empty[] = "BZh9\x17\x72\x45\x38\x50\x90\0\0\0";

	return inflate_diff((struct str){ (const char *)data, size }, COMPRESSION_BZIP2,
			    (struct str){ empty, sizeof(empty) }, bzip2_member, NOBODY);
}
