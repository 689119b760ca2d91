/* SPDX-License-Identifier: Apache-2.0 */
/* Under which label statements about a platform are kept: the product and its major version, which a
 * platform and every wider or narrower name of it share (NIST IR 7696, "Common Platform Enumeration: Name
 * Matching"). Easy to get wrong: a wider name may leave the version open, so it is kept under the product
 * alone, and who looks a platform up asks for all three labels. */
#include "model/cpe_label.h"

#include "base/cursor.h"

/* Not a value that another name has to be equal to: any, not applicable, or with wildcards. */
static bool is_open(struct str value)
{
	if (value.n == 0 || str_eq(value, STR("-")))
		return true;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '*' || value.p[i] == '?')
			return true;
		i += value.p[i] == '\\';
	}
	return false;
}

/* ":" and the value without its quoting, up to `end`. */
static void put_value(struct buffer *b, struct str value, char end)
{
	put_u8(b, ':');
	for (size_t i = 0; i < value.n && value.p[i] != end; i++) {
		i += value.p[i] == '\\' && i + 1 < value.n;
		put_u8(b, (uint8_t)value.p[i]);
	}
}

struct str cpe_namespace(struct arena *a, const struct cpe *cpe)
{
	struct str product = cpe->attribute[CPE_PRODUCT], version = cpe->attribute[CPE_VERSION];
	struct buffer b = { .arena = a };

	put_bytes(&b, STR("rhel"));
	if (is_open(product))
		return buffer_str(&b);
	put_value(&b, product, '\0');
	if (!is_open(version))
		put_value(&b, version, '.');
	return str_lower(a, buffer_str(&b));
}
