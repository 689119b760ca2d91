/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_FEED_ENRICHED_H
#define TESTS_UNIT_FEED_ENRICHED_H

/* A sink that writes a line for each enrichment, "tag data", and each record left out; and a parser run. */

#include "../source_file.h"
#include "../unit.h"

#include "base/cursor.h"
#include "feed/feed.h"

struct enriched_lines {
	struct feed_sink sink;
	struct arena arena;
	struct buffer text;
	uint64_t enrichments, skipped, fail_at; /* fail_at: the one that the sink refuses; 0: none */
};

static int enriched_put(struct feed_sink *sink, const struct enrichment *e, struct err *err)
{
	struct enriched_lines *l = (struct enriched_lines *)sink;

	if (++l->enrichments == l->fail_at)
		return err_set(err, E_IO, "the sink is full");
	if (e->tag_count != 1)
		return err_set(err, E_FORMAT, "not one tag");
	put_bytes(&l->text, e->tags[0]);
	put_bytes(&l->text, STR(" "));
	put_bytes(&l->text, e->data);
	put_bytes(&l->text, STR("\n"));
	return 0;
}

static void enriched_skipped(struct feed_sink *sink, struct str what)
{
	struct enriched_lines *l = (struct enriched_lines *)sink;

	l->skipped++;
	put_bytes(&l->text, STR("skipped: "));
	put_bytes(&l->text, what);
	put_bytes(&l->text, STR("\n"));
}

/* Parse text; lines->text is in lines->arena. Nothing may pile up in the task's. */
static inline int enriched_parse(feed_parser *parser, struct str text, uint64_t fail_at,
				 struct enriched_lines *lines, struct err *err)
{
	autotask struct task task = { 0 };
	const struct feed_source source = { 0 };
	struct mem_reader in;
	struct feed_job job = { .in = &in.reader, .source = &source, .sink = &lines->sink };
	int result;

	*lines = (struct enriched_lines){ .sink = { .enrichment = enriched_put, .skipped = enriched_skipped },
					  .fail_at = fail_at };
	lines->text.arena = &lines->arena;
	mem_reader_open(&in, text);
	result = parser(&task, &job, err);
	if (task.arena.used_bytes)
		return err_set(err, E_LIMIT, "memory is left behind");
	return result;
}

/* A file below the corpus's feeds/, what it holds, and a line of it. */
struct enriched_file {
	const char *path;
	uint64_t enrichments;
	const char *has;
};

/* Parse each file and find in it what its entry says, nothing left out; skipped when there is no corpus. */
static inline void enriched_corpus(feed_parser *parser, const struct enriched_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		autoarena struct arena a = { 0 };
		struct str text = source_file(&a,
					      str_format(&a, "../shared/corpus/feeds/%s", files[i].path).p);
		struct enriched_lines lines;
		struct err err = { 0 };

		if (!text.p) {
			print_message("skipped: no corpus\n");
			arena_reset(&a);
			skip();
		}
		assert_int_equal(enriched_parse(parser, text, 0, &lines, &err), 0);
		assert_int_equal(lines.enrichments, files[i].enrichments);
		assert_int_equal(lines.skipped, 0);
		assert_true(str_search(buffer_str(&lines.text), str_of(files[i].has)) < lines.text.n);
		arena_reset(&lines.arena);
	}
}

#endif
