/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_UPDATE_SELECT_H
#define ENGINE_UPDATE_SELECT_H

#include "engine/update.h"

#include <regex.h>

/* Inside of updating: which sets and updaters are wanted, after names, patterns and the filter. */
struct selection {
	const struct update_options *options;
	const struct str *sets; /* as given to engine_update */
	size_t set_count;
	bool has_filter;
	regex_t filter;
	bool *is_met; /* for each of options->only: something has this name */
};

/* E_CONFIG: the filter is no expression, or a pattern can be no set's and no updater's. */
int selection_open(struct selection *s, struct task *task, const struct update_options *options,
		   const struct str *sets, size_t set_count, struct err *err);
void selection_close(struct selection *s);
/* Is the publisher to be asked at all? */
bool selection_has_set(const struct selection *s, const struct ecosystem *e);
/* Is the set wanted by its very name? */
bool selection_names_set(const struct selection *s, const struct updater_set *set);
/* Is an updater of the set wanted? name ends with a NUL that is not counted. */
bool selection_has(const struct selection *s, const struct updater_set *set, struct str name);
/* What updaters the set has is not known: patterns for them count as met. */
void selection_excuse(const struct selection *s, const struct updater_set *set);
/* E_CONFIG: a name that was asked for was not found, among these; a pattern may be without a match. */
int selection_check(const struct selection *s, struct arena *a, const struct str *names, size_t n,
		    struct err *err);

#endif
