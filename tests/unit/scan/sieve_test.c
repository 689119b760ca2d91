/* SPDX-License-Identifier: Apache-2.0 */
/* The sieve: which entries of a layer are kept and where they are found. One scanner wants names that end
 * in .txt and directories that end in .d, one wants ELF files, one wants var/lib/dpkg/status. The listing
 * that is compared: names of a second pass ("again"), files of each scanner ("txt", "elf", "dpkg"), whiteouts
 * ("gone"). */
#include "base/limits.h"
#include "format/tar_make.h"
#include "scan/scanner.h"
#include "unit.h"

static bool wants_txt(const struct tar_entry *e, struct str head)
{
	(void)head;
	return str_ends(e->path, STR(".txt"));
}

static bool wants_txt_directory(struct str path)
{
	return str_ends(path, STR(".d"));
}

static bool wants_elf(const struct tar_entry *e, struct str head)
{
	return e->type == TAR_FILE && str_starts(head, STR("\177ELF"));
}

static bool wants_status(const struct tar_entry *e, struct str head)
{
	(void)head;
	return str_eq(e->path, STR("var/lib/dpkg/status"));
}

static const struct scanner txt = { .wants = wants_txt, .wants_directory = wants_txt_directory };
static const struct scanner elf = { .wants = wants_elf };
static const struct scanner dpkg = { .wants = wants_status };
static const struct scanner blind = { .wants = NULL };
static const struct scanner *const table[] = { &txt, &elf, &blind, &dpkg, NULL };

#define ALL 15u

/* --- entries --- */

