/* SPDX-License-Identifier: Apache-2.0 */
/* A release file: read both ways, and given to every rule as every kind of file. */
#include "scan/collect.h"
#include "scan/distributions.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_rules(struct arena *a, const struct release_file *file)
{
	for (const struct distribution_rule *rule = distribution_rules; rule->name; rule++) {
		struct distribution d = { 0 };

		if (!rule->read(a, file, &d))
			continue;
		if (d.did.n == 0)
			abort();
		if (collect_clean_distribution(a, &d) && !str_is_text(d.pretty_name))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct release_file file = { .path = STR("x"), .text = { (const char *)data, size } };
	struct err err;
	int result = os_release_parse(&a, file.text, &file.fields, &err);

	if (result == E_LIMIT)
		return 0;
	file.is_well_formed = result == 0;
	distribution_generic(&a, &file.fields);
	ask_rules(&a, &file);
	if (os_release_parse_lsb(&a, file.text, &file.fields, &err) < 0)
		abort();
	ask_rules(&a, &file);
	return 0;
}
