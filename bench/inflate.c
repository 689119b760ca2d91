/* SPDX-License-Identifier: Apache-2.0 */
/* inflate [-j N] FILE...: decompress files with base/inflate and drop the bytes: what reading layers costs at
 * least. With -j, N files at once, largest first. Prints a line for each file in the order given, then the
 * total. Easy to get wrong: the figure is of unpacked bytes, the one that the rest of a scan works on. */
#include "base/inflate.h"
#include "base/time.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 256 * 1024, MAX_THREADS = 64 };

struct file {
	const char *path;
	uint64_t stored, inflated, ns;
	enum compression compression;
	struct err error;
};

struct queue {
	struct file **files;
	size_t n;
	atomic_size_t next;
};

static int drain(struct file *f, int fd, char *chunk, struct err *err)
{
	autoinflate struct inflate *z = NULL;
	struct fd_reader source;
	ssize_t got;

	fd_reader_open(&source, fd, 0, UINT64_MAX);
	TRY(inflate_open(&source.reader, &z, err));
	f->compression = inflate_compression(z);
	while ((got = reader_read(inflate_reader(z), chunk, CHUNK_BYTES, err)) > 0)
		f->inflated += (uint64_t)got;
	return (int)got;
}

static void *work(void *arg)
{
	struct queue *q = arg;
	char *chunk = malloc(CHUNK_BYTES);
	size_t i;

	while (chunk && (i = atomic_fetch_add(&q->next, 1)) < q->n) {
		struct file *f = q->files[i];
		autoclose int fd = open(f->path, O_RDONLY | O_CLOEXEC);
		uint64_t start = time_monotonic_ns();

		if (fd < 0)
			err_set(&f->error, E_IO, "open: %m");
		else
			drain(f, fd, chunk, &f->error);
		f->ns = time_monotonic_ns() - start;
	}
	free(chunk);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const struct file *const *x = a, *const *y = b;

	return ((*y)->stored > (*x)->stored) - ((*y)->stored < (*x)->stored);
}

static void run(struct queue *q, size_t threads)
{
	pthread_t started[MAX_THREADS];
	size_t n = 0;

	while (n + 1 < threads && pthread_create(&started[n], NULL, work, q) == 0)
		n++;
	work(q);
	while (n > 0)
		pthread_join(started[--n], NULL);
}

static void print(const char *name, const char *kind, uint64_t stored, uint64_t inflated, uint64_t ns)
{
	printf("%s\t%s\t%llu stored\t%llu bytes\t%.3f s\t%.0f MB/s\n", name, kind, (unsigned long long)stored,
	       (unsigned long long)inflated, (double)ns / 1e9,
	       ns ? (double)inflated * 1e3 / (double)ns : 0.0);
}

/* Print what became of the files. Returns the exit status. */
static int report(const struct file *files, size_t n, uint64_t ns)
{
	uint64_t stored = 0, inflated = 0;
	int status = 0;

	for (size_t i = 0; i < n; i++) {
		const struct file *f = &files[i];

		print(f->path, compression_name(f->compression), f->stored, f->inflated, f->ns);
		if (f->error.code) {
			fprintf(stderr, "%s: %s\n", f->path, f->error.text);
			status = 1;
		}
		stored += f->stored;
		inflated += f->inflated;
	}
	print("total", "-", stored, inflated, ns);
	return status;
}

int main(int argc, char **argv)
{
	struct queue q = { 0 };
	struct file *files = calloc((size_t)argc, sizeof(*files));
	unsigned long threads = 1;
	uint64_t start;
	int option, status;

	while ((option = getopt(argc, argv, "j:")) == 'j')
		threads = strtoul(optarg, NULL, 10);
	q.files = calloc((size_t)argc, sizeof(struct file *));
	if (option != -1 || optind == argc || threads < 1 || threads > MAX_THREADS || !files || !q.files) {
		fprintf(stderr, "usage: %s [-j N] FILE...\n", argv[0]);
		return 64;
	}
	for (; optind < argc; optind++) {
		struct stat st;

		files[q.n].path = argv[optind];
		files[q.n].stored = stat(argv[optind], &st) == 0 ? (uint64_t)st.st_size : 0;
		q.files[q.n] = &files[q.n];
		q.n++;
	}
	qsort(q.files, q.n, sizeof(struct file *), by_size);
	start = time_monotonic_ns();
	run(&q, threads);
	status = report(files, q.n, time_monotonic_ns() - start);
	free(q.files);
	free(files);
	return status;
}
