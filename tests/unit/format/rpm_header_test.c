/* SPDX-License-Identifier: Apache-2.0 */
/* Header blobs: those of tests/data/rpm, and ones put together here to break each rule. */
#include "rpm_walk.h"

#include "base/cursor.h"
#include "base/limits.h"

/* A header without a region; strings only have their text, with its NUL. */
struct maker {
	struct arena arena;
	struct buffer index, data;
	unsigned tags;
};

static void put_be32(struct buffer *b, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		put_u8(b, (uint8_t)(v >> shift));
}

static void begin(struct maker *m)
{
	*m = (struct maker){ 0 };
	m->index.arena = m->data.arena = &m->arena;
}

static void put_entry(struct maker *m, uint32_t tag, uint32_t type, uint32_t offset, uint32_t count)
{
	put_be32(&m->index, tag);
	put_be32(&m->index, type);
	put_be32(&m->index, offset);
	put_be32(&m->index, count);
	m->tags++;
}

static void put_tag(struct maker *m, uint32_t tag, uint32_t type, uint32_t count, struct str bytes)
{
	put_entry(m, tag, type, (uint32_t)m->data.n, count);
	put_bytes(&m->data, bytes);
}

static void put_text(struct maker *m, uint32_t tag, const char *text)
{
	put_tag(m, tag, 6, 1, (struct str){ text, strlen(text) + 1 });
}

static void put_name(struct maker *m)
{
	put_text(m, 1000, "n");
	put_text(m, 1001, "1");
	put_text(m, 1002, "234567"); /* the data are 12 bytes now: aligned for integers */
	put_bytes(&m->data, STR("\0"));
}

static struct str blob_of(struct maker *m)
{
	struct buffer b = { .arena = &m->arena };

	put_be32(&b, m->tags);
	put_be32(&b, (uint32_t)m->data.n);
	put_bytes(&b, buffer_str(&m->index));
	put_bytes(&b, buffer_str(&m->data));
	return buffer_str(&b);
}

static void all_fields_are_read(void **state)
{
	autoarena struct arena a = { 0 };
	struct rpm_header h;
	struct err err;

	(void)state;
	assert_int_equal(rpm_header_parse(source_file(&a, "tests/data/rpm/alpha.header"), &h, &err), 0);
	assert_str_is(h.name, "alpha");
	assert_str_is(h.version, "1.0");
	assert_str_is(h.release, "1");
	assert_str_is(h.arch, "noarch");
	assert_str_is(h.source_rpm, "alpha-1.0-1.src.rpm");
	assert_str_is(h.vendor, "Example");
	assert_str_is(h.license, "MIT");
	assert_str_is(h.modularity_label, "runtime:12:80300:229f0a1c");
	assert_int_equal(h.epoch, 0);
	assert_int_equal(h.payload_digest.n, 64);
	assert_int_equal(h.payload_digest_algorithm, 8);
	assert_int_equal(h.signature.n, 32);
	assert_int_equal(h.skipped, 0);
	assert_int_equal(rpm_header_parse(source_file(&a, "tests/data/rpm/beta.header"), &h, &err), 0);
	assert_int_equal(h.epoch, 2);
}

static void check_files(const char *path, const char *wanted)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct str directory, name;
	struct rpm_header h;
	struct rpm_files files;
	struct err err;

	assert_int_equal(rpm_header_parse(source_file(&a, path), &h, &err), 0);
	rpm_files_open(&a, &h, &files);
	while (rpm_files_next(&files, &directory, &name)) {
		put_bytes(&b, directory);
		put_bytes(&b, name);
		put_bytes(&b, STR(" "));
	}
	assert_false(files.is_damaged);
	assert_str_is(buffer_str(&b), wanted);
}

static void files_come_from_either_kind_of_tags(void **state)
{
	(void)state;
	check_files("tests/data/rpm/alpha.header",
		    "/bin /usr/bin/alpha /usr/lib/python3/site-packages/alpha/x.py ");
	check_files("tests/data/rpm/old.header", "/etc/old.conf /sbin/old ");
	check_files("tests/data/rpm/key.header", "");
}

