/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration says of an updater set (updaters.config, matching.md 4, service.md 4.2). The thing
 * to know: an empty text is as good as none, as templates of configurations often leave one. */
#include "ecosystem/ecosystem.h"

struct str discovery_setting(const struct discovery *d, const char *key, struct str otherwise)
{
	struct str value = json_get_str(d->settings, key);

	return value.n ? value : otherwise;
}

struct str discovery_folder(struct arena *a, const struct discovery *d, const char *key,
			    const char *otherwise)
{
	struct str value = discovery_setting(d, key, str_of(otherwise));

	return str_ends(value, STR("/")) ? value : str_format(a, STR_FMT "/", STR_ARG(value));
}
