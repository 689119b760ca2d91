/* SPDX-License-Identifier: Apache-2.0 */
/* Two texts, a line feed between them: equal to themselves, and in the opposite order the other way round. */
#include "order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str a, b;

	str_cut((struct str){ (const char *)data, size }, '\n', &a, &b);
	if (compare(&ordering_pacman, a, a) || compare(&ordering_pacman, b, b))
		abort();
	compare(&ordering_pacman, a, b);
	ordering_pacman.valid(a);
	return 0;
}
