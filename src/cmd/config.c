/* SPDX-License-Identifier: Apache-2.0 */
/* From a document to a configuration: strict decoding after the table, defaults, then checks and lints for
 * the mode. Clair's rules: unknown keys are errors, keys are compared in any case, null is as if absent. What
 * a reader would get wrong: which file a line is of is not stored but counted (config_merge marks lines with
 * the file's position), and the names are listed again when an error needs one. */
#include "cmd/config.h"

#include "cmd/config_parts.h"
#include "cmd/config_value.h"
#include "cmd/options.h"

#include <stdarg.h>
#include <stdio.h>

enum { WORD_BYTES = 64, SHORTEST_PERIOD = 60 };

/* ---- finding and failing ---- */

static const struct json_value *member(const struct json_value *v, struct str key)
{
	if (!v || v->type != JSON_OBJECT)
		return NULL;
	for (size_t i = v->n; i-- > 0;)
		if (str_eq_nocase(v->keys[i], key))
			return v->items[i].type == JSON_NULL ? NULL : &v->items[i];
	return NULL;
}

const struct json_value *config_find(const struct config_document *d, const char *path)
{
	const struct json_value *v = d->root;
	struct str rest = str_of(path), head;

	while (v && rest.n) {
		str_cut(rest, '.', &head, &rest);
		v = member(v, head);
	}
	return v;
}

struct str config_find_text(const struct config_document *d, const char *path)
{
	const struct json_value *v = config_find(d, path);

	return v && v->type == JSON_STRING ? v->text : (struct str){ NULL, 0 };
}

int config_fail(const struct config_document *d, const struct json_value *at, const char *fmt, ...)
{
	const uint32_t mask = (1u << CONFIG_LINE_BITS) - 1;
	unsigned position = at ? at->line >> CONFIG_LINE_BITS : 0;
	struct str file = config_source_name(d->arena, d->path, position);
	char text[400], line[32] = "";
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (at && (at->line & mask))
		snprintf(line, sizeof(line), "line %u: ", (unsigned)(at->line & mask));
	if (file.n == 0)
		return err_set(d->err, E_CONFIG, "%s%s", line, text);
	err_set(d->err, E_CONFIG, "%s%s", line, text);
	return err_wrap(d->err, STR_FMT, STR_ARG(file));
}

/* ---- decoding ---- */

static struct str word(struct str s)
{
	return str_sub(s, 0, s.n < WORD_BYTES ? s.n : WORD_BYTES);
}

static int unknown_key(const struct config_document *d, struct str section, struct str key,
		       const struct json_value *at)
{
	const char *nearest = config_key_nearest(d->arena, section, key);
	struct str name = word(key);

	return config_fail(d, at, "unknown key '" STR_FMT "%s" STR_FMT "'%s%s%s", STR_ARG(section),
			   section.n ? "." : "", STR_ARG(name), nearest ? "; did you mean '" : "",
			   nearest ? nearest : "", nearest ? "'?" : "");
}

static int decode_value(const struct config_document *d, const struct config_key *key,
			const struct json_value *v, struct config *out)
{
	struct err why = { 0 };

	if (config_value(d->arena, key, v, out, &why) == 0)
		return 0;
	return config_fail(d, v, "%s: %s", key->path, why.text);
}

/* A section that is yet to be read. Sections are read from a list, as the keys of an object may be many but
 * its depth is that of the table. */
struct section {
	struct str path;
	const struct json_value *value;
};
typedef VEC(struct section) section_list;

static int decode_member(const struct config_document *d, const struct section *in, size_t i,
			 section_list *sections, struct config *out)
{
	struct str name = in->value->keys[i], path = name;
	const struct json_value *v = &in->value->items[i];
	const struct config_key *key;

	if (in->path.n)
		path = str_format(d->arena, STR_FMT "." STR_FMT, STR_ARG(in->path), STR_ARG(word(name)));
	key = name.n > WORD_BYTES || str_find(name, '.') < name.n ? NULL : config_key_find(path);
	if (key)
		return v->type == JSON_NULL ? 0 : decode_value(d, key, v, out);
	if (name.n == 0 || name.n > WORD_BYTES || str_find(name, '.') < name.n ||
	    !config_key_is_section(path))
		return unknown_key(d, in->path, name, v);
	if (v->type == JSON_NULL)
		return 0;
	if (v->type != JSON_OBJECT)
		return config_fail(d, v, STR_FMT ": must be a mapping", STR_ARG(path));
	VEC_PUSH(d->arena, sections, ((struct section){ path, v }));
	return 0;
}

