/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include "base/err.h"
#include "base/str.h"

/* Options of a command as a table: what they are called, and which member of a settings struct they fill. */
enum option_kind {
	OPTION_FLAG, /* bool */
	OPTION_COUNT, /* unsigned: how often it was given */
	OPTION_TEXT, /* struct str, borrowed from argv */
	OPTION_NUMBER, /* uint64_t, at most 1000000 */
	OPTION_DURATION, /* int64_t, seconds: "90s", "15m", "12h", "5d", "2w", "1d12h" */
	OPTION_SIZE, /* uint64_t, bytes: "500M", "1G", "1GiB"; powers of 1024 */
};

struct option_spec {
	const char *name; /* without dashes */
	char letter; /* 0: none */
	enum option_kind kind;
	size_t member; /* offsetof in the settings */
	const char *value; /* "DIR": what help calls the argument; NULL for flags and counts */
	const char *about; /* what it does and its default; lines of at most 54 characters */
};

/* A table and the settings it fills. specs ends with a NULL name. */
struct option_table {
	const struct option_spec *specs;
	void *settings;
};

/* Parse argv[0..argc): long and short options (--name=value, --name value, -n value, -nvalue, -abc), anywhere
 * among the operands, until "--". Operands are moved to the front of argv, *operands is their number. tables:
 * ends with NULL specs; -h and --help are always known. Returns 0, 1 when help was asked for, or E_CONFIG:
 * unknown options are answered with the nearest known one. */
int options_parse(const struct option_table *tables, int argc, char **argv, int *operands, struct err *err);

/* "5d" and "1G" outside of an option. E_CONFIG when malformed; what names it ("CLAIR_CACHE_SIZE"). */
int options_duration(const char *what, struct str text, int64_t *seconds, struct err *err);
int options_size(const char *what, struct str text, uint64_t *bytes, struct err *err);

/* Position of word among names (ends with NULL), any case; E_CONFIG names the nearest, and all there are. */
int options_choice(const char *what, struct str word, const char *const *names, struct err *err);

#endif
