/* SPDX-License-Identifier: Apache-2.0 */
/* Digests as text.
 * Source: OCI image-spec 1.1, descriptor.md "Digests" and "Registered Algorithms":
 * https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests
 * Easy to get wrong: the specification wants lower-case hex; Clair takes either case and reports lower. The
 * name of the algorithm is case-sensitive. */
#include "model/digest.h"

static bool is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return true;
}

static size_t hex_digits(struct str algorithm)
{
	return str_eq(algorithm, STR("sha256")) ? 64 : str_eq(algorithm, STR("sha512")) ? 128 : 0;
}

int digest_parse(struct arena *a, struct str text, struct str *out, struct err *err)
{
	struct str algorithm, hex;

	if (!str_cut(text, ':', &algorithm, &hex))
		return err_set(err, E_FORMAT, "digest \"%.*s\" has no \":\"",
			       (int)(text.n < 140 ? text.n : 140), text.p ? text.p : "");
	if (!hex_digits(algorithm))
		return err_set(err, E_FORMAT, "digest is neither sha256 nor sha512: \"%.*s\"",
			       (int)(text.n < 140 ? text.n : 140), text.p);
	if (hex.n != hex_digits(algorithm))
		return err_set(err, E_FORMAT, STR_FMT " digest of %zu digits, not %zu", STR_ARG(algorithm),
			       hex.n, hex_digits(algorithm));
	if (!is_hex(hex))
		return err_set(err, E_FORMAT, "digest is not hexadecimal: \"" STR_FMT "\"", STR_ARG(text));
	*out = str_lower(a, text);
	return 0;
}

struct str digest_short(struct str digest)
{
	size_t n = str_find(digest, ':') + 1 + 12;

	return n < digest.n ? str_sub(digest, 0, n) : digest;
}
