/* SPDX-License-Identifier: Apache-2.0 */
/* Sizes for people. The one thing to know: units are powers of 1024, and say so. */
#include "cmd/size.h"

#include <inttypes.h>
#include <stdio.h>

char *size_text(uint64_t bytes, char buf[32])
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes / 1024;
	unsigned unit = 0;

	while (value >= 1024 && unit < 3) {
		value /= 1024;
		unit++;
	}
	if (bytes < 1024)
		snprintf(buf, 32, "%" PRIu64 " bytes", bytes);
	else
		snprintf(buf, 32, "%.1f %s", value, units[unit]);
	return buf;
}
