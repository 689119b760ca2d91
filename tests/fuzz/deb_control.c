/* SPDX-License-Identifier: Apache-2.0 */
/* A control file: values lie inside the text, lines are counted, and the reader comes to its end. */
#include "format/deb_control.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELDS = 4 };

static void check_values(struct str text, const struct str values[FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		if (values[i].p && (values[i].p < text.p || values[i].p + values[i].n > text.p + text.n))
			abort();
		if (str_find(values[i], '\n') < values[i].n)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str names[FIELDS] = { STR("Package"), STR("Status"), STR("Version"), STR("Source") };
	struct str text = { (const char *)data, size }, values[FIELDS];
	struct deb_control in;
	struct err err;
	size_t left = size + 1;
	int result;

	deb_control_open(&in, text);
	while ((result = deb_control_next(&in, names, values, FIELDS, &err)) != 0) {
		if (in.rest.n >= left || in.bad_line > in.line)
			abort();
		left = in.rest.n ? in.rest.n : 1;
		if (result > 0)
			check_values(text, values);
	}
	if (in.rest.n)
		abort();
	return 0;
}
