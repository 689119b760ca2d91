/* SPDX-License-Identifier: Apache-2.0 */
/* The blobs of a NDB file. */
#include "blobs.h"
#include "format/rpm_ndb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return check_blobs(rpm_ndb_open, data, size);
}
