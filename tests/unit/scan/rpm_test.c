/* SPDX-License-Identifier: Apache-2.0 */
/* rpm databases in layers: small ones of our own, and the images of the corpus against what librpm lists. */
#include "layer.h"

#include "../source_file.h"

#include "base/inflate.h"
#include "base/limits.h"

static struct str data(struct layer *l, const char *name)
{
	struct str s = source_file(&l->task.arena, str_format(&l->task.arena, "tests/data/rpm/%s", name).p);

	assert_non_null(s.p);
	return s;
}

/* "name version arch source source_version module; " of the packages of one database. */
static const char *listed(struct layer *l, uint32_t database)
{
	struct buffer b = { .arena = &l->task.arena };

	VEC_EACH (struct found_package, f, &l->found.packages) {
		const struct package *p = &f->package;
		const struct str fields[] = { p->name,	      p->version,	 p->arch,
					      p->source_name, p->source_version, p->module };

		for (size_t i = 0; f->database == database && i < 6; i++) {
			put_bytes(&b, fields[i]);
			put_bytes(&b, i < 5 ? STR(" ") : STR("; "));
		}
	}
	put_u8(&b, 0);
	return (const char *)b.p;
}

#define THREE                                                                                                \
	"alpha 1.0-1 noarch alpha 1.0-1 runtime:12; beta 2:3.4-5.el9 x86_64 beta-src 3.4-5.el9 ; old 0.9-2 " \
	"i386   ; "

static void all_three_formats_are_found_anywhere(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_entry(&l, "Packages.db", '0', "", data(&l, "Packages.db"));
	layer_entry(&l, "opt/x/Packages", '0', "", data(&l, "big.bdb"));
	layer_entry(&l, "var/lib/rpm/rpmdb.sqlite", '0', "", data(&l, "rpmdb.sqlite"));
	layer_entry(&l, "var/lib/rpm/rpmdb.sqlite-wal", '0', "", data(&l, "rpmdb.sqlite-wal"));
	layer_scan(&l, &scanner_rpm);
	assert_int_equal(l.found.databases.n, 3);
	assert_str_is(l.found.databases.p[0].name, "ndb:.");
	assert_str_is(l.found.databases.p[0].file, "Packages.db");
	assert_string_equal(listed(&l, 0), THREE);
	assert_str_is(l.found.databases.p[1].name, "bdb:opt/x");
	assert_str_is(l.found.databases.p[2].name, "sqlite:var/lib/rpm");
	assert_str_is(l.found.databases.p[2].file, "var/lib/rpm/rpmdb.sqlite");
	assert_string_equal(listed(&l, 2), THREE);
	for (uint32_t i = 0; i < 3; i++)
		assert_str_is(l.found.databases.p[i].problem, "");
	assert_int_equal(l.found.packages.n, 9);
	assert_int_equal(l.found.notes.n, 0);
	layer_close(&l);
}

static void owned_files_are_paths_of_the_layer(void **state)
{
	static const char *const wanted[] = { "bin", "usr/bin/alpha",
					      "usr/lib/python3/site-packages/alpha/x.py" };
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_entry(&l, "var/lib/rpm/rpmdb.sqlite", '0', "", data(&l, "rpmdb.sqlite"));
	layer_entry(&l, "var/lib/rpm/rpmdb.sqlite-wal", '0', "", data(&l, "rpmdb.sqlite-wal"));
	layer_scan(&l, &scanner_rpm);
	assert_int_equal(l.found.owned.n, 3);
	assert_int_equal(l.found.owned.p[0].package, 0);
	assert_int_equal(l.found.owned.p[0].n, 3);
	for (size_t i = 0; i < 3; i++)
		assert_str_is(l.found.owned.p[0].paths[i], wanted[i]);
	assert_int_equal(l.found.owned.p[1].n, 60);
	assert_str_is(l.found.owned.p[1].paths[59], "usr/share/beta/file-59");
	assert_int_equal(l.found.owned.p[2].n, 2);
	assert_str_is(l.found.owned.p[2].paths[0], "etc/old.conf");
	layer_close(&l);
}

static void a_linked_database_counts_where_the_link_is(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_entry(&l, "usr/lib/sysimage/rpm/Packages.db", '0', "", data(&l, "Packages.db"));
	layer_link(&l, "var/lib/rpm", "../../usr/lib/sysimage/rpm");
	layer_scan(&l, &scanner_rpm);
	assert_int_equal(l.found.databases.n, 1);
	assert_str_is(l.found.databases.p[0].name, "ndb:usr/lib/sysimage/rpm");
	layer_close(&l);
}