static void a_file_without_its_directory_is_passed_over(void **state)
{
	struct maker m;
	struct str directory, name;
	struct rpm_header h;
	struct rpm_files files;
	struct err err;

	(void)state;
	begin(&m);
	put_name(&m);
	put_tag(&m, 1116, 4, 3, STR("\0\0\0\0\0\0\0\2\0\0\0\1"));
	put_tag(&m, 1117, 8, 4, STR("a\0b\0c\0d\0"));
	put_tag(&m, 1118, 8, 2, STR("/x/\0/y/\0"));
	assert_int_equal(rpm_header_parse(blob_of(&m), &h, &err), 0);
	rpm_files_open(&m.arena, &h, &files);
	assert_true(rpm_files_next(&files, &directory, &name));
	assert_str_is(directory, "/x/");
	assert_str_is(name, "a");
	assert_true(rpm_files_next(&files, &directory, &name));
	assert_str_is(directory, "/y/");
	assert_str_is(name, "c");
	assert_false(rpm_files_next(&files, &directory, &name));
	assert_true(files.is_damaged);
	arena_reset(&m.arena);
}

static void a_dribble_overrides_the_region(void **state)
{
	struct maker m;
	struct rpm_header h;
	struct err err;

	(void)state;
	begin(&m);
	put_entry(&m, 63, 7, 12, 16);
	put_name(&m);
	put_be32(&m.data, 63);
	put_be32(&m.data, 7);
	put_be32(&m.data, 0u - 4 * 16);
	put_be32(&m.data, 16);
	put_text(&m, 1001, "dribble");
	put_text(&m, 1001, "again");
	assert_int_equal(rpm_header_parse(blob_of(&m), &h, &err), 0);
	assert_str_is(h.version, "dribble");
	assert_int_equal(h.skipped, 0);
	/* without a sound region there are no dribbles: the first of two counts */
	m.data.p[12 + 3] = 61;
	assert_int_equal(rpm_header_parse(blob_of(&m), &h, &err), 0);
	assert_str_is(h.version, "1");
	assert_int_equal(h.skipped, 1);
	arena_reset(&m.arena);
}

static void a_bad_entry_costs_only_itself(void **state)
{
	static const struct {
		uint32_t tag, type, offset, count;
	} cases[] = {
		{ 1003, 4, 1, 1 },
		/* not aligned */ { 1003, 6, 0, 1 }, /* text for a number */
		{ 1003, 0, 0, 1 },
		/* no type */ { 1003, 10, 0, 1 }, /* no such type */
		{ 1003, 4, 12, 1 },
		/* behind the data */ { 1003, 4, 0, 0 }, /* nothing */
		{ 1003, 4, 8, 2 },
		/* too many */ { 99, 4, 0, 1 }, /* not a tag */
		{ 1011, 4, 0, 1 }, /* a number for text */
		{ 259, 6, 0, 1 }, /* text for bytes */
		{ 1003, 4, 0xfffffffcu, 1 },
	};
	struct rpm_header h;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct maker m;

		begin(&m);
		put_name(&m);
		put_entry(&m, cases[i].tag, cases[i].type, cases[i].offset, cases[i].count);
		assert_int_equal(rpm_header_parse(blob_of(&m), &h, &err), 0);
		assert_str_is(h.name, "n");
		assert_int_equal(h.epoch, 0);
		if (h.skipped != 1)
			fail_msg("case %zu: %u skipped", i, h.skipped);
		arena_reset(&m.arena);
	}
}

static void a_header_without_its_name_is_refused(void **state)
{
	struct rpm_header h;
	struct maker m;
	struct err err;

	(void)state;
	for (uint32_t tag = 1000; tag <= 1002; tag++) {
		begin(&m);
		put_name(&m);
		m.index.p[(tag - 1000) * 16 + 3] ^= 0x80; /* another tag */
		assert_int_equal(rpm_header_parse(blob_of(&m), &h, &err), E_FORMAT);
		m.index.p[(tag - 1000) * 16 + 3] ^= 0x80;
		m.index.p[(tag - 1000) * 16 + 7] = 4; /* a number */
		assert_int_equal(rpm_header_parse(blob_of(&m), &h, &err), E_FORMAT);
		assert_non_null(strstr(err.text, "is damaged"));
		arena_reset(&m.arena);
	}
}

