/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_DATA_H
#define CMD_DATA_H

#include "base/vec.h"
#include "cmd/app.h"

/* How long is kept what was valid, for `clair scan --as-of`, when nothing else is said: 90 days. */
enum { DATA_HISTORY = 90 * 86400 };

/* The commands below `clair data`. */
extern const struct command command_data_status, command_data_clean, command_data_export, command_data_import,
	command_data_pull;

/* A file of the data directory; NULL-terminated path in the arena. False when there is none. size_bytes: with
 * what SQLite keeps beside it. */
bool data_file(struct app *app, const char *name, const char **path, uint64_t *size_bytes);

/* The contents of a key's file, in the arena; a path that is empty gives nothing. E_CONFIG. */
int data_key(struct app *app, struct str path, struct str *out, struct err *err);
/* Prebuilt databases are files: a place that is PostgreSQL's is E_CONFIG, with what there is for it. */
int data_check_place(const struct app *app, struct err *err);

/* Whose signature an import wants: --verify-key, else $CLAIR_VERIFY_KEY; required: E_CONFIG without one. */
struct data_trust;
int data_trust_of(struct app *app, struct str verify_key, bool is_required, struct data_trust *out,
		  struct err *err);

/* Say what was put in force. */
struct data_manifest;
void data_tell(const struct app *app, const struct data_manifest *m);

/* Take over a prebuilt database from the first mirror that has one (engine/data_pull.h), with a line of
 * progress. */
struct data_pulled;
int data_pull_from(struct app *app, const str_list *urls, const struct data_trust *trust, struct str ca_file,
		   struct data_pulled *out, struct err *err);
/* The mirrors in a text, separated by blanks; of an empty one those of $CLAIR_DATA_URL. */
void data_urls(struct app *app, struct str text, str_list *out);

/* Parse the arguments of a command that takes options only. Returns -1 to go on, or the exit status. */
int data_parse(struct app *app, const struct command *command, void *settings, int argc, char **argv);

#endif
