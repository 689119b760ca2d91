/* SPDX-License-Identifier: Apache-2.0 */
/* Content manifests of Red Hat's images: root/buildinfo/content_manifests/NAME.json and kin.
 * Source: the files of Red Hat's images and their schema (ICM, "image content manifest"); no other document.
 * Easy to miss: some ids have a variant after them ("...-rpms__8", "...-eus-rpms__8_DOT_6", "... 8") that the
 * repository itself does not have; and the files may also list every source of every program in the image, so
 * they are read as a stream and only two members are kept. */
#include "format/content_manifest.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"

bool content_manifest_is_repoid(struct str id)
{
	return id.n && id.n <= LIMIT_REPOID_BYTES && str_is_text(id);
}

static bool is_variant(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '_'))
			return false;
	return s.n && s.p[0] >= '0' && s.p[0] <= '9';
}

/* "x__8", "x__8_DOT_6", "x 8": x. */
static struct str without_variant(struct str id)
{
	size_t at = str_search(id, STR("__"));

	if (at < id.n && is_variant(str_sub(id, at + 2, id.n - at - 2)))
		return str_sub(id, 0, at);
	str_cut(id, ' ', &id, &(struct str){ 0 });
	return id;
}

/* Reading one document. */
struct manifest_reader {
	struct task *task;
	struct json_reader *json;
	struct map seen; /* ids */
	struct content_manifest *out;
};

static void add_content_set(struct manifest_reader *r, struct str id)
{
	id = without_variant(str_trim(id));
	if (!content_manifest_is_repoid(id) || map_get(&r->seen, id))
		return;
	if (r->out->content_sets.n >= LIMIT_CONTENT_SETS) {
		r->out->is_cut = true;
		return;
	}
	id = str_copy(&r->task->arena, id);
	*map_put(&r->seen, id) = r;
	VEC_PUSH(&r->task->arena, &r->out->content_sets, id);
}

/* The elements of an array that has begun. */
static int read_content_sets(struct manifest_reader *r, struct err *err)
{
	struct json_token t;

	r->out->has_content_sets = true;
	for (;;) {
		TRY(json_next(r->json, &t, err));
		TRY(task_check(r->task, err));
		if (t.type == JSON_ARRAY_END)
			return 0;
		if (t.type == JSON_STRING)
			add_content_set(r, t.text);
		else
			TRY(json_skip(r->json, &t, err));
	}
}

enum member { MEMBER_OTHER, MEMBER_CONTENT_SETS, MEMBER_FROM_DNF_HINT };

static enum member member_of(struct str key)
{
	if (str_eq(key, STR("content_sets")))
		return MEMBER_CONTENT_SETS;
	return str_eq(key, STR("from_dnf_hint")) ? MEMBER_FROM_DNF_HINT : MEMBER_OTHER;
}

static int read_member(struct manifest_reader *r, enum member member, struct err *err)
{
	struct json_token t;

	TRY(json_next(r->json, &t, err));
	if (member == MEMBER_CONTENT_SETS && t.type == JSON_ARRAY)
		return read_content_sets(r, err);
	if (member == MEMBER_FROM_DNF_HINT && (t.type == JSON_TRUE || t.type == JSON_FALSE))
		r->out->from_dnf_hint = t.type == JSON_TRUE;
	return json_skip(r->json, &t, err);
}

static int read_document(struct manifest_reader *r, struct err *err)
{
	struct json_token t;

	TRY(json_next(r->json, &t, err));
	if (t.type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "no JSON object");
	for (;;) {
		TRY(task_check(r->task, err));
		TRY(json_next(r->json, &t, err));
		if (t.type == JSON_OBJECT_END)
			return json_next(r->json, &t, err); /* only white space may follow */
		TRY(read_member(r, member_of(t.text), err));
	}
}

int content_manifest_parse(struct task *task, struct str text, struct content_manifest *out, struct err *err)
{
	autojson struct json_reader *json = json_reader_open_text(text);
	struct content_manifest found = { 0 };
	struct manifest_reader r = {
		.task = task, .json = json, .seen = { .arena = &task->arena }, .out = &found
	};

	TRY(read_document(&r, err));
	*out = found;
	return 0;
}
