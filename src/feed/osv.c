/* SPDX-License-Identifier: Apache-2.0 */
/* OSV records of distributions.
 * Source: https://ossf.github.io/osv-schema/ 1.6; https://github.com/AlmaLinux/osv-database;
 * https://apollo.build.resf.org/api/v3/osv/ (Rocky Linux).
 * Easy to get wrong: a package may be listed several times with builds of the same fix (a module is built
 * again for each minor release), none of which is older software than another: who has one of them has the
 * fix. So they make one advisory. And AlmaLinux names binary packages where Rocky Linux names sources. */
#include "feed/osv.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/time.h"
#include "base/vec.h"
#include "feed/osv_input.h"
#include "feed/texts.h"

/* How a publisher writes. */
struct dialect {
	const char *did, *ecosystem; /* the latter with the release behind it */
	const char *ids[3]; /* what ids of security begin with; ends with NULL */
	enum package_kind kind; /* of the packages that it names */
	const char *module; /* what the version of a module's package has in it */
};

static const struct dialect dialects[] = {
	{ "almalinux", "AlmaLinux:", { "ALSA-", NULL }, PACKAGE_BINARY, ".module_el" },
	{ "rocky", "Rocky Linux:", { "RLSA-", "RXSA-", NULL }, PACKAGE_SOURCE, ".module+el" },
};

/* One package of a release in a record: the fixed versions, of which the first counts. */
struct fix {
	size_t release; /* index into osv.releases */
	struct str package;
	str_list builds;
};

/* Those of a record, in its order. */
struct fixes {
	struct map by_package; /* "0 name" */
	VEC(struct fix *) list;
};

/* A release that counts. */
struct release {
	struct str ecosystem, namespace; /* "AlmaLinux:9", "almalinux:9" */
	const struct distribution *distribution;
};

struct osv {
	struct osv_taker taker; /* first */
	struct task *task;
	const struct feed_job *job;
	const struct dialect *dialect;
	struct release *releases;
	size_t release_count;
	uint64_t pushed;
};

static bool is_field(struct str s)
{
	return s.n > 0 && s.n <= LIMIT_FIELD_BYTES;
}

static void skipped(const struct osv *o, struct str name, const char *why)
{
	autoarena struct arena a = { 0 };

	if (o->job->sink->skipped)
		o->job->sink->skipped(o->job->sink,
				      str_format(&a, "\"" STR_FMT "\": %s",
						 STR_ARG(str_sub(name, 0, name.n < 200 ? name.n : 200)),
						 why));
}

/* ---- what a record says ---- */

/* "Important: nodejs:18 security update" */
static struct str severity_word(struct str summary)
{
	struct str word, rest;

	return str_cut(summary, ':', &word, &rest) ? word : (struct str){ NULL, 0 };
}

static enum severity severity_of(struct str word)
{
	static const struct {
		const char *word;
		enum severity severity;
	} table[] = { { "Low", SEVERITY_LOW },
		      { "Moderate", SEVERITY_MEDIUM },
		      { "Important", SEVERITY_HIGH },
		      { "Critical", SEVERITY_CRITICAL } };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_eq(word, str_of(table[i].word)))
			return table[i].severity;
	return SEVERITY_UNKNOWN;
}

/* The word of the summary that is a module with its stream, or empty. */
static struct str module_word(struct str summary)
{
	struct str word, name, stream;

	while (str_word(&summary, &word))
		if (str_cut(word, ':', &name, &stream) && is_field(name) && stream.n && is_field(word))
			return word;
	return (struct str){ NULL, 0 };
}

static void add_link(struct buffer *links, struct str link)
{
	struct str rest = link, word;

	if (!str_word(&rest, &word) || word.n != link.n || links->n + link.n + 1 > LIMIT_FEED_TEXT_BYTES)
		return;
	if (links->n)
		put_u8(links, ' ');
	put_bytes(links, link);
}

/* A page of each CVE of the list that no link leads to. */
static void add_cves(struct arena *scratch, struct buffer *links, const struct json_value *ids)
{
	for (size_t i = 0; ids && ids->type == JSON_ARRAY && i < ids->n; i++) {
		struct str id = ids->items[i].text, all = buffer_str(links);

		if (ids->items[i].type == JSON_STRING && str_starts(id, STR("CVE-")) && is_field(id) &&
		    str_search(all, id) == all.n)
			add_link(links, str_format(scratch, "https://nvd.nist.gov/vuln/detail/" STR_FMT,
						   STR_ARG(id)));
	}
}

