/* SPDX-License-Identifier: Apache-2.0 */
/* Zip archives as streams: each way to write an entry, and what is wrong with archives. */
#include "../unit.h"
#include "../zip_make.h"

#include "base/err.h"
#include "base/zip_stream.h"

/* "name=content;" of each entry, or what next or read says. */
static int read_all(struct arena *a, struct str archive, uint64_t max, struct str *out, struct err *err)
{
	struct buffer b = { .arena = a };
	struct mem_reader in;
	autozip struct zip_stream *z = NULL;
	struct str name, content;
	int more;

	mem_reader_open(&in, archive);
	z = zip_stream_open(&in.reader, max);
	while ((more = zip_stream_next(z, &name, err)) > 0) {
		put_bytes(&b, str_format(a, STR_FMT "=", STR_ARG(name)));
		more = reader_all(zip_stream_content(z), a, 1 << 24, &content, err);
		if (more < 0)
			break;
		put_bytes(&b, str_format(a, STR_FMT ";", STR_ARG(content)));
	}
	assert_int_equal(zip_stream_failed(z), more < 0);
	if (more < 0) /* and so it stays */
		assert_int_equal(zip_stream_next(z, &name, &(struct err){ 0 }), more);
	*out = buffer_str(&b);
	return more;
}

static void every_way_to_write_an_entry_is_read(void **state)
{
	static const unsigned ways[] = {
		0,
		ZIP_DEFLATED,
		ZIP_64,
		ZIP_64 | ZIP_DEFLATED,
		ZIP_DEFLATED | ZIP_DESCRIPTOR,
		ZIP_DEFLATED | ZIP_DESCRIPTOR | ZIP_NO_SIGNATURE,
		ZIP_DEFLATED | ZIP_DESCRIPTOR | ZIP_64,
		ZIP_DEFLATED | ZIP_DESCRIPTOR | ZIP_64 | ZIP_NO_SIGNATURE,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		autoarena struct arena a = { 0 };
		struct buffer b = { .arena = &a };
		struct err err = { 0 };
		struct str text;

		zip_entry(&b, STR("a"), STR("content"), ways[i]);
		zip_entry(&b, STR("empty"), STR(""), ways[i]);
		zip_entry(&b, STR("b/c"), STR("more"), ways[i]);
		zip_end(&b);
		assert_int_equal(read_all(&a, buffer_str(&b), 1000, &text, &err), 0);
		assert_str_is(text, "a=content;empty=;b/c=more;");
	}
}

static void contents_larger_than_the_buffers_are_whole(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a }, large = { .arena = &a };
	struct err err = { 0 };
	struct str text;

	(void)state;
	for (uint32_t i = 0, x = 1; i < 400000; i++, x = x * 1664525 + 1013904223)
		put_u8(&large, (uint8_t)('A' + (x >> 28)));
	zip_entry(&b, STR("a"), buffer_str(&large), ZIP_DEFLATED | ZIP_DESCRIPTOR);
	zip_entry(&b, STR("b"), buffer_str(&large), 0);
	zip_end(&b);
	assert_int_equal(read_all(&a, buffer_str(&b), 1 << 20, &text, &err), 0);
	assert_str_is(text, str_format(&a, "a=" STR_FMT ";b=" STR_FMT ";", STR_ARG(buffer_str(&large)),
				       STR_ARG(buffer_str(&large)))
				    .p);
	assert_int_equal(read_all(&a, buffer_str(&b), 600000, &text, &err), E_LIMIT);
}

static void contents_may_be_passed_over(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct mem_reader in;
	struct err err = { 0 };
	autozip struct zip_stream *z = NULL;
	struct str name;
	char c;

	(void)state;
	zip_entry(&b, STR("a"), STR("content"), ZIP_DEFLATED | ZIP_DESCRIPTOR);
	zip_entry(&b, STR("b"), STR("content"), 0);
	zip_entry(&b, STR("c"), STR("content"), ZIP_DEFLATED);
	zip_end(&b);
	mem_reader_open(&in, buffer_str(&b));
	z = zip_stream_open(&in.reader, 1000);
	assert_int_equal(zip_stream_next(z, &name, &err), 1);
	assert_int_equal(zip_stream_next(z, &name, &err), 1);
	assert_int_equal(reader_read(zip_stream_content(z), &c, 1, &err), 1);
	assert_int_equal(zip_stream_next(z, &name, &err), 1);
	assert_str_is(name, "c");
	assert_int_equal(zip_stream_next(z, &name, &err), 0);
	assert_int_equal(zip_stream_next(z, &name, &err), 0);
}

static void what_is_wrong_is_an_error(void **state)
{
	static const struct {
		unsigned how;
		int want;
	} cases[] = {
		{ ZIP_BAD_CRC, E_FORMAT },
		{ ZIP_BAD_SIZE, E_FORMAT },
		{ ZIP_DEFLATED | ZIP_BAD_CRC, E_FORMAT },
		{ ZIP_DEFLATED | ZIP_BAD_SIZE, E_FORMAT },
		{ ZIP_DEFLATED | ZIP_DESCRIPTOR | ZIP_BAD_CRC, E_FORMAT },
		{ ZIP_DEFLATED | ZIP_DESCRIPTOR | ZIP_BAD_SIZE, E_FORMAT },
		{ ZIP_DESCRIPTOR, E_UNSUPPORTED },
		{ ZIP_ENCRYPTED, E_UNSUPPORTED },
		{ ZIP_ODD_METHOD, E_UNSUPPORTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct buffer b = { .arena = &a };
		struct err err = { 0 };
		struct str text;

		zip_entry(&b, STR("a"), STR("content"), cases[i].how);
		zip_end(&b);
		assert_int_equal(read_all(&a, buffer_str(&b), 1000, &text, &err), cases[i].want);
		assert_true(err.text[0] != '\0');
	}
}

static void every_cut_is_an_error(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct str text;

	(void)state;
	zip_entry(&b, STR("a"), STR("content"), ZIP_DEFLATED | ZIP_DESCRIPTOR);
	zip_entry(&b, STR("b"), STR("content"), ZIP_64);
	for (size_t n = 0; n <= b.n; n++) {
		struct err err = { 0 };

		assert_int_equal(read_all(&a, str_sub(buffer_str(&b), 0, n), 1000, &text, &err), E_FORMAT);
	}
	assert_int_equal(read_all(&a, STR("PK\x07\x08"), 1000, &text, &(struct err){ 0 }), E_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way_to_write_an_entry_is_read),
		cmocka_unit_test(contents_larger_than_the_buffers_are_whole),
		cmocka_unit_test(contents_may_be_passed_over),
		cmocka_unit_test(what_is_wrong_is_an_error),
		cmocka_unit_test(every_cut_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
