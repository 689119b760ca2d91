/* SPDX-License-Identifier: Apache-2.0 */
/* The Debian security tracker's JSON: {source package: {vulnerability: {releases: {codename: state}}}}.
 * Source: https://security-tracker.debian.org/tracker/data/json ; meaning of the words: security-tracker
 * documentation, https://security-team.debian.org/security_tracker.html . docs/formats/debian_tracker.md has
 * the table. Easy to get wrong: "resolved" without a version does not say that a release is safe, and
 * fixed_version "0" does: the release never had the flaw. A vulnerability whose releases are an empty *array*
 * concerns no release. */
#include "feed/debian_tracker.h"

#include "base/json.h"
#include "base/limits.h"
#include "feed/texts.h"

struct tracker {
	struct task *task;
	const struct feed_job *job;
	struct json_reader *json;
	struct str *namespaces; /* of job->distributions */
	struct str package;
};

/* What the entry of a release says. */
struct state {
	struct str status, urgency, fixed_version, nodsa, nodsa_reason;
};

static void skipped(struct tracker *t, struct str name, const char *why)
{
	uint64_t line, column;

	if (!t->job->sink->skipped)
		return;
	json_position(t->json, &line, &column);
	t->job->sink->skipped(t->job->sink,
			      str_format(&t->task->arena, "line %llu: package \"%.*s\", \"%.*s\": %s",
					 (unsigned long long)line,
					 (int)(t->package.n < 150 ? t->package.n : 150), t->package.p,
					 (int)(name.n < 150 ? name.n : 150), name.p ? name.p : "", why));
}

static bool is_field(struct str s)
{
	return s.n <= LIMIT_FIELD_BYTES;
}

/* As Clair does it: one above the word of the tracker. */
static enum severity severity_of(struct str urgency)
{
	static const struct {
		const char *urgency;
		enum severity severity;
	} table[] = {
		{ "unimportant", SEVERITY_LOW },
		{ "low", SEVERITY_MEDIUM },
		{ "medium", SEVERITY_HIGH },
		{ "high", SEVERITY_CRITICAL },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_eq_nocase(urgency, str_of(table[i].urgency)))
			return table[i].severity;
	return SEVERITY_UNKNOWN;
}

/* The status of an entry that is open. */
static enum advisory_status open_status(const struct state *s)
{
	if (str_eq(s->nodsa_reason, STR("ignored")))
		return STATUS_WILL_NOT_FIX;
	if (str_eq(s->nodsa_reason, STR("postponed")))
		return STATUS_FIX_DEFERRED;
	return s->nodsa.n ? STATUS_NO_ADVISORY : STATUS_AFFECTED;
}

/* False: the tracker has no such status. */
static bool status_of(const struct state *s, enum advisory_status *out)
{
	bool is_resolved = str_eq(s->status, STR("resolved")), is_open = str_eq(s->status, STR("open"));
	bool is_undetermined = str_eq(s->status, STR("undetermined"));

	if (str_eq(s->fixed_version, STR("0")))
		*out = STATUS_NOT_AFFECTED;
	else if (is_resolved)
		*out = STATUS_AFFECTED;
	else if (str_eq(s->urgency, STR("end-of-life")))
		*out = STATUS_END_OF_LIFE;
	else
		*out = is_undetermined ? STATUS_UNDER_INVESTIGATION : open_status(s);
	return is_resolved || is_open || is_undetermined;
}

/* A string member: false when it is something else. */
static bool get_text(const struct json_value *v, const char *key, struct str *out)
{
	const struct json_value *member = json_get(v, key);

	if (!member || member->type == JSON_NULL)
		return true;
	*out = member->text;
	return member->type == JSON_STRING;
}

static bool read_state(const struct json_value *v, struct state *out)
{
	*out = (struct state){ 0 };
	return v->type == JSON_OBJECT && get_text(v, "status", &out->status) &&
	       get_text(v, "urgency", &out->urgency) && get_text(v, "fixed_version", &out->fixed_version) &&
	       get_text(v, "nodsa", &out->nodsa) && get_text(v, "nodsa_reason", &out->nodsa_reason) &&
	       is_field(out->fixed_version) && is_field(out->urgency);
}

/* The advisory for one release that counts. */
static int add_release(struct tracker *t, struct advisory *advisory, size_t d, const struct json_value *entry,
		       struct err *err)
{
	struct state state;

