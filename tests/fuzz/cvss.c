/* SPDX-License-Identifier: Apache-2.0 */
/* A CVSS vector: what is accepted has scores in range and a text that reads back as itself. */
#include "model/cvss.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cvss v, again;
	char text[256];
	struct err err;
	size_t n;

	if (cvss_parse((struct str){ (const char *)data, size }, &v, &err) < 0)
		return 0;
	if (cvss_base_score(&v) > 100 || cvss_score(&v) > 100)
		abort();
	n = cvss_format(&v, text);
	if (cvss_parse((struct str){ text, n }, &again, &err) < 0 || memcmp(&v, &again, sizeof(v)))
		abort();
	return 0;
}
