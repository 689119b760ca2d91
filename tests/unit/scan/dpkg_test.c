/* SPDX-License-Identifier: Apache-2.0 */
/* dpkg databases in layers: which files are one, what they list; and dpkg-query as the oracle where it is
 * installed. */
#include "layer.h"

#include "../source_file.h"

#include "base/limits.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define OK "Status: install ok installed\n"
#define PACKAGE(name, version, arch) "Package: " name "\n" OK "Architecture: " arch "\nVersion: " version "\n"

/* "database: name version arch source source_version" a line */
static struct str listing(struct layer *l)
{
	struct arena *a = &l->task.arena;
	struct str out = STR("");

	VEC_EACH (struct found_package, f, &l->found.packages) {
		const struct package *p = &f->package;

		assert_int_equal(p->kind, PACKAGE_BINARY);
		out = str_format(
			a, STR_FMT STR_FMT ": " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT "\n",
			STR_ARG(out), STR_ARG(l->found.databases.p[f->database].name), STR_ARG(p->name),
			STR_ARG(p->version), STR_ARG(p->arch), STR_ARG(p->source_name),
			STR_ARG(p->source_version));
	}
	return out;
}

/* One status file in var/lib/dpkg. problem: does the database have one? */
static const struct {
	const char *name, *text, *want;
	bool problem;
} stanzas[] = {
	{ "two packages", PACKAGE("a", "1", "all") "\n" PACKAGE("b", "2:3-4", "amd64") "\n",
	  "a 1 all a 1\nb 2:3-4 amd64 b 2:3-4\n", false },
	{ "no empty line at the end", PACKAGE("a", "1", "all"), "a 1 all a 1\n", false },
	{ "a source of the same version", PACKAGE("a", "1", "all") "Source: s\n", "a 1 all s 1\n", false },
	{ "a source of another version", PACKAGE("a", "1+b1", "all") "Source: s (1)\n", "a 1+b1 all s 1\n",
	  false },
	{ "two sources of one name",
	  PACKAGE("a", "1", "all") "Source: s (5)\n\n" PACKAGE("b", "1", "all") "Source: s (6)\n",
	  "a 1 all s 5\nb 1 all s 6\n", false },
	{ "held, and so installed", "Package: a\nStatus: hold ok installed\nArchitecture: all\nVersion: 1\n",
	  "a 1 all a 1\n", false },
	{ "removed, configuration left",
	  "Package: a\nStatus: deinstall ok config-files\nArchitecture: all\nVersion: 1\n", "", false },
	{ "half configured",
	  "Package: a\nStatus: install ok half-configured\nArchitecture: all\nVersion: 1\n", "", false },
	{ "broken", "Package: a\nStatus: install reinstreq installed\nArchitecture: all\nVersion: 1\n", "",
	  false },
	{ "no status", "Package: a\nArchitecture: all\nVersion: 1\n", "", false },
	{ "not installed, and no version", "Package: a\nStatus: purge ok not-installed\n", "", false },
	{ "one per architecture", PACKAGE("a", "1", "amd64") "\n" PACKAGE("a", "1", "i386"),
	  "a 1 amd64 a 1\na 1 i386 a 1\n", false },
	{ "the last of a name and architecture counts",
	  PACKAGE("a", "1", "all") "\n" PACKAGE("b", "1", "all") "\n" PACKAGE("a", "2", "all"),
	  "a 2 all a 2\nb 1 all b 1\n", false },
	{ "a stanza without version", "Package: a\n" OK "Architecture: all\n\n" PACKAGE("b", "1", "all"),
	  "b 1 all b 1\n", true },
	{ "a damaged line", PACKAGE("a", "1", "all") "/etc/a 01\n\n" PACKAGE("b", "1", "all"),
	  "a 1 all a 1\nb 1 all b 1\n", true },
	{ "text that is not UTF-8", PACKAGE("a\xff", "1", "all"), "a\\xff 1 all a\\xff 1\n", false },
	{ "an empty database", "", "", false },
};

static void stanzas_give_packages(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stanzas) / sizeof(stanzas[0]); i++) {
		struct str want = STR(""), line, rest = str_of(stanzas[i].want);
		struct layer l;

		layer_open(&l);
		layer_file(&l, "var/lib/dpkg/status", stanzas[i].text);
		layer_directory(&l, "var/lib/dpkg/info");
		layer_scan(&l, &scanner_dpkg);
		while (str_line(&rest, &line))
			want = str_format(&l.task.arena, STR_FMT "var/lib/dpkg/status: " STR_FMT "\n",
					  STR_ARG(want), STR_ARG(line));
		if (!str_eq(listing(&l), want))
			fail_msg("%s:\n got " STR_FMT "\nwant " STR_FMT, stanzas[i].name,
				 STR_ARG(listing(&l)), STR_ARG(want));
		assert_int_equal(l.found.databases.n, 1);
		assert_int_equal(l.found.databases.p[0].problem.n > 0, stanzas[i].problem);
		layer_close(&l);
	}
}

