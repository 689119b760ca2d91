/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of pacman's local database, var/lib/pacman/local/NAME-VERSION/desc and .../files: blocks of a line
 * "%KEY%", values, a line each, and an empty line. Source: alpm-db(5), alpm-db-desc(5), alpm-db-files(5) of
 * the Arch Linux package management project; pacman 6 writes them. Easy to get wrong: a value may look like a
 * key (a file called "%NAME%"), so only the first line after an empty one, or of the text, is a key. */
#include "format/alpm_desc.h"

#include "base/limits.h"

static bool is_key(struct str line)
{
	return line.n > 2 && line.n <= LIMIT_FIELD_BYTES && line.p[0] == '%' && line.p[line.n - 1] == '%';
}

/* Lines up to an empty one. */
static struct str take_values(struct str *rest)
{
	struct str begin = *rest, line;
	size_t n = 0;

	while (str_line(rest, &line) && line.n)
		n = (size_t)(line.p - begin.p) + line.n;
	return str_sub(begin, 0, n);
}

bool alpm_desc_next(struct str *rest, struct alpm_block *out)
{
	struct str line;

	while (str_line(rest, &line)) {
		if (line.n == 0)
			continue;
		if (is_key(line)) {
			out->key = str_sub(line, 1, line.n - 2);
			out->values = take_values(rest);
			return true;
		}
		take_values(rest);
	}
	return false;
}

struct str alpm_desc_value(const struct alpm_block *block)
{
	struct str rest = block->values, line = { 0 };

	str_line(&rest, &line);
	return line.n <= LIMIT_CONTROL_LINE_BYTES ? line : (struct str){ NULL, 0 };
}
