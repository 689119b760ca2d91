/* SPDX-License-Identifier: Apache-2.0 */
/* What the configuration says of updater sets and updaters (updaters.config; matching.md 4, service.md 4.2).
 * The names of Clair's keys are those of its documentation, "Updaters and Matchers". The thing to know: an
 * empty text is as good as none, as templates of configurations often leave one, and keys are compared in any
 * case, as Go's decoder does. */
#include "ecosystem/settings.h"

#include "base/arena.h"
#include "base/vec.h"
#include "ecosystem/ecosystem.h"

enum { NAME_BYTES = 128 };

/* clang-format off */
const struct updater_setting updater_settings[] = {
	{ "alma", "url", SETTING_FOLDER, SETTING_OURS, NULL, "base of the archives of OSV records, as for osv" },
	{ "alpine", "url", SETTING_FOLDER, 0, NULL, "base of the secdb" },
	{ "arch", "url", SETTING_URL, SETTING_OURS, NULL, "the document" },
	{ "azure", "url", SETTING_FOLDER, SETTING_OURS, NULL, "base of the repositories with the OVAL documents" },
	{ "chainguard", "url", SETTING_URL, SETTING_OURS, NULL, "the document" },
	{ "clair.cvss", "feed_root", SETTING_URL, 0, "/", "folder of NVD's documents for each year" },
	{ "clair.epss", "url", SETTING_URL, 0, ".gz", "the document, instead of the newest one" },
	{ "clair.kev", "feed_root", SETTING_URL, 0, NULL, "the document" },
	{ "debian", "mirror_url", SETTING_FOLDER, 0, NULL, "archive, above debian/dists/, to learn the releases" },
	{ "debian", "json_url", SETTING_URL, 0, NULL, "the security tracker's document" },
	{ "debian", "dists_url", SETTING_FOLDER, 0, NULL, "folder of releases, instead of the archive's" },
	{ "debian", "dists_urls", SETTING_URLS, 0, NULL, "several such folders" },
	{ "debian", "archive_url", SETTING_FOLDER, SETTING_DEPRECATED, NULL, "use mirror_url" },
	{ "debian", "oval_url", SETTING_URL, SETTING_DEPRECATED | SETTING_UNUSED, NULL, "use json_url" },
	{ "debian/updater", "json_url", SETTING_URL, 0, NULL, "the security tracker's document" },
	{ "debian/updater", "dists_url", SETTING_FOLDER, 0, NULL, "folder of releases, instead of the archive's" },
	{ "debian/updater", "dists_urls", SETTING_URLS, 0, NULL, "several such folders" },
	{ "fedora", "url", SETTING_FOLDER, SETTING_OURS, NULL, "base of Bodhi" },
	{ "minimos", "url", SETTING_URL, SETTING_OURS, NULL, "the document" },
	{ "oracle", "url", SETTING_FOLDER, SETTING_OURS, NULL, "folder of the OVAL documents" },
	{ "osv", "url", SETTING_FOLDER, 0, NULL, "base of the archives" },
	{ "osv", "allowlist", SETTING_NAMES, 0, NULL, "ecosystems that are wanted, in lower case; without it: all" },
	{ "photon", "url", SETTING_FOLDER, SETTING_OURS, NULL, "folder of the OVAL documents" },
	{ "rhel-container-names", "url", SETTING_URL, SETTING_OURS, NULL, "map from names of containers to repositories" },
	{ "rhel-repository-to-cpe", "url", SETTING_URL, SETTING_OURS, NULL, "map from ids of repositories to CPE names" },
	{ "rhel-vex", "url", SETTING_FOLDER, 0, NULL, "folder of the VEX documents" },
	{ "rhel-vex", "compressed_file_timeout", SETTING_DURATION, SETTING_UNUSED, NULL, "for the archive" },
	{ "rhel-vex", "ignore_kernel_packages", SETTING_BOOL, 0, NULL, "leave packages of the kernel out" },
	{ "rhel-vex", "fixed_in_version_cel", SETTING_TEXT, SETTING_UNUSED, NULL, "expression that rewrites versions" },
	{ "rocky", "url", SETTING_FOLDER, SETTING_OURS, NULL, "base of the pages of OSV records" },
	{ "suse", "url", SETTING_FOLDER, 0, NULL, "folder of the OVAL documents" },
	{ "ubuntu", "url", SETTING_FOLDER, 0, NULL, "base of Launchpad's API, to learn the releases" },
	{ "ubuntu", "name", SETTING_TEXT, 0, NULL, "distribution to ask it for (ubuntu)" },
	{ "ubuntu", "force", SETTING_RELEASES, 0, NULL, "releases that are wanted although they are not in its list: name, version" },
	{ "ubuntu", "oval_url", SETTING_FOLDER, SETTING_OURS, NULL, "folder of the OVAL documents" },
	{ "wolfi", "url", SETTING_URL, SETTING_OURS, NULL, "the document" },

	{ "alma/*", "url", SETTING_URL, SETTING_OURS, NULL, "the archive" },
	{ "alpine-*", "url", SETTING_URL, 0, NULL, "the document" },
	{ "aws-*", "url", SETTING_URL, SETTING_OURS, NULL, "the document" },
	{ "azure/*", "url", SETTING_URL, SETTING_OURS, NULL, "the document" },
	{ "debian/updater", "url", SETTING_URL, SETTING_OURS, NULL, "the security tracker's document" },
	{ "oracle-*", "url", SETTING_URL, 0, NULL, "the document" },
	{ "oracle-*", "compression", SETTING_TEXT, SETTING_UNUSED, NULL, "documents say themselves how they are packed" },
	{ "osv/*", "url", SETTING_URL, SETTING_OURS, NULL, "the archive" },
	{ "photon-updater-*", "url", SETTING_URL, 0, NULL, "the document" },
	{ "photon-updater-*", "compression", SETTING_TEXT, SETTING_UNUSED, NULL, "documents say themselves how they are packed" },
	{ "suse-updater-*", "url", SETTING_URL, 0, NULL, "the document" },
	{ "suse-updater-*", "compression", SETTING_TEXT, SETTING_UNUSED, NULL, "documents say themselves how they are packed" },
	{ "ubuntu/updater/*", "url", SETTING_URL, 0, NULL, "the document" },
	{ "ubuntu/updater/*", "use_bzip2", SETTING_BOOL, SETTING_UNUSED, NULL, "documents say themselves how they are packed" },
	{ 0 },
};
/* clang-format on */