/* One file with one package; is it a database? */
static const struct {
	const char *path, *directory, *text;
	bool is_database;
} places[] = {
	{ "var/lib/dpkg/status", "var/lib/dpkg/info", PACKAGE("a", "1", "all"), true },
	{ "var/lib/dpkg/status", NULL, PACKAGE("a", "1", "all"), true },
	{ "srv/chroot/var/lib/dpkg/status", NULL, PACKAGE("a", "1", "all"), true },
	{ "opt/db/status", "opt/db/info", PACKAGE("a", "1", "all"), true },
	{ "status", "info", PACKAGE("a", "1", "all"), true },
	{ "opt/db/status", NULL, PACKAGE("a", "1", "all"), false },
	{ "opt/db/status", "opt/info", PACKAGE("a", "1", "all"), false },
	{ "var/lib/dpkg/status-old", "var/lib/dpkg/info", PACKAGE("a", "1", "all"), false },
	{ "opt/db/status", "opt/db/info", "Uptime: 5\n", false },
	{ "var/lib/dpkg/status.d/a", NULL, "Package: a\nArchitecture: all\nVersion: 1", true },
	{ "opt/status.d/a", NULL, "Package: a\nArchitecture: all\nVersion: 1\n", true },
	{ "opt/status.d/a", NULL, "hello: world\n", false },
	{ "var/lib/dpkg/status.d/a.md5sums", NULL, "Package: a\nArchitecture: all\nVersion: 1\n", false },
	{ "usr/lib/opkg/status", NULL,
	  "Package: a\nStatus: install user installed\nArchitecture: all\nVersion: 1\n", true },
	{ "vcpkg/installed/vcpkg/status", "vcpkg/installed/vcpkg/info",
	  PACKAGE("a", "1", "x64-linux") "\nPackage: a\nFeature: core\n" OK "Architecture: x64-linux\n",
	  false },
};

static void databases_are_known_by_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct layer l;

		layer_open(&l);
		layer_file(&l, places[i].path, places[i].text);
		if (places[i].directory)
			layer_directory(&l, places[i].directory);
		layer_scan(&l, &scanner_dpkg);
		if (l.found.databases.n != places[i].is_database ||
		    l.found.packages.n != places[i].is_database)
			fail_msg("%s (case %zu): %zu databases, %zu packages", places[i].path, i,
				 l.found.databases.n, l.found.packages.n);
		if (places[i].is_database) {
			assert_str_is(l.found.databases.p[0].name, places[i].path);
			assert_str_is(l.found.databases.p[0].file, places[i].path);
		}
		layer_close(&l);
	}
}

static void check_owned(const struct layer *l, size_t i, uint32_t package, const char *want)
{
	struct str rest = str_of(want), word;
	size_t n = 0;

	assert_true(i < l->found.owned.n);
	assert_int_equal(l->found.owned.p[i].package, package);
	for (; str_word(&rest, &word); n++) {
		assert_true(n < l->found.owned.p[i].n);
		assert_true(str_eq(l->found.owned.p[i].paths[n], word));
	}
	assert_int_equal(l->found.owned.p[i].n, n);
}

static void lists_give_owned_files_and_md5sums_the_hint(void **state)
{
	static const char md5sums[] = "0123456789abcdef0123456789abcdef  usr/bin/b\n"
				      "0123456789abcdef0123456789abcdef  usr/share/b c\nshort\n";
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_file(&l, "var/lib/dpkg/status",
		   PACKAGE("a", "1", "all") "\n" PACKAGE("b", "1", "amd64") "\n" PACKAGE("c", "1", "amd64"));
	layer_file(&l, "var/lib/dpkg/info/a.list", "/.\n/etc\n/etc/a\n");
	layer_file(&l, "var/lib/dpkg/info/a.md5sums", "0123456789abcdef0123456789abcdef  usr/no\n");
	layer_file(&l, "var/lib/dpkg/info/b:amd64.md5sums", md5sums);
	layer_file(&l, "var/lib/dpkg/info/d.list", "/etc/d\n");
	layer_scan(&l, &scanner_dpkg);
	assert_int_equal(l.found.packages.n, 3);
	assert_int_equal(l.found.owned.n, 2);
	check_owned(&l, 0, 0, "etc etc/a");
	assert_int_equal(l.found.owned.p[1].n, 2);
	assert_str_is(l.found.owned.p[1].paths[1], "usr/share/b c");
	assert_str_is(l.found.packages.p[0].package.repository_hint, "7cb06dd08a3549d2456d1d8c66fc31d0");
	layer_close(&l);
}

