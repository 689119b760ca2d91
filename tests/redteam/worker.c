/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that is taken over by what it reads: it confines itself and works as clair-worker does until the
 * bytes that come in hold the words below; from then on it does one attack. That stands for a flaw in any
 * parser. It is a test program only: clair-worker has neither arguments nor attacks.
 *
 * worker ATTACK MASK CPU-SECONDS DIRECTORY PORT, or no argument and the same words in the file `attack`
 * beside the program; MASK: bits of enum defence. worker --list: the attacks, one a line. */
#include "redteam/attacks.h"

#include "base/cursor.h"
#include "base/frame.h"
#include "base/limits.h"
#include "worker/confine.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TAKES_OVER "these bytes take the worker over"
enum { SPOOL_FD = 3, WORDS = 5 };

struct hostile {
	struct reader reader;
	struct fd_reader in;
	struct fd_writer out;
	const struct attack *attack;
	struct scene scene;
};

static const struct attack *find(const struct attack *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static void list(const char *kind, const struct attack *table)
{
	for (; table->name; table++)
		printf("%s %s\n", kind, table->name);
}

/* Tell the parent how it went: the text of an ERROR frame. */
static void report(struct hostile *h, int refused)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct err err = { 0 };

	put_varint(&b, (uint64_t)-E_FORMAT);
	put_string(&b, refused ? str_format(&a, "attack refused: %s: %s", h->attack->name,
					    strerrorname_np(refused))
			       : str_format(&a, "attack succeeded: %s", h->attack->name));
	frame_write(h->scene.answers, FRAME_ERROR, buffer_str(&b), &err);
	fd_writer_flush(&h->out, &err);
	shutdown(0, SHUT_WR);
	_exit(1);
}

static ssize_t read_and_fall(struct reader *r, void *buf, size_t n, struct err *err)
{
	struct hostile *h = (struct hostile *)r;
	ssize_t got;

	if (h->out.n)
		TRY(fd_writer_flush(&h->out, err));
	got = reader_read(&h->in.reader, buf, n, err);
	if (got > 0 && h->attack->run && memmem(buf, (size_t)got, TAKES_OVER, strlen(TAKES_OVER)))
		report(h, h->attack->run(&h->scene));
	return got;
}

/* The words of the file `attack` beside this program. */
static int words_beside(char *text, size_t size, char **words)
{
	char path[4096] = "";
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 8);
	char *slash = n > 0 ? strrchr(path, '/') : NULL, *rest = text;
	FILE *f;
	int count = 0;

	if (!slash)
		return 0;
	memcpy(slash + 1, "attack", sizeof("attack"));
	f = fopen(path, "re");
	if (!f || !fgets(text, (int)size, f))
		return 0;
	fclose(f);
	text[strcspn(text, "\n")] = 0;
	while (count < WORDS && (words[count] = strsep(&rest, " ")))
		count++;
	return count;
}

static int take_order(struct hostile *h, char **words, unsigned *mask, unsigned *seconds)
{
	h->attack = find(system_attacks, words[0]);
	h->attack = h->attack ? h->attack : find(wire_attacks, words[0]);
	*mask = (unsigned)strtoul(words[1], NULL, 10);
	*seconds = (unsigned)strtoul(words[2], NULL, 10);
	h->scene.directory = words[3];
	h->scene.port = (int)strtol(words[4], NULL, 10);
	h->scene.parent = getppid();
	return h->attack ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct hostile *h = calloc(1, sizeof(*h));
	struct worker_cage cage = { .spool_fd = SPOOL_FD };
	char text[4096], *words[WORDS];
	unsigned mask, seconds;
	struct err err = { 0 };
	int count = argc - 1, result;

	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		list("system", system_attacks);
		list("wire", wire_attacks);
		return 0;
	}
	if (argc == 1)
		count = words_beside(text, sizeof(text), words);
	else if (count == WORDS)
		memcpy(words, argv + 1, sizeof(words));
	if (count != WORDS || take_order(h, words, &mask, &seconds) < 0)
		return 64;
	if (confine(mask, SPOOL_FD, LIMIT_WORKER_BYTES, seconds, &cage.defences, &err) < 0)
		return 65;
	h->reader.read = read_and_fall;
	fd_reader_open(&h->in, 0, -1, 0);
	fd_writer_open(&h->out, 0);
	h->scene.answers = &h->out.writer;
	h->scene.socket = &h->out;
	result = worker_run(&h->reader, &h->out.writer, &cage, &err);
	if (!h->attack->run)
		frame_write(&h->out.writer, FRAME_FINDINGS, STR("\0and more"), &err);
	fd_writer_flush(&h->out, &err);
	shutdown(0, SHUT_WR);
	return result < 0 ? 1 : 0;
}
