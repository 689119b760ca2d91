/* SPDX-License-Identifier: Apache-2.0 */
/* The tar reader: sparse members in their four formats, one rule a case. */
#include "base/limits.h"
#include "tar_list.h"

/* Old GNU sparse: 4 descriptors in the header. */
static void old_sparse(struct buffer *b, const uint64_t *chunks, size_t n, uint64_t real, struct str stored)
{
	unsigned char block[MAKE_BLOCK];

	make_block(block, &(struct made){ .name = "s", .flag = 'S', .magic = MAKE_GNU, .content = stored });
	for (size_t i = 0; i < 2 * n && i < 8; i++)
		make_octal(block + 386 + 12 * i, 12, chunks[i]);
	block[482] = n > 4;
	make_octal(block + 483, 12, real);
	make_seal(block, false);
	make_raw(b, block, sizeof(block));
	for (size_t at = 4; at < n; at += 21) {
		memset(block, 0, sizeof(block));
		for (size_t i = 0; i < 42 && 2 * at + i < 2 * n; i++)
			make_octal(block + 12 * i, 12, chunks[2 * at + i]);
		block[504] = n > at + 21;
		make_raw(b, block, sizeof(block));
	}
	make_content(b, stored);
	make_file(b, "after", "1");
}
static void sparse_old(struct buffer *b)
{
	old_sparse(b, (const uint64_t[]){ 2, 3, 7, 2, 10, 0 }, 3, 10, STR("abcde"));
}
static void sparse_old_extended(struct buffer *b)
{
	uint64_t chunks[60];

	for (size_t i = 0; i < 30; i++) {
		chunks[2 * i] = 2 * i;
		chunks[2 * i + 1] = 1;
	}
	old_sparse(b, chunks, 30, 60, STR("abcdefghijklmnopqrstuvwxyz0123"));
}
static void sparse_hole_only(struct buffer *b)
{
	old_sparse(b, (const uint64_t[]){ 4, 0 }, 1, 4, STR(""));
}
static void sparse_overlap(struct buffer *b)
{
	old_sparse(b, (const uint64_t[]){ 2, 3, 4, 1 }, 2, 10, STR("abcd"));
}
static void sparse_outside(struct buffer *b)
{
	old_sparse(b, (const uint64_t[]){ 2, 3, 9, 2 }, 2, 10, STR("abcde"));
}
static void sparse_not_stored(struct buffer *b)
{
	old_sparse(b, (const uint64_t[]){ 2, 30 }, 1, 100, STR("abcde"));
}
static void sparse_pax_00(struct buffer *b)
{
	make_pax(b, 'x',
		 (const struct made_record[]){ { "GNU.sparse.size", STR("6") },
					       { "GNU.sparse.numblocks", STR("2") },
					       { "GNU.sparse.offset", STR("1") },
					       { "GNU.sparse.numbytes", STR("2") },
					       { "GNU.sparse.offset", STR("5") },
					       { "GNU.sparse.numbytes", STR("1") },
					       { NULL, STR("") } });
	make_file(b, "s", "abc");
}
static void sparse_pax_01(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "GNU.sparse.name", STR("real") }, { "GNU.sparse.size", STR("6") },
		 { "GNU.sparse.map", STR("1,2,5,1") }, { "path", STR("GNUSparseFile.1/real") });
	make_file(b, "s", "abc");
	make_file(b, "t", "plain");
}
static void sparse_pax_10(struct buffer *b)
{
	unsigned char block[MAKE_BLOCK] = "2\n1\n2\n5\n1\n";
	struct made m = { .name = "GNUSparseFile.1/s", .size = 515 };

	MAKE_PAX(b, 'x', { "GNU.sparse.major", STR("1") }, { "GNU.sparse.minor", STR("0") },
		 { "GNU.sparse.name", STR("dir/s") }, { "GNU.sparse.realsize", STR("6") });
	make_member(b, m);
	make_raw(b, block, sizeof(block));
	make_content(b, STR("abc"));
	make_file(b, "t", "plain");
}
static void sparse_10_empty(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "GNU.sparse.major", STR("1") }, { "GNU.sparse.minor", STR("0") },
		 { "GNU.sparse.realsize", STR("3") });
	make_member(b, (struct made){ .name = "s", .size = 512 });
	make_content(b, STR("0\n"));
}
static void sparse_10_bad(struct buffer *b)
{
	unsigned char block[MAKE_BLOCK] = "2\n1\n2\n5\nx\n";

	MAKE_PAX(b, 'x', { "GNU.sparse.major", STR("1") }, { "GNU.sparse.minor", STR("0") },
		 { "GNU.sparse.realsize", STR("6") });
	make_member(b, (struct made){ .name = "s", .size = 515 });
	make_raw(b, block, sizeof(block));
	make_content(b, STR("abc"));
}
static void sparse_10_too_many(struct buffer *b)
{
	unsigned char block[MAKE_BLOCK] = "65537\n0\n0\n";

	MAKE_PAX(b, 'x', { "GNU.sparse.major", STR("1") }, { "GNU.sparse.minor", STR("0") },
		 { "GNU.sparse.realsize", STR("6") });
	make_member(b, (struct made){ .name = "s", .size = 512 });
	make_raw(b, block, sizeof(block));
}
static void sparse_immense(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "GNU.sparse.size", STR("9223372036854775807") },
		 { "GNU.sparse.map", STR("9223372036854775806,1") });
	make_file(b, "s", "a");
}
static void sparse_unknown_version(struct buffer *b)
{
	MAKE_PAX(b, 'x', { "GNU.sparse.major", STR("2") }, { "GNU.sparse.minor", STR("0") },
		 { "GNU.sparse.realsize", STR("6") });
	make_file(b, "s", "abc");
}

