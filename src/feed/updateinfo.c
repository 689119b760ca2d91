/* SPDX-License-Identifier: Apache-2.0 */
/* updateinfo.xml, the list of errata beside the packages of an rpm repository: <updates> of <update>, each
 * with its packages. No schema is published; createrepo_c writes it
 * (https://github.com/rpm-software-management/createrepo_c), and matching.md 3.4 lists the elements. Easy to
 * get wrong: an update brings packages for every architecture, with versions of their own, and the fix holds
 * for that architecture only; a date is "2011-09-27 22:46", without seconds or zone. */
#include "feed/updateinfo.h"

#include "base/cursor.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/xml.h"
#include "feed/texts.h"

/* How a publisher writes. */
struct dialect {
	const char *did;
	bool names_cve; /* an advisory is called by each CVE that the update refers to, not by its id */
	const struct {
		const char *word;
		enum severity severity;
	} severities[7]; /* exact case; ends with NULL */
};

static const struct dialect dialects[] = {
	{ "amzn",
	  false,
	  { { "low", SEVERITY_LOW },
	    { "medium", SEVERITY_MEDIUM },
	    { "important", SEVERITY_HIGH },
	    { "critical", SEVERITY_CRITICAL },
	    { NULL, SEVERITY_UNKNOWN } } },
	{ "bottlerocket",
	  true,
	  { { "low", SEVERITY_LOW },
	    { "medium", SEVERITY_MEDIUM },
	    { "moderate", SEVERITY_MEDIUM },
	    { "high", SEVERITY_HIGH },
	    { "important", SEVERITY_HIGH },
	    { "critical", SEVERITY_CRITICAL },
	    { NULL, SEVERITY_UNKNOWN } } },
};

struct fix {
	struct str package, arch, version, module;
};

/* One update while it is read; texts are in scratch. */
struct update_record {
	uint64_t line;
	struct str id, description, severity, module;
	str_list links, cves;
	VEC(struct fix) fixes;
	uint64_t bad; /* packages that are left out */
	int64_t issued;
};

struct updateinfo {
	struct task *task;
	const struct feed_job *job;
	const struct dialect *dialect;
	struct xml_reader *xml;
};

static bool is_field(struct str s)
{
	return s.n > 0 && s.n <= LIMIT_FIELD_BYTES;
}

static void skipped(const struct updateinfo *u, const struct update_record *r, const char *why)
{
	autoarena struct arena a = { 0 };

	if (u->job->sink->skipped)
		u->job->sink->skipped(
			u->job->sink,
			str_format(&a, "line %llu: update \"" STR_FMT "\": %s", (unsigned long long)r->line,
				   STR_ARG(str_sub(r->id, 0, r->id.n < 200 ? r->id.n : 200)), why));
}

static enum severity severity_of(const struct dialect *dialect, struct str word)
{
	for (size_t i = 0; dialect->severities[i].word; i++)
		if (str_eq(word, str_of(dialect->severities[i].word)))
			return dialect->severities[i].severity;
	return SEVERITY_UNKNOWN;
}

/* ---- reading an update ---- */

/* "2011-09-27 22:46", with seconds, or the day alone; all in UTC. */
static int64_t issued_at(struct arena *scratch, struct str date)
{
	int64_t at = 0;
	struct str whole;

	date = str_trim(date);
	if (date.n > 32)
		return 0;
	whole = str_format(scratch, STR_FMT "%sZ", STR_ARG(date), date.n == 16 ? ":00" : "");
	if (time_parse(date, &at) || time_parse(whole, &at) ||
	    (date.n > 10 && time_parse(str_sub(date, 0, 10), &at)))
		return at;
	return 0;
}

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

/* Blanks and colons would make another version of it. */
static bool is_version_part(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == ':' || s.p[i] == '-')
			return false;
	return is_field(s);
}

static void take_package(struct update_record *r, struct arena *scratch, const struct xml_event *e)
{
	struct str name = str_trim(xml_attribute(e, "name")), epoch = xml_attribute(e, "epoch");
	struct str version = xml_attribute(e, "version"), release = xml_attribute(e, "release");
	struct str arch = xml_attribute(e, "arch");
	bool has_epoch = epoch.n && !str_eq(epoch, STR("0"));
	struct fix fix = { .module = r->module };

	if (!is_field(name) || !is_version_part(version) || !is_version_part(release) || !is_number(epoch) ||
	    epoch.n > 10 || arch.n > LIMIT_FIELD_BYTES ||
	    version.n + release.n + epoch.n + 2 > LIMIT_FIELD_BYTES) {
		r->bad++;
		return;
	}
	fix.package = str_copy(scratch, name);
	fix.arch = str_copy(scratch, arch);
	fix.version = str_format(scratch, STR_FMT "%s" STR_FMT "-" STR_FMT,
				 STR_ARG(has_epoch ? epoch : STR("")), has_epoch ? ":" : "", STR_ARG(version),
				 STR_ARG(release));
	VEC_PUSH(scratch, &r->fixes, fix);
}

static void take_module(struct update_record *r, struct arena *scratch, const struct xml_event *e)
{
	struct str name = xml_attribute(e, "name"), stream = xml_attribute(e, "stream");

	if (is_field(name) && is_field(stream) && name.n + stream.n + 1 <= LIMIT_FIELD_BYTES)
		r->module = str_format(scratch, STR_FMT ":" STR_FMT, STR_ARG(name), STR_ARG(stream));
}

static void take_reference(struct update_record *r, struct arena *scratch, const struct xml_event *e)
{
	struct str href = str_trim(xml_attribute(e, "href")), id = str_trim(xml_attribute(e, "id"));

	if (href.n)
		VEC_PUSH(scratch, &r->links, str_copy(scratch, href));
	if (str_eq(xml_attribute(e, "type"), STR("cve")) && is_field(id))
		VEC_PUSH(scratch, &r->cves, str_copy(scratch, id));
}

