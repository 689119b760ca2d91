/* SPDX-License-Identifier: Apache-2.0 */
/* Ubuntu: dpkg packages, and an OVAL document for each release with the issues that have no fix, too
 * (https://security-metadata.canonical.com/oval/, matching.md 4.4). Which releases there are, Launchpad says.
 * Easy to get wrong: fixes of Extended Security Maintenance are for subscribers. Their rows stand in the
 * namespace of the channel, "ubuntu:18.04+esm-infra", "+esm-apps" or, when the feed does not tell, "+esm",
 * and, as refused, in the release's; which of the two counts is told by the version that is installed, or by
 * the channels that the client's status file says are enabled (5.5, 9.3.6). */
#include "base/json.h"
#include "base/limits.h"
#include "ecosystem/by_binary.h"
#include "ecosystem/by_source.h"
#include "ecosystem/ecosystems.h"

#define SERIES "https://api.launchpad.net/1.0/"
#define OVAL "https://security-metadata.canonical.com/oval/"
#define CODE_NAME "abcdefghijklmnopqrstuvwxyz"
#define VERSION "0123456789."

/* Asked for when there is no list of series. Source: https://wiki.ubuntu.com/Releases */
static const struct {
	const char *code_name, *version;
} releases[] = {
	{ "trusty", "14.04" }, { "xenial", "16.04" }, { "bionic", "18.04" }, { "focal", "20.04" },
	{ "jammy", "22.04" },  { "noble", "24.04" },  { "plucky", "25.04" }, { "questing", "25.10" },
};

static bool applies(const struct record *r)
{
	return by_binary_is(r, "ubuntu", "Ubuntu");
}

static bool is_esm(struct str text)
{
	return str_search(text, STR("esm")) < text.n;
}

/* Channels of Ubuntu Pro: names of repositories, and what "fixed with Ubuntu Pro (esm-apps)" says. */
enum { ESM_INFRA = 1, ESM_APPS = 2 };
static const struct {
	const char *name, *suffix, *words;
	unsigned bit;
} channels[] = {
	{ "esm-infra", "+esm-infra", "fixed with Ubuntu Pro (esm-infra)", ESM_INFRA },
	{ "esm-apps", "+esm-apps", "fixed with Ubuntu Pro (esm-apps)", ESM_APPS },
};
enum { CHANNELS = sizeof(channels) / sizeof(channels[0]) };

/* The channels that the record's image gets. A package that came from one says by its version that it did,
 * not from which: it is in one of them only, so the rows of both count for it. */
static unsigned subscribed(const struct record *r)
{
	unsigned bits = 0;

	if (is_esm(r->package->version))
		return ESM_INFRA | ESM_APPS;
	for (size_t i = 0; i < r->repository_count; i++)
		for (size_t k = 0; k < CHANNELS; k++)
			if (str_eq(r->repositories[i]->key, STR("ubuntu-pro")) &&
			    str_eq(r->repositories[i]->name, str_of(channels[k].name)))
				bits |= channels[k].bit;
	return bits;
}

static void add_key(struct arena *a, const char *suffix, struct advisory_key out[MAX_KEYS], unsigned *n)
{
	out[*n] = out[0];
	out[(*n)++].namespace = str_format(a, STR_FMT "%s", STR_ARG(out[0].namespace), suffix);
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	unsigned n = by_binary_key(a, STR("ubuntu"), r->distribution->version_id, r->package, out);
	unsigned bits = subscribed(r);

	if (n == 0 || bits == 0)
		return n;
	add_key(a, "+esm", out, &n);
	for (size_t k = 0; k < CHANNELS; k++)
		if (bits & channels[k].bit)
			add_key(a, channels[k].suffix, out, &n);
	return n;
}

/* Which channels have the fix that the row of the release says is refused? 0: it is none of theirs. */
static unsigned channels_of(const struct advisory *advisory)
{
	if (advisory->status != STATUS_WILL_NOT_FIX)
		return 0;
	for (size_t k = 0; k < CHANNELS; k++)
		if (str_starts(advisory->status_text, str_of(channels[k].words)))
			return channels[k].bit;
	return is_esm(advisory->fixed_in) ? ESM_INFRA | ESM_APPS : 0;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	if (channels_of(advisory) & subscribed(r))
		return NOT_AFFECTED; /* its row of the channel decides */
	return by_source_affects(a, &ordering_deb, r->package->version, advisory, reason);
}

static struct str title(struct arena *a, struct str code_name)
{
	return str_format(a, "%c" STR_FMT, code_name.p[0] - 'a' + 'A',
			  STR_ARG(str_sub(code_name, 1, code_name.n - 1)));
}

static void add_source(struct feed_sources *out, struct str url, struct str file, struct str code_name,
		       struct str version)
{
	struct arena *a = out->arena;
	struct feed_source *s = VEC_ADD(a, &out->sources);

