/* SPDX-License-Identifier: Apache-2.0 */
/* The order of Python versions is a total one on any bytes. */
#include "order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return check_order(&ordering_pep440, data, size);
}
