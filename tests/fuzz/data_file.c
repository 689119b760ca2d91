/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a prebuilt database's file: what is accepted is written again the same. The first byte says
 * whether the digest behind the manifest is put right, without which nearly nothing would be accepted. */
#include "store/data_file.h"

#include "base/cursor.h"
#include "base/digest.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The rest of the input as a manifest behind a frame's head, with its digest. */
static struct str as_head(struct arena *a, struct str manifest)
{
	struct buffer b = { .arena = a };
	char digest[72];

	put_le32(&b, 0x184d2a5cu);
	put_le32(&b, (uint32_t)manifest.n);
	put_bytes(&b, manifest);
	put_le32(&b, 0x184d2a5eu);
	put_le32(&b, 71);
	put_bytes(&b, str_of(digest_of(manifest, digest)));
	put_bytes(&b, STR("\x28\xb5\x2f\xfd....")); /* where the payload would be */
	return buffer_str(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str rest = { (const char *)data + 1, size ? size - 1 : 0 };
	struct data_head h;
	struct mem_reader in;
	struct err err = { 0 };

	if (size == 0)
		return 0;
	mem_reader_open(&in, data[0] & 1 ? as_head(&a, rest) : rest);
	if (data_head_read(&a, &in.reader, &h, &err) < 0)
		return 0;
	if (!data_is_digest(h.manifest.content) || h.bytes <= h.text.n ||
	    data_manifest_text(&a, &h.manifest, 0).n == 0)
		abort();
	return 0;
}
