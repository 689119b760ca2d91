/* SPDX-License-Identifier: Apache-2.0 */
/* xz: what the library decodes stream by stream, we decode in steps, and it is the same. */
#include "inflate_diff.h"

#include "base/limits.h"

#include <lzma.h>

static bool xz_member(struct str *in, struct buffer *out)
{
	lzma_stream s = LZMA_STREAM_INIT;
	unsigned char chunk[16384];
	lzma_ret code = lzma_stream_decoder(&s, LIMIT_XZ_MEMORY_BYTES, 0);

	s.next_in = (const uint8_t *)in->p;
	s.avail_in = in->n;
	while (code == LZMA_OK && out->n <= OUTPUT_MAX) {
		s.next_out = chunk;
		s.avail_out = sizeof(chunk);
		code = lzma_code(&s, LZMA_FINISH);
		put_bytes(out, (struct str){ (char *)chunk, sizeof(chunk) - s.avail_out });
	}
	*in = str_sub(*in, in->n - s.avail_in, s.avail_in);
	lzma_end(&s);
	return code == LZMA_STREAM_END || out->n > OUTPUT_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char empty[] =
		"\xfd"
		"7zXZ\0\0\x04\xe6\xd6\xb4\x46\0\0\0\0\x1c\xdf\x44\x21\x1f\xb6\xf3\x7d\x01\0\0\0\0\x04YZ";

	return inflate_diff((struct str){ (const char *)data, size }, COMPRESSION_XZ,
			    (struct str){ empty, sizeof(empty) - 1 }, xz_member, NOBODY);
}