/* The references, and the CVEs. */
static struct str links_of(struct arena *scratch, const struct json_value *record)
{
	static const char *const lists[] = { "upstream", "aliases", "related" };
	const struct json_value *references = json_get(record, "references");
	struct buffer links = { .arena = scratch };

	for (size_t i = 0; references && references->type == JSON_ARRAY && i < references->n; i++)
		add_link(&links, json_get_str(&references->items[i], "url"));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		add_cves(scratch, &links, json_get(record, lists[i]));
	return buffer_str(&links);
}

/* Summary and details, at most LIMIT_FEED_TEXT_BYTES, cut between characters. */
static struct str description_of(struct arena *scratch, const struct json_value *record)
{
	struct str summary = str_trim(json_get_str(record, "summary")),
		   details = str_trim(json_get_str(record, "details")), s;

	s = str_format(scratch, STR_FMT "%s" STR_FMT, STR_ARG(summary), summary.n && details.n ? "\n\n" : "",
		       STR_ARG(details));
	return texts_cut(s, LIMIT_FEED_TEXT_BYTES);
}

/* ---- packages ---- */

/* The fixed version of a range; false: it is of a kind that we do not read. */
static bool read_range(const struct json_value *range, struct str *fixed)
{
	const struct json_value *events = json_get(range, "events");

	*fixed = (struct str){ NULL, 0 };
	if (!str_eq(json_get_str(range, "type"), STR("ECOSYSTEM")) || !events || events->type != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < events->n; i++) {
		struct str introduced = json_get_str(&events->items[i], "introduced");
		struct str version = json_get_str(&events->items[i], "fixed");

		if (introduced.n ? !str_eq(introduced, STR("0")) : version.n == 0 || fixed->n)
			return false;
		if (version.n)
			*fixed = version;
	}
	return fixed->n <= LIMIT_FIELD_BYTES && !str_eq(*fixed, STR("0"));
}

static void add_build(struct arena *scratch, struct fix *fix, struct str fixed)
{
	if (fix->builds.n >= LIMIT_OSV_BUILDS || (fix->builds.n && (fixed.n == 0 || fix->builds.p[0].n == 0)))
		return;
	VEC_EACH (const struct str, build, &fix->builds)
		if (str_eq(*build, fixed))
			return;
	VEC_PUSH(scratch, &fix->builds, fixed);
}

static struct fix *fix_of(struct arena *scratch, struct fixes *fixes, size_t release, struct str package)
{
	struct str key = str_format(scratch, "%zu " STR_FMT, release, STR_ARG(package));
	void **slot = map_put(&fixes->by_package, key);

	if (!*slot) {
		struct fix *fix = ARENA_NEW(scratch, struct fix);

		fix->release = release;
		fix->package = package;
		VEC_PUSH(scratch, &fixes->list, fix);
		*slot = fix;
	}
	return *slot;
}

/* Which release an ecosystem is, "Rocky Linux:9" or with something more behind a colon; release_count: none.
 */
static size_t release_of(const struct osv *o, struct str ecosystem)
{
	size_t i = 0;

	for (; i < o->release_count; i++) {
		struct str name = o->releases[i].ecosystem;

		if (str_starts(ecosystem, name) && (ecosystem.n == name.n || ecosystem.p[name.n] == ':'))
			break;
	}
	return i;
}

/* False: it is malformed. */
static bool add_package(const struct osv *o, struct arena *scratch, struct fixes *fixes,
			const struct json_value *affected)
{
	const struct json_value *package = json_get(affected, "package"),
				*ranges = json_get(affected, "ranges");
	struct str name = json_get_str(package, "name"), fixed;
	size_t release = release_of(o, json_get_str(package, "ecosystem"));

	if (release == o->release_count)
		return true;
	if (!is_field(name) || !ranges || ranges->type != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < ranges->n; i++) {
		if (!read_range(&ranges->items[i], &fixed))
			return false;
		add_build(scratch, fix_of(scratch, fixes, release, name), fixed);
	}
	return true;
}

/* "also fixed in 1-2, 1-3" */
static struct str other_builds(struct arena *scratch, const struct fix *fix)
{
	struct buffer text = { .arena = scratch };

	for (size_t i = 1; i < fix->builds.n; i++) {
		put_bytes(&text, i > 1 ? STR(", ") : STR("also fixed in "));
		put_bytes(&text, fix->builds.p[i]);
	}
	return buffer_str(&text);
}

