/* SPDX-License-Identifier: Apache-2.0 */
/* json [-n TIMES] FILE...: read the tokens of JSON files with base/json, and write them again to nowhere;
 * prints the speed of both. A file is held in memory first, so that the disk does not count. Easy to get
 * wrong: writing is measured on top of reading, and its time is the difference. */
#include "base/arena.h"
#include "base/json.h"
#include "base/time.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int null_write(struct writer *w, const void *buf, size_t n, struct err *err)
{
	(void)w, (void)buf, (void)n, (void)err;
	return 0;
}

static void copy_token(struct json_writer *w, const struct json_token *t)
{
	switch (t->type) {
	case JSON_NULL: json_null(w); break;
	case JSON_FALSE: json_bool(w, false); break;
	case JSON_TRUE: json_bool(w, true); break;
	case JSON_NUMBER: json_int(w, 1); break;
	case JSON_STRING: json_str(w, t->text); break;
	case JSON_ARRAY: json_array_begin(w); break;
	case JSON_OBJECT: json_object_begin(w); break;
	case JSON_ARRAY_END: json_array_end(w); break;
	case JSON_OBJECT_END: json_object_end(w); break;
	case JSON_KEY: json_key_str(w, t->text); break;
	}
}

/* Returns the number of tokens, or an error. */
static int64_t tokenise(struct str text, bool is_written, struct err *err)
{
	struct mem_reader source;
	struct writer nowhere = { null_write };
	struct json_writer w;
	struct json_token token;
	int64_t n = 0;
	int more;

	mem_reader_open(&source, text);
	autojson struct json_reader *j = json_reader_open(&source.reader);

	json_writer_open(&w, &nowhere, 0, err);
	while ((more = json_next(j, &token, err)) > 0) {
		n++;
		if (is_written)
			copy_token(&w, &token);
	}
	return more < 0 ? more : n;
}

static double seconds_of(struct str text, bool is_written, unsigned long times, int64_t *tokens,
			 struct err *err)
{
	uint64_t start = time_monotonic_ns();

	for (unsigned long i = 0; i < times; i++)
		*tokens = tokenise(text, is_written, err);
	return (double)(time_monotonic_ns() - start) / 1e9 / (double)times;
}

static int measure(const char *path, unsigned long times, struct err *err)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	autoarena struct arena a = { 0 };
	struct fd_reader source;
	double read, copied, mb;
	int64_t tokens;
	struct str text;

	if (fd < 0)
		return err_set(err, E_IO, "open: %m");
	fd_reader_open(&source, fd, 0, UINT64_MAX);
	TRY(reader_all(&source.reader, &a, (size_t)4 << 30, &text, err));
	read = seconds_of(text, false, times, &tokens, err);
	if (tokens < 0)
		return err->code;
	copied = seconds_of(text, true, times, &tokens, err);
	mb = (double)text.n / 1e6;
	printf("%s\t%.1f MB\t%lld tokens\tread %.0f MB/s, %.1f ns a token\twrite %.0f MB/s\n", path, mb,
	       (long long)tokens, mb / read, read * 1e9 / (double)tokens, mb / (copied - read));
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long times = 10;
	int option, status = 0;

	while ((option = getopt(argc, argv, "n:")) == 'n')
		times = strtoul(optarg, NULL, 10);
	if (option != -1 || optind == argc || times == 0) {
		fprintf(stderr, "usage: %s [-n TIMES] FILE...\n", argv[0]);
		return 64;
	}
	for (; optind < argc; optind++) {
		struct err err = { 0 };

		if (measure(argv[optind], times, &err) < 0) {
			fprintf(stderr, "%s: %s\n", argv[optind], err.text);
			status = 1;
		}
	}
	return status;
}
