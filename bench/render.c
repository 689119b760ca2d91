/* SPDX-License-Identifier: Apache-2.0 */
/* Rendering: so many manifests of Debian packages over stored feeds, each rendered once by several threads
 * (cold: nothing is cached but what the run itself leaves), then one of them many times (hot). Manifests
 * share packages as images do: half of each comes from the same pool of base packages. What one would get
 * wrong: the report must have findings, so versions are drawn at random, and most statements concern some of
 * them. */
#include "api/render.h"
#include "base/json.h"
#include "base/time.h"
#include "store/index.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { THREADS_MAX = 64, BASE_PACKAGES = 120 };

struct bench {
	struct task task;
	struct advisory_store *advisories;
	struct index_store *index;
	struct render_cache *cache;
	str_list names; /* source packages of the tracker */
	str_list manifests;
	unsigned packages, rounds;
	uint64_t pool; /* different packages besides the base; 0: each manifest has its own */
	bool gzip;
	atomic_uint next;
	uint64_t *ns;
	atomic_ullong json_bytes, gzip_bytes, matches;
};

static void must(int rc, const struct err *err)
{
	if (rc < 0) {
		fprintf(stderr, "bench: %s\n", err->text);
		exit(1);
	}
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	x ^= x >> 29;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	return x ^ x >> 32;
}

/* The keys of the tracker's document. */
static void read_names(struct bench *b, const char *path)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct fd_reader file;
	struct json_reader *json;
	struct json_token t;
	struct err err = { 0 };

	if (fd < 0) {
		fprintf(stderr, "bench: %s: %m\n", path);
		exit(1);
	}
	fd_reader_open(&file, fd, 0, UINT64_MAX);
	json = json_reader_open(&file.reader);
	must(json_next(json, &t, &err), &err);
	for (;;) {
		must(json_next(json, &t, &err), &err);
		if (t.type != JSON_KEY)
			break;
		VEC_PUSH(&b->task.arena, &b->names, str_copy(&b->task.arena, t.text));
		must(json_next(json, &t, &err), &err);
		must(json_skip(json, &t, &err), &err);
	}
	json_reader_close(json);
}

static void add_package(struct bench *b, struct arena *a, struct index_report *r, uint64_t pick,
			uint32_t layer)
{
	struct indexed_package *p = VEC_ADD(a, &r->packages);
	struct str source = b->names.p[mix(pick) % b->names.n];
	uint64_t v = mix(pick + 1);
	struct str version = str_format(a, "%u.%u.%u-%u", (unsigned)(v % 10), (unsigned)(v >> 8 & 31),
					(unsigned)(v >> 16 & 15), (unsigned)(v >> 24 & 7) + 1);
	struct environment e = { .package_db = STR("var/lib/dpkg/status"), .layer = layer };

	*p = (struct indexed_package){ .package = { .name = str_format(a, STR_FMT "-%u", STR_ARG(source),
								       (unsigned)(pick % 3)),
						    .version = version,
						    .arch = STR("amd64"),
						    .kind = PACKAGE_BINARY,
						    .source_name = source,
						    .source_version = version,
						    .scanner = 2 } };
	VEC_PUSH(a, &p->environments, e);
}

static void add_manifest(struct bench *b, unsigned m)
{
	autotask struct task t = { 0 };
	struct arena *a = &t.arena;
	struct index_report r = { 0 };
	struct err err = { 0 };

	r.manifest_hash = str_format(&b->task.arena, "sha256:%064x", m + 1);
	VEC_PUSH(&b->task.arena, &b->manifests, r.manifest_hash);
	VEC_PUSH(a, &r.layers,
		 STR("sha256:1111111111111111111111111111111111111111111111111111111111111111"));
	VEC_PUSH(a, &r.layers, str_format(a, "sha256:%064x", 0x10000 + m));
	VEC_PUSH(a, &r.distributions,
		 ((struct distribution){ .did = STR("debian"),
					 .name = STR("Debian GNU/Linux"),
					 .version = STR("12 (bookworm)"),
					 .version_id = STR("12"),
					 .version_code_name = STR("bookworm"),
					 .pretty_name = STR("Debian GNU/Linux 12 (bookworm)") }));
	for (unsigned i = 0; i < b->packages; i++) {
		bool is_base = i < b->packages / 2;
		uint64_t own = m * UINT64_C(997) + i;

		own = 1000 + (b->pool ? mix(own) % b->pool : own);
		add_package(b, a, &r, is_base ? mix(i + 7 * (m % 8)) % BASE_PACKAGES : own, !is_base);
	}
	must(index_put_report(b->index, &r, STR("bench"), &err), &err);
}

static int load(void *ctx, struct task *task, struct index_report *out, struct err *err)
{
	struct bench *b = ((void **)ctx)[0];
	struct str *hash = ((void **)ctx)[1];
	const struct str layers[] = {
		STR("sha256:1111111111111111111111111111111111111111111111111111111111111111"),
		str_format(&task->arena, "sha256:%064x", 0x10000 + (unsigned)(hash - b->manifests.p)),
	};
	int got = index_get_report(b->index, task, *hash, STR("bench"), layers, 2, out, err);

	return got > 0 ? 0 : err_set(err, E_NOTFOUND, "no report");
}

