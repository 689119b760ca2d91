/* SPDX-License-Identifier: Apache-2.0 */
/* campaign layers|feeds WORKER DIRECTORY COUNT SEED [SAVE]: COUNT mutated inputs, each through a real worker.
 * The files of DIRECTORY are where mutations start; those of layers are a fuzz corpus, whose first byte is
 * not part of the layer. Fails when a worker dies, a descriptor or a process is left, or memory of this
 * process grows between a tenth of the run and its end; an input whose worker died goes to SAVE. */
#include "base/inflate.h"
#include "base/limits.h"
#include "base/time.h"
#include "campaign/mutate.h"
#include "model/scanner_id.h"
#include "sandbox/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEDS_MAX = 256, TOLERANCE_KIB = 1024, SECONDS_EACH = 60 };

struct campaign {
	struct sandbox sandbox;
	bool feeds;
	struct arena arena; /* of the starting points */
	struct str seeds[SEEDS_MAX];
	size_t seed_count;
	struct dice dice;
	enum feed_format format; /* of the starting point in use */
	const char *save;
	unsigned long done, answered, refused, over_a_limit, timed_out, died;
	uint64_t records;
};

/* ---- starting points ---- */

static struct str file_of(struct arena *a, int directory, const char *name)
{
	struct fd_reader in;
	struct err err = { 0 };
	struct str all = { 0 };
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return all;
	fd_reader_open(&in, fd, 0, 64 * MIB);
	if (reader_all(&in.reader, a, 64 * MIB, &all, &err) < 0)
		all = (struct str){ 0 };
	close(fd);
	return all;
}

static int by_bytes(const void *a, const void *b)
{
	const struct str *m = a, *n = b;
	int order = memcmp(m->p, n->p, m->n < n->n ? m->n : n->n);

	return order ? order : (m->n > n->n) - (m->n < n->n);
}

/* Sorted, so that a seed means the same on every file system. */
static void read_seeds(struct campaign *c, const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	while (directory && c->seed_count < SEEDS_MAX && (entry = readdir(directory))) {
		struct str bytes = entry->d_name[0] == '.'
					   ? (struct str){ 0 }
					   : file_of(&c->arena, dirfd(directory), entry->d_name);

		if (!c->feeds && bytes.n)
			bytes = str_sub(bytes, 1, bytes.n - 1);
		if (bytes.n)
			c->seeds[c->seed_count++] = bytes;
	}
	if (directory)
		closedir(directory);
	if (c->seed_count)
		qsort(c->seeds, c->seed_count, sizeof(c->seeds[0]), by_bytes);
}

/* Mutated before packing, sometimes after it or both: checksums find most of the latter. */
static struct str next_input(struct campaign *c, struct arena *a)
{
	struct str bytes = c->seeds[dice_below(&c->dice, c->seed_count)];
	struct str other = c->seeds[dice_below(&c->dice, c->seed_count)];
	unsigned how = (unsigned)dice_below(&c->dice, PACKINGS), when = (unsigned)dice_below(&c->dice, 8);

	c->format = memmem(bytes.p, bytes.n, "secfixes", 8) ? FEED_SECDB : FEED_DEBIAN_TRACKER;
	if (when != 0)
		bytes = mutate(&c->dice, a, bytes, other);
	bytes = pack(a, how, bytes);
	return when < 2 ? mutate(&c->dice, a, bytes, other) : bytes;
}

/* ---- one input ---- */

struct memory_source {
	struct sandbox_source source;
	struct mem_reader reader;
	struct str bytes;
};

static int open_memory(struct sandbox_source *s, const struct str *names, size_t n, bool is_second,
		       struct reader **out, struct err *err)
{
	struct memory_source *m = (struct memory_source *)s;

	(void)names;
	(void)n;
	(void)is_second;
	(void)err;
	mem_reader_open(&m->reader, m->bytes);
	*out = &m->reader.reader;
	return 0;
}

static int run_layer(struct campaign *c, struct task *task, struct str bytes, struct err *err)
{
	struct memory_source source = { .source = { .open = open_memory,
						    .is_heads_first = dice_below(&c->dice, 8) == 0 },
					.bytes = bytes };
	struct sandbox_job job = { .want_diff_id = dice_below(&c->dice, 2),
				   .max_inflated_bytes = 64 * MIB,
				   .max_entries = 20000,
				   .seconds = SECONDS_EACH };
	struct sandbox_result result;

	for (int i = 0; scanner_ids[i].name; i++)
		job.scanner_set |= 1ull << i;
	TRY(sandbox_scan_layer(task, &c->sandbox, &source.source, &job, &result, err));
	c->records += result.entries;
	return 0;
}