static int decode(const struct config_document *d, struct config *out)
{
	section_list sections = { 0 };

	VEC_PUSH(d->arena, &sections, ((struct section){ { NULL, 0 }, d->root }));
	for (size_t s = 0; s < sections.n; s++)
		for (size_t i = 0; i < sections.p[s].value->n; i++) {
			struct section in = sections.p[s];

			TRY(decode_member(d, &in, i, &sections, out));
		}
	return 0;
}

/* ---- defaults ---- */

static bool is_zero(const struct config_key *key, const struct config *c)
{
	const char *at = (const char *)c + key->member;

	switch (key->type) {
	case CONFIG_TEXT: return ((const struct str *)(const void *)at)->n == 0;
	case CONFIG_INTEGER:
	case CONFIG_DURATION: return *(const int64_t *)(const void *)at <= 0;
	default: return false;
	}
}

static void fill_defaults(struct arena *a, struct config *c, bool is_decoded)
{
	for (const struct config_key *k = config_keys; k->path; k++) {
		if (!k->standard || k->member == CONFIG_NOWHERE)
			continue;
		if (!is_decoded || ((k->flags & CONFIG_ZERO) && is_zero(k, c)))
			config_value_default(a, k, c);
	}
}

static void add_key(const struct config_document *d, struct config *c, const struct json_value *v)
{
	struct str key;

	if (v && v->type == JSON_STRING && config_base64(d->arena, v->text, &key))
		VEC_PUSH(d->arena, &c->auth.keys, key);
}

static void fill_auth(const struct config_document *d, struct config *c)
{
	const struct json_value *keys = config_find(d, "auth.psk.keys");

	c->auth.has_psk = config_find(d, "auth.psk") != NULL;
	add_key(d, c, config_find(d, "auth.psk.key"));
	for (size_t i = 0; keys && i < keys->n; i++)
		add_key(d, c, &keys->items[i]);
}

static bool has_name(const config_names *list, struct str name)
{
	VEC_EACH (const struct str, n, list)
		if (str_eq(*n, name))
			return true;
	return false;
}

/* Red Hat's sets have become one; and what Clair's indexer fetches by itself is a set here. */
static void rename_sets(struct arena *a, config_names *sets)
{
	static const char *const maps[] = { "rhel-repository-to-cpe", "rhel-container-names" };
	config_names renamed = { 0 };
	bool has_red_hat = false;

	for (size_t i = 0; i < sets->n; i++) {
		struct str name = sets->p[i];
		bool is_red_hat = str_eq(name, STR("rhel-vex")) || str_eq(name, STR("rhel")) ||
				  str_eq(name, STR("rhcc"));

		if (!is_red_hat || !has_red_hat)
			VEC_PUSH(a, &renamed, is_red_hat ? STR("rhel-vex") : name);
		has_red_hat = has_red_hat || is_red_hat;
	}
	for (size_t i = 0; has_red_hat && i < sizeof(maps) / sizeof(maps[0]); i++)
		if (!has_name(&renamed, str_of(maps[i])))
			VEC_PUSH(a, &renamed, str_of(maps[i]));
	*sets = renamed;
}

static struct json_value tree_at(const struct config_document *d, const char *path)
{
	const struct json_value *v = config_find(d, path);

	return v ? *v : (struct json_value){ .type = JSON_NULL };
}

