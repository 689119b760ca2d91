/* SPDX-License-Identifier: Apache-2.0 */
/* OSV records of distributions, an archive of JSON documents.
 * Source: https://ossf.github.io/osv-schema/ 1.6; https://github.com/AlmaLinux/osv-database.
 * Easy to get wrong: a package may be listed several times with builds of the same fix (a module is built
 * again for each minor release), none of which is older software than another: who has one of them has the
 * fix. So they make one advisory. */
#include "feed/osv.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/zip_stream.h"

/* How a publisher writes. */
struct dialect {
	const char *did, *ecosystem; /* the latter with the release behind it */
	const char *id; /* what ids of security begin with */
};

static const struct dialect dialects[] = { { "almalinux", "AlmaLinux:", "ALSA-" } };

/* One package of a record: the first fixed version, and the others. */
struct fix {
	struct str package, fixed_in;
	struct buffer others;
	unsigned builds;
};

/* Those of a record, in its order. */
struct fixes {
	struct map by_package;
	VEC(struct fix *) list;
};

struct osv {
	struct task *task;
	const struct feed_job *job;
	const struct dialect *dialect;
	struct zip_stream *zip;
	struct str ecosystem; /* "AlmaLinux:9" */
	uint64_t records;
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

static bool is_of_module(struct str version)
{
	return str_search(version, STR(".module_el")) < version.n;
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

/* The references, and a page of each CVE that is in none of them. */
static struct str links_of(struct arena *scratch, const struct json_value *record)
{
	const struct json_value *references = json_get(record, "references"),
				*related = json_get(record, "related");
	struct buffer links = { .arena = scratch };

	for (size_t i = 0; references && references->type == JSON_ARRAY && i < references->n; i++)
		add_link(&links, json_get_str(&references->items[i], "url"));
	for (size_t i = 0; related && related->type == JSON_ARRAY && i < related->n; i++) {
		struct str id = related->items[i].text, all = buffer_str(&links);

		if (related->items[i].type == JSON_STRING && str_starts(id, STR("CVE-")) && is_field(id) &&
		    str_search(all, id) == all.n)
			add_link(&links, str_format(scratch, "https://nvd.nist.gov/vuln/detail/" STR_FMT,
						    STR_ARG(id)));
	}
	return buffer_str(&links);
}

/* Summary and details, at most LIMIT_FEED_TEXT_BYTES, cut between characters. */
static struct str description_of(struct arena *scratch, const struct json_value *record)
{
	struct str summary = str_trim(json_get_str(record, "summary")),
		   details = str_trim(json_get_str(record, "details")), s;

	s = str_format(scratch, STR_FMT "%s" STR_FMT, STR_ARG(summary), summary.n && details.n ? "\n\n" : "",
		       STR_ARG(details));
	if (s.n <= LIMIT_FEED_TEXT_BYTES)
		return s;
	s.n = LIMIT_FEED_TEXT_BYTES;
	while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
		s.n--;
	return s;
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
	if (fix->builds++ == 0) {
		fix->fixed_in = fixed;
		return;
	}
	if (fix->fixed_in.n == 0 || fixed.n == 0 || fix->builds > LIMIT_OSV_BUILDS)
		return;
	fix->others.arena = scratch;
	put_bytes(&fix->others, fix->others.n ? STR(", ") : STR("also fixed in "));
	put_bytes(&fix->others, fixed);
}

static struct fix *fix_of(struct arena *scratch, struct fixes *fixes, struct str package)
{
	void **slot = map_put(&fixes->by_package, package);

	if (!*slot) {
		struct fix *fix = ARENA_NEW(scratch, struct fix);

		fix->package = package;
		VEC_PUSH(scratch, &fixes->list, fix);
		*slot = fix;
	}
	return *slot;
}

/* False: it is malformed. */
static bool add_package(const struct osv *o, struct arena *scratch, struct fixes *fixes,
			const struct json_value *affected)
{
	const struct json_value *package = json_get(affected, "package"),
				*ranges = json_get(affected, "ranges");
	struct str name = json_get_str(package, "name"), fixed;

	if (!str_eq(json_get_str(package, "ecosystem"), o->ecosystem))
		return true;
	if (!is_field(name) || !ranges || ranges->type != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < ranges->n; i++) {
		if (!read_range(&ranges->items[i], &fixed))
			return false;
		add_build(scratch, fix_of(scratch, fixes, name), fixed);
	}
	return true;
}

static int push_fixes(const struct osv *o, struct advisory *advisory, struct str module,
		      const struct fixes *fixes, struct err *err)
{
	for (size_t i = 0; i < fixes->list.n; i++) {
		const struct fix *fix = fixes->list.p[i];

		advisory->key.package = fix->package;
		advisory->fixed_in = fix->fixed_in;
		advisory->status_text = buffer_str(&fix->others);
		advisory->module = is_of_module(fix->fixed_in) ? module : (struct str){ NULL, 0 };
		TRY(o->job->sink->advisory(o->job->sink, advisory, err));
	}
	return 0;
}

static int add_record(struct osv *o, struct arena *scratch, struct str file, const struct json_value *record,
		      struct err *err)
{
	const struct feed_source *source = o->job->source;
	const struct json_value *affected = json_get(record, "affected");
	struct str id = json_get_str(record, "id"), summary = json_get_str(record, "summary");
	struct fixes fixes = { .by_package.arena = scratch };
	struct advisory advisory = {
		.key.namespace = source->namespace,
		.package_kind = PACKAGE_BINARY,
		.name = id,
		.severity = severity_word(summary),
		.normalized_severity = severity_of(severity_word(summary)),
		.status = STATUS_AFFECTED,
		.distribution = source->distribution,
	};

	if (!is_field(id) || !affected || affected->type != JSON_ARRAY) {
		skipped(o, file, "no id, or no list of what is affected");
		return 0;
	}
	if (!str_starts(id, str_of(o->dialect->id)) || json_get_str(record, "withdrawn").n)
		return 0;
	if (advisory.normalized_severity == SEVERITY_UNKNOWN)
		advisory.severity = (struct str){ NULL, 0 };
	time_parse(json_get_str(record, "published"), &advisory.issued);
	advisory.description = description_of(scratch, record);
	advisory.links = links_of(scratch, record);
	for (size_t i = 0; i < affected->n; i++)
		if (!add_package(o, scratch, &fixes, &affected->items[i]))
			skipped(o, id, "a package has no name, or a range of another kind");
	return push_fixes(o, &advisory, module_word(summary), &fixes, err);
}

/* ---- the archive ---- */

/* The document of an entry as a tree. */
static int read_tree(struct osv *o, struct arena *scratch, struct json_value *out, struct err *err)
{
	struct limit_reader limit;
	autojson struct json_reader *json = NULL;
	struct json_token token;
	int more;

	limit_reader_open(&limit, zip_stream_content(o->zip), LIMIT_OSV_RECORD_BYTES, "OSV record");
	json = json_reader_open(&limit.reader);
	TRY(json_next(json, &token, err));
	TRY(json_tree(json, &token, scratch, LIMIT_JSON_TREE_BYTES, out, err));
	more = json_next(json, &token, err);
	return more > 0 ? err_set(err, E_FORMAT, "more than one value") : more;
}

/* A damaged document is left out; a damaged archive is an error. */
static int read_entry(struct osv *o, struct str name, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct json_value record = { 0 };
	struct err failure = { 0 };
	int result;

	if (!str_ends(name, STR(".json")))
		return 0;
	name = str_printable(&scratch, name);
	o->records++;
	result = read_tree(o, &scratch, &record, &failure);
	if (result < 0 && zip_stream_failed(o->zip)) {
		*err = failure;
		return result;
	}
	if (result < 0) {
		skipped(o, name, failure.text);
		return 0;
	}
	return add_record(o, &scratch, name, &record, err);
}

static const struct dialect *dialect_of(struct str did)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (str_eq(did, str_of(dialects[i].did)))
			return &dialects[i];
	return NULL;
}

int osv_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	const struct distribution *d = &job->source->distribution;
	autozip struct zip_stream *zip = zip_stream_open(job->in, LIMIT_FEED_INFLATED_BYTES);
	struct osv o = { .task = task, .job = job, .dialect = dialect_of(d->did), .zip = zip };
	autoarena struct arena a = { 0 };
	struct str name;
	int more;

	if (!o.dialect)
		return err_set(err, E_UNSUPPORTED, "no publisher of OSV has the distribution \"" STR_FMT "\"",
			       STR_ARG(d->did));
	o.ecosystem = str_format(&a, "%s" STR_FMT, o.dialect->ecosystem, STR_ARG(d->version_id));
	while ((more = zip_stream_next(zip, &name, err)) > 0) {
		TRY(task_check(task, err));
		TRY(read_entry(&o, name, err));
	}
	if (more == 0 && o.records == 0)
		return err_set(err, E_FORMAT, "the archive has no JSON documents");
	return more;
}