	*s = (struct feed_source){
		.url = url,
		.mirror_path = str_format(a, "ubuntu/oval/" STR_FMT, STR_ARG(file)),
		.namespace = str_format(a, "ubuntu:" STR_FMT, STR_ARG(version)),
	};
	s->distribution = (struct distribution){
		.did = STR("ubuntu"),
		.name = STR("Ubuntu"),
		.version = str_format(a, STR_FMT " (" STR_FMT ")", STR_ARG(version),
				      STR_ARG(title(a, code_name))),
		.version_code_name = str_copy(a, code_name),
		.version_id = str_copy(a, version),
		.pretty_name = str_format(a, "Ubuntu " STR_FMT, STR_ARG(version)),
	};
}

/* The packed document, or the plain one. Returns 1, 0: neither exists, or an error. */
static int add_release(struct discovery *d, struct feed_sources *out, struct str code_name,
		       struct str version, struct err *err)
{
	static const char *const endings[] = { ".bz2", "" };
	struct str folder = discovery_folder(out->arena, d, "oval_url", OVAL);

	for (size_t i = 0; i < 2; i++) {
		struct str file = str_format(out->arena, "com.ubuntu." STR_FMT ".cve.oval.xml%s",
					     STR_ARG(code_name), endings[i]);
		struct str url = str_format(out->arena, STR_FMT STR_FMT, STR_ARG(folder), STR_ARG(file));
		int found = d->exists(d, url, str_format(out->arena, "ubuntu/oval/" STR_FMT, STR_ARG(file)),
				      err);

		TRY(found);
		if (!found)
			continue;
		add_source(out, url, file, code_name, version);
		return 1;
	}
	return 0;
}

static bool consists_of(struct str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == 0 || !strchr(set, s.p[i]))
			return false;
	return s.n > 0 && s.n < 64;
}

static int add_listed(struct task *task, struct discovery *d, struct feed_sources *out, struct str text,
		      struct err *err)
{
	struct json_value series;
	const struct json_value *entries;

	if (json_parse(out->arena, text, &series, err) < 0)
		return err_wrap(err, "the list of series");
	entries = json_get(&series, "entries");
	if (!entries || entries->type != JSON_ARRAY)
		return err_set(err, E_FORMAT, "the list of series: no entries");
	for (size_t i = 0; i < entries->n; i++) {
		const struct json_value *e = &entries->items[i], *active = json_get(e, "active");
		struct str name = json_get_str(e, "name"), version = json_get_str(e, "version");

		if (active && active->type == JSON_TRUE && consists_of(version, VERSION) &&
		    consists_of(name, CODE_NAME))
			TRY(add_release(d, out, name, version, err));
		TRY(task_check(task, err));
	}
	return 0;
}

static int add_known(struct discovery *d, struct feed_sources *out, struct err *err)
{
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++)
		TRY(add_release(d, out, str_of(releases[i].code_name), str_of(releases[i].version), err));
	return 0;
}

static bool is_there(const struct feed_sources *out, struct str code_name)
{
	VEC_EACH (const struct feed_source, s, &out->sources)
		if (str_eq(s->distribution.version_code_name, code_name))
			return true;
	return false;
}

/* Releases of the settings. One whose document cannot be found stays in the list: fetching will say so. */
static int add_forced(struct discovery *d, struct feed_sources *out, struct err *err)
{
	const struct json_value *force = discovery_value(d, "force");
	struct arena *a = out->arena;

	for (size_t i = 0; force && i < force->n; i++) {
		struct str name = json_get_str(&force->items[i], "name"), file;
		struct str version = json_get_str(&force->items[i], "version");
		int found;

		if (is_there(out, name) || !consists_of(name, CODE_NAME) || !consists_of(version, VERSION))
			continue;
		found = add_release(d, out, name, version, err);
		TRY(found);
		if (found)
			continue;
		file = str_format(a, "com.ubuntu." STR_FMT ".cve.oval.xml.bz2", STR_ARG(name));
		add_source(out,
			   str_format(a, STR_FMT STR_FMT, STR_ARG(discovery_folder(a, d, "oval_url", OVAL)),
				      STR_ARG(file)),
			   file, name, version);
	}
	return 0;
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	struct str base = discovery_folder(out->arena, d, "url", SERIES), text;
	struct str url = str_format(out->arena, STR_FMT STR_FMT "/series", STR_ARG(base),
				    STR_ARG(discovery_setting(d, "name", STR("ubuntu"))));
	int listed = d->get(d, url, STR("ubuntu/series"), LIMIT_MANIFEST_BYTES, &text, err);

	TRY(listed);
	TRY(listed ? add_listed(task, d, out, text, err) : add_known(d, out, err));
	return add_forced(d, out, err);
}

static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	return str_format(a, "ubuntu/updater/" STR_FMT, STR_ARG(source->distribution.version_code_name));
}

const struct ecosystem ecosystem_ubuntu = {
	.name = "ubuntu",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_dpkg, &id_chisel, &id_ubuntu_pro,
							NULL },
	.matcher = &(const struct matcher){ .name = "ubuntu-matcher",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects },
	.updaters = &(const struct updater_set){ .name = "ubuntu",
						 .discover = discover,
						 .updater_name = updater_name,
						 .format = FEED_OVAL,
						 .parser_version = 3 },
};
