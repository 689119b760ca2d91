/* SPDX-License-Identifier: Apache-2.0 */
/* The outputs of `clair report`, as clairctl has them: aligned text, the reports as received, JUnit's XML.
 * Source of the last: the schema that Jenkins documents (testsuites, testsuite, testcase, failure, error).
 * What a reader would get wrong: JSON reports follow one another without anything between, null for one that
 * is missing; scripts count on it. */
#include "cmd/remote_report.h"

#include "base/cursor.h"
#include "base/map.h"

/* ---- text ---- */

static struct str short_name(struct str reference)
{
	struct str head, tail;

	return str_rcut(reference, '/', &head, &tail) ? tail : reference;
}

struct widths {
	size_t name, package, version;
};

static void widen(size_t *w, struct str s)
{
	if (s.n > *w)
		*w = s.n;
}

static int write_finding(struct arena *a, const struct remote_finding *f, struct str name,
			 const struct widths *w, struct writer *to, struct err *err)
{
	struct str fixed = f->fixed_in.n && !str_eq(f->fixed_in, STR("0"))
				   ? str_format(a, " (fixed: " STR_FMT ")", STR_ARG(f->fixed_in))
				   : STR("");

	return writer_format(to, err, "%-*.*s found %-*.*s %-*.*s " STR_FMT STR_FMT "\n", (int)w->name,
			     STR_ARG(name), (int)w->package, STR_ARG(str_printable(a, f->package)),
			     (int)w->version, STR_ARG(str_printable(a, f->version)),
			     STR_ARG(str_printable(a, f->name)), STR_ARG(str_printable(a, fixed)));
}

static int write_text_result(struct task *task, const struct remote_result *r, size_t name_width,
			     struct writer *to, struct err *err)
{
	struct widths w = { .name = name_width };
	struct str name = short_name(r->reference);
	remote_findings findings = { 0 };

	if (r->error.code)
		return writer_format(to, err, "%-*.*s error " STR_FMT "\n", (int)w.name, STR_ARG(name),
				     STR_ARG(str_printable(&task->arena, str_of(r->error.text))));
	TRY(remote_findings_list(task, r->report, &findings, err));
	if (!findings.n)
		return writer_format(to, err, "%-*.*s ok\n", (int)w.name, STR_ARG(name));
	VEC_EACH (struct remote_finding, f, &findings) {
		widen(&w.package, f->package);
		widen(&w.version, f->version);
	}
	VEC_EACH (struct remote_finding, f, &findings)
		TRY(write_finding(&task->arena, f, name, &w, to, err));
	return 0;
}

static int write_text(struct task *task, const struct remote_result *results, size_t n, struct writer *to,
		      struct err *err)
{
	size_t width = 0;

	for (size_t i = 0; i < n; i++)
		widen(&width, short_name(results[i].reference));
	for (size_t i = 0; i < n; i++)
		TRY(write_text_result(task, &results[i], width, to, err));
	return 0;
}

/* ---- JSON ---- */

static int write_json(struct task *task, const struct remote_result *results, size_t n, struct writer *to,
		      struct err *err)
{
	(void)task;
	for (size_t i = 0; i < n; i++)
		TRY(writer_str(to, results[i].report.n ? results[i].report : STR("null"), err));
	return 0;
}

/* ---- XML ---- */

static struct str xml(struct arena *a, struct str text)
{
	struct buffer b = { .arena = a };

	text = str_printable(a, text);
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '<': put_bytes(&b, STR("&lt;")); break;
		case '>': put_bytes(&b, STR("&gt;")); break;
		case '&': put_bytes(&b, STR("&amp;")); break;
		case '"': put_bytes(&b, STR("&quot;")); break;
		default: put_u8(&b, (uint8_t)text.p[i]);
		}
	}
	return buffer_str(&b);
}

