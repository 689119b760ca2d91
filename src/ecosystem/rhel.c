/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat Enterprise Linux, and the rebuilds that have no advisories of their own: rpm packages, and Red
 * Hat's VEX documents (https://security.access.redhat.com/data/csaf/v2/vex/, matching.md 4.8, 8.2). What
 * decides is not the release of the image but the repositories that its packages come from, each of which has
 * platforms (CPE names); so the fixes of an extended support stream do not count for others. Easy to get
 * wrong: without any word of repositories, those that every installation of the release has are assumed, and
 * that is said. */
#include "ecosystem/by_binary.h"
#include "ecosystem/ecosystems.h"
#include "ecosystem/redhat.h"
#include "model/cpe_label.h"

#include <stdio.h>

enum { CPE_TEXT_BYTES = 128, MAJOR_MAX = 99, FIRST_WITH_MINOR = 10 };

/* ---- repositories ---- */

static bool is_ours(const struct repository *r)
{
	return str_eq(r->key, STR(REPOSITORY_KEY_RHEL_CPE));
}

/* Does any of the record's repositories say its platform? */
static bool has_platform(struct arena *a, const struct record *r)
{
	for (size_t i = 0; i < r->repository_count; i++)
		if (is_ours(r->repositories[i]) && redhat_platform(a, r->repositories[i]).n)
			return true;
	return false;
}

static bool has_repository(const struct record *r)
{
	for (size_t i = 0; i < r->repository_count; i++)
		if (is_ours(r->repositories[i]))
			return true;
	return false;
}

/* Rebuilds that publish nothing that we read. */
static bool is_family(const struct distribution *d)
{
	static const char *const dids[] = { "rhel",	  "centos", "scientific",
					    "springdale", "circle", "eurolinux" };

	for (size_t i = 0; d && i < sizeof(dids) / sizeof(dids[0]); i++)
		if (str_eq(d->did, str_of(dids[i])))
			return true;
	return d && str_starts(d->name, STR("Red Hat Enterprise Linux"));
}

static bool applies(const struct record *r)
{
	return has_repository(r) || (r->repository_count == 0 && is_family(r->distribution));
}

/* ---- platforms that are assumed ---- */

/* 0: unknown. */
static unsigned major_of(const struct record *r)
{
	struct str major, minor;
	uint64_t n = 0;

	if (!is_family(r->distribution))
		return 0;
	str_cut(r->distribution->version_id, '.', &major, &minor);
	return str_u64(major, MAJOR_MAX, &n) ? (unsigned)n : 0;
}

/* The version in a formatted CPE name: its fourth value. */
static struct str version_of(struct str cpe)
{
	struct str head = { NULL, 0 };

	for (int i = 0; i < 6; i++)
		str_cut(cpe, ':', &head, &cpe);
	return head;
}

/* Since release 10, advisories name minor releases also where every installation gets them. */
static struct str version_meant(struct str advised, struct str major)
{
	struct str version = version_of(advised);

	return str_starts(version, major) && version.n > major.n && version.p[major.n] == '.' ? version
											      : major;
}

static bool is_in_base_channels(const struct record *r, struct str advised)
{
	static const struct {
		const char *part, *edition;
	} channels[] = { { "o", "baseos" }, { "o", "server" }, { "a", "appstream" }, { "a", "crb" } };
	unsigned major = major_of(r);
	char text[CPE_TEXT_BYTES], digits[16];
	struct str version;

	if (major == 0)
		return false;
	snprintf(digits, sizeof(digits), "%u", major);
	version = major < FIRST_WITH_MINOR ? str_of(digits) : version_meant(advised, str_of(digits));
	for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
		snprintf(text, sizeof(text), "cpe:2.3:%s:redhat:enterprise_linux:" STR_FMT ":*:%s:*:*:*:*:*",
			 channels[i].part, STR_ARG(version), channels[i].edition);
		if (redhat_covers(advised, str_of(text)))
			return true;
	}
	return false;
}

