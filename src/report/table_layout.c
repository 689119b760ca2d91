/* SPDX-License-Identifier: Apache-2.0 */
/* Laying a table out on a terminal. Columns take the width of their widest cell; when that is too much the
 * title gives way first, then digests of layers and drawn lines, then the widest of the columns that may wrap
 * shrink evenly and their cells continue on further lines. What a reader would get wrong: widths are columns
 * of the terminal, not bytes, and colour takes none. */
#include "report/table_layout.h"

#include "report/text_width.h"

enum { TITLE_MIN = 16, TITLE_MAX = 100, COLUMN_MIN = 9, LAYER_MIN = 5 /* the heading */ };

struct layout {
	unsigned widths[COLUMN_COUNT]; /* 0: left out */
	bool boxes, color;
};

/* The lines of a frame, from left to right: begin, between, end, and what fills. */
static const char *const frame_top[] = { "┌─", "─┬─", "─┐", "─" };
static const char *const frame_middle[] = { "├─", "─┼─", "─┤", "─" };
static const char *const frame_bottom[] = { "└─", "─┴─", "─┘", "─" };

static const char *const severity_colors[SEVERITY_COUNT] = {
	[SEVERITY_UNKNOWN] = "\x1b[36m", [SEVERITY_NEGLIGIBLE] = "\x1b[37m",
	[SEVERITY_LOW] = "\x1b[34m",	 [SEVERITY_MEDIUM] = "\x1b[33m",
	[SEVERITY_HIGH] = "\x1b[31m",	 [SEVERITY_CRITICAL] = "\x1b[1;31m",
};

static unsigned total_width(const struct layout *l)
{
	unsigned total = 0, columns = 0;

	for (int c = 0; c < COLUMN_COUNT; c++) {
		total += l->widths[c];
		columns += l->widths[c] > 0;
	}
	return total + (l->boxes ? 3 * columns + 1 : 2 * (columns - 1));
}

static void natural_widths(const table_rows *rows, const struct str headings[COLUMN_COUNT], struct layout *l)
{
	for (int c = 0; c < COLUMN_COUNT; c++)
		l->widths[c] = text_columns(headings[c]);
	VEC_EACH (const struct table_row, row, rows)
		for (int c = 0; c < COLUMN_COUNT; c++) {
			unsigned n = text_columns(row->cells[c]);

			if (n > l->widths[c])
				l->widths[c] = n;
		}
	if (l->widths[COLUMN_TITLE] > TITLE_MAX)
		l->widths[COLUMN_TITLE] = TITLE_MAX;
}

static bool has_cells(const table_rows *rows, enum table_column column)
{
	VEC_EACH (const struct table_row, row, rows)
		if (row->cells[column].n)
			return true;
	return false;
}

/* Columns of data that not everybody has. */
static void leave_out_empty(const table_rows *rows, struct layout *l)
{
	static const enum table_column columns[] = { COLUMN_CVSS, COLUMN_EPSS, COLUMN_KEV, COLUMN_TITLE };

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (!has_cells(rows, columns[i]))
			l->widths[columns[i]] = 0;
}

/* The widest of the columns that may wrap; the name of a vulnerability and its severity may not. */
static int widest_column(const struct layout *l)
{
	static const int columns[] = { COLUMN_STATUS, COLUMN_INSTALLED, COLUMN_FIXED_IN };
	int widest = COLUMN_PACKAGE;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (l->widths[columns[i]] > l->widths[widest])
			widest = columns[i];
	return widest;
}

/* What is given up when it gets tight: titles, digests of layers, lines between columns, whole words. */
static void shrink(struct layout *l, unsigned width)
{
	unsigned title = l->widths[COLUMN_TITLE], total = total_width(l);

	if (width == 0 || total <= width)
		return;
	if (title && total - width + TITLE_MIN <= title) {
		l->widths[COLUMN_TITLE] -= total - width;
		return;
	}
	l->widths[COLUMN_TITLE] = 0;
	if (total_width(l) > width)
		l->widths[COLUMN_LAYER] = LAYER_MIN;
	if (total_width(l) > width)
		l->boxes = false;
	while (total_width(l) > width && l->widths[widest_column(l)] > COLUMN_MIN)
		l->widths[widest_column(l)]--;
}

static void draw_frame(struct text_out *out, const struct layout *l, const char *const parts[4])
{
	bool is_first = true;

	if (!l->boxes)
		return;
	for (int c = 0; c < COLUMN_COUNT; c++) {
		if (l->widths[c] == 0)
			continue;
		text_put(out, str_of(parts[is_first ? 0 : 1]));
		for (unsigned i = 0; i < l->widths[c]; i++)
			text_put(out, str_of(parts[3]));
		is_first = false;
	}
	text_put(out, str_of(parts[2]));
	text_newline(out);
}

