/* SPDX-License-Identifier: Apache-2.0 */
/* EPSS scores: a comment line with model and date, a line of column names, then "CVE,score,percentile".
 * Source: https://www.first.org/epss/data_stats. Easy to get wrong: the date holds colons, so the comment is
 * cut at commas first; and columns are found by name, as some were added over the years. */
#include "feed/epss.h"

#include "base/limits.h"
#include "feed/cve_record.h"

#include <stdlib.h>

enum { COLUMN_CVE, COLUMN_EPSS, COLUMN_PERCENTILE, COLUMNS, FIELDS_MAX = 16, DIGITS = 9 /* that count */ };

struct epss {
	struct task *task;
	const struct feed_job *job;
	struct str model, date;
	size_t column[COLUMNS]; /* position of each */
	uint64_t line;
	size_t at, n; /* what is in buf */
	bool is_ended;
	char buf[2 * LIMIT_FIELD_BYTES];
};

struct scores {
	struct str cve, epss, percentile; /* the numbers as JSON */
};

/* Room first, then bytes. */
static int fill(struct epss *e, struct err *err)
{
	ssize_t got;

	memmove(e->buf, e->buf + e->at, e->n - e->at);
	e->n -= e->at;
	e->at = 0;
	got = reader_read(e->job->in, e->buf + e->n, sizeof(e->buf) - e->n, err);
	if (got < 0)
		return (int)got;
	e->is_ended = got == 0;
	e->n += (size_t)got;
	return 0;
}

/* The next line, without its end. Returns 1, 0 at the end, or an error. */
static int next_line(struct epss *e, struct str *out, struct err *err)
{
	struct str rest = { e->buf + e->at, e->n - e->at };
	size_t end = str_find(rest, '\n');

	while (end == rest.n && !e->is_ended) {
		if (rest.n > LIMIT_FIELD_BYTES)
			return err_set(err, E_LIMIT, "line %llu: more than %u bytes",
				       (unsigned long long)e->line + 1, LIMIT_FIELD_BYTES);
		TRY(fill(e, err));
		rest = (struct str){ e->buf, e->n };
		end = str_find(rest, '\n');
	}
	if (rest.n == 0)
		return 0;
	e->line++;
	e->at += end < rest.n ? end + 1 : end;
	*out = str_trim(str_sub(rest, 0, end));
	return 1;
}

/* "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000" */
static void read_comment(struct epss *e, struct str line)
{
	struct str part, key, value, rest = str_strip(line, STR("# "));

	while (rest.n) {
		str_cut(rest, ',', &part, &rest);
		str_cut(part, ':', &key, &value);
		if (!str_is_text(value))
			continue;
		if (str_eq(str_trim(key), STR("model_version")))
			e->model = str_copy(&e->task->arena, str_trim(value));
		else if (str_eq(str_trim(key), STR("score_date")))
			e->date = str_copy(&e->task->arena, str_trim(value));
	}
}

static size_t split(struct str line, struct str fields[FIELDS_MAX])
{
	size_t n = 0;

	while (line.n && n < FIELDS_MAX) {
		str_cut(line, ',', &fields[n], &line);
		fields[n] = str_trim(fields[n]);
		n++;
	}
	return n;
}

static int read_names(struct epss *e, struct str line, struct err *err)
{
	static const char *const names[COLUMNS] = { "cve", "epss", "percentile" };
	struct str fields[FIELDS_MAX];
	size_t n = split(line, fields);

	for (size_t c = 0; c < COLUMNS; c++) {
		e->column[c] = 0;
		while (e->column[c] < n && !str_eq_nocase(fields[e->column[c]], str_of(names[c])))
			e->column[c]++;
		if (e->column[c] == n)
			return err_set(err, E_FORMAT, "line %llu: no column \"%s\"",
				       (unsigned long long)e->line, names[c]);
	}
	return 0;
}

/* "0.00421" is its own shortest form but for zeros at its end; so are nearly all scores. Empty: another form.
 */