/* What follows from several keys, or from whether a key is there. */
static void fill_rest(const struct config_document *d, struct config *c)
{
	fill_auth(d, c);
	c->indexer.scanner = tree_at(d, "indexer.scanner");
	c->indexer.fetch.is_airgapped = c->indexer.airgap;
	c->notifier = tree_at(d, "notifier");
	c->matcher.has_names = config_find(d, "matchers.names") != NULL;
	c->updaters.has_sets = config_find(d, "updaters.sets") != NULL;
	rename_sets(d->arena, &c->updaters.sets);
	c->has_delivery = config_find(d, "notifier.webhook") || config_find(d, "notifier.amqp") ||
			  config_find(d, "notifier.stomp");
	if (c->matcher.period < SHORTEST_PERIOD)
		(void)config_duration(str_of(config_key_find(STR("matcher.period"))->standard),
				      &c->matcher.period);
	if (c->matcher.cache_age <= 0)
		c->matcher.cache_age = c->matcher.period;
	if (c->matcher.update_retention < 0)
		c->matcher.update_retention = 0;
	else if (c->matcher.update_retention <= 1)
		c->matcher.update_retention = 10;
}

/* ---- the whole ---- */

int config_mode_parse(struct str text, enum config_mode *out, struct err *err)
{
	static const char *const names[] = { "combo", "indexer", "matcher", "notifier", NULL };
	int mode = options_choice("mode", text, names, err);

	TRY(mode);
	*out = (enum config_mode)mode;
	return 0;
}

bool config_runs_indexer(enum config_mode mode)
{
	return mode == MODE_COMBO || mode == MODE_INDEXER;
}

bool config_runs_matcher(enum config_mode mode)
{
	return mode == MODE_COMBO || mode == MODE_MATCHER;
}

bool config_runs_notifier(enum config_mode mode)
{
	return mode == MODE_COMBO || mode == MODE_NOTIFIER;
}

int config_decode(struct arena *a, const struct json_value *document, struct str path, enum config_mode mode,
		  struct config *out, config_lints *lints, struct err *err)
{
	const struct config_document d = { a, document, path, mode, err };
	struct config c = { 0 };

	if (document->type != JSON_OBJECT)
		return config_fail(&d, document, "the configuration must be a mapping");
	fill_defaults(a, &c, false);
	TRY(decode(&d, &c));
	fill_defaults(a, &c, true);
	fill_rest(&d, &c);
	TRY(config_check(&d, &c));
	config_lint(&d, &c, lints);
	*out = c;
	return 0;
}

int config_load(struct arena *a, struct str path, enum config_mode mode, struct config *out,
		config_lints *lints, struct err *err)
{
	struct json_value document;

	TRY(config_merge(a, path, &document, err));
	return config_decode(a, &document, path, mode, out, lints, err);
}

/* ---- names ---- */

static bool is_among(struct str name, const char *const *names)
{
	for (; *names; names++)
		if (str_eq(name, str_of(*names)))
			return true;
	return false;
}

static void add_unknown(struct arena *a, const config_names *given, const char *const *known,
			const char *const *clairs, config_names *out)
{
	for (size_t i = 0; i < given->n; i++)
		if (!is_among(given->p[i], known) && !is_among(given->p[i], clairs))
			VEC_PUSH(a, out, given->p[i]);
}

void config_unknown_names(struct arena *a, const struct config *c, const char *const *known_sets,
			  const char *const *known_matchers, config_names *out)
{
	/* Clair's, now and earlier. */
	static const char *const sets[] = { "alpine",	"aws",	  "clair.cvss", "debian", "oracle",
					    "osv",	"photon", "pyupio",	"rhcc",	  "rhel",
					    "rhel-vex", "suse",	  "ubuntu",	NULL };
	static const char *const matchers[] = { "alpine-matcher",
						"aws-matcher",
						"debian-matcher",
						"gobin",
						"java-maven",
						"nodejs",
						"oracle",
						"photon",
						"python",
						"rhel",
						"rhel-container-matcher",
						"ruby-gem",
						"suse",
						"ubuntu-matcher",
						NULL };

	add_unknown(a, &c->updaters.sets, known_sets, sets, out);
	add_unknown(a, &c->matcher.names, known_matchers, matchers, out);
}