/* The piece of a cell that goes on this line; the rest stays. Breaks at a blank when there is one. */
static struct str next_piece(struct str *rest, unsigned width)
{
	size_t n = text_fit(*rest, width), blank;
	struct str piece;

	if (n == 0 && rest->n)
		n = rest->n; /* one code point wider than the column: cannot happen with COLUMN_MIN */
	if (n < rest->n && rest->p[n] != ' ') {
		blank = str_rfind(str_sub(*rest, 0, n), ' ');
		if (blank < n && blank > 0)
			n = blank;
	}
	piece = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->n - n);
	while (rest->n && rest->p[0] == ' ')
		*rest = str_sub(*rest, 1, rest->n - 1);
	return piece;
}

static void draw_piece(struct text_out *out, const struct layout *l, int column, const char *color,
		       struct str piece)
{
	if (color && piece.n)
		text_format(out, "%s" STR_FMT "\x1b[0m", color, STR_ARG(piece));
	else
		text_put(out, piece);
	text_blanks(out, l->widths[column] - text_columns(piece));
}

static void draw_line(struct text_out *out, const struct layout *l, struct str rest[COLUMN_COUNT],
		      const char *const colors[COLUMN_COUNT])
{
	bool is_first = true;

	for (int c = 0; c < COLUMN_COUNT; c++) {
		if (l->widths[c] == 0)
			continue;
		if (l->boxes)
			text_put(out, is_first ? STR("│") : STR(" │"));
		if (l->boxes || !is_first)
			text_blanks(out, l->boxes ? 1 : 2);
		draw_piece(out, l, c, colors[c], next_piece(&rest[c], l->widths[c]));
		is_first = false;
	}
	if (l->boxes)
		text_put(out, STR(" │"));
	text_newline(out);
}

static bool is_drawn(const struct layout *l, const struct str rest[COLUMN_COUNT])
{
	for (int c = 0; c < COLUMN_COUNT; c++)
		if (l->widths[c] && rest[c].n)
			return false;
	return true;
}

static void draw_cells(struct text_out *out, const struct layout *l, const struct str cells[COLUMN_COUNT],
		       const char *const colors[COLUMN_COUNT])
{
	struct str rest[COLUMN_COUNT];

	memcpy(rest, cells, sizeof(rest));
	do
		draw_line(out, l, rest, colors);
	while (!is_drawn(l, rest));
}

static void draw_row(struct arena *a, struct text_out *out, const struct layout *l,
		     const struct table_row *row)
{
	const char *colors[COLUMN_COUNT] = { 0 };
	struct str cells[COLUMN_COUNT], digest;

	memcpy(cells, row->cells, sizeof(cells));
	if (l->color)
		colors[COLUMN_SEVERITY] = severity_colors[row->severity];
	if (l->widths[COLUMN_LAYER] == LAYER_MIN)
		str_cut(cells[COLUMN_LAYER], ' ', &cells[COLUMN_LAYER], &digest);
	if (l->widths[COLUMN_TITLE])
		cells[COLUMN_TITLE] = text_cut(a, cells[COLUMN_TITLE], l->widths[COLUMN_TITLE]);
	draw_cells(out, l, cells, colors);
}

static void draw_headings(struct text_out *out, const struct layout *l,
			  const struct str headings[COLUMN_COUNT])
{
	const char *colors[COLUMN_COUNT] = { 0 };

	for (int c = 0; c < COLUMN_COUNT && l->color; c++)
		colors[c] = "\x1b[1m";
	draw_frame(out, l, frame_top);
	draw_cells(out, l, headings, colors);
	draw_frame(out, l, frame_middle);
}

int table_draw(struct task *task, struct text_out *out, const table_rows *rows, const char *last_heading,
	       const struct report_options *options, struct err *err)
{
	const struct str headings[COLUMN_COUNT] = { STR("Package"), STR("Vulnerability"), STR("Severity"),
						    STR("CVSS"),    STR("EPSS"),	  STR("KEV"),
						    STR("Status"),  STR("Installed"),	  STR("Fixed in"),
						    STR("Layer"),   str_of(last_heading) };
	struct layout l = { .boxes = options->boxes, .color = options->color };

	natural_widths(rows, headings, &l);
	leave_out_empty(rows, &l);
	shrink(&l, options->width);
	draw_headings(out, &l, headings);
	VEC_EACH (const struct table_row, row, rows) {
		TRY(task_check(task, err));
		draw_row(&task->arena, out, &l, row);
	}
	draw_frame(out, &l, frame_bottom);
	return 0;
}
