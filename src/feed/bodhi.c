/* SPDX-License-Identifier: Apache-2.0 */
/* Fedora's updates, as its update system answers in pages: {"updates": [...], "page": 1, "pages": 9}.
 * Source: https://bodhi.fedoraproject.org/docs/server_api/rest/updates.html and the schema of an update
 * there. Easy to get wrong: what an update repairs stands in the titles of its bugs only ("CVE-2025-24928
 * libxml2: Stack-based buffer overflow [fedora-40]"), and bugs that are no flaws name CVEs too; a build is
 * called name-version-release, without its epoch, which is beside it as a number or null. */
#include "feed/bodhi.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/time.h"
#include "base/vec.h"
#include "model/cve.h"

struct bodhi {
	struct task *task;
	const struct feed_job *job;
	struct json_reader *json;
	uint64_t updates, pushed;
};

static bool is_field(struct str s)
{
	return s.n > 0 && s.n <= LIMIT_FIELD_BYTES;
}

static void skipped(const struct bodhi *b, struct str name, const char *why)
{
	autoarena struct arena a = { 0 };

	if (b->job->sink->skipped)
		b->job->sink->skipped(b->job->sink,
				      str_format(&a, "update \"" STR_FMT "\": %s",
						 STR_ARG(str_sub(name, 0, name.n < 200 ? name.n : 200)),
						 why));
}

static enum severity severity_of(struct str word)
{
	static const struct {
		const char *word;
		enum severity severity;
	} table[] = { { "low", SEVERITY_LOW },		{ "medium", SEVERITY_MEDIUM },
		      { "moderate", SEVERITY_MEDIUM },	{ "high", SEVERITY_HIGH },
		      { "important", SEVERITY_HIGH },	{ "urgent", SEVERITY_CRITICAL },
		      { "critical", SEVERITY_CRITICAL } };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_eq(word, str_of(table[i].word)))
			return table[i].severity;
	return SEVERITY_UNKNOWN;
}

/* "2025-01-15 12:00:00", in UTC */
static int64_t pushed_at(struct arena *scratch, struct str date)
{
	int64_t at = 0;

	if (date.n > 32 || !time_parse(str_format(scratch, STR_FMT "Z", STR_ARG(date)), &at))
		return 0;
	return at;
}

/* A list, or an empty one. */
static struct json_value list_of(const struct json_value *record, const char *key)
{
	const struct json_value *v = json_get(record, key);

	return v && v->type == JSON_ARRAY ? *v : (struct json_value){ .type = JSON_ARRAY };
}

static bool is_true(const struct json_value *v)
{
	return v && v->type == JSON_TRUE;
}

/* ---- what an update says ---- */