static const struct tar_case cases[] = {
	{ "old sparse files have holes", sparse_old, "f s 10 ..abc..de.\nf after 1 1\n", 0, NULL },
	{ "old sparse files have extension blocks", sparse_old_extended,
	  "f s 60 a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.0.1.2.3.\nf after 1 1\n", 0, NULL },
	{ "a sparse file may be one hole", sparse_hole_only, "f s 4 ....\nf after 1 1\n", 0, NULL },
	{ "overlapping sparse pieces are damage", sparse_overlap, "", E_FORMAT, "overlap" },
	{ "sparse pieces outside are damage", sparse_outside, "", E_FORMAT, "outside" },
	{ "sparse pieces that are not stored are damage", sparse_not_stored, "", E_FORMAT, "less is stored" },
	{ "sparse format 0.0", sparse_pax_00, "f s 6 .ab..c\n", 0, NULL },
	{ "sparse format 0.1", sparse_pax_01, "f real 6 .ab..c\nf t 5 plain\n", 0, NULL },
	{ "sparse format 1.0", sparse_pax_10, "f dir/s 6 .ab..c\nf t 5 plain\n", 0, NULL },
	{ "a map may be empty", sparse_10_empty, "f s 3 ...\n", 0, NULL },
	{ "a bad sparse map is damage", sparse_10_bad, "", E_FORMAT, "bad number" },
	{ "sparse maps have a limit", sparse_10_too_many, "", E_LIMIT, "65536" },
	{ "sparse sizes do not overflow", sparse_immense, "f s 9223372036854775807\n", 0, NULL },
	{ "an unknown sparse version is an ordinary file", sparse_unknown_version, "f s 3 abc\n", 0, NULL },
};

static void members_are_as_the_table_says(void **state)
{
	(void)state;
	check_cases(cases, sizeof(cases) / sizeof(cases[0]));
}

static void every_cut_is_damage_or_an_end(void **state)
{
	autotask struct task task = { 0 };
	struct buffer made = { .arena = &task.arena };

	(void)state;
	sparse_pax_10(&made);
	for (size_t n = 0; n <= made.n; n++) {
		struct arena_mark mark = arena_mark(&task.arena);
		struct buffer got = { .arena = &task.arena };
		struct odd_reader odd;
		struct err err;
		int code = list(&task, open_source(&odd, WHOLE, (struct str){ (char *)made.p, n }), true,
				&got, &err);

		assert_true(code == 0 ? n % MAKE_BLOCK == 0 : code == E_FORMAT);
		arena_release(&task.arena, mark);
	}
}

static void memory_does_not_grow_with_members(void **state)
{
	autotask struct task task = { 0 };
	struct buffer made = { .arena = &task.arena };
	struct mem_reader in;
	struct tar_entry e;
	struct err err;
	size_t used;
	struct tar *t;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		sparse_pax_10(&made);
		sparse_pax_01(&made);
		sparse_old_extended(&made);
	}
	mem_reader_open(&in, buffer_str(&made));
	t = tar_open(&task, &in.reader, 1000000);
	for (int i = 0; i < 20; i++)
		assert_int_equal(tar_next(t, &e, &err), 1);
	used = task.arena.used_bytes;
	while (tar_next(t, &e, &err) > 0)
		;
	assert_int_equal(task.arena.used_bytes, used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_as_the_table_says),
		cmocka_unit_test(every_cut_is_damage_or_an_end),
		cmocka_unit_test(memory_does_not_grow_with_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
