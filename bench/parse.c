/* SPDX-License-Identifier: Apache-2.0 */
/* parse [-n TIMES] [-w WORKER] FORMAT DISTRIBUTION,... FILE...: read feeds and drop what they say: what an
 * update costs at least. DISTRIBUTION is ID:VERSION[:CODENAME]; of several, the document says which (Debian's
 * tracker). Prints medians: unpacking alone, parsing of unpacked bytes in memory, both as a stream, and, with
 * -w, through a confined worker as an update does it. Easy to get wrong: speeds are unpacked bytes by CPU
 * time, which is that of all processes together. */
#include "base/inflate.h"
#include "base/time.h"
#include "feed/feed.h"
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MAX_TIMES = 100, MAX_DISTRIBUTIONS = 16 };

static const struct {
	const char *name;
	enum feed_format format;
} formats[] = {
	{ "secdb", FEED_SECDB },
	{ "tracker", FEED_DEBIAN_TRACKER },
	{ "oval", FEED_OVAL },
	{ "osv", FEED_OSV },
	{ "updateinfo", FEED_UPDATEINFO },
	{ "csaf", FEED_CSAF_VEX },
	{ "nvd", FEED_NVD },
	{ "epss", FEED_EPSS },
	{ "kev", FEED_KEV },
};

struct bench {
	unsigned long times;
	enum feed_format format;
	struct sandbox sandbox; /* worker_path NULL: none */
	struct feed_source source;
	struct distribution distributions[MAX_DISTRIBUTIONS];
	size_t distribution_count;
};

/* A document in memory, and what reading it found. */
struct document {
	const struct bench *bench;
	struct str stored, bytes;
	uint64_t records, skipped;
};

struct dropping {
	struct feed_sink sink;
	uint64_t records, skipped;
};

static int drop_advisory(struct feed_sink *sink, const struct advisory *a, struct err *err)
{
	(void)a, (void)err;
	((struct dropping *)sink)->records++;
	return 0;
}

static int drop_enrichment(struct feed_sink *sink, const struct enrichment *e, struct err *err)
{
	(void)e, (void)err;
	((struct dropping *)sink)->records++;
	return 0;
}

static int drop_replaced(struct feed_sink *sink, struct str name, struct err *err)
{
	(void)sink, (void)name, (void)err;
	return 0;
}

static void drop_skipped(struct feed_sink *sink, struct str what)
{
	(void)what;
	((struct dropping *)sink)->skipped++;
}

static struct dropping dropping(void)
{
	return (struct dropping){ { drop_advisory, drop_skipped, drop_enrichment, drop_replaced }, 0, 0 };
}

/* ---- the ways to read ---- */

typedef int (*way)(struct document *d, struct err *err);

static int unpack(struct document *d, struct err *err)
{
	static char chunk[256 * 1024];
	autoinflate struct inflate *z = NULL;
	struct mem_reader source;
	ssize_t got;

	mem_reader_open(&source, d->stored);
	TRY(inflate_open(&source.reader, &z, err));
	do
		got = reader_read(inflate_reader(z), chunk, sizeof(chunk), err);
	while (got > 0);
	return (int)got;
}

static int parse_from(struct document *d, struct reader *in, struct err *err)
{
	const struct bench *b = d->bench;
	autotask struct task task = { 0 };
	struct dropping sink = dropping();
	const struct feed_job job = { in, &b->source, b->distributions, b->distribution_count, &sink.sink };

	TRY(feed_parsers[b->format](&task, &job, err));
	d->records = sink.records;
	d->skipped = sink.skipped;
	return 0;
}

static int parse(struct document *d, struct err *err)
{
	struct mem_reader source;

	mem_reader_open(&source, d->bytes);
	return parse_from(d, &source.reader, err);
}

static int stream(struct document *d, struct err *err)
{
	autoinflate struct inflate *z = NULL;
	struct mem_reader source;

	mem_reader_open(&source, d->stored);
	TRY(inflate_open(&source.reader, &z, err));
	return parse_from(d, inflate_reader(z), err);
}

static int confined(struct document *d, struct err *err)
{
	const struct bench *b = d->bench;
	const struct sandbox_feed feed = { b->format, &b->source, b->distributions, b->distribution_count };
	autotask struct task task = { 0 };
	struct dropping sink = dropping();
	struct mem_reader source;

	mem_reader_open(&source, d->stored);
	return sandbox_parse_feed(&task, &b->sandbox, &source.reader, &feed, &sink.sink, err);
}

