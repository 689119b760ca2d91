/* SPDX-License-Identifier: Apache-2.0 */
/* updaters.config: values of a wrong type are errors, names and keys that nothing knows are warnings, as
 * Clair takes any. What a reader would get wrong: names here are those of sets and of single updaters, and
 * the latter are known by their beginning only. */
#include "cmd/config_parts.h"
#include "ecosystem/settings.h"

enum { SHOWN_BYTES = 64 };

static struct str shown(struct str s)
{
	return str_sub(s, 0, s.n < SHOWN_BYTES ? s.n : SHOWN_BYTES);
}

static int check_settings(const struct config_document *d, struct str of, const struct json_value *settings)
{
	struct str name = shown(of);

	if (settings->type == JSON_NULL)
		return 0;
	if (settings->type != JSON_OBJECT)
		return config_fail(d, settings, "updaters.config." STR_FMT ": must be a mapping",
				   STR_ARG(name));
	for (size_t i = 0; i < settings->n; i++) {
		const struct updater_setting *s = updater_setting_find(of, settings->keys[i]);
		struct err why = { 0 };

		if (s && updater_setting_check(s, &settings->items[i], &why) < 0)
			return config_fail(d, &settings->items[i], "updaters.config." STR_FMT ".%s: %s",
					   STR_ARG(name), s->key, why.text);
	}
	return 0;
}

int config_check_updaters(const struct config_document *d)
{
	const struct json_value *config = config_find(d, "updaters.config");

	for (size_t i = 0; config && i < config->n; i++)
		TRY(check_settings(d, config->keys[i], &config->items[i]));
	return 0;
}

/* ---- warnings ---- */

static void warn(const struct config_document *d, config_lints *out, struct str text, struct str of,
		 struct str key)
{
	struct str path = str_format(d->arena, "updaters.config." STR_FMT "%s" STR_FMT, STR_ARG(shown(of)),
				     key.n ? "." : "", STR_ARG(shown(key)));

	VEC_PUSH(d->arena, out,
		 str_format(d->arena, STR_FMT " (at $." STR_FMT ")", STR_ARG(text), STR_ARG(path)));
}

static struct str unknown(struct arena *a, const char *what, const char *nearest)
{
	return nearest ? str_format(a, "%s: did you mean '%s'?", what, nearest) : str_of(what);
}

static void lint_key(const struct config_document *d, config_lints *out, struct str of, struct str key)
{
	const struct updater_setting *s = updater_setting_find(of, key);
	struct arena *a = d->arena;

	if (!s)
		warn(d, out, unknown(a, "unknown key", updater_setting_nearest_key(a, of, key)), of, key);
	else if (s->flags & SETTING_DEPRECATED)
		warn(d, out, str_format(a, "deprecated: %s", s->about), of, key);
	else if (s->flags & SETTING_UNUSED)
		warn(d, out, STR("has no effect"), of, key);
}

void config_lint_updaters(const struct config_document *d, config_lints *out)
{
	const struct json_value *config = config_find(d, "updaters.config");
	struct str none = { NULL, 0 };

	for (size_t i = 0; config && i < config->n; i++) {
		const struct json_value *settings = &config->items[i];
		struct str of = config->keys[i];

		if (!updater_setting_is_name(of)) {
			warn(d, out,
			     unknown(d->arena, "no set or updater that has settings",
				     updater_setting_nearest_name(d->arena, of)),
			     of, none);
			continue;
		}
		for (size_t k = 0; settings->type == JSON_OBJECT && k < settings->n; k++)
			lint_key(d, out, of, settings->keys[k]);
	}
}
