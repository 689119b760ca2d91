/* SPDX-License-Identifier: Apache-2.0 */
/* gzip: what zlib takes, we take, and it is the same. (ISA-L is more lenient with Huffman codes that lack
 * some word.) */
#include "inflate_diff.h"

#include <zlib.h>

static bool zlib_member(struct str *in, struct buffer *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)in->p, .avail_in = (uInt)in->n };
	unsigned char chunk[16384];
	int code = Z_OK;

	if (inflateInit2(&z, 15 + 16) != Z_OK)
		abort();
	while (code == Z_OK && out->n <= OUTPUT_MAX) {
		z.next_out = chunk;
		z.avail_out = sizeof(chunk);
		code = inflate(&z, Z_NO_FLUSH);
		put_bytes(out, (struct str){ (char *)chunk, sizeof(chunk) - z.avail_out });
	}
	*in = str_sub(*in, in->n - z.avail_in, z.avail_in);
	inflateEnd(&z);
	return code == Z_STREAM_END || out->n > OUTPUT_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char empty[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0";

	return inflate_diff((struct str){ (const char *)data, size }, COMPRESSION_GZIP,
			    (struct str){ empty, sizeof(empty) }, zlib_member, LIBRARY);
}