/* ---- figures ---- */

static double cpu_of(int who)
{
	struct rusage use;

	getrusage(who, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static double cpu_seconds(void)
{
	return cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_doubles);
	return values[n / 2];
}

static int measure(struct document *d, const char *what, way read, struct err *err)
{
	double wall[MAX_TIMES], cpu[MAX_TIMES];
	size_t n = d->bench->times;

	for (size_t i = 0; i < n; i++) {
		uint64_t began = time_monotonic_ns();
		double used = cpu_seconds();

		TRY(read(d, err));
		wall[i] = (double)(time_monotonic_ns() - began) / 1e9;
		cpu[i] = cpu_seconds() - used;
	}
	printf("  %-7s %6.0f MB/s, wall %.1f ms, CPU %.1f ms\n", what,
	       (double)d->bytes.n / 1e6 / median(cpu, n), median(wall, n) * 1e3, median(cpu, n) * 1e3);
	return 0;
}

static int load(const char *path, struct arena *a, struct document *d, struct err *err)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	autoinflate struct inflate *z = NULL;
	struct fd_reader file;
	struct mem_reader source;

	if (fd < 0)
		return err_set(err, E_IO, "open: %m");
	fd_reader_open(&file, fd, 0, UINT64_MAX);
	TRY(reader_all(&file.reader, a, (size_t)4 << 30, &d->stored, err));
	mem_reader_open(&source, d->stored);
	TRY(inflate_open(&source.reader, &z, err));
	return reader_all(inflate_reader(z), a, (size_t)4 << 30, &d->bytes, err);
}

static int bench_file(const struct bench *b, const char *path, struct err *err)
{
	autoarena struct arena a = { 0 };
	struct document d = { .bench = b };

	TRY(load(path, &a, &d, err));
	TRY(parse(&d, err));
	printf("%s: %.2f MB, unpacked %.2f MB, %llu records, %llu left out\n", path, (double)d.stored.n / 1e6,
	       (double)d.bytes.n / 1e6, (unsigned long long)d.records, (unsigned long long)d.skipped);
	if (d.stored.n != d.bytes.n)
		TRY(measure(&d, "unpack", unpack, err));
	TRY(measure(&d, "parse", parse, err));
	TRY(measure(&d, "stream", stream, err));
	return b->sandbox.worker_path ? measure(&d, "worker", confined, err) : 0;
}

/* ---- arguments ---- */

static void set_distributions(struct bench *b, const char *list)
{
	struct str rest = str_of(list), one;

	while (rest.n && b->distribution_count < MAX_DISTRIBUTIONS) {
		struct distribution *d = &b->distributions[b->distribution_count++];

		str_cut(rest, ',', &one, &rest);
		str_cut(one, ':', &d->did, &d->version_id);
		str_cut(d->version_id, ':', &d->version_id, &d->version_code_name);
		d->version = d->version_id;
	}
	b->source.distribution = b->distributions[0];
	if (b->distribution_count == 1)
		b->source.namespace = str_of(list);
}

static bool set_format(struct bench *b, const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0) {
			b->format = formats[i].format;
			return feed_parsers[b->format] != NULL;
		}
	return false;
}

int main(int argc, char **argv)
{
	struct bench b = { .times = 5 };
	int option, status = 0;

	while ((option = getopt(argc, argv, "n:w:")) > 0)
		if (option == 'n')
			b.times = strtoul(optarg, NULL, 10);
		else if (option == 'w')
			b.sandbox.worker_path = optarg;
	if (argc - optind < 3 || b.times == 0 || b.times > MAX_TIMES || !set_format(&b, argv[optind])) {
		fprintf(stderr, "usage: %s [-n TIMES] [-w WORKER] FORMAT ID:VERSION[:CODENAME],... FILE...\n",
			argv[0]);
		return 64;
	}
	set_distributions(&b, argv[optind + 1]);
	for (optind += 2; optind < argc; optind++) {
		struct err err = { 0 };

		if (bench_file(&b, argv[optind], &err) < 0) {
			fprintf(stderr, "%s: %s\n", argv[optind], err.text);
			status = 1;
		}
	}
	return status;
}