/* Findings [from, to) are of one package: one test case with one failure that lists them. */
static int write_failure(struct arena *a, const struct remote_finding *f, size_t n, struct writer *to,
			 struct err *err)
{
	TRY(writer_format(to, err,
			  "<testcase name=\"" STR_FMT " " STR_FMT
			  "\"><failure message=\"%zu vulnerabilit%s\">"
			  "found vulnerabilities:\n",
			  STR_ARG(xml(a, f->package)), STR_ARG(xml(a, f->version)), n, n == 1 ? "y" : "ies"));
	for (size_t i = 0; i < n; i++)
		TRY(writer_format(to, err, "    " STR_FMT "\n", STR_ARG(xml(a, f[i].name))));
	return writer_str(to, STR("</failure></testcase>"), err);
}

static size_t same_package(const remote_findings *all, size_t i)
{
	size_t end = i;

	while (end < all->n && str_eq(all->p[end].package, all->p[i].package) &&
	       str_eq(all->p[end].version, all->p[i].version))
		end++;
	return end - i;
}

static size_t failures_of(const remote_findings *all)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i += same_package(all, i))
		n++;
	return n;
}

static struct str package_key(struct arena *a, struct str name, struct str version)
{
	return str_format(a, STR_FMT "\n" STR_FMT, STR_ARG(name), STR_ARG(version));
}

static int write_passed(struct arena *a, const struct json_value *packages, const remote_findings *found,
			struct writer *to, struct err *err)
{
	struct map failed = { .arena = a };

	for (size_t i = 0; i < found->n; i += same_package(found, i))
		*map_put(&failed, package_key(a, found->p[i].package, found->p[i].version)) = &found->p[i];
	for (size_t i = 0; packages && packages->type == JSON_OBJECT && i < packages->n; i++) {
		struct str name = json_get_str(&packages->items[i], "name");
		struct str version = json_get_str(&packages->items[i], "version");

		if (!map_get(&failed, package_key(a, name, version)))
			TRY(writer_format(to, err, "<testcase name=\"" STR_FMT " " STR_FMT "\"></testcase>",
					  STR_ARG(xml(a, name)), STR_ARG(xml(a, version))));
	}
	return 0;
}

static int write_suite_head(struct arena *a, const struct remote_result *r, size_t tests, size_t failures,
			    struct writer *to, struct err *err)
{
	TRY(writer_format(to, err,
			  "<testsuite name=\"" STR_FMT "\" tests=\"%zu\" errors=\"%d\" failures=\"%zu\">",
			  STR_ARG(xml(a, r->reference)), tests, r->error.code ? 1 : 0, failures));
	return writer_format(to, err,
			     "<properties><property name=\"manifest\" value=\"" STR_FMT
			     "\"></property></properties>",
			     STR_ARG(xml(a, r->digest)));
}

static int write_suite(struct task *task, const struct remote_result *r, struct writer *to, struct err *err)
{
	struct arena *a = &task->arena;
	remote_findings findings = { 0 };
	struct json_value report = { 0 };
	const struct json_value *packages;

	if (r->error.code) {
		TRY(write_suite_head(a, r, 1, 0, to, err));
		return writer_format(to, err,
				     "<testcase name=\"report\"><error message=\"" STR_FMT
				     "\"></error></testcase></testsuite>",
				     STR_ARG(xml(a, str_of(r->error.text))));
	}
	TRY(remote_findings_list(task, r->report, &findings, err));
	TRY(json_parse(a, r->report, &report, err));
	packages = json_get(&report, "packages");
	TRY(write_suite_head(a, r, packages ? packages->n : 0, failures_of(&findings), to, err));
	for (size_t i = 0; i < findings.n; i += same_package(&findings, i))
		TRY(write_failure(a, &findings.p[i], same_package(&findings, i), to, err));
	TRY(write_passed(a, packages, &findings, to, err));
	return writer_str(to, STR("</testsuite>"), err);
}

static int write_xml(struct task *task, const struct remote_result *results, size_t n, struct writer *to,
		     struct err *err)
{
	TRY(writer_str(to, STR("<testsuites>"), err));
	for (size_t i = 0; i < n; i++)
		TRY(write_suite(task, &results[i], to, err));
	return writer_str(to, STR("</testsuites>\n"), err);
}

const struct remote_format remote_formats[] = {
	{ "text", write_text },
	{ "json", write_json },
	{ "xml", write_xml },
	{ 0 },
};