static bool is_of_module(const struct osv *o, struct str version)
{
	return str_search(version, str_of(o->dialect->module)) < version.n;
}

static int push_fixes(struct osv *o, struct arena *scratch, struct advisory *advisory, struct str module,
		      const struct fixes *fixes, struct err *err)
{
	for (size_t i = 0; i < fixes->list.n; i++) {
		const struct fix *fix = fixes->list.p[i];
		const struct release *release = &o->releases[fix->release];

		advisory->key = (struct advisory_key){ release->namespace, fix->package };
		advisory->distribution = *release->distribution;
		advisory->fixed_in = fix->builds.p[0];
		advisory->status_text = other_builds(scratch, fix);
		advisory->module = is_of_module(o, advisory->fixed_in) ? module : (struct str){ NULL, 0 };
		o->pushed++;
		TRY(o->job->sink->advisory(o->job->sink, advisory, err));
	}
	return 0;
}

static bool is_of_security(const struct osv *o, struct str id)
{
	for (const char *const *begin = o->dialect->ids; *begin; begin++)
		if (str_starts(id, str_of(*begin)))
			return true;
	return false;
}

static int add_record(struct osv_taker *taker, struct arena *scratch, struct str where,
		      const struct json_value *record, struct err *err)
{
	struct osv *o = (struct osv *)taker;
	const struct json_value *affected = json_get(record, "affected");
	struct str id = json_get_str(record, "id"), summary = json_get_str(record, "summary");
	struct fixes fixes = { .by_package.arena = scratch };
	struct advisory advisory = {
		.package_kind = o->dialect->kind,
		.name = id,
		.severity = severity_word(summary),
		.normalized_severity = severity_of(severity_word(summary)),
		.status = STATUS_AFFECTED,
	};

	if (!is_field(id) || !affected || affected->type != JSON_ARRAY) {
		skipped(o, where, "no id, or no list of what is affected");
		return 0;
	}
	if (!is_of_security(o, id) || json_get_str(record, "withdrawn").n)
		return 0;
	if (advisory.normalized_severity == SEVERITY_UNKNOWN)
		advisory.severity = (struct str){ NULL, 0 };
	time_parse(json_get_str(record, "published"), &advisory.issued);
	advisory.description = description_of(scratch, record);
	advisory.links = links_of(scratch, record);
	for (size_t i = 0; i < affected->n; i++)
		if (!add_package(o, scratch, &fixes, &affected->items[i]))
			skipped(o, id, "a package has no name, or a range of another kind");
	return push_fixes(o, scratch, &advisory, module_word(summary), &fixes, err);
}

static void damaged(struct osv_taker *taker, struct str where, const char *why)
{
	skipped((struct osv *)taker, where, why);
}

static const struct dialect *dialect_of(struct str did)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (str_eq(did, str_of(dialects[i].did)))
			return &dialects[i];
	return NULL;
}

/* The source's own release, or those that the documents name. */
static int set_releases(struct osv *o, struct arena *a, struct err *err)
{
	const struct feed_job *job = o->job;
	bool names_own = job->source->namespace.n == 0;
	const struct distribution *d = names_own ? job->distributions : &job->source->distribution;
	struct str did = { NULL, 0 };

	o->release_count = names_own ? job->distribution_count : 1;
	o->releases = ARENA_ARRAY(a, struct release, o->release_count);
	for (size_t i = 0; i < o->release_count; i++) {
		did = d[i].did;
		o->dialect = dialect_of(did);
		if (!o->dialect)
			break;
		o->releases[i] = (struct release){
			.ecosystem = str_format(a, "%s" STR_FMT, o->dialect->ecosystem,
						STR_ARG(d[i].version_id)),
			.namespace = names_own ? str_format(a, STR_FMT ":" STR_FMT, STR_ARG(did),
							    STR_ARG(d[i].version_id))
					       : job->source->namespace,
			.distribution = &d[i],
		};
	}
	return o->dialect ? 0
			  : err_set(err, E_UNSUPPORTED,
				    "no publisher of OSV has the distribution \"" STR_FMT "\"", STR_ARG(did));
}

int osv_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	autoarena struct arena a = { 0 };
	struct osv o = { .taker = { add_record, damaged }, .task = task, .job = job };
	uint64_t records;

	TRY(set_releases(&o, &a, err));
	TRY(osv_input_read(task, job->in, &o.taker, &records, err));
	if (records && o.pushed == 0 && job->source->namespace.n == 0)
		skipped(&o, job->source->url, "no record is about a release that counts");
	return 0;
}
