/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_FEED_CHECK_H
#define TESTS_FUZZ_FEED_CHECK_H

/* A sink that checks what every parser of feeds promises. */

#include "base/json.h"
#include "base/limits.h"
#include "feed/feed.h"

#include <stdlib.h>

static void check_text(struct str s, size_t max)
{
	if (s.n > max || !str_is_text(s))
		abort();
}

static int check_advisory(struct feed_sink *sink, const struct advisory *v, struct err *err)
{
	(void)sink, (void)err;
	if (!v->name.n || !v->key.package.n || !v->key.namespace.n || v->status >= STATUS_COUNT ||
	    v->normalized_severity >= SEVERITY_COUNT ||
	    (v->package_kind != PACKAGE_SOURCE && v->package_kind != PACKAGE_BINARY &&
	     (v->package_kind != PACKAGE_ANCESTRY || v->status != STATUS_NOT_AFFECTED)))
		abort();
	/* not affected: of any version, "0", or of those of the range */
	if (v->status == STATUS_NOT_AFFECTED ? v->fixed_in.n && !str_eq(v->fixed_in, STR("0"))
					     : str_eq(v->fixed_in, STR("0")))
		abort();
	check_text(v->key.package, LIMIT_FIELD_BYTES);
	check_text(v->arch, LIMIT_FIELD_BYTES);
	check_text(v->module, LIMIT_FIELD_BYTES);
	check_text(v->name, LIMIT_FIELD_BYTES);
	check_text(v->fixed_in, LIMIT_FIELD_BYTES);
	check_text(v->key.namespace, LIMIT_FIELD_BYTES);
	check_text(v->repository_name, LIMIT_FIELD_BYTES);
	check_text(v->range, LIMIT_FIELD_BYTES);
	check_text(v->severity, LIMIT_FIELD_BYTES);
	check_text(v->status_text, LIMIT_FEED_TEXT_BYTES);
	check_text(v->description, LIMIT_FEED_TEXT_BYTES);
	check_text(v->links, LIMIT_FEED_TEXT_BYTES);
	return 0;
}

static int check_enrichment(struct feed_sink *sink, const struct enrichment *e, struct err *err)
{
	autoarena struct arena a = { 0 };
	struct json_value v;

	(void)sink;
	if (e->tag_count == 0 || e->tag_count > LIMIT_ENRICHMENT_TAGS)
		abort();
	for (size_t i = 0; i < e->tag_count; i++) {
		check_text(e->tags[i], LIMIT_FIELD_BYTES);
		if (e->tags[i].n == 0)
			abort();
	}
	check_text(e->data, LIMIT_FEED_TEXT_BYTES);
	for (size_t i = 0; i < e->data.n; i++)
		if ((unsigned char)e->data.p[i] < ' ')
			abort();
	if (json_parse(&a, e->data, &v, err) < 0 || v.type != JSON_OBJECT)
		abort();
	return 0;
}

static void check_skipped(struct feed_sink *sink, struct str what)
{
	(void)sink;
	if (!what.n || what.n > LIMIT_FIELD_BYTES)
		abort();
}

static int check_replaced(struct feed_sink *sink, struct str name, struct err *err)
{
	(void)sink;
	(void)err;
	if (!name.n || name.n > LIMIT_FIELD_BYTES || !str_is_text(name))
		abort();
	return 0;
}

static const struct feed_sink feed_check = { .advisory = check_advisory,
					     .skipped = check_skipped,
					     .enrichment = check_enrichment,
					     .replaced = check_replaced };

#endif
