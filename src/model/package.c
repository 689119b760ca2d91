/* SPDX-License-Identifier: Apache-2.0 */
/* Identity of packages: name, version, kind, module, arch. Where a package was found, and from which source
 * it was built, is not part of it. A source package has neither module nor architecture. */
#include "model/package.h"

#include "model/hash.h"

const char *package_kind_name(enum package_kind kind)
{
	static const char *const names[] = { "", "binary", "source", "ancestry", "layer" };

	return (unsigned)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "";
}

uint64_t package_hash(const struct package *p)
{
	const struct str fields[] = { p->name, p->version, str_of(package_kind_name(p->kind)), p->module,
				      p->arch };

	return content_hash_of(fields, sizeof(fields) / sizeof(fields[0]));
}

uint64_t package_source_hash(const struct package *p)
{
	const struct package source = { .name = p->source_name,
					.version = p->source_version,
					.kind = PACKAGE_SOURCE };

	return p->source_name.n ? package_hash(&source) : 0;
}