static void plain(struct buffer *b)
{
	make_directory(b, "a/");
	make_file(b, "a/2.txt", "two");
	make_file(b, "a/1.txt", "one");
	make_file(b, "a/other", "no");
	make_file(b, "bin/tool", "\177ELF....");
	make_file(b, "bin/tool.txt", "\177ELF both");
	make_file(b, "empty.txt", "");
}
static void later_file_replaces(struct buffer *b)
{
	make_file(b, "a.txt", "old");
	make_file(b, "./a.txt", "new");
	make_file(b, "x", "\177ELF");
	make_file(b, "x", "script");
}
static void file_and_directory(struct buffer *b)
{
	make_file(b, "d.txt/a.txt", "inside");
	make_file(b, "d.txt", "file");
	make_file(b, "e.txt", "file");
	make_directory(b, "e.txt");
	make_file(b, "f.txt", "file");
	make_file(b, "f.txt/other", "");
	make_file(b, "g/a.txt", "inside");
	make_file(b, "g", "not wanted");
	make_file(b, "h/a.txt", "old");
	make_file(b, "h", "x");
	make_file(b, "h/a.txt", "new");
}
static void linked_parents(struct buffer *b)
{
	make_directory(b, "usr/lib");
	make_link(b, '2', "lib", "usr/lib");
	make_link(b, '2', "lib64", "/lib");
	make_file(b, "lib64/a.txt", "through two");
	make_directory(b, "lib");
	make_file(b, "lib/b.txt", "through one");
	make_link(b, '2', "var/lib/dpkg", "../../data");
	make_file(b, "var/lib/dpkg/status", "Package: x");
}
static void directory_over_link(struct buffer *b)
{
	make_directory(b, "run/");
	make_link(b, '2', "var/run", "../run");
	make_directory(b, "var/run/");
	make_file(b, "var/run/a.txt", "1");
}
static void link_over_directory(struct buffer *b)
{
	make_file(b, "d/a.txt", "lost");
	make_file(b, "e/a.txt", "kept");
	make_link(b, '2', "d", "e");
	make_file(b, "d/b.txt", "new");
}
static void file_over_link(struct buffer *b)
{
	make_file(b, "target", "\177ELF old");
	make_link(b, '2', "link.txt", "target");
	make_file(b, "link.txt", "new");
	make_link(b, '2', "far.txt", "not/yet");
	make_file(b, "far.txt", "made");
}
static void file_over_link_to_directory(struct buffer *b)
{
	make_file(b, "d/a.txt", "stays");
	make_link(b, '2', "l.txt", "d");
	make_file(b, "l.txt", "file");
}
static void loops(struct buffer *b)
{
	make_link(b, '2', "a.txt", "b.txt");
	make_link(b, '2', "b.txt", "a.txt");
	make_link(b, '2', "self.txt", "self.txt");
	make_file(b, "a.txt/x.txt", "nowhere");
	make_link(b, '1', "h1.txt", "h2.txt");
	make_link(b, '1', "h2.txt", "h1.txt");
	make_link(b, '1', "h3.txt", "h3.txt");
	make_file(b, "self.txt", "replaced");
}
static void aliases(struct buffer *b)
{
	make_link(b, '1', "hard.txt", "later.txt");
	make_link(b, '2', "soft.txt", "hard.txt");
	make_link(b, '2', "dangling.txt", "lower/layer");
	make_link(b, '1', "dropped.txt", "nothing");
	make_link(b, '2', "dir.txt", "sub");
	make_file(b, "later.txt", "content");
	make_file(b, "sub/a.txt", "a");
}
static void links_to_others(struct buffer *b)
{
	make_file(b, "data/one", "1");
	make_file(b, "data/two", "2");
	make_link(b, '2', "data/three", "two");
	make_link(b, '2', "z.txt", "data/three");
	make_link(b, '1', "y.txt", "data/one");
	make_link(b, '2', "also.txt", "data/one");
	make_link(b, '2', "nobody", "data/one");
}
static void link_replaced(struct buffer *b)
{
	make_file(b, "data", "1");
	make_link(b, '2', "a.txt", "data");
	make_member(b, (struct made){ .name = "a.txt", .flag = '6' });
	make_file(b, "b.txt", "1");
	make_member(b, (struct made){ .name = "b.txt", .flag = '4' });
	make_file(b, "c.txt", "1");
	make_link(b, '2', "c.txt", "/nothing");
	make_file(b, "d.txt", "d");
	make_file(b, "e.txt", "e");
	make_link(b, '1', "d.txt", "e.txt");
}
static void whiteouts(struct buffer *b)
{
	make_file(b, "a/.wh.b.txt", "");
	make_file(b, ".wh.c.txt", "");
	make_directory(b, "d/.wh..wh..opq");
	make_link(b, '2', "l", "real");
	make_file(b, "l/.wh.x", "");
	make_member(b, (struct made){ .name = "o/gone.txt", .flag = '3' });
	make_member(b, (struct made){ .name = "top", .flag = '3' });
	make_member(b, (struct made){ .name = "dev/null.txt", .flag = '3', .dev_major = 1, .dev_minor = 3 });
	MAKE_PAX(b, 'x', { "SCHILY.xattr.trusted.overlay.opaque", STR("y") });
	make_directory(b, "opaque.d");
	MAKE_PAX(b, 'x', { "SCHILY.xattr.trusted.overlay.opaque", STR("y") });
	make_directory(b, ".");
	make_file(b, "kept.txt", "k");
	make_member(b, (struct made){ .name = "kept.txt", .flag = '3' });
}
static void roots(struct buffer *b)
{
	make_directory(b, "/");
	make_file(b, "/", "not a directory");
	make_link(b, '2', "r", "/");
	make_file(b, "r/a.txt", "a");
	make_link(b, '2', "..", "x");
}
static void long_chain(struct buffer *b)
{
	char name[32], target[32];

	for (int i = 0; i < 400; i++) {
		snprintf(name, sizeof(name), "l%d.txt", i);
		snprintf(target, sizeof(target), "l%d.txt", i + 1);
		if (i >= 120)
			make_link(b, '2', name, target);
	}
	make_file(b, "l400.txt", "end");
}

