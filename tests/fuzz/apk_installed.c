/* SPDX-License-Identifier: Apache-2.0 */
/* An installed database: values and files lie inside the text, and the readers come to their ends. */
#include "format/apk_installed.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct str text, struct str s)
{
	if (s.n && (s.p < text.p || s.p + s.n > text.p + text.n || str_find(s, '\n') < s.n))
		abort();
}

static void check_record(struct str text, const struct apk_record *r)
{
	struct str lines = r->lines, directory = STR(""), name;

	check_inside(text, r->name);
	check_inside(text, r->version);
	check_inside(text, r->arch);
	check_inside(text, r->origin);
	check_inside(text, r->commit);
	if (lines.n == 0 || lines.p < text.p || lines.p + lines.n > text.p + text.n)
		abort();
	while (apk_installed_file(&lines, &directory, &name)) {
		check_inside(text, directory);
		check_inside(text, name);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct apk_installed in;
	struct apk_record record;

	apk_installed_open(&in, text);
	while (apk_installed_next(&in, &record)) {
		check_record(text, &record);
		if (in.bad_line > in.line)
			abort();
	}
	if (in.rest.n)
		abort();
	return 0;
}
