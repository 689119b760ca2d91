/* SPDX-License-Identifier: Apache-2.0 */
#include "../unit.h"

#include "model/enrichment_codec.h"

static void enrichments_come_back_as_they_went(void **state)
{
	static const struct str tags[] = { STR("CVE-2014-0160"), STR("GHSA-1") };
	static const struct enrichment samples[] = {
		{ .tags = tags, .tag_count = 1, .data = STR("{}") },
		{ .tags = tags, .tag_count = 2, .data = STR("{\"epss\":0.5,\"a\":[\"\\n\",\"\xc3\xa9\"]}") },
	};
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct str got_tags[LIMIT_ENRICHMENT_TAGS];
	struct enrichment got;
	struct cursor in;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		enrichment_encode(&samples[i], &b);
	in = cursor_of(buffer_str(&b));
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(enrichment_decode(&in, got_tags, &got, &err), 1);
		assert_int_equal(got.tag_count, samples[i].tag_count);
		for (size_t t = 0; t < got.tag_count; t++)
			assert_str_is(got.tags[t], tags[t].p);
		assert_str_is(got.data, samples[i].data.p);
	}
	assert_int_equal(enrichment_decode(&in, got_tags, &got, &err), 0);
}

static void what_no_encoder_writes_is_refused(void **state)
{
	static const struct str cases[] = {
		STR("\x00\x02{}"), /* no tags */
		STR("\x41\x01x\x02{}"), /* 65 tags */
		STR("\x01\x00\x02{}"), /* an empty tag */
		STR("\x01\x01\xff\x02{}"), /* not UTF-8 */
		STR("\x01\x05x"), /* cut */
		STR("\x01\x01x"), /* without data */
		STR("\x01\x01x\x00"), /* empty data */
		STR("\x01\x01x\x02[]"), /* no object */
		STR("\x01\x01x\x01{"), /* half an object */
		STR("\x01\x01x\x04{},1"), /* and more behind it */
		STR("\x01\x01x\x04{}{}"),
		STR("\x01\x01x\x03{\n}"), /* a raw control byte */
		STR("\x01\x01x\x07{\"a\":\xff}"),
		STR("\x01\x01x\x85\x80\x80\x80\x08{}"), /* longer than it may be */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str tags[LIMIT_ENRICHMENT_TAGS];
		struct cursor in = cursor_of(cases[i]);
		struct enrichment got;
		struct err err = { 0 };

		if (enrichment_decode(&in, tags, &got, &err) >= 0)
			fail_msg("case %zu was accepted", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enrichments_come_back_as_they_went),
		cmocka_unit_test(what_no_encoder_writes_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