static void distroless_md5sums_lie_beside_the_package(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_file(&l, "var/lib/dpkg/status.d/base",
		   "Package: base-files\nArchitecture: amd64\nVersion: 12\n");
	layer_file(&l, "var/lib/dpkg/status.d/base.md5sums", "0123456789abcdef0123456789abcdef  ./etc/x\n");
	layer_file(&l, "var/lib/dpkg/status.d/libc6",
		   "Package: libc6\nArchitecture: amd64\nVersion: 2\nSource: glibc\n");
	layer_scan(&l, &scanner_dpkg);
	assert_str_is(listing(&l), "var/lib/dpkg/status.d/base: base-files 12 amd64 base-files 12\n"
				   "var/lib/dpkg/status.d/libc6: libc6 2 amd64 glibc 2\n");
	assert_int_equal(l.found.owned.n, 1);
	check_owned(&l, 0, 0, "etc/x");
	layer_close(&l);
}

static void only_info_files_are_kept(void **state)
{
	static const struct {
		const char *path;
		bool want;
	} entries[] = {
		{ "var/lib/dpkg/info/a.list", true },
		{ "var/lib/dpkg/info/a.md5sums", true },
		{ "var/lib/dpkg/info/a.postinst", false },
		{ "etc/apt/sources.list", false },
		{ "usr/share/a.md5sums", false },
		{ "usr/lib/infos/a.list", false },
		{ "info/a.list", true },
		{ "a.list", false },
		{ "var/lib/dpkg/status", true },
		{ "status", true },
		{ "var/lib/dpkg/.wh.status", false },
		{ "var/lib/dpkg/status.d/a", true },
		{ "var/lib/dpkg/status.d/.wh.a", false },
		{ "var/lib/status.d", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		const struct tar_entry entry = { .path = str_of(entries[i].path), .type = TAR_FILE };

		if (scanner_dpkg.wants(&entry, STR("")) != entries[i].want)
			fail_msg("%s", entries[i].path);
	}
	assert_true(scanner_dpkg.wants_directory(STR("var/lib/dpkg/info")));
	assert_false(scanner_dpkg.wants_directory(STR("var/lib/dpkg/information")));
}

static void packages_of_a_layer_are_limited(void **state)
{
	const struct sieve_options options = { 0 };
	struct sieve_totals totals;
	struct buffer text;
	struct mem_reader in;
	struct str *again;
	size_t n;
	struct err err;
	struct layer l;

	(void)state;
	layer_open(&l);
	text = (struct buffer){ .arena = &l.task.arena };
	for (unsigned i = 0; i <= LIMIT_LAYER_PACKAGES; i++)
		put_bytes(&text, str_format(&l.task.arena,
					    "Package: a%u\n" OK "Architecture: all\nVersion: 1\n\n", i));
	layer_entry(&l, "var/lib/dpkg/status", '0', "", buffer_str(&text));
	tar_write_trailer(&l.tar);
	mem_reader_open(&in, buffer_str(&l.tar));
	assert_int_equal(
		sieve_layer(&l.task, &in.reader, ~0ull, &options, &l.files, &again, &n, &totals, &err),
		SIEVE_DONE);
	assert_int_equal(scanner_dpkg.scan(&l.task, l.files, &l.found, &err), E_LIMIT);
	assert_string_equal(err.text, "more than 200000 packages in a layer");
	layer_close(&l);
}

/* --- dpkg-query --- */

static void write_file(const char *directory, const char *name, struct str text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.p ? text.p : "", text.n), text.n);
	close(fd);
}