static bool is_on(struct arena *a, const struct record *r, struct str advised)
{
	bool is_known = false;

	for (size_t i = 0; i < r->repository_count; i++) {
		struct str platform = { NULL, 0 };

		if (is_ours(r->repositories[i]))
			platform = redhat_platform(a, r->repositories[i]);
		if (platform.n && redhat_covers(advised, platform))
			return true;
		is_known = is_known || platform.n;
	}
	return !is_known && is_in_base_channels(r, advised);
}

static struct str unknown_repository(struct arena *a, const struct record *r)
{
	for (size_t i = 0; i < r->repository_count; i++)
		if (is_ours(r->repositories[i]) && !redhat_platform(a, r->repositories[i]).n)
			return repoid_decode(a, repoid_of_query(r->repositories[i]->uri));
	return (struct str){ NULL, 0 };
}

static struct str assumes(struct arena *a, const struct record *r)
{
	struct str unknown = unknown_repository(a, r);

	if (!has_repository(r))
		return STR("repositories unknown: base channels assumed");
	if (unknown.n == 0)
		return unknown;
	return str_format(a, "no platform is known of repository \"" STR_FMT "\"%s", STR_ARG(unknown),
			  has_platform(a, r) ? "" : ": base channels assumed");
}

/* ---- keys ---- */

static unsigned add_platform(struct arena *a, const struct cpe *cpe, const struct package *p,
			     struct advisory_key out[MAX_KEYS], unsigned n)
{
	struct cpe product = *cpe;

	n = redhat_add_keys(cpe_namespace(a, cpe), p, out, n);
	product.attribute[CPE_VERSION] = STR("*");
	return redhat_add_keys(cpe_namespace(a, &product), p, out, n);
}

static unsigned add_base_channels(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	unsigned major = major_of(r);
	struct cpe cpe = { .attribute = { [CPE_PRODUCT] = STR("enterprise_linux") } };

	if (major == 0)
		return 0;
	cpe.attribute[CPE_VERSION] = str_format(a, "%u", major);
	return add_platform(a, &cpe, r->package, out, 0);
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	unsigned n = 0;

	for (size_t i = 0; i < r->repository_count; i++) {
		struct cpe cpe;
		struct err ignored;

		if (is_ours(r->repositories[i]) &&
		    cpe_parse(a, redhat_platform(a, r->repositories[i]), &cpe, &ignored) == 0)
			n = add_platform(a, &cpe, r->package, out, n);
	}
	if (n == 0)
		n = add_base_channels(a, r, out);
	return n ? redhat_add_keys(STR("rhel"), r->package, out, n) : 0;
}

/* ---- verdicts ---- */

/* "nodejs:18" of "nodejs:18:8080020230101:abc". */
static struct str stream_of(struct str module)
{
	size_t name = str_find(module, ':');

	if (name == module.n)
		return module;
	return str_sub(module, 0, name + 1 + str_find(str_sub(module, name + 1, module.n - name - 1), ':'));
}

static bool is_built_in_module(struct str version)
{
	return str_search(version, STR(".module+el")) < version.n;
}

/* Both of the same stream of a module, or both of none. A package may lack the word of its module; its
 * version still tells that it is not to be compared. */
static bool is_same_module(const struct package *p, const struct advisory *advisory)
{
	if (!str_eq(stream_of(p->module), stream_of(advisory->module)))
		return false;
	return advisory->module.n || !advisory->fixed_in.n ||
	       is_built_in_module(p->version) == is_built_in_module(advisory->fixed_in);
}

static bool is_about(struct arena *a, const struct record *r, const struct advisory *advisory)
{
	return str_eq(advisory->repository_key, STR(REPOSITORY_KEY_RHEL_CPE)) &&
	       redhat_concerns(r->package, advisory) && is_same_module(r->package, advisory) &&
	       is_on(a, r, advisory->repository_name);
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	return is_about(a, r, advisory) ? by_binary_affects_rpm(a, r, advisory, reason) : NOT_AFFECTED;
}

static bool clears(struct arena *a, const struct record *r, const struct advisory *statement)
{
	return redhat_names(r->package, statement) && is_about(a, r, statement);
}

const struct ecosystem ecosystem_rhel = {
	.name = "rhel",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_rpm, NULL },
	.matcher = &(const struct matcher){ .name = "rhel",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects,
					    .clears = clears,
					    .assumes = assumes },
	.fed_by = "rhel-vex",
};