static const struct {
	const char *name;
	void (*make)(struct buffer *b);
	const char *want;
} cases[] = {
	{ "files are listed for those who want them, in order of path", plain,
	  "txt a/1.txt=one\ntxt a/2.txt=two\ntxt bin/tool.txt=\177ELF both\ntxt empty.txt=\n"
	  "elf bin/tool=\177ELF....\nelf bin/tool.txt=\177ELF both\n" },
	{ "a later file replaces, wanted or not", later_file_replaces, "txt a.txt=new\n" },
	{ "files and directories replace each other", file_and_directory,
	  "txt d.txt=file\ntxt e.txt=file\n"
	  "txt h/a.txt=new\n" },
	{ "parents may be links", linked_parents,
	  "txt usr/lib/a.txt=through two\ntxt usr/lib/b.txt=through one\ndpkg data/status=Package: x\n" },
	{ "a directory over a link changes nothing", directory_over_link, "txt run/a.txt=1\n" },
	{ "a link over a directory takes all below along", link_over_directory,
	  "txt e/a.txt=kept\ntxt e/b.txt=new\n" },
	{ "a file over a link is written to its target", file_over_link,
	  "txt far.txt=made\ntxt link.txt=new\ntxt not/yet=made\ntxt target=new\n" },
	{ "a file over a link to a directory replaces the link", file_over_link_to_directory,
	  "txt d/a.txt=stays\ntxt l.txt=file\n" },
	{ "loops of links lead nowhere", loops, "txt self.txt=replaced\n" },
	{ "wanted links are files of their own", aliases,
	  "txt hard.txt=content\ntxt later.txt=content\ntxt soft.txt=content\ntxt sub/a.txt=a\n" },
	{ "targets that passed are asked for again", links_to_others,
	  "again data/one\nagain data/two\ntxt also.txt=1\ntxt y.txt=1\ntxt z.txt=2\n" },
	{ "the last entry of a name wins", link_replaced, "txt d.txt=e\ntxt e.txt=e\n" },
	{ "whiteouts are recorded", whiteouts,
	  "gone a/.wh.b.txt\ngone .wh.c.txt\ngone d/.wh..wh..opq\ngone real/.wh.x\ngone o/.wh.gone.txt\n"
	  "gone .wh.top\ngone opaque.d/.wh..wh..opq\ngone .wh..wh..opq\ngone .wh.kept.txt\n" },
	{ "the root is a directory for good", roots, "txt a.txt=a\n" },
};

/* --- running --- */

static void put_files(struct buffer *out, const struct layer_files *f, const char *name,
		      const struct scanner *s)
{
	size_t n;
	const struct kept_file *const *files = layer_files_wanted(f, s, &n);

	for (size_t i = 0; i < n; i++)
		put_bytes(out, str_format(out->arena, "%s " STR_FMT "=" STR_FMT "\n", name,
					  STR_ARG(files[i]->path), STR_ARG(files[i]->content)));
}

static void put_result(struct buffer *out, const struct layer_files *f)
{
	size_t n;
	const struct str *gone = layer_files_whiteouts(f, &n);

	put_files(out, f, "txt", &txt);
	put_files(out, f, "elf", &elf);
	put_files(out, f, "dpkg", &dpkg);
	for (size_t i = 0; i < n; i++)
		put_bytes(out, str_format(out->arena, "gone " STR_FMT "\n", STR_ARG(gone[i])));
}

static int sieve(struct task *task, struct str tar, const struct sieve_options *options,
		 struct sieve_outcome *out, struct err *err)
{
	struct mem_reader in;

	mem_reader_open(&in, tar);
	return sieve_layer_with(task, &in.reader, table, ALL, options, out, err);
}

/* Both passes, as a worker makes them. */
static struct layer_files *both(struct task *task, struct str tar, bool heads_only, struct buffer *out)
{
	struct sieve_options first = { .heads_only = heads_only }, second = { .is_second = true };
	struct sieve_outcome o = { 0 };
	struct err err;
	int result = sieve(task, tar, &first, &o, &err);

	assert_in_range(result, SIEVE_DONE, SIEVE_AGAIN);
	if (result == SIEVE_AGAIN) {
		assert_null(o.files);
		for (size_t i = 0; i < o.again_count; i++)
			put_bytes(out, str_format(&task->arena, "again " STR_FMT "\n", STR_ARG(o.again[i])));
		second.also = o.again;
		second.also_count = o.again_count;
		assert_int_equal(sieve(task, tar, &second, &o, &err), SIEVE_DONE);
	}
	return o.files;
}

static void entries_are_kept_as_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task task = { 0 };
		struct buffer tar = { .arena = &task.arena }, got = { .arena = &task.arena };
		struct layer_files *f;

		cases[i].make(&tar);
		f = both(&task, buffer_str(&tar), false, &got);
		put_result(&got, f);
		if (!str_eq(buffer_str(&got), str_of(cases[i].want)))
			fail_msg("%s: got\n%.*s", cases[i].name, STR_ARG(buffer_str(&got)));
		layer_files_close(f);
	}
}

