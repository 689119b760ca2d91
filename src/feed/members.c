/* SPDX-License-Identifier: Apache-2.0 */
/* JSON objects by tables (RFC 8259), for documents that are too large to be held as a tree. Easy to get
 * wrong: a token's text is gone with the next token, so whatever is kept is copied at once. */
#include "feed/members.h"

#include "base/limits.h"
#include "feed/texts.h"

int members_check(struct members *m, struct err *err)
{
	TRY(task_check(m->task, err));
	if (m->arena->used_bytes <= m->max_bytes)
		return 0;
	return err_set(err, E_LIMIT, "more than %zu bytes of memory are needed", m->max_bytes);
}

static int read_list(struct members *m, const struct json_token *first, const struct member *member, void *to,
		     struct err *err)
{
	struct json_token token;

	if (first->type != JSON_ARRAY)
		return json_skip(m->json, first, err);
	for (;;) {
		TRY(members_check(m, err));
		TRY(json_next(m->json, &token, err));
		if (token.type == JSON_ARRAY_END)
			return 0;
		TRY(member->read(m, &token, to, err));
	}
}

static const struct member *find(const struct member *table, size_t n, struct str key)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(table[i].key, key))
			return &table[i];
	return NULL;
}

static int read_member(struct members *m, const struct json_token *first, const struct member *member,
		       void *to, struct err *err)
{
	if (!member)
		return json_skip(m->json, first, err);
	to = (char *)to + member->offset;
	return member->is_list ? read_list(m, first, member, to, err) : member->read(m, first, to, err);
}

int members_object(struct members *m, const struct json_token *first, const struct member *table, size_t n,
		   void *to, struct err *err)
{
	struct json_token token;

	if (first->type != JSON_OBJECT)
		return json_skip(m->json, first, err);
	for (;;) {
		const struct member *member;

		TRY(json_next(m->json, &token, err));
		if (token.type == JSON_OBJECT_END)
			return 0;
		member = find(table, n, token.text);
		TRY(json_next(m->json, &token, err));
		TRY(read_member(m, &token, member, to, err));
	}
}

int members_text(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	struct str *out = to;

	if (first->type != JSON_STRING)
		return json_skip(m->json, first, err);
	*out = str_copy(m->arena, texts_cut(first->text, LIMIT_FEED_TEXT_BYTES));
	return 0;
}

struct str members_place(struct members *m, struct arena *a)
{
	uint64_t line, column;

	json_position(m->json, &line, &column);
	return str_format(a, "line %llu column %llu", (unsigned long long)line, (unsigned long long)column);
}
