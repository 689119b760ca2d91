/* SPDX-License-Identifier: Apache-2.0 */
/* Accept, Accept-Encoding, If-None-Match, Prefer: tables of what is sent and what is chosen. */
#include "../unit.h"

#include "api/negotiate.h"
#include "base/limits.h"

#include <stdio.h>

static const char *const offers[] = { "application/vnd.clair.index_report.v1+json", "application/json",
				      NULL };
#define OWN "application/vnd.clair.index_report.v1+json"

static http_headers one(struct arena *a, const char *name, const char *value)
{
	http_headers headers = { 0 };

	if (value)
		VEC_PUSH(a, &headers, ((struct http_header){ str_of(name), str_of(value) }));
	return headers;
}

static void accept_chooses_the_first_entry_of_the_highest_weight(void **state)
{
	static const struct {
		const char *accept;
		int found;
		const char *chosen;
	} cases[] = {
		{ NULL, 1, OWN },
		{ "", 1, OWN },
		{ "   ", 1, OWN },
		{ "*/*", 1, OWN },
		{ "application/*", 1, OWN },
		{ "application/json", 1, "application/json" },
		{ "APPLICATION/JSON", 1, "application/json" },
		{ "application/json, */*", 1, "application/json" },
		{ "*/*, application/json", 1, OWN },
		{ "*/*;q=0.1, application/json;q=0.2", 1, "application/json" },
		{ "application/json;q=0.5, " OWN, 1, OWN },
		{ "application/json;charset=\"a,b\\\"c\";q=1", 1, "application/json" },
		{ "text/html, application/json;q=0.001", 1, "application/json" },
		{ "application/json ;q=0.5 , text/html", 1, "application/json" },
		{ "text/html", 0, NULL },
		{ "text/*", 0, NULL },
		{ "*/json", 0, NULL },
		{ "application/json;q=0", 0, NULL },
		{ "*/*;q=0", 0, NULL },
		{ "application/json;q=0, */*", 1, OWN },
		{ OWN ";q=0, application/*", 1, "application/json" },
		{ "*/*;q=0, application/json", 1, "application/json" },
		{ "application/json,", E_FORMAT, NULL },
		{ ",application/json", E_FORMAT, NULL },
		{ "application/json,,text/html", E_FORMAT, NULL },
		{ "application", E_FORMAT, NULL },
		{ "application/", E_FORMAT, NULL },
		{ "/json", E_FORMAT, NULL },
		{ "application/json;", 1, "application/json" },
		{ "application/json; ;q=0.5", 1, "application/json" },
		{ "application/json;q", E_FORMAT, NULL },
		{ "application/json;q=", E_FORMAT, NULL },
		{ "application/json;q=2", E_FORMAT, NULL },
		{ "application/json;q=1.5", E_FORMAT, NULL },
		{ "application/json;q=x", E_FORMAT, NULL },
		{ "application/json;a=\"b", E_FORMAT, NULL },
		{ "application/json text/html", E_FORMAT, NULL },
		{ "application/json;q=0.12345", 1, "application/json" },
		{ "application/json;q=1.000", 1, "application/json" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		http_headers headers = one(&a, "accept", cases[i].accept);
		const char *chosen = NULL;
		struct err err = { 0 };
		int found = negotiate_media(&headers, offers, &chosen, &err);

		if (found != cases[i].found ||
		    (found > 0 && !str_eq(str_of(chosen), str_of(cases[i].chosen))))
			fail_msg("\"%s\": %d %s", cases[i].accept ? cases[i].accept : "(none)", found,
				 chosen ? chosen : "");
	}
}

static void several_accept_lines_are_one_list(void **state)
{
	autoarena struct arena a = { 0 };
	http_headers headers = { 0 };
	const char *chosen = NULL;
	struct err err = { 0 };

	(void)state;
	VEC_PUSH(&a, &headers, ((struct http_header){ STR("Accept"), STR("*/*;q=0.1") }));
	VEC_PUSH(&a, &headers, ((struct http_header){ STR("Host"), STR("text/html") }));
	VEC_PUSH(&a, &headers, ((struct http_header){ STR("ACCEPT"), STR("application/json") }));
	assert_int_equal(negotiate_media(&headers, offers, &chosen, &err), 1);
	assert_string_equal(chosen, "application/json");
}

static void too_many_entries_are_refused(void **state)
{
	autoarena struct arena a = { 0 };
	char text[LIMIT_ACCEPT_ENTRIES * 4 + 8];
	const char *chosen = NULL;
	http_headers headers;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i <= LIMIT_ACCEPT_ENTRIES; i++)
		snprintf(text + 4 * i, 5, "a/b,");
	text[4 * (LIMIT_ACCEPT_ENTRIES + 1) - 1] = 0;
	headers = one(&a, "Accept", text);
	assert_int_equal(negotiate_media(&headers, offers, &chosen, &err), E_LIMIT);
	text[4 * LIMIT_ACCEPT_ENTRIES - 1] = 0;
	headers = one(&a, "Accept", text);
	assert_int_equal(negotiate_media(&headers, offers, &chosen, &err), 0);
}