/* ---- the table ---- */

static bool is_of(const struct updater_setting *s, struct str name)
{
	return str_glob(str_of(s->of), name);
}

const struct updater_setting *updater_setting_find(struct str of, struct str key)
{
	for (const struct updater_setting *s = updater_settings; s->key; s++)
		if (str_eq_nocase(str_of(s->key), key) && is_of(s, of))
			return s;
	return NULL;
}

bool updater_setting_is_name(struct str of)
{
	for (const struct updater_setting *s = updater_settings; s->key; s++)
		if (is_of(s, of))
			return true;
	return false;
}

typedef VEC(const char *) word_list;

static const char *nearest(struct arena *a, struct str word, word_list *known)
{
	VEC_PUSH(a, known, NULL);
	return str_nearest(str_copy(a, str_sub(word, 0, word.n < NAME_BYTES ? word.n : NAME_BYTES)).p,
			   known->p);
}

const char *updater_setting_nearest_name(struct arena *a, struct str of)
{
	word_list known = { 0 };

	for (const struct updater_setting *s = updater_settings; s->key; s++)
		VEC_PUSH(a, &known, s->of);
	return nearest(a, of, &known);
}

const char *updater_setting_nearest_key(struct arena *a, struct str of, struct str key)
{
	word_list known = { 0 };

	for (const struct updater_setting *s = updater_settings; s->key; s++)
		if (is_of(s, of))
			VEC_PUSH(a, &known, s->key);
	return nearest(a, key, &known);
}

/* ---- values ---- */

static bool is_url(const struct json_value *v)
{
	return v->type == JSON_STRING && (v->text.n == 0 || str_starts(v->text, STR("http://")) ||
					  str_starts(v->text, STR("https://")));
}

static bool is_text(const struct json_value *v)
{
	return v->type == JSON_STRING;
}

static bool is_release(const struct json_value *v)
{
	return json_get_str(v, "name").n && json_get_str(v, "version").n;
}

static bool are_all(const struct json_value *list, bool (*is)(const struct json_value *v))
{
	for (size_t i = 0; list->type == JSON_ARRAY && i < list->n; i++)
		if (!is(&list->items[i]))
			return false;
	return list->type == JSON_ARRAY;
}

/* What the value should have been; NULL: it is. */
static const char *wrong(enum setting_type type, const struct json_value *v)
{
	switch (type) {
	case SETTING_URL:
	case SETTING_FOLDER: return is_url(v) ? NULL : "a URL that begins with http:// or https://";
	case SETTING_URLS: return are_all(v, is_url) ? NULL : "a list of URLs";
	case SETTING_NAMES: return are_all(v, is_text) ? NULL : "a list of texts";
	case SETTING_RELEASES:
		return are_all(v, is_release) ? NULL : "a list of mappings with name and version";
	case SETTING_BOOL: return v->type == JSON_TRUE || v->type == JSON_FALSE ? NULL : "true or false";
	case SETTING_DURATION: return is_text(v) ? NULL : "a duration like 90s or 2m";
	case SETTING_TEXT: break;
	}
	return is_text(v) ? NULL : "a text";
}

int updater_setting_check(const struct updater_setting *s, const struct json_value *v, struct err *err)
{
	const char *wanted = v->type == JSON_NULL ? NULL : wrong(s->type, v);

	if (wanted)
		return err_set(err, E_CONFIG, "must be %s", wanted);
	if (s->ends && v->type == JSON_STRING && v->text.n && !str_ends(v->text, str_of(s->ends)))
		return err_set(err, E_CONFIG, "must end with %s", s->ends);
	return 0;
}

const struct json_value *updater_setting_get(const struct json_value *settings, const char *key)
{
	if (!settings || settings->type != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < settings->n; i++)
		if (str_eq_nocase(settings->keys[i], str_of(key)))
			return settings->items[i].type == JSON_NULL ? NULL : &settings->items[i];
	return NULL;
}

/* ---- what discover asks ---- */

const struct json_value *discovery_value(const struct discovery *d, const char *key)
{
	return updater_setting_get(d->settings, key);
}

struct str discovery_setting(const struct discovery *d, const char *key, struct str otherwise)
{
	const struct json_value *v = discovery_value(d, key);

	return v && v->type == JSON_STRING && v->text.n ? v->text : otherwise;
}

struct str discovery_folder(struct arena *a, const struct discovery *d, const char *key,
			    const char *otherwise)
{
	struct str value = discovery_setting(d, key, str_of(otherwise));

	if (value.n == 0 || str_ends(value, STR("/")))
		return value;
	return str_format(a, STR_FMT "/", STR_ARG(value));
}
