/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ECOSYSTEM_SETTINGS_H
#define ECOSYSTEM_SETTINGS_H

#include "base/err.h"
#include "base/json.h"

/* What updaters.config may say: of a set, or of an updater. */
enum setting_type {
	SETTING_URL, /* http or https */
	SETTING_FOLDER, /* a URL; it gets the slash it ends with */
	SETTING_URLS, /* a list of such */
	SETTING_TEXT,
	SETTING_NAMES, /* a list of texts */
	SETTING_BOOL,
	SETTING_DURATION, /* a text: "2m" */
	SETTING_RELEASES, /* a list of mappings with name and version */
};

enum {
	SETTING_OURS = 1, /* not Clair's */
	SETTING_UNUSED = 2, /* taken and checked for Clair's sake; nothing comes of it */
	SETTING_DEPRECATED = 4,
};

struct updater_setting {
	const char *of; /* name of a set, or of updaters: "ubuntu/updater/" and "*" */
	const char *key;
	enum setting_type type;
	unsigned flags;
	const char *ends; /* what the text must end with; NULL: anything */
	const char *about; /* one sentence, for the documentation */
};

/* All of them; ends with a NULL key. The only list: checks, documentation and tests follow from it. */
extern const struct updater_setting updater_settings[];

/* A row for a name and a key (any case), or NULL. */
const struct updater_setting *updater_setting_find(struct str of, struct str key);
/* The name of the table nearest to it, and the key of the name; or NULL. For "did you mean". */
const char *updater_setting_nearest_name(struct arena *a, struct str of);
const char *updater_setting_nearest_key(struct arena *a, struct str of, struct str key);
/* May the name have settings at all? */
bool updater_setting_is_name(struct str of);
/* 0 or E_CONFIG "must be a URL"; the text names neither the key nor the value. */
int updater_setting_check(const struct updater_setting *s, const struct json_value *v, struct err *err);

/* Member of an object, keys in any case; NULL: absent, null, or no object. */
const struct json_value *updater_setting_get(const struct json_value *settings, const char *key);

#endif