static void a_name_without_its_end_is_none(void **state)
{
	struct rpm_header h;
	struct maker m;
	struct err err;

	(void)state;
	begin(&m);
	put_text(&m, 1001, "1");
	put_text(&m, 1002, "2");
	put_tag(&m, 1000, 6, 1, STR("name"));
	assert_int_equal(rpm_header_parse(blob_of(&m), &h, &err), E_FORMAT);
	arena_reset(&m.arena);
}

static void lengths_that_do_not_fit_are_refused(void **state)
{
	autoarena struct arena a = { 0 };
	struct str blob = source_file(&a, "tests/data/rpm/alpha.header");
	struct rpm_header h;
	struct err err;

	(void)state;
	for (size_t n = 0; n < blob.n; n++) {
		struct str cut = exact_copy(blob, n);

		assert_int_equal(rpm_header_parse(cut, &h, &err), E_FORMAT);
		free((char *)cut.p);
	}
	assert_int_equal(rpm_header_parse(patched(&a, blob, 0, "\0\0\0\0", 4), &h, &err), E_FORMAT);
	assert_int_equal(rpm_header_parse(patched(&a, blob, 0, "\0\1\0\0", 4), &h, &err), E_FORMAT);
	assert_non_null(strstr(err.text, "65536 tags"));
	assert_int_equal(rpm_header_parse(patched(&a, blob, 4, "\x10\0\0\0", 4), &h, &err), E_FORMAT);
	/* what follows a header does no harm */
	assert_int_equal(rpm_header_parse(str_format(&a, STR_FMT "more", STR_ARG(STR(""))), &h, &err),
			 E_FORMAT);
	blob = patched(&a, blob, blob.n, "", 0);
	assert_int_equal(rpm_header_parse((struct str){ blob.p, blob.n + 1 }, &h, &err), 0);
}

static void a_header_above_the_limit_is_refused(void **state)
{
	struct rpm_header h;
	struct err err;
	const char eight[8] = { 0, 0, 0, 1, 0, 0, 0, 1 };

	(void)state;
	/* the length alone decides: nothing behind the first bytes is looked at */
	assert_int_equal(rpm_header_parse((struct str){ eight, LIMIT_RPM_HEADER_BYTES + 1 }, &h, &err),
			 E_FORMAT);
}

static void any_single_damaged_byte_is_survived(void **state)
{
	autoarena struct arena a = { 0 };
	struct str blob = source_file(&a, "tests/data/rpm/alpha.header"), directory, name;
	struct str copy = exact_copy(blob, blob.n);
	struct rpm_header h;
	struct rpm_files files;
	struct err err;

	(void)state;
	for (size_t i = 0; i < blob.n; i++) {
		((char *)copy.p)[i] ^= (char)0xff;
		if (rpm_header_parse(copy, &h, &err) == 0) {
			rpm_files_open(&a, &h, &files);
			while (rpm_files_next(&files, &directory, &name))
				assert_true(name.n <= blob.n && directory.n <= blob.n);
		}
		((char *)copy.p)[i] = blob.p[i];
	}
	free((char *)copy.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_fields_are_read),
		cmocka_unit_test(files_come_from_either_kind_of_tags),
		cmocka_unit_test(a_file_without_its_directory_is_passed_over),
		cmocka_unit_test(a_dribble_overrides_the_region),
		cmocka_unit_test(a_bad_entry_costs_only_itself),
		cmocka_unit_test(a_header_without_its_name_is_refused),
		cmocka_unit_test(a_name_without_its_end_is_none),
		cmocka_unit_test(lengths_that_do_not_fit_are_refused),
		cmocka_unit_test(a_header_above_the_limit_is_refused),
		cmocka_unit_test(any_single_damaged_byte_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
