/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_CONFIG_TABLE_H
#define CMD_CONFIG_TABLE_H

#include "cmd/config.h"

/* What a key takes, and what its member of struct config is. */
enum config_type {
	CONFIG_TEXT, /* struct str */
	CONFIG_CONNSTRING, /* struct str; may hold a password */
	CONFIG_URL, /* struct str; may hold a password */
	CONFIG_BOOL, /* bool */
	CONFIG_INTEGER, /* int64_t */
	CONFIG_NUMBER, /* nowhere */
	CONFIG_DURATION, /* int64_t, seconds */
	CONFIG_SIZE, /* int64_t, bytes */
	CONFIG_NAMES, /* config_names */
	CONFIG_URLS, /* config_names; may hold passwords */
	CONFIG_FREE, /* struct json_value: a mapping whose keys are not ours */
	CONFIG_TEXTS, /* nowhere: a mapping of texts, or of lists of texts */
	CONFIG_BASE64, /* struct str, decoded */
	CONFIG_BASE64_LIST, /* config_names, decoded */
	CONFIG_POLICY, /* enum fetch_policy_mode */
	CONFIG_RULES, /* fetch_rules */
	CONFIG_COMPRESSION, /* nowhere: "none", "gzip" or Clair's 0, 1, 2 */
};

enum {
	CONFIG_OURS = 1, /* not Clair's */
	CONFIG_SECRET = 2, /* never shown */
	CONFIG_UNUSED = 4, /* taken and checked for Clair's sake; nothing comes of it */
	CONFIG_ZERO = 8, /* nothing, 0 and less mean the default */
	CONFIG_SIGNED = 16, /* may be below 0 */
};

#define CONFIG_NOWHERE SIZE_MAX

struct config_key {
	const char *path; /* "indexer.connstring" */
	enum config_type type;
	unsigned flags;
	size_t member; /* offsetof in struct config, or CONFIG_NOWHERE */
	const char *standard; /* the default as one would write it; NULL: none */
	const char *about; /* one sentence, for the documentation */
	const char *const *choices; /* of a text, any case; ends with NULL */
};

/* All keys, in the order of the documentation; ends with a NULL path. */
extern const struct config_key config_keys[];

/* Paths are compared in any case, as Clair does. NULL: no such key. */
const struct config_key *config_key_find(struct str path);
/* Are there keys below this path? */
bool config_key_is_section(struct str path);
/* For "did you mean": the nearest name that may stand in a section (empty: the top), or the path of a key
 * that is called like that elsewhere, or NULL. In the arena. */
const char *config_key_nearest(struct arena *a, struct str section, struct str name);
/* "a text", "a duration": what a type takes, for messages. */
const char *config_type_name(enum config_type type);

#endif
