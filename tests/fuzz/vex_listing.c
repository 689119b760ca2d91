/* SPDX-License-Identifier: Apache-2.0 */
/* The lists beside the VEX archive: whatever is let through must be safe behind a URL and a folder. */
#include "engine/vex_listing.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(struct str path)
{
	assert(path.n > 0 && path.n <= 64 && path.p[0] != '/' && path.p[0] != '.');
	assert(str_search(path, STR("..")) == path.n && str_ends(path, STR(".json")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, name;
	struct vex_listing l = { .rest = text };
	struct vex_entry e;
	struct err err = { 0 };
	int64_t made;

	while (vex_listing_next(&l, &e, &err) > 0) {
		autoarena struct arena a = { 0 };

		check_path(e.path);
		assert(vex_entry_cve(&a, &e).n == e.path.n - 10);
	}
	if (vex_archive_name(text, &name, &made, &err) == 0)
		assert(str_search(name, STR("/")) == name.n && name.n < 64);
	return 0;
}