static void *work(void *ctx)
{
	struct bench *b = ctx;
	unsigned at;

	while ((at = atomic_fetch_add(&b->next, 1)) < b->rounds) {
		autotask struct task task = { 0 };
		struct str *hash = &b->manifests.p[at % b->manifests.n];
		struct render_request request = { *hash, 1, b->gzip, load, (void *[]){ b, hash } };
		struct rendering out;
		struct err err = { 0 };
		uint64_t t0 = time_monotonic_ns();

		must(api_render(&task, b->cache, b->advisories, &request, &out, &err), &err);
		b->ns[at] = time_monotonic_ns() - t0;
		b->json_bytes += out.json.n;
		b->gzip_bytes += out.gzip.n;
		b->matches += out.matches;
		render_release(b->cache, &out);
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	return (*(const uint64_t *)a > *(const uint64_t *)b) - (*(const uint64_t *)a < *(const uint64_t *)b);
}

static long rss_kb(void)
{
	char line[128];
	long kb = 0;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, "RssAnon:", 8) == 0)
			kb = strtol(line + 8, NULL, 10);
	if (f)
		fclose(f);
	return kb;
}

static void run(struct bench *b, const char *what, unsigned rounds, unsigned threads)
{
	struct render_stats before, stats;
	struct rusage u0, u1;
	pthread_t list[THREADS_MAX];
	uint64_t t0 = time_monotonic_ns();
	double s, cpu;

	render_cache_stats(b->cache, &before);
	getrusage(RUSAGE_SELF, &u0);
	b->rounds = rounds;
	b->next = 0;
	b->json_bytes = b->gzip_bytes = b->matches = 0;
	b->ns = calloc(rounds, sizeof(*b->ns));
	for (unsigned i = 0; i < threads; i++)
		if (pthread_create(&list[i], NULL, work, b) != 0)
			abort();
	for (unsigned i = 0; i < threads; i++)
		pthread_join(list[i], NULL);
	s = (double)(time_monotonic_ns() - t0) / 1e9;
	getrusage(RUSAGE_SELF, &u1);
	cpu = (double)(u1.ru_utime.tv_sec - u0.ru_utime.tv_sec + u1.ru_stime.tv_sec - u0.ru_stime.tv_sec) +
	      (double)(u1.ru_utime.tv_usec - u0.ru_utime.tv_usec + u1.ru_stime.tv_usec -
		       u0.ru_stime.tv_usec) /
		      1e6;
	qsort(b->ns, rounds, sizeof(*b->ns), compare);
	render_cache_stats(b->cache, &stats);
	printf("%-12s %u threads: %.0f/s, CPU %.2f ms each, median %.2f ms, p99 %.2f ms, max %.2f ms; %.0f "
	       "matches, "
	       "JSON %.0f KiB, gzip %.0f KiB; %llu hits, %llu misses; anonymous %ld MiB\n",
	       what, threads, rounds / s, cpu * 1e3 / rounds, (double)b->ns[rounds / 2] / 1e6,
	       (double)b->ns[rounds * 99ull / 100] / 1e6, (double)b->ns[rounds - 1] / 1e6,
	       (double)b->matches / rounds, (double)b->json_bytes / rounds / 1024,
	       (double)b->gzip_bytes / rounds / 1024, (unsigned long long)(stats.hits - before.hits),
	       (unsigned long long)(stats.misses - before.misses), rss_kb() / 1024);
	free(b->ns);
}

static void open_cache(struct bench *b)
{
	const struct render_options options = { .all_matchers = true };
	struct err err = { 0 };

	render_cache_close(b->cache);
	must(render_cache_open(&options, &b->cache, &err), &err);
}

int main(int argc, char **argv)
{
	struct bench b = { 0 };
	struct err err = { 0 };
	unsigned count = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 500;
	unsigned threads = argc > 6 ? (unsigned)strtoul(argv[6], NULL, 10) : 4;

	b.packages = argc > 5 ? (unsigned)strtoul(argv[5], NULL, 10) : 300;
	b.pool = argc > 7 ? strtoull(argv[7], NULL, 10) : 0;
	if (argc < 4 || threads == 0 || threads > THREADS_MAX || count == 0) {
		fprintf(stderr, "usage: render ADVISORIES_DIR EMPTY_DIR TRACKER.json [MANIFESTS [PACKAGES "
				"[THREADS]]]\n");
		return 64;
	}
	must(advisories_open(str_of(argv[1]), STORE_READ, &b.advisories, &err), &err);
	must(index_store_open(str_of(argv[2]), &b.index, &err), &err);
	read_names(&b, argv[3]);
	for (unsigned i = 0; i < count; i++)
		add_manifest(&b, i);
	printf("%u manifests of %u packages, %zu source packages; anonymous %ld MiB\n", count, b.packages,
	       b.names.n, rss_kb() / 1024);
	for (int gzip = 0; gzip < 2; gzip++) {
		b.gzip = gzip;
		open_cache(&b);
		run(&b, gzip ? "cold gzip" : "cold plain", count, threads);
		b.manifests.n = 1;
		run(&b, gzip ? "hot gzip" : "hot plain", 20000, threads);
		b.manifests.n = count;
	}
	open_cache(&b);
	b.gzip = true;
	run(&b, "cold 1", count < 200 ? count : 200, 1);
	if (argc > 8) {
		sleep((unsigned)strtoul(argv[8], NULL, 10));
		printf("after %s s: anonymous %ld KiB\n", argv[8], rss_kb());
	}
	render_cache_close(b.cache);
	index_store_close(b.index);
	advisories_close(b.advisories);
	task_close(&b.task);
	return 0;
}
