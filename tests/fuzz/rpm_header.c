/* SPDX-License-Identifier: Apache-2.0 */
/* A header blob: its fields lie inside it, and its files come to an end. */
#include "base/arena.h"
#include "format/rpm_header.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct str field, struct str blob)
{
	if (field.n && (field.p < blob.p || field.p + field.n > blob.p + blob.n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str blob = { (const char *)data, size }, directory, name;
	autoarena struct arena a = { 0 };
	struct rpm_header h;
	struct rpm_files files;
	size_t names = 0;
	struct err err;

	if (rpm_header_parse(blob, &h, &err) < 0)
		return 0;
	const struct str fields[] = {
		h.name,	  h.version, h.release,		 h.arch,	   h.source_rpm,
		h.vendor, h.license, h.modularity_label, h.payload_digest, h.signature
	};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		check(fields[i], blob);
	rpm_files_open(&a, &h, &files);
	for (; rpm_files_next(&files, &directory, &name); names++) {
		check(directory, blob);
		check(name, blob);
	}
	if (names > size)
		abort();
	return 0;
}