static void codings_by_weight(void **state)
{
	enum { NONE = COMPRESSION_NONE, GZIP = COMPRESSION_GZIP, ZSTD = COMPRESSION_ZSTD };
	static const struct {
		const char *value;
		int found;
		int coding;
		bool identity_refused;
	} cases[] = {
		{ NULL, 1, NONE, false },
		{ "", 1, NONE, false },
		{ "gzip", 1, GZIP, false },
		{ "x-gzip", 1, GZIP, false },
		{ "GZIP", 1, GZIP, false },
		{ "gzip, deflate, br, zstd", 1, GZIP, false },
		{ "zstd, gzip", 1, ZSTD, false },
		{ "gzip;q=0.1, zstd", 1, ZSTD, false },
		{ "gzip;q=0, zstd;q=0.5", 1, ZSTD, false },
		{ "gzip;q=0.0", 1, NONE, false },
		{ "deflate", 1, NONE, false },
		{ "br;q=1.0, deflate", 1, NONE, false },
		{ "identity", 1, NONE, false },
		{ "gzip;q=0.5, identity", 1, NONE, false },
		{ "*", 1, GZIP, false },
		{ "*, gzip;q=0", 1, NONE, false },
		{ "*;q=0.5, zstd", 1, ZSTD, false },
		{ "*;q=0, gzip", 1, GZIP, true },
		{ "identity, *;q=0", 1, NONE, false },
		{ "identity;q=0, gzip", 1, GZIP, true },
		{ "identity;q=0", 0, NONE, true },
		{ "*;q=0", 0, NONE, true },
		{ "deflate, identity;q=0", 0, NONE, true },
		{ "gzip;q=x, zstd", 1, ZSTD, false },
		{ "gzip;q=x", 1, NONE, false },
		{ ",,gzip", 1, GZIP, false },
		{ ";;;", 1, NONE, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		http_headers headers = one(&a, "Accept-Encoding", cases[i].value);
		struct coding_choice choice = { 0 };
		int found = negotiate_coding(&headers, &choice);

		if (found != cases[i].found || (found && (int)choice.coding != cases[i].coding) ||
		    choice.identity_refused != cases[i].identity_refused)
			fail_msg("\"%s\": %d %d %d", cases[i].value ? cases[i].value : "(none)", found,
				 (int)choice.coding, choice.identity_refused);
	}
}

static void tags_compare_by_their_text(void **state)
{
	static const struct {
		const char *value;
		enum etag_match match;
	} cases[] = {
		{ NULL, ETAG_NONE },
		{ "", ETAG_NONE },
		{ "\"abc\"", ETAG_SAME },
		{ "W/\"abc\"", ETAG_SAME },
		{ "\"x\", \"abc\"", ETAG_SAME },
		{ "\"x\" , W/\"abc\" , \"y\"", ETAG_SAME },
		{ "\"x,y\", \"abc\"", ETAG_SAME },
		{ "*", ETAG_ANY },
		{ " * ", ETAG_ANY },
		{ "abc", ETAG_NONE },
		{ "\"ABC\"", ETAG_NONE },
		{ "\"abc", ETAG_NONE },
		{ "\"x\" \"abc\"", ETAG_NONE },
		{ "\"x\",", ETAG_NONE },
		{ "w/\"abc\"", ETAG_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		http_headers headers = one(&a, "If-None-Match", cases[i].value);

		if (etag_match(&headers, STR("abc")) != cases[i].match)
			fail_msg("%s", cases[i].value ? cases[i].value : "(none)");
	}
}

static void preferences_are_words_of_a_list(void **state)
{
	static const struct {
		const char *value;
		bool has;
	} cases[] = {
		{ NULL, false },
		{ "respond-async", true },
		{ "Respond-Async", true },
		{ "wait=10, respond-async", true },
		{ "respond-async; foo=bar", true },
		{ "respond-asynchronously", false },
		{ "return=minimal", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		http_headers headers = one(&a, "prefer", cases[i].value);

		assert_int_equal(header_has_word(&headers, "Prefer", STR("respond-async")), cases[i].has);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_chooses_the_first_entry_of_the_highest_weight),
		cmocka_unit_test(several_accept_lines_are_one_list),
		cmocka_unit_test(too_many_entries_are_refused),
		cmocka_unit_test(codings_by_weight),
		cmocka_unit_test(tags_compare_by_their_text),
		cmocka_unit_test(preferences_are_words_of_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
