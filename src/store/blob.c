/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes compressed with zstd, one frame each.
 * Source: RFC 8878; zstd.h, "Simple API". What one would get wrong: the size that a frame states is input,
 * and is compared with the limit before memory is given. */
#include "store/blob.h"

#include "base/arena.h"

#include <stdlib.h>
#include <zstd.h>

#define LEVEL 3

struct str blob_pack(struct arena *a, struct str bytes)
{
	size_t room = ZSTD_compressBound(bytes.n), n;
	char *out;

	if (bytes.n == 0)
		return (struct str){ NULL, 0 };
	out = arena_alloc_raw(a, room);
	n = ZSTD_compress(out, room, bytes.p, bytes.n, LEVEL);
	if (ZSTD_isError(n))
		abort(); /* memory is all that can be missing */
	return (struct str){ out, n };
}

int blob_unpack(struct arena *a, struct str packed, size_t max, struct str *out, struct err *err)
{
	unsigned long long size;
	char *bytes;
	size_t n;

	if (packed.n == 0) {
		*out = (struct str){ NULL, 0 };
		return 0;
	}
	size = ZSTD_getFrameContentSize(packed.p, packed.n);
	if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR)
		return err_set(err, E_FORMAT, "compressed value: no zstd frame with a size");
	if (size > max)
		return err_set(err, E_LIMIT, "compressed value: %llu bytes, limit %zu", size, max);
	bytes = arena_alloc_raw(a, (size_t)size);
	n = ZSTD_decompress(bytes, (size_t)size, packed.p, packed.n);
	if (n != size)
		return err_set(err, E_FORMAT, "compressed value: damaged");
	*out = (struct str){ bytes, n };
	return 0;
}

bool blob_is_packed(struct str bytes)
{
	return str_starts(bytes, STR("\x28\xb5\x2f\xfd")); /* RFC 8878, section 3.1.1: Magic_Number */
}