static void other_files_of_these_names_are_ignored(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_file(&l, "dists/stable/main/binary-amd64/Packages", "Package: alpha\nVersion: 1.0\n");
	layer_file(&l, "empty/Packages", "");
	layer_file(&l, "x/Packages.db", "something else");
	layer_file(&l, "y/container-manifest-2", "a\tb\n");
	layer_directory(&l, "z/rpmdb.sqlite");
	layer_file(&l, "lost/rpmdb.sqlite-wal", "");
	layer_scan(&l, &scanner_rpm);
	assert_int_equal(l.found.databases.n, 0);
	assert_int_equal(l.found.packages.n, 0);
	layer_close(&l);
}

static void a_damaged_database_says_so_and_gives_the_rest(void **state)
{
	struct layer l;
	struct str whole, index;

	(void)state;
	layer_open(&l);
	whole = data(&l, "little.bdb");
	index = str_copy(&l.task.arena, data(&l, "Packages.db"));
	((char *)index.p)[3] = 'X';
	layer_entry(&l, "a/Packages", '0', "", str_sub(whole, 0, whole.n - 512));
	layer_entry(&l, "b/rpmdb.sqlite", '0', "", str_sub(data(&l, "rpmdb.sqlite"), 0, 1000));
	layer_entry(&l, "c/rpmdb.sqlite", '0', "", data(&l, "types.sqlite"));
	layer_entry(&l, "d/Packages.db", '0', "", index);
	layer_scan(&l, &scanner_rpm);
	assert_int_equal(l.found.databases.n, 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_true(l.found.databases.p[i].problem.n > 0);
	assert_true(l.found.packages.n > 0);
	assert_true(str_starts(l.found.databases.p[0].problem, STR("2 damaged places, the first: cut: ")));
	assert_str_is(l.found.databases.p[2].problem, "table Packages: no such table");
	layer_close(&l);
}

static void every_cut_of_every_format_has_a_problem(void **state)
{
	static const char *const names[][2] = { { "little.bdb", "Packages" },
						{ "big.bdb", "Packages" },
						{ "Packages.db", "Packages.db" },
						{ "rpmdb.sqlite", "rpmdb.sqlite" } };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t n = 512;; n += 512) {
			struct layer l;
			struct str file;

			layer_open(&l);
			file = data(&l, names[i][0]);
			if (n >= file.n) {
				layer_close(&l);
				break;
			}
			layer_entry(&l, names[i][1], '0', "", str_sub(file, 0, n));
			layer_scan(&l, &scanner_rpm);
			assert_int_equal(l.found.databases.n, 1);
			assert_true(l.found.databases.p[0].problem.n > 0);
			layer_close(&l);
		}
	}
}

static void the_manifest_of_a_distroless_image_is_a_database(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_file(&l, "var/lib/rpmmanifest/container-manifest-2",
		   "bash\t5.1.8-1.cm2\t1\t2\tMicrosoft "
		   "Corporation\t(none)\t3\tx86_64\t0\tbash-5.1.8-1.cm2.src.rpm\n"
		   "\n"
		   "broken\n"
		   "tz\t1-2\t1\t2\tv\t2\t3\tnoarch\t2\t(none)");
	layer_scan(&l, &scanner_rpm);
	assert_int_equal(l.found.databases.n, 1);
	assert_str_is(l.found.databases.p[0].name, "var/lib/rpmmanifest/container-manifest-2");
	assert_str_is(l.found.databases.p[0].file, "var/lib/rpmmanifest/container-manifest-2");
	assert_str_is(l.found.databases.p[0].problem, "line 3 is not a package");
	assert_string_equal(listed(&l, 0), "bash 5.1.8-1.cm2 x86_64 bash 5.1.8-1.cm2 ; tz 2:1-2 noarch   ; ");
	layer_close(&l);
}

