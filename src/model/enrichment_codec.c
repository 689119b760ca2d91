/* SPDX-License-Identifier: Apache-2.0 */
/* Enrichments as bytes, on their way from the worker that parsed a feed: number of tags, tags, data, each
 * with its length. Easy to get wrong: the data are JSON that goes into reports and bundles without being
 * written anew, so whoever could put half an object or a line feed here would write the rest of a report. */
#include "model/enrichment_codec.h"

#include "base/json.h"

void enrichment_encode(const struct enrichment *e, struct buffer *out)
{
	put_varint(out, e->tag_count);
	for (size_t i = 0; i < e->tag_count; i++)
		put_string(out, e->tags[i]);
	put_string(out, e->data);
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ')
			return true;
	return false;
}

static int check_json(struct str data, struct err *err)
{
	autojson struct json_reader *json = json_reader_open_text(data);
	struct json_token token;

	TRY(json_next(json, &token, err));
	if (token.type != JSON_OBJECT || has_control(data))
		return err_set(err, E_FORMAT, "no compact JSON object");
	TRY(json_skip(json, &token, err));
	return json_next(json, &token, err);
}

int enrichment_decode(struct cursor *in, struct str tags[LIMIT_ENRICHMENT_TAGS], struct enrichment *out,
		      struct err *err)
{
	uint64_t n;

	if (cursor_left(in) == 0 && !in->bad)
		return 0;
	n = get_varint(in);
	if (in->bad || n == 0 || n > LIMIT_ENRICHMENT_TAGS)
		return err_set(err, E_FORMAT, "enrichment: no tags, or more than %u", LIMIT_ENRICHMENT_TAGS);
	for (uint64_t i = 0; i < n; i++) {
		tags[i] = get_string(in, LIMIT_FIELD_BYTES);
		if (in->bad || tags[i].n == 0 || !str_is_text(tags[i]))
			return err_set(err, E_FORMAT, "enrichment: a tag is empty, too long or not UTF-8");
	}
	*out = (struct enrichment){ .tags = tags, .tag_count = (size_t)n };
	out->data = get_string(in, LIMIT_FEED_TEXT_BYTES);
	if (in->bad || !str_is_text(out->data))
		return err_set(err, E_FORMAT, "enrichment: data too long or not UTF-8");
	return check_json(out->data, err) < 0 ? err_wrap(err, "enrichment") : 1;
}
