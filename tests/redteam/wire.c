/* SPDX-License-Identifier: Apache-2.0 */
/* What code that took over a worker would tell the parent, or not tell. No defence of the kernel stands here,
 * only what sandbox/ makes of it. The attacks begin after the greeting and the job. */
#include "redteam/attacks.h"

#include "base/cursor.h"
#include "base/frame.h"
#include "base/limits.h"
#include "model/scanner_id.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct err ignored(void)
{
	return (struct err){ 0 };
}

static void say(const struct scene *s, enum frame_type type, struct str payload)
{
	struct err err = ignored();

	if (frame_write(s->answers, type, payload, &err) < 0 || fd_writer_flush(s->socket, &err) < 0)
		_exit(1); /* the parent has gone */
}

static void say_bytes(const struct scene *s, const void *bytes, size_t n)
{
	struct err err = ignored();

	if (s->answers->write(s->answers, bytes, n, &err) < 0 || fd_writer_flush(s->socket, &err) < 0)
		_exit(1);
}

static int hang(const struct scene *s)
{
	char dropped[65536];
	volatile int word = 0;

	(void)s;
	while (read(0, dropped, sizeof(dropped)) > 0)
		;
	for (;;) /* the parent keeps its end open: only a call that waits keeps this from spinning */
		syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, NULL, NULL, 0);
	return 0;
}

static int noise(const struct scene *s)
{
	unsigned char bytes[4096];
	uint32_t state = 1;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		state = state * 1664525 + 1013904223;
		bytes[i] = (unsigned char)(state >> 24);
	}
	say_bytes(s, bytes, sizeof(bytes));
	return hang(s);
}

static int unknown_frame(const struct scene *s)
{
	say(s, (enum frame_type)99, STR("what"));
	return hang(s);
}

static int huge_frame(const struct scene *s)
{
	say_bytes(s, "\x12\xff\xff\xff\xff", FRAME_HEADER_BYTES);
	return hang(s);
}

static int cut_frame(const struct scene *s)
{
	say_bytes(s, "\x12\x00\x00\x10\x00xx", FRAME_HEADER_BYTES + 2);
	_exit(0);
}

static void say_findings(const struct scene *s, uint64_t scanner, struct str bytes)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };

	put_varint(&b, scanner);
	put_bytes(&b, bytes);
	say(s, FRAME_FINDINGS, buffer_str(&b));
}

static void say_done(const struct scene *s)
{
	say(s, FRAME_DONE, (struct str){ "\0\0\0", 3 });
}

/* 2^30 of each record that findings count. */
static int billion_packages(const struct scene *s)
{
	say_findings(s, 0,
		     (struct str){ "\x80\x80\x80\x80\x04\x80\x80\x80\x80\x04\x80\x80\x80\x80\x04", 15 });
	say_done(s);
	return hang(s);
}

static int endless_findings(const struct scene *s)
{
	struct str piece = { calloc(1, FRAME_PIECE_BYTES), FRAME_PIECE_BYTES };

	for (;;)
		say_findings(s, 0, piece);
	return 0;
}

static int empty_findings_for_ever(const struct scene *s)
{
	for (;;)
		say_findings(s, 0, (struct str){ 0 });
	return 0;
}

static int strange_scanner(const struct scene *s)
{
	say_findings(s, 63, (struct str){ 0 });
	return hang(s);
}

static int early_done(const struct scene *s)
{
	say_done(s);
	return hang(s);
}

static int greet_twice(const struct scene *s)
{
	say(s, FRAME_HELLO, (struct str){ "\1\0\0", 3 });
	return hang(s);
}

static int error_without_end(const struct scene *s)
{
	say(s, FRAME_ERROR, (struct str){ "\2\xff\xff\xff\xff\xff\xff\xff\x7f", 9 });
	return hang(s);
}

static int control_bytes(const struct scene *s)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };

	put_varint(&b, 2);
	put_string(&b, STR("\033]0;taken over\007\033[31m"));
	say(s, FRAME_ERROR, buffer_str(&b));
	return hang(s);
}

static int after_the_end(const struct scene *s)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };

	put_varint(&b, 2);
	put_string(&b, STR("this is the end"));
	say(s, FRAME_ERROR, buffer_str(&b));
	for (;;)
		say_findings(s, 0, STR("and more"));
	return 0;
}

static int again_and_again(const struct scene *s)
{
	say(s, FRAME_AGAIN, (struct str){ "\1\4name", 6 });
	return hang(s);
}

static int foreign_frames(const struct scene *s)
{
	say(s, FRAME_READ, (struct str){ "\0\x80\x80\x40", 4 });
	return hang(s);
}

static int flood_skipped(const struct scene *s)
{
	for (;;)
		say(s, FRAME_SKIPPED, (struct str){ "\4what", 5 });
	return 0;
}

static int flood_advisories(const struct scene *s)
{
	for (;;)
		say(s, FRAME_ADVISORIES, (struct str){ 0 });
	return 0;
}

static int exit_early(const struct scene *s)
{
	(void)s;
	_exit(7);
}

static int exit_well(const struct scene *s)
{
	(void)s;
	_exit(0);
}

static int crash(const struct scene *s)
{
	volatile char *nowhere = NULL;

	(void)s;
	*nowhere = 1;
	return 0;
}

static int close_socket(const struct scene *s)
{
	(void)s;
	shutdown(0, SHUT_RDWR);
	_exit(0);
}

static int close_and_hang(const struct scene *s)
{
	shutdown(0, SHUT_RDWR);
	return hang(s);
}

const struct attack wire_attacks[] = {
	{ "noise", noise },
	{ "unknown-frame", unknown_frame },
	{ "huge-frame", huge_frame },
	{ "cut-frame", cut_frame },
	{ "billion-packages", billion_packages },
	{ "endless-findings", endless_findings },
	{ "empty-findings", empty_findings_for_ever },
	{ "strange-scanner", strange_scanner },
	{ "early-done", early_done },
	{ "greet-twice", greet_twice },
	{ "bad-error", error_without_end },
	{ "control-bytes", control_bytes },
	{ "after-the-end", after_the_end },
	{ "after-done", NULL },
	{ "again-and-again", again_and_again },
	{ "foreign-frame", foreign_frames },
	{ "flood-skipped", flood_skipped },
	{ "flood-advisories", flood_advisories },
	{ "exit-early", exit_early },
	{ "exit-well", exit_well },
	{ "crash", crash },
	{ "close", close_socket },
	{ "close-and-hang", close_and_hang },
	{ "hang", hang },
	{ NULL, NULL },
};