/* What dpkg-query lists of the status file in directory, into the file `out` there; false when it cannot. */
static bool query(const char *directory)
{
	char admin[128], out[128];
	char *argv[] = { "dpkg-query",
			 admin,
			 "-W",
			 "-f",
			 "${db:Status-Abbrev}${Package} ${Version} ${Architecture} ${source:Package} "
			 "${source:Version}\n",
			 NULL };
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	snprintf(admin, sizeof(admin), "--admindir=%s", directory);
	snprintf(out, sizeof(out), "%s/out", directory);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (posix_spawnp(&pid, "dpkg-query", &actions, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	return status == 0;
}

static struct str read_file(struct arena *a, const char *directory, const char *name)
{
	struct fd_reader in;
	struct str out, path = str_format(a, "%s/%s", directory, name);
	autoclose int fd = open(path.p, O_RDONLY | O_CLOEXEC);
	struct err err;

	assert_true(fd >= 0);
	fd_reader_open(&in, fd, -1, UINT64_MAX);
	assert_int_equal(reader_all(&in.reader, a, 64 * MIB, &out, &err), 0);
	return out;
}

static int compare_lines(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The lines that begin with prefix, without it, sorted. */
static size_t sorted_lines(struct arena *a, struct str text, struct str prefix, struct str **out)
{
	VEC(struct str) lines = { 0 };
	struct str line;

	while (str_line(&text, &line))
		if (str_starts(line, prefix))
			VEC_PUSH(a, &lines, str_sub(line, prefix.n, line.n - prefix.n));
	if (lines.n)
		qsort(lines.p, lines.n, sizeof(lines.p[0]), compare_lines);
	*out = lines.p;
	return lines.n;
}

static void compare_with_dpkg_query(struct str text, const char *name)
{
	char directory[] = P_tmpdir "/clair-dpkg-XXXXXX";
	struct str *got, *want, listed;
	struct layer l;
	size_t n, wanted;

	assert_non_null(mkdtemp(directory));
	layer_open(&l);
	write_file(directory, "status", text);
	write_file(directory, "available", STR(""));
	assert_true(query(directory));
	listed = read_file(&l.task.arena, directory, "out");
	layer_entry(&l, "var/lib/dpkg/status", '0', "", text);
	layer_scan(&l, &scanner_dpkg);
	wanted = sorted_lines(&l.task.arena, listed, STR("ii "), &want);
	n = sorted_lines(&l.task.arena, listing(&l), STR("var/lib/dpkg/status: "), &got);
	print_message("%s: %zu packages\n", name, n);
	assert_int_equal(n, wanted);
	for (size_t i = 0; i < n; i++)
		if (!str_eq(got[i], want[i]))
			fail_msg("got " STR_FMT ", want " STR_FMT, STR_ARG(got[i]), STR_ARG(want[i]));
	unlink(str_format(&l.task.arena, "%s/status", directory).p);
	unlink(str_format(&l.task.arena, "%s/available", directory).p);
	unlink(str_format(&l.task.arena, "%s/out", directory).p);
	rmdir(directory);
	layer_close(&l);
}

static bool there_is_dpkg_query(void)
{
	char *argv[] = { "dpkg-query", "--help", NULL };
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, "dpkg-query", &actions, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	return status == 0;
}

static void databases_list_as_dpkg_query_lists_them(void **state)
{
	static const char *const names[] = { "postgresql", "texlive" };
	autoarena struct arena a = { 0 };

	(void)state;
	if (!there_is_dpkg_query()) {
		print_message("skipped: no dpkg-query\n");
		skip();
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str text = source_file(&a,
					      str_format(&a, "../shared/corpus/dpkg/%s.status", names[i]).p);

		if (!text.p) {
			print_message("skipped: no corpus\n");
			skip();
		}
		compare_with_dpkg_query(text, names[i]);
	}
}

/* dpkg-query refuses this file as a whole; what is readable of it is listed, and the damage is told. */
static void a_corrupted_database_is_read_as_far_as_it_goes(void **state)
{
	autoarena struct arena a = { 0 };
	struct str text = source_file(&a, "../shared/corpus/dpkg/corrupted.status");
	struct layer l;

	(void)state;
	if (!text.p) {
		print_message("skipped: no corpus\n");
		skip();
	}
	layer_open(&l);
	layer_entry(&l, "var/lib/dpkg/status", '0', "", text);
	layer_scan(&l, &scanner_dpkg);
	assert_str_is(listing(&l),
		      "var/lib/dpkg/status: libpam-runtime 1.1.8-3.1ubuntu3 all pam 1.1.8-3.1ubuntu3\n"
		      "var/lib/dpkg/status: libpam-modules-bin 1.1.8-3.1ubuntu3 amd64 pam 1.1.8-3.1ubuntu3\n"
		      "var/lib/dpkg/status: makedev 2.3.1-93ubuntu1 all makedev 2.3.1-93ubuntu1\n"
		      "var/lib/dpkg/status: libgcc1 1:5.1.1-12ubuntu1 amd64 gcc-5 5.1.1-12ubuntu1\n");
	assert_true(l.found.databases.p[0].problem.n > 0);
	layer_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stanzas_give_packages),
		cmocka_unit_test(databases_are_known_by_their_place),
		cmocka_unit_test(lists_give_owned_files_and_md5sums_the_hint),
		cmocka_unit_test(distroless_md5sums_lie_beside_the_package),
		cmocka_unit_test(only_info_files_are_kept),
		cmocka_unit_test(packages_of_a_layer_are_limited),
		cmocka_unit_test(databases_list_as_dpkg_query_lists_them),
		cmocka_unit_test(a_corrupted_database_is_read_as_far_as_it_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