	if (!read_state(entry, &state) || !status_of(&state, &advisory->status)) {
		skipped(t, advisory->name, "malformed entry of a release");
		return 0;
	}
	advisory->key = (struct advisory_key){ t->namespaces[d], t->package };
	advisory->distribution = t->job->distributions[d];
	advisory->fixed_in = state.fixed_version;
	advisory->severity = state.urgency;
	advisory->normalized_severity = severity_of(state.urgency);
	advisory->status_text = texts_cut(state.nodsa, LIMIT_FEED_TEXT_BYTES);
	return t->job->sink->advisory(t->job->sink, advisory, err);
}

/* One vulnerability of the package. */
static int add_vulnerability(struct tracker *t, struct str name, const struct json_value *record,
			     struct err *err)
{
	const struct json_value *releases = json_get(record, "releases");
	struct advisory advisory = { .package_kind = PACKAGE_SOURCE, .name = name };

	if (!name.n || !is_field(name) || !releases ||
	    (releases->type != JSON_OBJECT && !(releases->type == JSON_ARRAY && releases->n == 0))) {
		skipped(t, name, "malformed record");
		return 0;
	}
	if (!get_text(record, "description", &advisory.description))
		advisory.description = (struct str){ NULL, 0 };
	advisory.description = texts_cut(advisory.description, LIMIT_FEED_TEXT_BYTES);
	advisory.links = str_format(&t->task->arena, "https://security-tracker.debian.org/tracker/" STR_FMT,
				    STR_ARG(name));
	for (size_t d = 0; d < t->job->distribution_count; d++)
		for (size_t i = 0; releases->keys && i < releases->n; i++)
			if (str_eq(releases->keys[i], t->job->distributions[d].version_code_name))
				TRY(add_release(t, &advisory, d, &releases->items[i], err));
	return 0;
}

/* The record whose name was just read. */
static int read_vulnerability(struct tracker *t, struct str name, struct err *err)
{
	struct arena *a = &t->task->arena;
	struct arena_mark mark = arena_mark(a);
	struct json_value record;
	struct json_token first;
	int result;

	name = str_copy(a, name);
	result = json_next(t->json, &first, err);
	if (result > 0)
		result = json_tree(t->json, &first, a, LIMIT_JSON_TREE_BYTES, &record, err);
	if (result == 0)
		result = add_vulnerability(t, name, &record, err);
	arena_release(a, mark);
	return result;
}

/* All vulnerabilities of t->package. */
static int read_vulnerabilities(struct tracker *t, struct err *err)
{
	struct json_token token;

	TRY(json_next(t->json, &token, err));
	if (token.type != JSON_OBJECT || !t->package.n || !is_field(t->package)) {
		if (token.type != JSON_ARRAY) /* an empty one has no vulnerabilities */
			skipped(t, (struct str){ NULL, 0 }, "malformed package");
		return json_skip(t->json, &token, err);
	}
	for (;;) {
		TRY(task_check(t->task, err));
		TRY(json_next(t->json, &token, err));
		if (token.type == JSON_OBJECT_END)
			return 0;
		TRY(read_vulnerability(t, token.text, err));
	}
}

static int read_package(struct tracker *t, struct str name, struct err *err)
{
	struct arena *a = &t->task->arena;
	struct arena_mark mark = arena_mark(a);
	int result;

	t->package = str_copy(a, name);
	result = read_vulnerabilities(t, err);
	arena_release(a, mark);
	return result;
}

int debian_tracker_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	autojson struct json_reader *json = json_reader_open(job->in);
	struct tracker t = { .task = task, .job = job, .json = json };
	struct json_token token;

	t.namespaces = ARENA_ARRAY(&task->arena, struct str, job->distribution_count);
	for (size_t d = 0; d < job->distribution_count; d++)
		t.namespaces[d] = str_format(&task->arena, "debian:" STR_FMT,
					     STR_ARG(job->distributions[d].version_id));
	TRY(json_next(json, &token, err));
	if (token.type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "the tracker's document is no JSON object");
	for (;;) {
		TRY(task_check(task, err));
		TRY(json_next(json, &token, err));
		if (token.type == JSON_OBJECT_END)
			break;
		TRY(read_package(&t, token.text, err));
	}
	TRY(json_next(json, &token, err));
	return 0;
}