/* The CVEs in the titles of bugs of security, each once; the update's name when there are none. */
static void names_of(struct arena *scratch, const struct json_value *update, struct str alias,
		     str_list *names)
{
	const struct json_value bugs = list_of(update, "bugs");
	struct map seen = { .arena = scratch };
	char id[CVE_BYTES];

	for (size_t i = 0; i < bugs.n; i++) {
		struct str title = json_get_str(&bugs.items[i], "title");

		while (is_true(json_get(&bugs.items[i], "security")) && cve_next(&title, id)) {
			struct str name = str_copy(scratch, str_of(id));
			void **slot = map_put(&seen, name);

			if (!*slot)
				VEC_PUSH(scratch, names, name);
			*slot = names;
		}
	}
	if (names->n == 0)
		VEC_PUSH(scratch, names, alias);
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

/* The update's page, and the bugs'. */
static struct str links_of(struct arena *scratch, const struct json_value *update)
{
	const struct json_value bugs = list_of(update, "bugs");
	struct buffer links = { .arena = scratch };

	add_link(&links, json_get_str(update, "url"));
	for (size_t i = 0; i < bugs.n; i++) {
		int64_t id = json_get_int(&bugs.items[i], "bug_id", 0);

		if (id > 0 && is_true(json_get(&bugs.items[i], "security")))
			add_link(&links,
				 str_format(scratch, "https://bugzilla.redhat.com/show_bug.cgi?id=%lld",
					    (long long)id));
	}
	return buffer_str(&links);
}

/* The notes, or the title; at most LIMIT_FEED_TEXT_BYTES, cut between characters. */
static struct str description_of(const struct json_value *update)
{
	struct str s = str_trim(json_get_str(update, "notes"));

	if (s.n == 0)
		s = str_trim(json_get_str(update, "title"));
	if (s.n <= LIMIT_FEED_TEXT_BYTES)
		return s;
	s.n = LIMIT_FEED_TEXT_BYTES;
	while (s.n && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
		s.n--;
	return s;
}

/* Name and version of "name-version-release" and its epoch. False: it is no such. */
static bool read_build(struct arena *scratch, const struct json_value *build, struct str *name,
		       struct str *fixed)
{
	const struct json_value *epoch = json_get(build, "epoch");
	struct str nvr = json_get_str(build, "nvr"), rest, version, release;

	if (!is_field(nvr) || !str_rcut(nvr, '-', &rest, &release) || !str_rcut(rest, '-', name, &version) ||
	    name->n == 0 || version.n == 0 || release.n == 0)
		return false;
	*fixed = str_sub(nvr, name->n + 1, nvr.n - name->n - 1);
	if (epoch && epoch->type == JSON_NUMBER)
		*fixed = str_format(scratch, STR_FMT ":" STR_FMT, STR_ARG(epoch->text), STR_ARG(*fixed));
	return is_field(*fixed);
}

static int push_builds(struct bodhi *b, struct arena *scratch, struct advisory *v,
		       const struct json_value *builds, const str_list *names, struct err *err)
{
	for (size_t i = 0; i < builds->n; i++) {
		if (!str_eq(json_get_str(&builds->items[i], "type"), STR("rpm")))
			continue;
		if (!read_build(scratch, &builds->items[i], &v->key.package, &v->fixed_in)) {
			skipped(b, json_get_str(&builds->items[i], "nvr"),
				"a build has no name, version and release");
			continue;
		}
		VEC_EACH (const struct str, name, names) {
			v->name = *name;
			b->pushed++;
			TRY(b->job->sink->advisory(b->job->sink, v, err));
		}
		TRY(task_check(b->task, err));
	}
	return 0;
}

/* Is it of the release itself, "F40", and not of what is made of it, "F40F"? */
static bool is_of_release(const struct bodhi *b, const struct json_value *update)
{
	struct str name = json_get_str(json_get(update, "release"), "name");
	struct str release = b->job->source->distribution.version_id;

	return name.n == release.n + 1 && name.p[0] == 'F' && str_ends(name, release);
}

static int add_update(struct bodhi *b, struct arena *scratch, const struct json_value *update,
		      struct err *err)
{
	const struct json_value builds = list_of(update, "builds");
	struct str alias = json_get_str(update, "alias");
	str_list names = { 0 };
	struct advisory v = {
		.key.namespace = b->job->source->namespace,
		.package_kind = PACKAGE_SOURCE,
		.severity = json_get_str(update, "severity"),
		.description = description_of(update),
		.distribution = b->job->source->distribution,
	};

	if (!is_field(alias) || v.severity.n > LIMIT_FIELD_BYTES) {
		skipped(b, alias, "no name, or a field is too long");
		return 0;
	}
	if (!is_of_release(b, update))
		return 0;
	names_of(scratch, update, alias, &names);
	if (size_mul(names.n, builds.n) > LIMIT_BODHI_ROWS) {
		skipped(b, alias, "too many packages and vulnerabilities");
		return 0;
	}
	v.normalized_severity = severity_of(v.severity);
	v.links = links_of(scratch, update);
	v.issued = pushed_at(scratch, json_get_str(update, "date_pushed"));
	return push_builds(b, scratch, &v, &builds, &names, err);
}

/* ---- the page ---- */

static int read_updates(struct bodhi *b, struct err *err)
{
	struct json_token token;

	TRY(json_next(b->json, &token, err));
	if (token.type != JSON_ARRAY)
		return err_set(err, E_FORMAT, "\"updates\" is no list");
	for (;;) {
		autoarena struct arena scratch = { 0 };
		struct json_value update;

		TRY(task_check(b->task, err));
		TRY(json_next(b->json, &token, err));
		if (token.type == JSON_ARRAY_END)
			return 0;
		b->updates++;
		TRY(json_tree(b->json, &token, &scratch, LIMIT_BODHI_UPDATE_BYTES, &update, err));
		TRY(add_update(b, &scratch, &update, err));
	}
}

int bodhi_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	autojson struct json_reader *json = json_reader_open(job->in);
	struct bodhi b = { .task = task, .job = job, .json = json };
	struct json_token token;
	bool has_updates = false;

	TRY(json_next(json, &token, err));
	if (token.type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "Bodhi's answer is no JSON object");
	for (;;) {
		TRY(json_next(json, &token, err));
		if (token.type == JSON_OBJECT_END)
			break;
		if (str_eq(token.text, STR("updates"))) {
			has_updates = true;
			TRY(read_updates(&b, err));
			continue;
		}
		TRY(json_next(json, &token, err));
		TRY(json_skip(json, &token, err));
	}
	TRY(json_next(json, &token, err));
	if (b.updates && b.pushed == 0)
		skipped(&b, job->source->namespace, "no update on the page is about packages of the release");
	return has_updates ? 0 : err_set(err, E_FORMAT, "Bodhi's answer has no list of updates");
}