static void take_begin(struct update_record *r, struct arena *scratch, const struct xml_event *e)
{
	if (str_eq(e->name, STR("package")))
		take_package(r, scratch, e);
	else if (str_eq(e->name, STR("collection")))
		r->module = (struct str){ NULL, 0 };
	else if (str_eq(e->name, STR("module")))
		take_module(r, scratch, e);
	else if (str_eq(e->name, STR("issued")) && r->issued == 0)
		r->issued = issued_at(scratch, xml_attribute(e, "date"));
	else if (str_eq(e->name, STR("reference")))
		take_reference(r, scratch, e);
}

static void take_end(struct update_record *r, struct arena *scratch, const struct xml_event *e)
{
	struct str *field = str_eq(e->name, STR("id"))		  ? &r->id
			    : str_eq(e->name, STR("description")) ? &r->description
			    : str_eq(e->name, STR("severity"))	  ? &r->severity
								  : NULL;

	if (field && !field->n)
		*field = str_copy(scratch, str_trim(e->text));
}

/* Read the update that the last event began, to its end. */
static int read_update(struct updateinfo *u, struct arena *scratch, unsigned depth, struct update_record *r,
		       struct err *err)
{
	struct xml_event e;
	uint64_t column;

	*r = (struct update_record){ 0 };
	xml_position(u->xml, &r->line, &column);
	for (;;) {
		TRY(xml_next(u->xml, &e, err));
		if (e.type == XML_BEGIN)
			take_begin(r, scratch, &e);
		else if (e.depth == depth)
			return 0;
		else
			take_end(r, scratch, &e);
		if (scratch->used_bytes > LIMIT_UPDATEINFO_BYTES)
			return err_set(err, E_LIMIT, "line %llu: an update needs more than %llu bytes",
				       (unsigned long long)r->line, LIMIT_UPDATEINFO_BYTES);
	}
}

/* ---- advisories ---- */

static int push_fixes(struct updateinfo *u, const struct update_record *r, struct advisory *advisory,
		      struct err *err)
{
	VEC_EACH (const struct fix, fix, &r->fixes) {
		advisory->key.package = fix->package;
		advisory->module = fix->module;
		advisory->fixed_in = fix->version;
		advisory->arch = fix->arch;
		advisory->arch_operation = fix->arch.n ? STR("equals") : (struct str){ NULL, 0 };
		TRY(u->job->sink->advisory(u->job->sink, advisory, err));
	}
	return task_check(u->task, err);
}

/* Under the name of each CVE, or under its own. */
static int push_names(struct updateinfo *u, const struct update_record *r, struct advisory *advisory,
		      struct err *err)
{
	if (!u->dialect->names_cve || r->cves.n == 0)
		return push_fixes(u, r, advisory, err);
	if (size_mul(r->cves.n, r->fixes.n) > LIMIT_UPDATEINFO_ROWS) {
		skipped(u, r, "too many packages and CVEs");
		return 0;
	}
	VEC_EACH (const struct str, cve, &r->cves) {
		advisory->name = *cve;
		TRY(push_fixes(u, r, advisory, err));
	}
	return 0;
}

static int push_update(struct updateinfo *u, struct arena *scratch, const struct update_record *r,
		       struct err *err)
{
	const struct feed_source *source = u->job->source;
	struct advisory advisory = {
		.key.namespace = source->namespace,
		.package_kind = PACKAGE_BINARY,
		.name = r->id,
		.severity = r->severity,
		.normalized_severity = severity_of(u->dialect, r->severity),
		.status = STATUS_AFFECTED,
		.distribution = source->distribution,
		.description = texts_cut(r->description, LIMIT_FEED_TEXT_BYTES),
		.links = texts_links(scratch, &r->links),
		.issued = r->issued,
	};

	if (!is_field(r->id) || r->severity.n > LIMIT_FIELD_BYTES) {
		skipped(u, r, "no id, or a field is too long");
		return 0;
	}
	if (r->bad)
		skipped(u, r, "a package has no name or version, or a field is malformed");
	return push_names(u, r, &advisory, err);
}

static int read_updates(struct updateinfo *u, struct err *err)
{
	struct xml_event e;

	for (;;) {
		autoarena struct arena scratch = { 0 };
		struct update_record r;

		TRY(task_check(u->task, err));
		TRY(xml_next(u->xml, &e, err));
		if (e.type == XML_END)
			return xml_next(u->xml, &e, err);
		if (!str_eq(e.name, STR("update"))) {
			TRY(xml_skip(u->xml, err));
			continue;
		}
		TRY(read_update(u, &scratch, e.depth, &r, err));
		TRY(push_update(u, &scratch, &r, err));
	}
}

static const struct dialect *dialect_of(struct str did)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (str_eq(did, str_of(dialects[i].did)))
			return &dialects[i];
	return NULL;
}

int updateinfo_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	autoxml struct xml_reader *xml = xml_reader_open(job->in);
	struct updateinfo u = { task, job, dialect_of(job->source->distribution.did), xml };
	struct xml_event e;

	if (!u.dialect)
		return err_set(err, E_UNSUPPORTED,
			       "no publisher of updateinfo has the distribution \"" STR_FMT "\"",
			       STR_ARG(job->source->distribution.did));
	TRY(xml_next(xml, &e, err));
	if (!str_eq(e.name, STR("updates")))
		return err_set(err, E_FORMAT, "the document is no updates, but " STR_FMT,
			       STR_ARG(str_sub(e.name, 0, e.name.n < 100 ? e.name.n : 100)));
	return read_updates(&u, err);
}