static struct str plain_share(struct str s)
{
	size_t n = s.n;

	if (n < 3 || n > 2 + DIGITS || !str_starts(s, STR("0.")) || str_starts(s, STR("0.0000")))
		return (struct str){ NULL, 0 };
	for (size_t i = 2; i < n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return (struct str){ NULL, 0 };
	while (s.p[n - 1] == '0')
		n--;
	return s.p[n - 1] == '.' ? (struct str){ NULL, 0 } : str_sub(s, 0, n);
}

/* A number from 0 to 1: "0.97", "1", "4e-05". */
static bool get_share(struct arena *a, struct str s, struct str *out)
{
	char text[32];
	double value;
	char *end;

	*out = plain_share(s);
	if (out->n)
		return true;
	if (s.n == 0 || s.n >= sizeof(text) || str_strip(s, STR("0123456789.e-")).n)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	value = strtod(text, &end);
	*out = str_format(a, "%.*g", DIGITS, value);
	return *end == 0 && value >= 0 && value <= 1;
}

/* One line; false: something is missing. */
static bool read_scores(const struct epss *e, struct str line, struct scores *out)
{
	struct arena *a = &e->task->arena;
	struct str fields[FIELDS_MAX];
	size_t n = split(line, fields);

	for (size_t c = 0; c < COLUMNS; c++)
		if (e->column[c] >= n)
			return false;
	out->cve = fields[e->column[COLUMN_CVE]];
	return cve_record_is_id(out->cve) && get_share(a, fields[e->column[COLUMN_EPSS]], &out->epss) &&
	       get_share(a, fields[e->column[COLUMN_PERCENTILE]], &out->percentile);
}

static int put_scores(struct epss *e, const struct scores *scores, struct err *err)
{
	struct arena *a = &e->task->arena;
	struct buffer text = { .arena = a };
	struct mem_writer to;
	struct json_writer w;

	mem_writer_open(&to, &text);
	json_writer_open(&w, &to.writer, 0, err);
	w.keeps_html = true;
	json_object_begin(&w);
	json_member(&w, "modelVersion", e->model);
	json_member(&w, "date", e->date);
	json_member(&w, "cve", scores->cve);
	json_key(&w, "epss");
	json_raw(&w, scores->epss);
	json_key(&w, "percentile");
	json_raw(&w, scores->percentile);
	json_object_end(&w);
	TRY(json_writer_end(&w));
	return cve_record_put(e->task, e->job, e->line, scores->cve, buffer_str(&text), err);
}

static int take_line(struct epss *e, struct str line, struct err *err)
{
	struct arena_mark mark = arena_mark(&e->task->arena);
	struct scores scores;
	int result = 0;

	if (line.n == 0)
		return 0;
	if (read_scores(e, line, &scores))
		result = put_scores(e, &scores, err);
	else
		cve_record_left_out(e->task, e->job, e->line, line, "no CVE id, or no scores from 0 to 1");
	arena_release(&e->task->arena, mark);
	return result;
}

static int read_head(struct epss *e, struct err *err)
{
	struct str line;
	int got;

	while ((got = next_line(e, &line, err)) > 0) {
		if (!str_starts(line, STR("#")) && line.n)
			return read_names(e, line, err);
		read_comment(e, line);
	}
	return got < 0 ? got : err_set(err, E_FORMAT, "no line with the names of columns");
}

static int read_document(struct epss *e, struct err *err)
{
	struct str line;
	int got;

	TRY(read_head(e, err));
	while ((got = next_line(e, &line, err)) > 0) {
		TRY(take_line(e, line, err));
		TRY(task_check(e->task, err));
	}
	return got;
}

int epss_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	struct arena_mark mark = arena_mark(&task->arena);
	struct epss *e = ARENA_NEW(&task->arena, struct epss);
	int result;

	e->task = task;
	e->job = job;
	result = read_document(e, err);
	arena_release(&task->arena, mark);
	return result;
}
