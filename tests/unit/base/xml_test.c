/* SPDX-License-Identifier: Apache-2.0 */
/* XML: events, what is refused, limits, positions; the same whatever the pieces */
#include "../unit.h"
#include "pieces.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/xml.h"

/* "<name a=v>" and "text</name>" for each event, then the error. */
static struct str events_of(struct arena *a, struct str text, size_t piece, int *result)
{
	struct pieces source;
	autoxml struct xml_reader *x = NULL;
	struct buffer b = { .arena = a };
	struct xml_event e;
	struct err err = { 0 };

	pieces_open(&source, text, piece);
	x = xml_reader_open(&source.reader);
	while ((*result = xml_next(x, &e, &err)) > 0) {
		if (e.type == XML_END) {
			put_bytes(&b,
				  str_format(a, STR_FMT "</" STR_FMT ">", STR_ARG(e.text), STR_ARG(e.name)));
			continue;
		}
		put_bytes(&b, str_format(a, "<" STR_FMT, STR_ARG(e.name)));
		for (size_t i = 0; i < e.attribute_count; i++)
			put_bytes(&b, str_format(a, " " STR_FMT "=" STR_FMT, STR_ARG(e.attributes[i].name),
						 STR_ARG(e.attributes[i].value)));
		put_bytes(&b, STR(">"));
	}
	put_bytes(&b, str_of(err.text));
	return buffer_str(&b);
}

static const struct {
	const char *text, *want;
	int result;
} cases[] = {
	{ "<a/>", "<a></a>", 0 },
	{ "<?xml version='1.0' encoding='UTF-8'?>\n<!-- c --><a>x &amp; &#228;</a>\n", "<a>x & \xc3\xa4</a>",
	  0 },
	{ "<p:a xmlns:p='u' xmlns='v' p:b='1' c='2'/>", "<a b=1 c=2></a>", 0 },
	{ "<a> <b>1</b> <b>2</b>\n</a>", "<a><b>1</b><b>2</b></a>", 0 },
	{ "<a>one <b>2</b> three<c/> </a>", "<a><b>2</b><c></c>one  three</a>", 0 },
	{ "<a> </a>", "<a> </a>", 0 },
	{ "<a><![CDATA[<x>]]]]>&lt;</a>", "<a><x>]]<</a>", 0 },
	{ "<!DOCTYPE a><a/>", "<a></a>", 0 },
	{ "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "<a></a>", 0 },
	{ "<!DOCTYPE a [<!ATTLIST a b CDATA 'much'>]><a c='1'/>", "<a c=1></a>", 0 },
	{ "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
	  "line 1, column 25: the document declares entities: not read", E_FORMAT },
	{ "<!DOCTYPE a [<!ENTITY % e SYSTEM 'http://h/'> %e;]><a/>",
	  "line 1, column 45: the document declares entities: not read", E_FORMAT },
	{ "<!DOCTYPE a SYSTEM 'x'><a>&e;</a>", "<a>line 1, column 27: an entity that is not declared",
	  E_FORMAT },
	{ "<a>&e;</a>", "<a>line 1, column 4: undefined entity", E_FORMAT },
	{ "", "line 1, column 1: no element found", E_FORMAT },
	{ "<a>", "<a>line 1, column 4: no element found", E_FORMAT },
	{ "<a>\n<b></a>", "<a><b>line 2, column 6: mismatched tag", E_FORMAT },
	{ "<a/><b/>", "<a></a>line 1, column 5: junk after document element", E_FORMAT },
	{ "<a b='1' b='2'/>", "line 1, column 10: duplicate attribute", E_FORMAT },
	{ "<a>&#0;</a>", "<a>line 1, column 4: reference to invalid character number", E_FORMAT },
	{ "<a>\xff</a>", "<a>line 1, column 4: not well-formed (invalid token)", E_FORMAT },
	{ "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>", "<a>\xc3\xa4</a>", 0 },
	{ "<?xml version='1.0' encoding='EBCDIC'?><a/>", "line 1, column 31: unknown encoding", E_FORMAT },
	{ "{}", "line 1, column 1: not well-formed (invalid token)", E_FORMAT },
};

static void events_are_the_same_whatever_the_pieces(void **state)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };

		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			int result;
			struct str got = events_of(&a, str_of(cases[i].text), pieces[k], &result);

			assert_str_is(got, cases[i].want);
			assert_int_equal(result, cases[i].result);
		}
	}
}

static void utf_16_is_read(void **state)
{
	static const char text[] = "\xff\xfe<\0a\0>\0\xac\x20<\0/\0a\0>\0";
	autoarena struct arena a = { 0 };
	int result;

	(void)state;
	assert_str_is(events_of(&a, (struct str){ text, sizeof(text) - 1 }, 5, &result),
		      "<a>\xe2\x82\xac</a>");
	assert_int_equal(result, 0);
}