struct counting_sink {
	struct feed_sink sink;
	struct campaign *campaign;
};

static int count_advisory(struct feed_sink *sink, const struct advisory *advisory, struct err *err)
{
	(void)advisory;
	(void)err;
	((struct counting_sink *)sink)->campaign->records++;
	return 0;
}

static int run_feed(struct campaign *c, struct task *task, struct str bytes, struct err *err)
{
	const struct feed_source source = { .namespace = STR("alpine:3.20") };
	const struct distribution bookworm = { .did = STR("debian"),
					       .version_id = STR("12"),
					       .version_code_name = STR("bookworm") };
	const struct sandbox_feed feed = {
		.format = c->format,
		.source = &source,
		.distributions = &bookworm,
		.distribution_count = 1,
	};
	struct counting_sink sink = { .sink = { .advisory = count_advisory }, .campaign = c };
	struct mem_reader reader;

	mem_reader_open(&reader, bytes);
	return sandbox_parse_feed(task, &c->sandbox, &reader.reader, &feed, &sink.sink, err);
}

static void save(const struct campaign *c, struct str bytes)
{
	struct err err = { 0 };
	char path[512];
	int fd;

	if (!c->save)
		return;
	snprintf(path, sizeof(path), "%s/died-%lu", c->save, c->done);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0 && fd_write_all(fd, bytes.p, bytes.n, &err) == 0)
		printf("  its input: %s\n", path);
	close(fd);
}

static void run_one(struct campaign *c)
{
	autotask struct task task = { .deadline_ns = time_monotonic_ns() + SECONDS_EACH * 1000000000ull };
	struct err err = { 0 };
	struct str bytes = next_input(c, &task.arena);
	int result = c->feeds ? run_feed(c, &task, bytes, &err) : run_layer(c, &task, bytes, &err);

	c->done++;
	if (result == 0) {
		c->answered++;
	} else if (strncmp(err.text, "worker", strlen("worker")) == 0 || result == E_IO) {
		c->died++;
		printf("input %lu: %s\n", c->done, err.text);
		save(c, bytes);
	} else {
		*(result == E_LIMIT	? &c->over_a_limit
		  : result == E_TIMEOUT ? &c->timed_out
					: &c->refused) += 1;
	}
}

/* ---- what must not grow ---- */

static int descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int n = 0;

	while (directory && readdir(directory))
		n++;
	if (directory)
		closedir(directory);
	return n;
}

static unsigned long anonymous_kib(void)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "re");
	unsigned long kib = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "Anonymous:", 10) == 0)
			kib = strtoul(line + 10, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

static bool is_sanitized(void)
{
#ifdef __SANITIZE_ADDRESS__
	return true; /* its runtime keeps what was freed for a while */
#else
	return false;
#endif
}

int main(int argc, char **argv)
{
	struct campaign *c = calloc(1, sizeof(*c));
	unsigned long count = argc > 5 ? strtoul(argv[4], NULL, 10) : 0, early = 0, late;
	int before, after;
	bool left, grown;

	if (!c || count == 0) {
		fputs("campaign layers|feeds WORKER DIRECTORY COUNT SEED [SAVE]\n", stderr);
		return 64;
	}
	c->feeds = strcmp(argv[1], "feeds") == 0;
	c->sandbox.worker_path = argv[2];
	c->dice.state = strtoull(argv[5], NULL, 10) * 0x9e3779b97f4a7c15u + 1;
	c->save = argc > 6 ? argv[6] : NULL;
	read_seeds(c, argv[3]);
	if (c->seed_count == 0) {
		fprintf(stderr, "campaign: nothing in %s\n", argv[3]);
		return 1;
	}
	before = descriptors();
	for (unsigned long i = 0; i < count; i++) {
		if (i == count / 10)
			early = anonymous_kib();
		run_one(c);
	}
	late = anonymous_kib();
	after = descriptors();
	left = waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
	grown = !is_sanitized() && late > early + TOLERANCE_KIB;
	printf("%lu mutated %s of %zu: %lu answered, %lu refused, %lu over a limit, %lu out of time, %lu "
	       "workers died\n",
	       c->done, argv[1], c->seed_count, c->answered, c->refused, c->over_a_limit, c->timed_out,
	       c->died);
	printf("%llu records; descriptors %d, then %d; processes left: %s; anonymous memory %lu KiB after a "
	       "tenth, %lu KiB "
	       "at the end\n",
	       (unsigned long long)c->records, before, after, left ? "yes" : "none", early, late);
	arena_reset(&c->arena);
	left = left || c->died || before != after || grown;
	free(c);
	return left ? 1 : 0;
}
