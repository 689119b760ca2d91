/* SPDX-License-Identifier: Apache-2.0 */
/* CVE ids: what is found has the form, is found again alone, and the search ends. */
#include "model/cve.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	char id[CVE_BYTES], again[CVE_BYTES];

	while (cve_next(&rest, id)) {
		struct str alone = str_of(id);

		if (alone.n < 13 || alone.n >= CVE_BYTES || !str_starts(alone, STR("CVE-")) || id[8] != '-')
			abort();
		for (size_t i = 4; i < alone.n; i++)
			if (i != 8 && (id[i] < '0' || id[i] > '9'))
				abort();
		if (!cve_next(&alone, again) || strcmp(id, again) != 0 || alone.n)
			abort();
	}
	if (rest.n)
		abort();
	return 0;
}