static void positions_are_those_of_the_tags(void **state)
{
	static const struct str text = STR("<a>\n  <b\n c='1'/>\n\n <d>x</d></a>");
	static const uint64_t want[][2] = { { 1, 1 }, { 2, 3 }, { 3, 9 }, { 5, 2 }, { 5, 6 }, { 5, 10 } };

	(void)state;
	for (size_t piece = 1; piece < 40; piece++) {
		struct pieces source;
		autoxml struct xml_reader *x = NULL;
		struct xml_event e;
		struct err err = { 0 };

		pieces_open(&source, text, piece);
		x = xml_reader_open(&source.reader);
		for (size_t i = 0; i < 6; i++) {
			uint64_t line, column;

			assert_int_equal(xml_next(x, &e, &err), 1);
			xml_position(x, &line, &column);
			assert_int_equal(line, want[i][0]);
			assert_int_equal(column, want[i][1]);
		}
		assert_int_equal(xml_next(x, &e, &err), 0);
		assert_int_equal(xml_next(x, &e, &err), 0);
	}
}

static void elements_are_passed_over(void **state)
{
	static const struct str text = STR("<a>t<b x='1'>u<c>v<b/></c></b>w<d>y</d></a>");

	(void)state;
	for (size_t piece = 1; piece < 50; piece++) {
		struct pieces source;
		autoxml struct xml_reader *x = NULL;
		struct xml_event e;
		struct err err = { 0 };

		pieces_open(&source, text, piece);
		x = xml_reader_open(&source.reader);
		assert_int_equal(xml_next(x, &e, &err), 1);
		assert_int_equal(xml_next(x, &e, &err), 1);
		assert_str_is(e.name, "b");
		assert_str_is(xml_attribute(&e, "x"), "1");
		assert_str_is(xml_attribute(&e, "y"), "");
		assert_int_equal(xml_skip(x, &err), 0);
		assert_int_equal(xml_next(x, &e, &err), 1);
		assert_str_is(e.name, "d");
		assert_int_equal(xml_next(x, &e, &err), 1);
		assert_str_is(e.text, "y");
		assert_int_equal(xml_next(x, &e, &err), 1);
		assert_str_is(e.text, "tw");
		assert_int_equal(e.depth, 1);
		assert_int_equal(xml_next(x, &e, &err), 0);
	}
}

static struct str repeated(struct arena *a, const char *before, const char *unit, size_t n, const char *after)
{
	struct buffer b = { .arena = a };

	put_bytes(&b, str_of(before));
	for (size_t i = 0; i < n; i++)
		put_bytes(&b, str_format(a, "%s", unit));
	put_bytes(&b, str_of(after));
	return buffer_str(&b);
}

static struct str attributes(struct arena *a, size_t n)
{
	struct buffer b = { .arena = a };

	put_bytes(&b, STR("<a"));
	for (size_t i = 0; i < n; i++)
		put_bytes(&b, str_format(a, " a%zu='1'", i));
	put_bytes(&b, STR("/>"));
	return buffer_str(&b);
}

static void limits_are_kept(void **state)
{
	autoarena struct arena a = { 0 };
	const struct {
		struct str text;
		int result;
	} documents[] = {
		{ repeated(&a, "<a>", "<b>", LIMIT_XML_DEPTH, ""), E_LIMIT },
		{ repeated(&a, "<a>", "x", LIMIT_XML_TEXT_BYTES, "</a>"), 0 },
		{ repeated(&a, "<a>", "x", LIMIT_XML_TEXT_BYTES + 1, "</a>"), E_LIMIT },
		{ repeated(&a, "<", "x", LIMIT_XML_NAME_BYTES, "/>"), 0 },
		{ repeated(&a, "<", "x", LIMIT_XML_NAME_BYTES + 1, "/>"), E_LIMIT },
		{ attributes(&a, LIMIT_XML_ATTRIBUTES), 0 },
		{ attributes(&a, LIMIT_XML_ATTRIBUTES + 1), E_LIMIT },
		{ repeated(&a, "<a b='", "x", LIMIT_XML_TOKEN_BYTES + 100, "'/>"), E_LIMIT },
		{ repeated(&a, "<!--", "x", LIMIT_XML_TOKEN_BYTES + 65536, "--><a/>"), E_LIMIT },
		{ repeated(&a, "<a><!--", "x", LIMIT_XML_TOKEN_BYTES + 65536, "--></a>"), E_LIMIT },
		{ repeated(&a, "<a><!--", "x", LIMIT_XML_TOKEN_BYTES / 2, "--></a>"), 0 },
		{ repeated(&a, "<a>", "\n <b/>", 100000, "</a>"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct mem_reader source;
		autoxml struct xml_reader *x = NULL;
		struct xml_event e;
		struct err err = { 0 };
		int result;

		mem_reader_open(&source, documents[i].text);
		x = xml_reader_open(&source.reader);
		while ((result = xml_next(x, &e, &err)) > 0)
			;
		if (result != documents[i].result)
			fail_msg("document %zu: %d %s", i, result, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_the_same_whatever_the_pieces),
		cmocka_unit_test(utf_16_is_read),
		cmocka_unit_test(positions_are_those_of_the_tags),
		cmocka_unit_test(elements_are_passed_over),
		cmocka_unit_test(limits_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