static void lookups_follow_links(void **state)
{
	static const struct {
		const char *path, *content;
	} lookups[] = {
		{ "lib/a.txt", "through two" },
		{ "lib64/b.txt", "through one" },
		{ "usr/lib/a.txt", "through two" },
		{ "var/lib/dpkg/status", "Package: x" },
		{ "lib", NULL },
		{ "lib/c.txt", NULL },
		{ "lib/a.txt/x", NULL },
		{ ".", NULL },
		{ "", NULL },
	};
	static const char *const directories[] = { "usr/lib", "lib64", "var", ".", "data" };
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	struct layer_files *f;

	(void)state;
	linked_parents(&tar);
	f = both(&task, buffer_str(&tar), false, &tar);
	for (size_t i = 0; i < sizeof(lookups) / sizeof(lookups[0]); i++) {
		const struct kept_file *file = layer_files_find(f, str_of(lookups[i].path));

		assert_int_equal(file != NULL, lookups[i].content != NULL);
		if (file)
			assert_str_is(file->content, lookups[i].content);
	}
	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
		assert_true(layer_files_has_directory(f, str_of(directories[i])));
	assert_false(layer_files_has_directory(f, STR("usr/lib/a.txt")));
	assert_false(layer_files_has_directory(f, STR("usr/share")));
	layer_files_close(f);
}

static void wanted_directories_are_remembered(void **state)
{
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	struct layer_files *f;

	(void)state;
	make_directory(&tar, "etc/apt.d");
	make_directory(&tar, "etc/other");
	f = both(&task, buffer_str(&tar), false, &tar);
	assert_true(layer_files_has_directory(f, STR("etc/apt.d")));
	assert_true(layer_files_has_directory(f, STR("etc")));
	assert_false(layer_files_has_directory(f, STR("etc/other")));
	layer_files_close(f);
}

static void heads_alone_are_asked_for_again(void **state)
{
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena }, got = { .arena = &task.arena };
	struct layer_files *f;

	(void)state;
	links_to_others(&tar);
	make_file(&tar, "b.txt", "b");
	make_file(&tar, "tool", "\177ELF");
	make_link(&tar, '2', "c.txt", "b.txt");
	f = both(&task, buffer_str(&tar), true, &got);
	put_result(&got, f);
	assert_str_is(buffer_str(&got), "again b.txt\nagain data/one\nagain data/two\nagain tool\n"
					"txt also.txt=1\ntxt b.txt=b\ntxt c.txt=b\ntxt y.txt=1\ntxt z.txt=2\n"
					"elf tool=\177ELF\n");
	layer_files_close(f);
}

static void links_have_a_bound(void **state)
{
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	struct layer_files *f;
	size_t notes;

	(void)state;
	long_chain(&tar);
	f = both(&task, buffer_str(&tar), false, &tar);
	assert_non_null(layer_files_find(f, STR("l145.txt"))); /* 255 hops */
	assert_null(layer_files_find(f, STR("l144.txt")));
	layer_files_notes(f, &notes);
	assert_int_equal(notes, 25);
	layer_files_close(f);
}

static void only_the_set_is_asked(void **state)
{
	const struct sieve_options options = { 0 };
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	struct sieve_outcome o = { 0 };
	struct mem_reader in;
	struct err err;
	size_t n;

	(void)state;
	plain(&tar);
	mem_reader_open(&in, buffer_str(&tar));
	assert_int_equal(sieve_layer_with(&task, &in.reader, table, 2, &options, &o, &err), SIEVE_DONE);
	assert_int_equal(o.totals.entries, 7);
	assert_int_equal(o.totals.kept_bytes, 8 + 9);
	layer_files_wanted(o.files, &txt, &n);
	assert_int_equal(n, 0);
	layer_files_wanted(o.files, &elf, &n);
	assert_int_equal(n, 2);
	layer_files_close(o.files);
}

/* --- large contents --- */

static void large_files_go_to_the_spool(void **state)
{
	const size_t sizes[] = { 8 * MIB, 8 * MIB + 1, 8 * MIB, 8 * MIB, 8 * MIB, 5, 100 * KIB };
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	char *bytes = arena_alloc(&task.arena, 8 * MIB + 1);
	struct layer_files *f;
	char name[32];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(bytes, (int)('a' + i), sizes[i]);
		snprintf(name, sizeof(name), "%zu.txt", i);
		make_member(&tar, (struct made){ .name = name, .content = { bytes, sizes[i] } });
	}
	f = both(&task, buffer_str(&tar), false, &tar);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const struct kept_file *file;

		snprintf(name, sizeof(name), "%zu.txt", i);
		file = layer_files_find(f, str_of(name));
		memset(bytes, (int)('a' + i), sizes[i]);
		assert_non_null(file);
		assert_true(str_eq(file->content, (struct str){ bytes, sizes[i] }));
	}
	layer_files_close(f);
}

