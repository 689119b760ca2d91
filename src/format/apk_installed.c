/* SPDX-License-Identifier: Apache-2.0 */
/* Reads apk's database of installed packages, lib/apk/db/installed: lines of one letter, a colon and a value;
 * an empty line after each package.
 * Source: apk-v2(5) of apk-tools and https://wiki.alpinelinux.org/wiki/Apk_spec.
 * Easily got wrong: the letters are case-sensitive (`c` is a commit, `C` a checksum), and a file (`R`) lies
 * in the directory (`F`) named last before it. */
#include "format/apk_installed.h"

#include "base/limits.h"

void apk_installed_open(struct apk_installed *in, struct str text)
{
	*in = (struct apk_installed){ .rest = text };
}

static bool next_line(struct apk_installed *in, struct str *line)
{
	if (!str_line(&in->rest, line))
		return false;
	in->line++;
	if (str_ends(*line, STR("\r")))
		line->n--;
	return true;
}

static bool is_field(struct str line)
{
	return line.n >= 2 && line.p[1] == ':' && line.n <= LIMIT_CONTROL_LINE_BYTES;
}

static struct str value_of(struct str line)
{
	return str_sub(line, 2, line.n - 2);
}

static struct str *field_of(struct apk_record *r, char letter)
{
	switch (letter) {
	case 'P': return &r->name;
	case 'V': return &r->version;
	case 'A': return &r->arch;
	case 'o': return &r->origin;
	case 'c': return &r->commit;
	default: return NULL;
	}
}

static void read_line(struct apk_installed *in, struct str line, struct apk_record *out)
{
	struct str *field = is_field(line) ? field_of(out, line.p[0]) : NULL;

	if (!is_field(line) && in->bad_line == 0)
		in->bad_line = in->line;
	if (field && !field->p)
		*field = value_of(line);
}

bool apk_installed_next(struct apk_installed *in, struct apk_record *out)
{
	const char *start;
	struct str line;

	in->bad_line = 0;
	*out = (struct apk_record){ 0 };
	do {
		if (!next_line(in, &line))
			return false;
	} while (line.n == 0);
	start = line.p;
	do {
		read_line(in, line, out);
		out->lines = (struct str){ start, (size_t)(line.p + line.n - start) };
	} while (next_line(in, &line) && line.n > 0);
	return true;
}

bool apk_installed_file(struct str *lines, struct str *directory, struct str *name)
{
	struct str line;

	while (str_line(lines, &line)) {
		if (str_ends(line, STR("\r")))
			line.n--;
		if (!is_field(line))
			continue;
		if (line.p[0] == 'F')
			*directory = value_of(line);
		if (line.p[0] != 'R')
			continue;
		*name = value_of(line);
		return true;
	}
	return false;
}
