/* SPDX-License-Identifier: Apache-2.0 */
/* zstd: what we decode in steps, the library decodes frame by frame at once, and it is the same. (At once it
 * takes blocks larger than the window, which the format forbids.) */
#include "inflate_diff.h"

#include <zstd.h>

static bool zstd_member(struct str *in, struct buffer *out)
{
	static char room[OUTPUT_MAX];
	size_t frame = ZSTD_findFrameCompressedSize(in->p, in->n), done;

	if (ZSTD_isError(frame))
		return false;
	done = ZSTD_decompress(room, sizeof(room), in->p, frame);
	if (ZSTD_isError(done))
		return false;
	put_bytes(out, (struct str){ room, done });
	*in = str_sub(*in, frame, in->n - frame);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char empty[] = "\x28\xb5\x2f\xfd\x20\0\x01\0";

	return inflate_diff((struct str){ (const char *)data, size }, COMPRESSION_ZSTD,
			    (struct str){ empty, sizeof(empty) }, zstd_member, WE);
}
