/* SPDX-License-Identifier: Apache-2.0 */
/* The tar reader over odd and hostile layers made by others, and the layers inside of them: GNU tar lists
 * the same names, libarchive the same contents. */
#include "format/tar.h"
#include "format/tar_path.h"
#include "gnu_tar.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#define CORPUS "/../shared/corpus/layers-odd"

#if __has_include(<archive.h>)
#include "tar_oracle.h"

static void same_as_libarchive(struct str bytes)
{
	autotask struct task task = { 0 };
	struct buffer ours = { .arena = &task.arena }, theirs = { .arena = &task.arena };
	struct mem_reader in;
	struct err err;

	mem_reader_open(&in, bytes);
	assert_int_equal(oracle_ours(&task, &in.reader, &ours, &err), 0);
	assert_int_equal(oracle_theirs(bytes, &theirs), 0);
	assert_true(str_eq(buffer_str(&ours), buffer_str(&theirs)));
}
#else
static void same_as_libarchive(struct str bytes)
{
	(void)bytes;
}
#endif

/* Nested: each layer.tar inside. */
static void same_as_gnu_tar(struct str bytes, size_t *entries, struct arena *nested, struct str *layers,
			    size_t *layer_count)
{
	char *const argv[] = { "tar", "-t", "-f", "-", "--quoting-style=literal", "--absolute-names", NULL };
	autotask struct task task = { 0 };
	struct buffer scratch = { .arena = &task.arena };
	struct str listing, line, path;
	struct mem_reader in;
	struct tar_entry e;
	struct err err;
	struct tar *t;
	int got;

	assert_int_equal(gnu_tar(bytes, argv, &task.arena, &listing), 0);
	mem_reader_open(&in, bytes);
	t = tar_open(&task, &in.reader, 1000);
	while ((got = tar_next(t, &e, &err)) > 0) {
		++*entries;
		assert_true(str_line(&listing, &line));
		assert_int_equal(tar_path_normal(&scratch, STR("."), line, &path, &err), 0);
		assert_true(str_eq(path, e.path));
		if (str_ends(e.path, STR("/layer.tar")) && e.type == TAR_FILE)
			assert_int_equal(
				reader_all(tar_content(t), nested, 1 << 20, &layers[(*layer_count)++], &err),
				0);
	}
	assert_int_equal(got, 0);
	assert_int_equal(listing.n, 0);
}

static struct str slurp(struct arena *arena, const char *dir, const char *name)
{
	autoclose int fd = open(str_format(arena, "%s/%s", dir, name).p, O_RDONLY | O_CLOEXEC);
	struct fd_reader in;
	struct str bytes;
	struct err err;

	assert_true(fd >= 0);
	fd_reader_open(&in, fd, 0, (uint64_t)lseek(fd, 0, SEEK_END));
	assert_int_equal(reader_all(&in.reader, arena, 1 << 20, &bytes, &err), 0);
	return bytes;
}

static void check(const char *dir, const char *name, size_t *entries)
{
	autotask struct task task = { 0 };
	struct str bytes = slurp(&task.arena, dir, name), layers[8], none[8];
	size_t layer_count = 0, none_count = 0;

	same_as_gnu_tar(bytes, entries, &task.arena, layers, &layer_count);
	same_as_libarchive(bytes);
	for (size_t i = 0; i < layer_count; i++) {
		same_as_gnu_tar(layers[i], entries, &task.arena, none, &none_count);
		same_as_libarchive(layers[i]);
	}
}

static void odd_layers_are_read_as_others_read_them(void **state)
{
	const char *source = getenv("CLAIR_SOURCE");
	char dir[4096];
	size_t files = 0, entries = 0;
	struct dirent *d;
	DIR *corpus;

	(void)state;
	snprintf(dir, sizeof(dir), "%s" CORPUS, source ? source : ".");
	corpus = opendir(dir);
	if (!corpus) {
		print_message("skipped: no corpus\n");
		skip();
	}
	while ((d = readdir(corpus))) {
		if (!str_ends(str_of(d->d_name), STR(".tar")))
			continue;
		check(dir, d->d_name, &entries);
		files++;
	}
	closedir(corpus);
	assert_true(files > 0 && entries > files);
	print_message("%zu archives, %zu members\n", files, entries);
}

static void made_archives_are_read_as_libarchive_reads_them(void **state)
{
	static const char *const names[] = { "types",
					     "v7",
					     "prefix",
					     "pax",
					     "gnu-long",
					     "sparse-old",
					     "sparse-old-extended",
					     "sparse-0.0",
					     "sparse-0.1",
					     "sparse-1.0",
					     "binary-size" };
	const char *source = getenv("CLAIR_SOURCE");
	autotask struct task task = { 0 };
	struct str dir = str_format(&task.arena, "%s/tests/fuzz/corpus/tar_diff", source ? source : ".");

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		same_as_libarchive(slurp(&task.arena, dir.p, str_format(&task.arena, "%s.tar", names[i]).p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(odd_layers_are_read_as_others_read_them),
		cmocka_unit_test(made_archives_are_read_as_libarchive_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