/* A sparse file of one hole. */
static void hole(struct buffer *b, const char *name, const char *size)
{
	make_pax(b, 'x',
		 (const struct made_record[]){ { "GNU.sparse.size", str_of(size) },
					       { "GNU.sparse.map", str_of("0,0") },
					       { NULL, { NULL, 0 } } });
	make_file(b, name, "");
}

static void sizes_have_limits(void **state)
{
	static const struct {
		const char *name, *size;
		int code;
		const char *text;
	} limits[] = {
		{ "a.txt", "9223372036854775807", E_LIMIT, "LIMIT_WANTED_FILE_BYTES" },
		{ "a.txt", "536870913", E_LIMIT, "LIMIT_WANTED_FILE_BYTES" },
		{ "a.other", "9223372036854775807", SIEVE_DONE, "" },
	};
	const struct sieve_options options = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		autotask struct task task = { 0 };
		struct buffer tar = { .arena = &task.arena };
		struct sieve_outcome o = { 0 };
		struct err err = { 0 };

		hole(&tar, limits[i].name, limits[i].size);
		assert_int_equal(sieve(&task, buffer_str(&tar), &options, &o, &err), limits[i].code);
		assert_non_null(strstr(err.text, limits[i].text));
		if (o.files)
			layer_files_close(o.files);
	}
}

static void names_and_entries_have_limits(void **state)
{
	const struct sieve_options few = { .max_entries = 3 }, options = { 0 };
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	struct sieve_outcome o = { 0 };
	char name[64], *target = arena_alloc(&task.arena, LIMIT_PATH_BYTES);
	struct err err;

	(void)state;
	memset(target, 't', LIMIT_PATH_BYTES - 1);
	for (int i = 0; i < 800; i++) {
		snprintf(name, sizeof(name), "link%d", i);
		make_member(&tar, (struct made){ .name = "K", .flag = 'K', .content = str_of(target) });
		make_link(&tar, '2', name, "");
	}
	assert_int_equal(sieve(&task, buffer_str(&tar), &options, &o, &err), E_LIMIT);
	assert_non_null(strstr(err.text, "LIMIT_LAYER_NAME_BYTES"));
	assert_int_equal(sieve(&task, buffer_str(&tar), &few, &o, &err), E_LIMIT);
	assert_non_null(strstr(err.text, "more than 3 members"));
}

static void following_links_has_a_limit(void **state)
{
	const struct sieve_options options = { 0 };
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	struct sieve_outcome o = { 0 };
	char *target = arena_alloc(&task.arena, 60001);
	struct err err;

	(void)state;
	memset(target, 't', 60000);
	make_member(&tar, (struct made){ .name = "K", .flag = 'K', .content = str_of(target) });
	make_link(&tar, '2', "l", "");
	for (int i = 0; i < 18000; i++)
		make_file(&tar, "l/f", "");
	assert_int_equal(sieve(&task, buffer_str(&tar), &options, &o, &err), E_LIMIT);
	assert_non_null(strstr(err.text, "LIMIT_LAYER_LINK_BYTES"));
}

static void damage_is_an_error(void **state)
{
	const struct sieve_options options = { 0 };
	autotask struct task task = { 0 };
	struct buffer tar = { .arena = &task.arena };
	struct sieve_outcome o = { 0 };
	struct err err;

	(void)state;
	make_file(&tar, "a.txt", "content");
	assert_int_equal(sieve(&task, str_sub(buffer_str(&tar), 0, 515), &options, &o, &err), E_FORMAT);
	assert_null(o.files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_kept_as_the_table_says),
		cmocka_unit_test(lookups_follow_links),
		cmocka_unit_test(wanted_directories_are_remembered),
		cmocka_unit_test(heads_alone_are_asked_for_again),
		cmocka_unit_test(links_have_a_bound),
		cmocka_unit_test(only_the_set_is_asked),
		cmocka_unit_test(large_files_go_to_the_spool),
		cmocka_unit_test(sizes_have_limits),
		cmocka_unit_test(names_and_entries_have_limits),
		cmocka_unit_test(following_links_has_a_limit),
		cmocka_unit_test(damage_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
