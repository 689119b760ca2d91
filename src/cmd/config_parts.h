/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_CONFIG_PARTS_H
#define CMD_CONFIG_PARTS_H

#include "cmd/config.h"

/* For config*.c only: a document on its way to being a configuration, and the steps. */
struct config_document {
	struct arena *arena;
	const struct json_value *root;
	struct str path; /* of the main file, for messages; may be empty */
	enum config_mode mode;
	struct err *err;
};

/* The value at a path of the table ("auth.psk"); keys in any case, the last of several. NULL: absent or null.
 */
const struct json_value *config_find(const struct config_document *d, const char *path);
/* Its text; empty when absent or something else. */
struct str config_find_text(const struct config_document *d, const char *path);
/* E_CONFIG "FILE: line N: ...", of the file that the value came from. at: NULL when there is no value. */
int config_fail(const struct config_document *d, const struct json_value *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* In the line of a value, how many the file is (0: the main file) stands above its line. */
enum { CONFIG_LINE_BITS = 20 };
/* Name of the file that is so many-th after the main file. In the arena. */
struct str config_source_name(struct arena *a, struct str path, unsigned position);

/* "host:port" or ":port" with a port from 0 to 65535, IPv6 in brackets. */
bool config_is_address(struct str text);
/* Does the mode run this part? */
bool config_runs_indexer(enum config_mode mode);
bool config_runs_matcher(enum config_mode mode);
bool config_runs_notifier(enum config_mode mode);

/* Hard errors for the mode; c is filled. */
int config_check(const struct config_document *d, const struct config *c);
/* The same of updaters.config. */
int config_check_updaters(const struct config_document *d);
void config_lint_updaters(const struct config_document *d, config_lints *lints);
/* Warnings, and what was chosen for what is open (c->notes). */
void config_lint(const struct config_document *d, struct config *c, config_lints *lints);

#endif
