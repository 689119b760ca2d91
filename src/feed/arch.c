/* SPDX-License-Identifier: Apache-2.0 */
/* Arch Linux' security tracker: an array of groups ("Arch vulnerability group", AVG).
 * Source: https://security.archlinux.org/all.json ; the words:
 * https://wiki.archlinux.org/title/Arch_Security_Team and the tracker's own pages. docs/formats/arch.md has
 * the table. Easy to get wrong: a package may be in several groups of one vulnerability, so one group's "Not
 * affected" takes nothing back; and a fix of a group that is "Testing" is not yet where an ordinary upgrade
 * finds it. */
#include "feed/arch.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/limits.h"

struct arch {
	struct task *task;
	const struct feed_job *job;
	struct json_reader *json;
};

/* What all advisories of a group have in common. */
struct group {
	struct str name, status, fixed;
	const struct json_value *packages, *issues, *advisories;
};

static bool is_field(struct str s)
{
	return s.n > 0 && s.n <= LIMIT_FIELD_BYTES;
}

static void skipped(const struct arch *h, struct str name, const char *why)
{
	autoarena struct arena a = { 0 };
	uint64_t line, column;

	if (!h->job->sink->skipped)
		return;
	json_position(h->json, &line, &column);
	h->job->sink->skipped(h->job->sink,
			      str_format(&a, "line %llu: group \"" STR_FMT "\": %s", (unsigned long long)line,
					 STR_ARG(str_sub(name, 0, name.n < 200 ? name.n : 200)), why));
}

static enum severity severity_of(struct str word)
{
	static const struct {
		const char *word;
		enum severity severity;
	} table[] = { { "Low", SEVERITY_LOW },
		      { "Medium", SEVERITY_MEDIUM },
		      { "High", SEVERITY_HIGH },
		      { "Critical", SEVERITY_CRITICAL } };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_eq(word, str_of(table[i].word)))
			return table[i].severity;
	return SEVERITY_UNKNOWN;
}

/* False: the tracker has no such status. */
static bool set_status(struct advisory *v, const struct group *g)
{
	v->fixed_in = g->fixed;
	if (str_eq(g->status, STR("Vulnerable")) || str_eq(g->status, STR("Fixed")))
		return true;
	if (str_eq(g->status, STR("Not affected"))) {
		v->status = STATUS_NOT_AFFECTED;
		v->fixed_in = STR("0");
		return true;
	}
	if (str_eq(g->status, STR("Testing"))) {
		v->status_text = STR("the fix is in the testing repositories");
		return true;
	}
	v->status_text = STR("the tracker does not know whether the package is affected");
	if (g->fixed.n == 0)
		v->status = STATUS_UNDER_INVESTIGATION;
	return str_eq(g->status, STR("Unknown"));
}

static bool is_array(const struct json_value *v)
{
	return v && v->type == JSON_ARRAY;
}

/* Of a list; empty for what is no string. */
static struct str text_at(const struct json_value *list, size_t i)
{
	return list->items[i].type == JSON_STRING ? list->items[i].text : (struct str){ NULL, 0 };
}

static bool is_word(struct str s)
{
	struct str rest = s, word;

	return is_field(s) && str_word(&rest, &word) && word.n == s.n;
}

static void add_link(struct buffer *links, struct str id)
{
	if (!is_word(id) || links->n > LIMIT_FEED_TEXT_BYTES - LIMIT_FIELD_BYTES - 64)
		return;
	if (links->n)
		put_u8(links, ' ');
	put_bytes(links, STR("https://security.archlinux.org/"));
	put_bytes(links, id);
}

/* Pages of the tracker: the issue's, the group's, and those of the advisories that were sent. */
static struct str links_of(struct arena *a, const struct group *g, struct str issue)
{
	struct buffer links = { .arena = a };

	add_link(&links, issue);
	if (!str_eq(issue, g->name))
		add_link(&links, g->name);
	for (size_t i = 0; is_array(g->advisories) && i < g->advisories->n; i++)
		add_link(&links, text_at(g->advisories, i));
	return buffer_str(&links);
}

static int add_issue(struct arch *h, const struct group *g, struct advisory *v, struct str issue,
		     struct err *err)
{
	v->name = issue;
	v->links = links_of(&h->task->arena, g, issue);
	for (size_t i = 0; i < g->packages->n; i++) {
		v->key.package = text_at(g->packages, i);
		if (!is_field(v->key.package)) {
			skipped(h, g->name, "a package has no name");
			continue;
		}
		TRY(h->job->sink->advisory(h->job->sink, v, err));
	}
	return 0;
}

static int add_group(struct arch *h, const struct json_value *record, struct err *err)
{
	const struct group g = { .name = json_get_str(record, "name"),
				 .status = json_get_str(record, "status"),
				 .fixed = json_get_str(record, "fixed"),
				 .packages = json_get(record, "packages"),
				 .issues = json_get(record, "issues"),
				 .advisories = json_get(record, "advisories") };
	struct advisory v = { .key.namespace = h->job->source->namespace,
			      .package_kind = PACKAGE_BINARY,
			      .severity = json_get_str(record, "severity"),
			      .description = json_get_str(record, "type"),
			      .distribution = h->job->source->distribution };

	if (!is_field(g.name) || !is_array(g.packages) || v.severity.n > LIMIT_FIELD_BYTES ||
	    v.description.n > LIMIT_FIELD_BYTES) {
		skipped(h, g.name, "no name, no list of packages, or a field is too long");
		return 0;
	}
	if (!set_status(&v, &g) || g.fixed.n > LIMIT_FIELD_BYTES ||
	    (str_eq(g.fixed, STR("0")) && v.status != STATUS_NOT_AFFECTED)) {
		skipped(h, g.name, "unknown status or version");
		return 0;
	}
	v.normalized_severity = severity_of(v.severity);
	if (!is_array(g.issues) || g.issues->n == 0)
		return add_issue(h, &g, &v, g.name, err);
	for (size_t i = 0; i < g.issues->n; i++) {
		struct str issue = text_at(g.issues, i);

		if (is_word(issue))
			TRY(add_issue(h, &g, &v, issue, err));
		else
			skipped(h, g.name, "an issue has no name");
	}
	return 0;
}

static int read_group(struct arch *h, const struct json_token *first, struct err *err)
{
	struct arena *a = &h->task->arena;
	struct arena_mark mark = arena_mark(a);
	struct json_value record;
	int result = json_tree(h->json, first, a, LIMIT_JSON_TREE_BYTES, &record, err);

	if (result == 0)
		result = add_group(h, &record, err);
	arena_release(a, mark);
	return result;
}

int arch_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	autojson struct json_reader *json = json_reader_open(job->in);
	struct arch h = { .task = task, .job = job, .json = json };
	struct json_token token;

	TRY(json_next(json, &token, err));
	if (token.type != JSON_ARRAY)
		return err_set(err, E_FORMAT, "the tracker's document is no list of groups");
	for (;;) {
		TRY(task_check(task, err));
		TRY(json_next(json, &token, err));
		if (token.type == JSON_ARRAY_END)
			break;
		TRY(read_group(&h, &token, err));
	}
	return json_next(json, &token, err);
}
