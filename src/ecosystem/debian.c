/* SPDX-License-Identifier: Apache-2.0 */
/* Debian: dpkg packages, and the security tracker's JSON
 * (https://security-tracker.debian.org/tracker/data/json, matching.md 4.3). Which releases count comes from
 * the archive's dists/ directory, whose address is a setting, or from the table below. Easy to get wrong:
 * Raspbian rebuilds the same source packages under the same release numbers and publishes nothing of its own;
 * its rebuilds add to the version ("+rpi1"), so they are above the fix that they have (9.1). */
#include "base/limits.h"
#include "ecosystem/by_source.h"
#include "ecosystem/ecosystems.h"

#define TRACKER "https://security-tracker.debian.org/tracker/data/json"

/* Releases that the tracker still speaks of, by code name. Source: https://wiki.debian.org/DebianReleases */
static const struct {
	const char *code_name, *major;
} releases[] = {
	{ "wheezy", "7" },    { "jessie", "8" },    { "stretch", "9" }, { "buster", "10" },
	{ "bullseye", "11" }, { "bookworm", "12" }, { "trixie", "13" },
};

static bool applies(const struct record *r)
{
	const struct distribution *d = r->distribution;

	return d && (str_eq(d->did, STR("debian")) || str_eq(d->did, STR("raspbian")) ||
		     str_eq(d->name, STR("Debian GNU/Linux")));
}

/* VERSION_ID, or what the code name says: testing images have no VERSION_ID. */
static struct str release_of(const struct distribution *d)
{
	if (d->version_id.n)
		return d->version_id;
	for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++)
		if (str_eq(d->version_code_name, str_of(releases[i].code_name)))
			return str_of(releases[i].major);
	return d->version_code_name;
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	struct str release = release_of(r->distribution);

	if (release.n == 0)
		return 0;
	out[0].namespace = str_format(a, "debian:" STR_FMT, STR_ARG(release));
	out[0].package = by_source_name(r->package);
	return 1;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	return by_source_affects(a, &ordering_deb, by_source_version(r->package), advisory, reason);
}

static void add_distribution(struct feed_sources *out, struct str code_name, struct str major)
{
	struct arena *a = out->arena;
	struct distribution *d = VEC_ADD(a, &out->distributions);

	code_name = str_copy(a, code_name);
	major = str_copy(a, major);
	*d = (struct distribution){
		.did = STR("debian"),
		.name = STR("Debian GNU/Linux"),
		.version_id = major,
		.version_code_name = code_name,
		.version = str_format(a, STR_FMT " (" STR_FMT ")", STR_ARG(major), STR_ARG(code_name)),
		.pretty_name = str_format(a, "Debian GNU/Linux " STR_FMT " (" STR_FMT ")", STR_ARG(major),
					  STR_ARG(code_name)),
	};
}

/* Is this entry of dists/ a release, and not a pocket, an alias or a file? */
static bool may_be_release(struct str name)
{
	static const char *const others[] = { "-",	"Debian",  "sid",
					      "stable", "testing", "experimental",
					      "README", "updates", "backports" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_search(name, str_of(others[i])) < name.n)
			return false;
	return name.n && name.p[0] != '.' && name.p[0] != '/' && name.p[0] != '?';
}

/* "Version: 12.15" of a Release file gives 12; unreleased suites have no version. False when there is none.
 */
static bool release_major(struct str release_file, struct str *major)
{
	struct str line, key, value, minor;

	while (str_line(&release_file, &line)) {
		if (!str_cut(line, ':', &key, &value) || !str_eq(key, STR("Version")))
			continue;
		value = str_trim(value);
		return str_cut(value, '.', major, &minor) && major->n;
	}
	return false;
}

static bool is_there(const struct feed_sources *out, struct str code_name)
{
	VEC_EACH (const struct distribution, d, &out->distributions)
		if (str_eq(d->version_code_name, code_name))
			return true;
	return false;
}

static int add_listed(struct discovery *d, struct feed_sources *out, struct str dists, struct str name,
		      struct err *err)
{
	struct str url = str_format(out->arena, STR_FMT STR_FMT "/Release", STR_ARG(dists), STR_ARG(name));
	struct str path = str_format(out->arena, "debian/dists/" STR_FMT "/Release", STR_ARG(name));
	struct str text, major;
	int found = d->get(d, url, path, 512, &text, err);

	if (found > 0 && release_major(text, &major))
		add_distribution(out, name, major);
	return found < 0 ? found : 0;
}

/* The releases in a folder of the archive. dists empty: that of a mirror, or none. */
static int add_folder(struct task *task, struct discovery *d, struct feed_sources *out, struct str dists,
		      struct err *err)
{
	struct str *names = NULL;
	size_t n = 0;
	int listed = d->list(d, dists, STR("debian/dists/"), &names, &n, err);

	TRY(listed);
	for (size_t i = 0; listed && i < n; i++) {
		if (may_be_release(names[i]) && !is_there(out, names[i]))
			TRY(add_listed(d, out, dists, names[i], err));
		TRY(task_check(task, err));
	}
	return 0;
}

static struct str slashed(struct arena *a, struct str url)
{
	return url.n == 0 || str_ends(url, STR("/")) ? url : str_format(a, STR_FMT "/", STR_ARG(url));
}

/* Where the settings say the archive's dists/ is: as its own address, below a mirror, below the archive. */
static struct str dists_of(struct arena *a, const struct discovery *d)
{
	struct str mirror = discovery_folder(a, d, "mirror_url", "");
	struct str dists = discovery_folder(a, d, "dists_url", "");

	if (mirror.n == 0)
		mirror = discovery_folder(a, d, "archive_url", "");
	if (dists.n)
		return dists;
	if (mirror.n)
		return str_format(a, STR_FMT "debian/dists/", STR_ARG(mirror));
	if (d->debian_archive.n)
		return str_format(a, STR_FMT "dists/", STR_ARG(slashed(a, d->debian_archive)));
	return (struct str){ NULL, 0 };
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	const struct json_value *several = discovery_value(d, "dists_urls");

	if (several && several->n)
		for (size_t i = 0; i < several->n; i++)
			TRY(add_folder(task, d, out, slashed(out->arena, several->items[i].text), err));
	else
		TRY(add_folder(task, d, out, dists_of(out->arena, d), err));
	if (out->distributions.n == 0)
		for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++)
			add_distribution(out, str_of(releases[i].code_name), str_of(releases[i].major));
	VEC_PUSH(out->arena, &out->sources,
		 ((struct feed_source){ .url = discovery_setting(d, "json_url", STR(TRACKER)),
					.mirror_path = STR("debian/tracker/data/json") }));
	return 0;
}

static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	(void)a;
	(void)source;
	return STR("debian/updater");
}

const struct ecosystem ecosystem_debian = {
	.name = "debian",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_dpkg, NULL },
	.matcher = &(const struct matcher){ .name = "debian-matcher",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects },
	.updaters = &(const struct updater_set){ .name = "debian",
						 .discover = discover,
						 .updater_name = updater_name,
						 .format = FEED_DEBIAN_TRACKER,
						 .parser_version = 1 },
};