static void too_many_packages_are_a_limit(void **state)
{
	static const char line[] = "a\t1-2\t1\t2\tv\t(none)\t3\tnoarch\t0\t(none)\n";
	const struct scanner *s = &scanner_rpm;
	struct buffer text = { 0 };
	struct layer l;
	struct err err;

	(void)state;
	layer_open(&l);
	text.arena = &l.task.arena;
	for (unsigned i = 0; i < LIMIT_LAYER_PACKAGES; i++)
		put_bytes(&text, (struct str){ line, sizeof(line) - 1 });
	layer_entry(&l, "var/lib/rpmmanifest/container-manifest-2", '0', "", buffer_str(&text));
	layer_scan(&l, s);
	assert_int_equal(l.found.packages.n, LIMIT_LAYER_PACKAGES);
	/* once more: no room is left */
	assert_int_equal(s->scan(&l.task, l.files, &l.found, &err), E_LIMIT);
	layer_close(&l);
}

/* ---- where packages come from ---- */

static struct str hint_of(struct layer *l, const char *name)
{
	VEC_EACH (struct found_package, f, &l->found.packages)
		if (str_eq(f->package.name, str_of(name)))
			return f->package.repository_hint;
	fail_msg("no package %s", name);
	return STR("");
}

/* The history of tests/data/dnf is of the packages of tests/data/rpm. */
static void the_history_of_dnf_says_where_packages_come_from(void **state)
{
	static const struct {
		const char *manifest, *alpha, *beta;
	} cases[] = {
		{ NULL, "&repoid=base-rpms", "repoid=app+stream" },
		{ "{\"from_dnf_hint\":true}", "&repoid=base-rpms", "repoid=app+stream" },
		{ "{\"content_sets\":[\"x\"]}", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layer l;
		struct str history;

		layer_open(&l);
		history = source_file(&l.task.arena, "tests/data/dnf/history.sqlite");
		layer_entry(&l, "usr/lib/sysimage/rpm/Packages.db", '0', "", data(&l, "Packages.db"));
		layer_entry(&l, "var/lib/dnf/history.sqlite", '0', "", history);
		if (cases[i].manifest)
			layer_file(&l, "root/buildinfo/content_manifests/x.json", cases[i].manifest);
		layer_scan(&l, &scanner_rpm);
		assert_int_equal(l.found.packages.n, 3);
		assert_true(str_starts(hint_of(&l, "alpha"), STR("hash=sha256%3A")));
		assert_true(str_ends(hint_of(&l, "alpha"), str_of(cases[i].alpha)));
		assert_true(str_ends(hint_of(&l, "beta"), str_of(cases[i].beta)));
		assert_int_equal(str_search(hint_of(&l, "old"), STR("repoid")), hint_of(&l, "old").n);
		assert_int_equal(l.found.databases.n, 1);
		layer_close(&l);
	}
}

/* ---- the corpus ---- */

/* The packages of a table, "name\tepoch\tversion\trelease\tarch\tsourcerpm\tvendor", as listed() writes them.
 */
static struct str wanted_package(struct arena *a, struct str line)
{
	struct str c[6], source, name, version, release, rest;

	for (int i = 0; i < 6; i++)
		str_cut(line, '\t', &c[i], &line);
	source = c[5];
	if (str_ends(source, STR(".src.rpm")))
		source.n -= 8;
	if (!str_rcut(source, '-', &rest, &release) || !str_rcut(rest, '-', &name, &version))
		name = source = STR("");
	version = name.n ? str_sub(source, name.n + 1, source.n - name.n - 1) : STR("");
	return str_format(a, STR_FMT " " STR_FMT "%s" STR_FMT "-" STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT,
			  STR_ARG(c[0]), STR_ARG(str_eq(c[1], STR("0")) ? STR("") : c[1]),
			  str_eq(c[1], STR("0")) ? "" : ":", STR_ARG(c[2]), STR_ARG(c[3]), STR_ARG(c[4]),
			  STR_ARG(name), STR_ARG(version));
}

static int compare_strs(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void sort(void *p, size_t n)
{
	qsort(p, n, sizeof(struct str), compare_strs);
}

static void compare_with_table(struct layer *l, const char *table)
{
	struct arena *a = &l->task.arena;
	struct str text = source_file(a, str_format(a, "../shared/corpus/expected/packages/%s.tsv", table).p),
		   line;
	VEC(struct str) want = { 0 }, got = { 0 };

	assert_non_null(text.p);
	while (str_line(&text, &line))
		if (!str_starts(line, STR("#")) && !str_starts(line, STR("gpg-pubkey\t")))
			VEC_PUSH(a, &want, wanted_package(a, line));
	VEC_EACH (struct found_package, f, &l->found.packages) {
		const struct package *p = &f->package;

		VEC_PUSH(a, &got,
			 str_format(a, STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT,
				    STR_ARG(p->name), STR_ARG(p->version), STR_ARG(p->arch),
				    STR_ARG(p->source_name), STR_ARG(p->source_version)));
	}
	assert_int_equal(got.n, want.n);
	sort(want.p, want.n);
	sort(got.p, got.n);
	for (size_t i = 0; i < want.n; i++)
		assert_str_is(got.p[i], want.p[i].p);
}

/* Scan a blob of an image. False when it is no layer with an rpm database. */
static bool scan_blob(struct layer *l, struct str blob)
{
	const struct sieve_options options = { 0 };
	struct sieve_outcome outcome;
	struct mem_reader in;
	struct inflate *z;
	struct err err;
	uint64_t set = 0;
	int code;

	for (int i = 0; scanners[i]; i++)
		set |= (uint64_t)(scanners[i] == &scanner_rpm) << i;
	mem_reader_open(&in, blob);
	assert_int_equal(inflate_open(&in.reader, &z, &err), 0);
	code = sieve_layer_with(&l->task, inflate_reader(z), scanners, set, &options, &outcome, &err);
	inflate_close(z);
	if (code != SIEVE_DONE)
		return false;
	l->files = outcome.files;
	assert_int_equal(scanner_rpm.scan(&l->task, l->files, &l->found, &err), 0);
	return l->found.databases.n > 0;
}

static bool scan_image(struct layer *l, const char *image)
{
	struct arena *a = &l->task.arena;
	struct str bytes = source_file(a, str_format(a, "../shared/corpus/images/rpm/%s.oci.tar", image).p),
		   blob;
	struct mem_reader in;
	struct tar_entry entry;
	struct tar *tar;
	struct err err;

	if (!bytes.p)
		return false;
	mem_reader_open(&in, bytes);
	tar = tar_open(&l->task, &in.reader, 1000);
	while (tar_next(tar, &entry, &err) == 1) {
		if (entry.type != TAR_FILE || !str_starts(entry.path, STR("blobs/")))
			continue;
		assert_int_equal(reader_all(tar_content(tar), a, bytes.n, &blob, &err), 0);
		if (scan_blob(l, blob))
			return true;
	}
	fail_msg("%s: no layer with a database", image);
	return false;
}

static void every_image_of_the_corpus_is_listed_exactly(void **state)
{
	static const struct {
		const char *image, *table, *database;
	} images[] = {
		{ "rhel8-libuuid-bdb", "rhel8-libuuid-bdb", "bdb:var/lib/rpm" },
		{ "rhel9-nodejs-sqlite-made", "rhel9-nodejs-sqlite-made", "sqlite:var/lib/rpm" },
		{ "sle15-bci-ndb", "sle15-bci", "ndb:usr/lib/sysimage/rpm" },
		{ "mariner-2.0-sqlite", "mariner-2.0", "sqlite:var/lib/rpm" },
		{ "mariner-2.0-bdb-made", "mariner-2.0", "bdb:var/lib/rpm" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		struct layer l;

		layer_open(&l);
		if (!scan_image(&l, images[i].image)) {
			layer_close(&l);
			print_message("skipped: no corpus\n");
			skip();
		}
		assert_int_equal(l.found.databases.n, 1);
		assert_str_is(l.found.databases.p[0].name, images[i].database);
		assert_str_is(l.found.databases.p[0].problem, "");
		assert_int_equal(l.found.notes.n, 0);
		compare_with_table(&l, images[i].table);
		layer_close(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_three_formats_are_found_anywhere),
		cmocka_unit_test(owned_files_are_paths_of_the_layer),
		cmocka_unit_test(a_linked_database_counts_where_the_link_is),
		cmocka_unit_test(other_files_of_these_names_are_ignored),
		cmocka_unit_test(a_damaged_database_says_so_and_gives_the_rest),
		cmocka_unit_test(every_cut_of_every_format_has_a_problem),
		cmocka_unit_test(the_manifest_of_a_distroless_image_is_a_database),
		cmocka_unit_test(too_many_packages_are_a_limit),
		cmocka_unit_test(the_history_of_dnf_says_where_packages_come_from),
		cmocka_unit_test(every_image_of_the_corpus_is_listed_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
