/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_FEED_ROWS_H
#define TESTS_UNIT_FEED_ROWS_H

/* A sink that writes a line for each advisory and each record left out:
 *   namespace|package|kind|module|name|fixed_in|status|status text|severity|normalized|arch */

#include "base/cursor.h"
#include "feed/feed.h"

struct rows {
	struct feed_sink sink;
	struct arena arena;
	struct buffer text;
	struct str description, links; /* of the last advisory */
	int64_t issued;
	uint64_t n, skipped, refuse_at; /* refuse_at: the advisory that the sink refuses; 0: none */
};

static int rows_take(struct feed_sink *sink, const struct advisory *v, struct err *err)
{
	struct rows *r = (struct rows *)sink;
	const struct str fields[] = { v->key.namespace,
				      v->key.package,
				      str_of(package_kind_name(v->package_kind)),
				      v->module,
				      v->name,
				      v->fixed_in,
				      str_of(advisory_status_name(v->status)),
				      v->status_text,
				      v->severity,
				      str_of(severity_name(v->normalized_severity)),
				      v->arch_operation,
				      v->arch };

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (i)
			put_u8(&r->text, i == 11 ? ' ' : '|');
		put_bytes(&r->text, fields[i]);
	}
	put_u8(&r->text, '\n');
	r->description = str_copy(&r->arena, v->description);
	r->links = str_copy(&r->arena, v->links);
	r->issued = v->issued;
	return ++r->n == r->refuse_at ? err_set(err, E_IO, "the sink is full") : 0;
}

static void rows_note(struct feed_sink *sink, struct str what)
{
	struct rows *r = (struct rows *)sink;

	r->skipped++;
	put_bytes(&r->text, str_format(&r->arena, "skipped: " STR_FMT "\n", STR_ARG(what)));
}

/* Parse bytes into *rows, whose refuse_at is kept; what else the job says is the caller's. */
static int rows_parse_job(feed_parser *parser, struct feed_job job, struct str bytes, size_t budget,
			  struct rows *rows, struct err *err)
{
	autotask struct task task = { .arena_budget_bytes = budget };
	struct mem_reader in;

	*rows = (struct rows){ .sink = { .advisory = rows_take, .skipped = rows_note },
			       .refuse_at = rows->refuse_at };
	rows->text.arena = &rows->arena;
	job.in = &in.reader;
	job.sink = &rows->sink;
	mem_reader_open(&in, bytes);
	return parser(&task, &job, err);
}

static inline int rows_parse(feed_parser *parser, const struct feed_source *source, struct str bytes,
			     size_t budget, struct rows *rows, struct err *err)
{
	return rows_parse_job(parser, (struct feed_job){ .source = source }, bytes, budget, rows, err);
}

#endif
