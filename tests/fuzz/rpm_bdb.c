/* SPDX-License-Identifier: Apache-2.0 */
/* The blobs of a Berkeley DB hash file. */
#include "blobs.h"
#include "format/rpm_bdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return check_blobs(rpm_bdb_open, data, size);
}
