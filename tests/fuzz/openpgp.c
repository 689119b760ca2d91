/* SPDX-License-Identifier: Apache-2.0 */
/* The issuer of any bytes. */
#include "format/openpgp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t key_id;

	openpgp_issuer((struct str){ (const char *)data, size }, &key_id);
	return 0;
}
