/* SPDX-License-Identifier: Apache-2.0 */
/* Two texts, a line feed between them: equal to themselves, and in the opposite order the other way round. */
#include "version/version.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str a, b;
	int order;

	str_cut((struct str){ (const char *)data, size }, '\n', &a, &b);
	order = ordering_rpm.compare(a, b);
	if (order < -1 || order > 1 || order != -ordering_rpm.compare(b, a))
		abort();
	if (ordering_rpm.compare(a, a) || ordering_rpm.compare(b, b))
		abort();
	ordering_rpm.valid(a);
	return 0;
}
