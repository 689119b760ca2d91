/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat's maps: lists by id, of CPEs and of container repositories. */
#include "enriched.h"

#include "base/limits.h"
#include "feed/red_hat_maps.h"

#define OS "cpe:/o:redhat:enterprise_linux:8::baseos"
#define EUS "cpe:2.3:a:redhat:rhel_eus:8.4:*:*:*:*:*:*:*"

static const struct {
	feed_parser *parser;
	const char *text, *want;
} cases[] = {
	{ red_hat_maps_cpes, "{\"data\":{\"r\":{\"cpes\":[\"" OS "\"]}}}", "r {\"cpes\":[\"" OS "\"]}\n" },
	{ red_hat_maps_cpes,
	  "{\"x\":[1],\"data\":{\"r\":{\"y\":{},\"cpes\":[\"" OS "\",\"" EUS "\"]},\"s\":{\"cpes\":[\"" EUS
	  "\"]}},\"z\":0}",
	  "r {\"cpes\":[\"" OS "\",\"" EUS "\"]}\ns {\"cpes\":[\"" EUS "\"]}\n" },
	{ red_hat_maps_cpes, "{\"data\":{\"r\":{\"cpes\":[]},\"s\":{},\"t\":[],\"u\":7}}", "" },
	{ red_hat_maps_cpes, "{\"data\":{\n\"r\":{\"cpes\":[\"cpe:/x:y\",7,\"" OS "\"]}}}",
	  "skipped: line 2: \"r\": a name that is none\nskipped: line 2: \"r\": a name that is none\n"
	  "r {\"cpes\":[\"" OS "\"]}\n" },
	{ red_hat_maps_names, "{\"data\":{\"ubi8-container\":[\"ubi8\",\"ubi8/ubi\"]}}",
	  "ubi8-container {\"repositories\":[\"ubi8\",\"ubi8/ubi\"]}\n" },
	{ red_hat_maps_names, "{\"data\":{\"a\":[\"\",{\"b\":[]},\"c\"],\"d\":{\"repositories\":[\"e\"]}}}",
	  "skipped: line 1: \"a\": a name that is none\nskipped: line 1: \"a\": a name that is none\n"
	  "a {\"repositories\":[\"c\"]}\n" },
	{ red_hat_maps_names, "{\"data\":{\"\":[\"a\"]}}",
	  "skipped: line 1: \"\": an id that is empty, or long\n" },
	{ red_hat_maps_names, "{\"data\":{}}", "" },
};

static void lists_become_enrichments(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct enriched_lines lines;
		struct err err = { 0 };

		assert_int_equal(enriched_parse(cases[i].parser, str_of(cases[i].text), 0, &lines, &err), 0);
		assert_str_is(buffer_str(&lines.text), cases[i].want);
		arena_reset(&lines.arena);
	}
}

static void what_is_no_map_is_an_error(void **state)
{
	static const char *const texts[] = { "",
					     "[]",
					     "{}",
					     "{\"data\":[]}",
					     "{\"data\":{\"r\":{\"cpes\":[\"" OS "\"",
					     "{\"data\":{}} x",
					     "{\"rhel-8\":[\"" OS "\"]}" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct enriched_lines lines;
		struct err err = { 0 };

		assert_int_equal(enriched_parse(red_hat_maps_cpes, str_of(texts[i]), 0, &lines, &err),
				 E_FORMAT);
		arena_reset(&lines.arena);
	}
}

static void the_sink_may_refuse(void **state)
{
	struct enriched_lines lines;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(enriched_parse(red_hat_maps_cpes, str_of(cases[0].text), 1, &lines, &err), E_IO);
	arena_reset(&lines.arena);
}

/* As many ids as the real map has, each with as many CPEs as any. */
static void a_large_map_is_read_whole(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct enriched_lines lines;
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("{\"data\":{"));
	for (unsigned id = 0; id < 40000; id++) {
		char text[64];

		snprintf(text, sizeof(text), "%s\"repository-%u-rpms\":{\"cpes\":[", id ? "," : "", id);
		put_bytes(&b, str_of(text));
		for (unsigned i = 0; i < 40; i++)
			put_bytes(&b, i ? STR(",\"" OS "\"") : STR("\"" OS "\""));
		put_bytes(&b, STR("]}"));
	}
	put_bytes(&b, STR("}}"));
	assert_int_equal(enriched_parse(red_hat_maps_cpes, buffer_str(&b), 0, &lines, &err), 0);
	assert_int_equal(lines.enrichments, 40000);
	assert_int_equal(lines.skipped, 0);
	arena_reset(&lines.arena);
}

static void more_names_than_the_limit_are_left_out(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct enriched_lines lines;
	struct err err = { 0 };

	(void)state;
	put_bytes(&b, STR("{\"data\":{\"r\":{\"cpes\":[\"" OS "\""));
	while (b.n < 2 * LIMIT_MAP_NAMES_BYTES)
		put_bytes(&b, STR(",\"" OS "\""));
	put_bytes(&b, STR("]}}}"));
	assert_int_equal(enriched_parse(red_hat_maps_cpes, buffer_str(&b), 0, &lines, &err), 0);
	assert_int_equal(lines.enrichments, 1);
	assert_in_range(lines.text.n, LIMIT_MAP_NAMES_BYTES, LIMIT_MAP_NAMES_BYTES * 5 / 4);
	arena_reset(&lines.arena);
}

/* trivy-db's excerpt has another shape. */
static void a_map_of_another_shape_is_refused_with_its_line(void **state)
{
	autoarena struct arena a = { 0 };
	struct str text = source_file(&a,
				      "../shared/corpus/feeds/rhel/samples-repository-to-cpe-trivy-db.json");
	struct enriched_lines lines;
	struct err err = { 0 };

	(void)state;
	if (!text.p) {
		print_message("skipped: no corpus\n");
		skip();
	}
	assert_int_equal(enriched_parse(red_hat_maps_cpes, text, 0, &lines, &err), E_FORMAT);
	assert_str_is(str_of(err.text), "line 4: the map ends, and has no object \"data\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_become_enrichments),
		cmocka_unit_test(what_is_no_map_is_an_error),
		cmocka_unit_test(the_sink_may_refuse),
		cmocka_unit_test(a_large_map_is_read_whole),
		cmocka_unit_test(more_names_than_the_limit_are_left_out),
		cmocka_unit_test(a_map_of_another_shape_is_refused_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
