/* SPDX-License-Identifier: Apache-2.0 */
/* Alpine's security database, as JSON: which version of a source package first had a vulnerability fixed.
 * Source: https://secdb.alpinelinux.org/ (no schema is published); Wolfi, Chainguard and MinimOS publish
 * the same shape. docs/formats/secdb.md says what was seen in it. Easy to get wrong: the "ids" are free text.
 * One string may name two vulnerabilities and a remark, and the version "0" means that the package was never
 * affected. */
#include "feed/secdb.h"

#include "base/json.h"
#include "base/limits.h"

struct secdb {
	struct task *task;
	const struct feed_job *job;
	struct json_reader *json;
	bool has_packages;
};

/* Report a record that is left out. */
static void skipped(struct secdb *s, struct str package, const char *why)
{
	struct arena *a = &s->task->arena;
	uint64_t line, column;

	if (!s->job->sink->skipped)
		return;
	json_position(s->json, &line, &column);
	s->job->sink->skipped(s->job->sink,
			      str_format(a, "line %llu: package \"%.*s\": %s", (unsigned long long)line,
					 (int)(package.n < 200 ? package.n : 200), package.p ? package.p : "",
					 why));
}

static bool is_field(struct str s)
{
	return s.n > 0 && s.n <= LIMIT_FIELD_BYTES;
}

/* The identifier that a word of an id string names, empty when it names none. */
static struct str id_of(struct arena *a, struct str word)
{
	static const char *const spaces[] = { "CVE-", "GHSA-", "XSA-", "ZBX-" };

	word = str_strip(word, STR("()[],;:"));
	if (str_starts(word, STR("CVE_")))
		word = str_format(a, "CVE-" STR_FMT, STR_ARG(str_sub(word, 4, word.n - 4)));
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
		if (str_starts(word, str_of(spaces[i])) && word.n > strlen(spaces[i]) && is_field(word))
			return word;
	return (struct str){ NULL, 0 };
}

/* The next word of an id string: white space and commas separate. */
static bool next_word(struct str *rest, struct str *word)
{
	size_t n = 0;

	*rest = str_strip(*rest, STR(" \t\n\v\f\r,"));
	while (n < rest->n && !memchr(" \t\n\v\f\r,", rest->p[n], 7))
		n++;
	*word = str_sub(*rest, 0, n);
	*rest = str_sub(*rest, n, rest->n - n);
	return n > 0;
}

/* Alpine has a page for each; for the others, where the identifier comes from. */
static struct str link_of(const struct secdb *s, struct str id)
{
	const char *page = "https://nvd.nist.gov/vuln/detail/";

	if (str_starts(s->job->source->namespace, STR("alpine:")))
		page = "https://security.alpinelinux.org/vuln/";
	else if (str_starts(id, STR("GHSA-")))
		page = "https://github.com/advisories/";
	else if (!str_starts(id, STR("CVE-")))
		return (struct str){ NULL, 0 };
	return str_format(&s->task->arena, "%s" STR_FMT, page, STR_ARG(id));
}

/* One advisory for each identifier in `ids`. */
static int add_ids(struct secdb *s, struct advisory *advisory, struct str ids, struct err *err)
{
	struct arena *a = &s->task->arena;
	struct str word;

	while (next_word(&ids, &word)) {
		struct arena_mark mark = arena_mark(a);
		int result = 0;

		advisory->name = id_of(a, word);
		advisory->links = link_of(s, advisory->name);
		if (advisory->name.n)
			result = s->job->sink->advisory(s->job->sink, advisory, err);
		arena_release(a, mark);
		TRY(result);
	}
	return 0;
}

/* One version of secfixes and its list. */
static int add_fix(struct secdb *s, struct str package, struct str version, const struct json_value *ids,
		   struct err *err)
{
	const struct feed_source *source = s->job->source;
	struct advisory advisory = {
		.key = { source->namespace, package },
		.package_kind = PACKAGE_SOURCE,
		.fixed_in = version,
		.normalized_severity = SEVERITY_UNKNOWN,
		.status = str_eq(version, STR("0")) ? STATUS_NOT_AFFECTED : STATUS_AFFECTED,
		.distribution = source->distribution,
	};

	if (!is_field(version)) {
		skipped(s, package, "version is empty or too long");
		return 0;
	}
	if (ids->type != JSON_ARRAY && ids->type != JSON_NULL) {
		skipped(s, package, "list of identifiers is no array");
		return 0;
	}
	for (size_t i = 0; i < ids->n; i++) {
		if (ids->items[i].type == JSON_STRING)
			TRY(add_ids(s, &advisory, ids->items[i].text, err));
		else
			skipped(s, package, "identifier is no string");
	}
	return 0;
}

static int add_package(struct secdb *s, const struct json_value *record, struct err *err)
{
	const struct json_value *pkg = json_get(record, "pkg"), *fixes = json_get(pkg, "secfixes");
	struct str name = json_get_str(pkg, "name");
	bool is_empty = !fixes || fixes->type == JSON_NULL || (fixes->type == JSON_ARRAY && fixes->n == 0);

	if (!is_field(name)) {
		skipped(s, (struct str){ NULL, 0 }, "no name");
		return 0;
	}
	if (is_empty)
		return 0;
	if (fixes->type != JSON_OBJECT) {
		skipped(s, name, "secfixes is no object");
		return 0;
	}
	for (size_t i = 0; i < fixes->n; i++)
		TRY(add_fix(s, name, fixes->keys[i], &fixes->items[i], err));
	return 0;
}

/* One element of packages[]. */
static int read_record(struct secdb *s, const struct json_token *first, struct err *err)
{
	struct arena *a = &s->task->arena;
	struct arena_mark mark = arena_mark(a);
	struct json_value record;
	int result = json_tree(s->json, first, a, LIMIT_JSON_TREE_BYTES, &record, err);

	if (result == 0)
		result = add_package(s, &record, err);
	arena_release(a, mark);
	return result;
}

static int read_packages(struct secdb *s, struct err *err)
{
	struct json_token token;

	TRY(json_next(s->json, &token, err));
	s->has_packages = token.type == JSON_ARRAY || token.type == JSON_NULL;
	if (token.type != JSON_ARRAY)
		return json_skip(s->json, &token, err);
	for (;;) {
		TRY(task_check(s->task, err));
		TRY(json_next(s->json, &token, err));
		if (token.type == JSON_ARRAY_END)
			return 0;
		TRY(read_record(s, &token, err));
	}
}

int secdb_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	autojson struct json_reader *json = json_reader_open(job->in);
	struct secdb s = { .task = task, .job = job, .json = json };
	struct json_token token;

	TRY(json_next(json, &token, err));
	if (token.type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "secdb is no JSON object");
	for (;;) {
		TRY(json_next(json, &token, err));
		if (token.type == JSON_OBJECT_END)
			break;
		if (str_eq(token.text, STR("packages"))) {
			TRY(read_packages(&s, err));
			continue;
		}
		TRY(json_next(json, &token, err));
		TRY(json_skip(json, &token, err));
	}
	TRY(json_next(json, &token, err));
	return s.has_packages ? 0 : err_set(err, E_FORMAT, "secdb without a list of packages");
}
