/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the stanzas of Debian control files: "Field: value" lines, continuation lines that begin with a
 * blank, empty lines between stanzas. Source: deb-control(5) and deb822(5),
 * https://manpages.debian.org/bookworm/dpkg-dev/deb822.5.en.html. Easily got wrong: the last stanza may end
 * without an empty line, a line of blanks only also ends a stanza, and one damaged line must not cost the
 * packages around it. */
#include "format/deb_control.h"

#include "base/limits.h"

void deb_control_open(struct deb_control *c, struct str text)
{
	*c = (struct deb_control){ .rest = text };
}

static bool next_line(struct deb_control *c, struct str *line)
{
	if (!str_line(&c->rest, line))
		return false;
	c->line++;
	return true;
}

static bool is_blank(struct str line)
{
	return str_trim(line).n == 0;
}

static bool skip_blank_lines(struct deb_control *c, struct str *line)
{
	while (next_line(c, line))
		if (!is_blank(*line))
			return true;
	return false;
}

/* A field line in two; false when it is none. Blanks before the colon are tolerated. */
static bool split_field(struct str line, struct str *name, struct str *value)
{
	if (line.n > LIMIT_CONTROL_LINE_BYTES || !str_cut(line, ':', name, value))
		return false;
	*name = str_trim(*name);
	*value = str_trim(*value);
	return name->n > 0;
}

static size_t field_index(const struct str *names, size_t n, struct str name)
{
	size_t i = 0;

	while (i < n && !str_eq_nocase(names[i], name))
		i++;
	return i;
}

static void bad_line(struct deb_control *c)
{
	if (c->bad_line == 0)
		c->bad_line = c->line;
}

int deb_control_next(struct deb_control *c, const struct str *names, struct str *values, size_t n,
		     struct err *err)
{
	struct str line, name, value;
	bool is_repeated = false;

	c->bad_line = 0;
	for (size_t i = 0; i < n; i++)
		values[i] = (struct str){ NULL, 0 };
	if (!skip_blank_lines(c, &line))
		return 0;
	do {
		size_t i;

		if (line.p[0] == ' ' || line.p[0] == '\t')
			continue;
		if (!split_field(line, &name, &value)) {
			bad_line(c);
			continue;
		}
		i = field_index(names, n, name);
		if (i == n)
			continue;
		is_repeated |= values[i].p != NULL;
		if (!values[i].p)
			values[i] = value;
	} while (next_line(c, &line) && !is_blank(line));
	if (is_repeated && c->bad_line)
		return err_set(err, E_FORMAT, "line %u is no field, and fields come twice", c->bad_line);
	return 1;
}
