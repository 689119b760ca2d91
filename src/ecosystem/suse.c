/* SPDX-License-Identifier: Apache-2.0 */
/* SUSE Linux Enterprise Server and openSUSE Leap: rpm packages, and an OVAL document for each major version
 * or release (https://ftp.suse.com/pub/projects/security/oval/, matching.md 4.7). Easy to get wrong: all
 * service packs of a major version are one release here, in the documents as in what the scanner says of an
 * image; a directory of the publisher has several files for each, of which one counts. A
 * fix for one service pack says nothing of another, so the text of the status keeps for which it is. */
#include "ecosystem/by_binary.h"
#include "ecosystem/ecosystems.h"

#define OVAL "https://ftp.suse.com/pub/projects/security/oval/"

/* Asked for where there is no listing. */
static const char *const known[] = { "suse.linux.enterprise.server.11.xml.gz",
				     "suse.linux.enterprise.server.12.xml.gz",
				     "suse.linux.enterprise.server.15.xml.gz",
				     "suse.linux.enterprise.server.16.xml.gz",
				     "opensuse.leap.15.5.xml.gz",
				     "opensuse.leap.15.6.xml.gz",
				     "opensuse.leap.16.0.xml.gz" };

static bool is_leap(const struct record *r)
{
	return by_binary_is(r, "opensuse-leap", "openSUSE Leap");
}

static bool applies(const struct record *r)
{
	return is_leap(r) || by_binary_is(r, "sles", "SLES") ||
	       (r->distribution && str_eq(r->distribution->did, STR("opensuse")));
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	struct str did = is_leap(r) ? STR("opensuse-leap") : STR("sles");

	if (!is_leap(r) && str_eq(r->distribution->did, STR("opensuse")))
		did = STR("opensuse");
	return by_binary_key(a, did, r->distribution->version, r->package, out);
}

/* "only in 15.2, 15.3": other service packs have fixes of their own. */
static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	struct str rest = advisory->status_text, pack, release = r->distribution->release;
	bool is_limited = advisory->status == STATUS_AFFECTED && str_starts(rest, STR("only in ")) &&
			  release.n;

	if (!is_limited)
		return by_binary_affects_rpm(a, r, advisory, reason);
	rest = str_sub(rest, 8, rest.n - 8);
	while (rest.n) {
		str_cut(rest, ',', &pack, &rest);
		if (str_eq(str_trim(pack), release))
			return by_binary_affects_rpm(a, r, advisory, reason);
	}
	return NOT_AFFECTED;
}

static bool is_digits(struct str s, size_t n)
{
	uint64_t value;

	return s.n == n && str_u64(s, 9999, &value);
}

/* What stands between prefix and ".xml.gz". */
static bool between(struct str name, struct str prefix, struct str *out)
{
	if (!str_starts(name, prefix) || !str_ends(name, STR(".xml.gz")) || name.n < prefix.n + 7)
		return false;
	*out = str_sub(name, prefix.n, name.n - prefix.n - 7);
	return true;
}

/* "suse.linux.enterprise.server.15.xml.gz": two digits, none of them 0. */
static bool is_sles(struct str name, struct str *version)
{
	return between(name, STR("suse.linux.enterprise.server."), version) && is_digits(*version, 2) &&
	       version->p[0] != '0' && version->p[1] != '0';
}

/* "opensuse.leap.15.5.xml.gz": 15.5 and later, 16.x. */
static bool is_leap_file(struct str name, struct str *version)
{
	struct str major, minor;

	if (!between(name, STR("opensuse.leap."), version) || !str_cut(*version, '.', &major, &minor) ||
	    !is_digits(minor, 1))
		return false;
	return str_eq(major, STR("16")) || (str_eq(major, STR("15")) && minor.p[0] >= '5');
}

static void add_source(struct feed_sources *out, struct str folder, struct str file,
		       struct distribution distribution)
{
	struct arena *a = out->arena;
	struct feed_source source = {
		.url = str_format(a, STR_FMT STR_FMT, STR_ARG(folder), STR_ARG(file)),
		.mirror_path = str_format(a, "suse/oval/" STR_FMT, STR_ARG(file)),
		.namespace = str_format(a, STR_FMT ":" STR_FMT, STR_ARG(distribution.did),
					STR_ARG(distribution.version)),
		.distribution = distribution,
	};

	VEC_PUSH(a, &out->sources, source);
}

/* Nothing for files that do not count. */
static void add_file(struct feed_sources *out, struct str folder, struct str file)
{
	struct arena *a = out->arena;
	struct str version;

	if (is_sles(file, &version)) {
		version = str_copy(a, version);
		add_source(out, folder, file,
			   (struct distribution){
				   .did = STR("sles"),
				   .name = STR("SLES"),
				   .version = version,
				   .version_id = version,
				   .pretty_name = str_format(a, "SUSE Linux Enterprise Server " STR_FMT,
							     STR_ARG(version)),
			   });
	} else if (is_leap_file(file, &version)) {
		version = str_copy(a, version);
		add_source(out, folder, file,
			   (struct distribution){
				   .did = STR("opensuse-leap"),
				   .name = STR("openSUSE Leap"),
				   .version = version,
				   .version_id = version,
				   .pretty_name = str_format(a, "openSUSE Leap " STR_FMT, STR_ARG(version)),
			   });
	}
}

static int probe(struct discovery *d, struct feed_sources *out, struct str folder, struct err *err)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct str url = str_format(out->arena, STR_FMT "%s", STR_ARG(folder), known[i]);
		int found = d->exists(d, url, str_format(out->arena, "suse/oval/%s", known[i]), err);

		TRY(found);
		if (found)
			add_file(out, folder, str_of(known[i]));
	}
	return 0;
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	struct str *names = NULL, folder = discovery_folder(out->arena, d, "url", OVAL);
	size_t n = 0;
	int listed = d->list(d, folder, STR("suse/oval/"), &names, &n, err);

	TRY(listed);
	TRY(task_check(task, err));
	for (size_t i = 0; listed && i < n; i++)
		if (i == 0 || !str_eq(names[i], names[i - 1]))
			add_file(out, folder, names[i]);
	return out->sources.n ? 0 : probe(d, out, folder, err);
}

/* "suse-updater-suse.linux.enterprise.server.15" */
static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	struct str name = str_lower(a, source->distribution.pretty_name), dotted = str_copy(a, name);

	for (size_t i = 0; i < dotted.n; i++)
		if (dotted.p[i] == ' ')
			((char *)dotted.p)[i] = '.';
	return str_format(a, "suse-updater-" STR_FMT, STR_ARG(dotted));
}

const struct ecosystem ecosystem_suse = {
	.name = "suse",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_rpm, NULL },
	.matcher = &(
		const struct matcher){ .name = "suse", .applies = applies, .keys = keys, .affects = affects },
	.updaters = &(const struct updater_set){ .name = "suse",
						 .discover = discover,
						 .updater_name = updater_name,
						 .format = FEED_OVAL,
						 .parser_version = 1 },
	.caveat = "SUSE's OVAL lists fixed issues only",
};
