/* SPDX-License-Identifier: Apache-2.0 */
/* One definition of an OVAL document: metadata, and the criteria as a list. Publishers put severity and dates
 * in different places, so an element counts wherever in the definition it stands. Easy to get wrong: which
 * architecture a package of Oracle's is fixed on is a criterion before it ("Oracle Linux arch is x86_64") and
 * holds for the criteria around that only. */
#include "feed/oval_metadata.h"

#include "base/limits.h"
#include "base/time.h"
#include "feed/texts.h"

struct building {
	struct oval_document *document;
	struct arena *scratch;
	struct oval_definition *out;
	str_list references, advisories, bugs, cves; /* links */
	str_list cpes;
	struct branch {
		uint32_t arch; /* text */
		uint32_t packs, around; /* service packs: named in it, and those that hold for it */
		bool is_or, has_packages;
	} branches[LIMIT_XML_DEPTH];
	unsigned criteria; /* open */
	uint32_t first_criterion; /* how many the document had before */
};

static struct str copied(struct building *b, struct str s)
{
	return str_copy(b->scratch, str_trim(s));
}

static void add(struct building *b, str_list *list, struct str s)
{
	s = str_trim(s);
	if (s.n)
		VEC_PUSH(b->scratch, list, str_copy(b->scratch, s));
}

/* ---- criteria ---- */

/* "Module nodejs:18 is enabled" */
static void note_module(struct building *b, struct str comment)
{
	static const struct str before = { "Module ", 7 }, after = { " is enabled", 11 };
	size_t at = str_search(comment, before), end;
	struct str module;

	if (at == comment.n)
		return;
	module = str_sub(comment, at + before.n, comment.n - at - before.n);
	end = str_search(module, after);
	if (end == module.n)
		return;
	module = str_trim(str_sub(module, 0, end));
	VEC_EACH (const struct str, known, &b->out->modules)
		if (str_eq(*known, module))
			return;
	if (module.n && module.n <= LIMIT_FIELD_BYTES && b->out->modules.n < LIMIT_OVAL_MODULES)
		VEC_PUSH(b->scratch, &b->out->modules, str_copy(b->scratch, module));
}

/* "Oracle Linux arch is aarch64" */
static void note_arch(struct building *b, struct str comment)
{
	static const struct str says = { "Linux arch is ", 14 };
	size_t at = str_search(comment, says);
	struct str word, rest;

	if (at == comment.n || !b->criteria)
		return;
	rest = str_sub(comment, at + says.n, comment.n - at - says.n);
	if (!str_word(&rest, &word))
		return;
	for (size_t i = 0; i < word.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_", word.p[i]))
			return;
	b->branches[b->criteria - 1].arch = oval_intern(&b->document->texts, word);
}

/* The service packs for which what stands in a branch holds: those of its products when all has to be true.
 */
static uint32_t packs_of(const struct branch *branch)
{
	uint32_t packs = branch->packs && !branch->is_or ? branch->packs : branch->around;

	return packs & OVAL_ANY_PACK ? 0 : packs;
}

static void begin_criteria(struct building *b, const struct xml_event *e)
{
	struct branch *branch = &b->branches[b->criteria], *parent = b->criteria ? branch - 1 : NULL;

	*branch = (struct branch){ .is_or = str_eq(xml_attribute(e, "operator"), STR("OR")) };
	if (parent) {
		branch->arch = parent->arch;
		branch->around = packs_of(parent);
	}
	b->criteria++;
}

/* A list of products in a branch of its own counts in the one around. */
static void end_criteria(struct building *b)
{
	struct branch *branch = &b->branches[--b->criteria];

	if (b->criteria && !branch->has_packages)
		branch[-1].packs |= branch->packs;
	if (b->criteria && branch->has_packages)
		branch[-1].has_packages = true;
}

/* Does the comment name a product? */
static bool note_product(struct building *b, struct str comment)
{
	struct branch *branch = b->criteria ? &b->branches[b->criteria - 1] : NULL;
	uint32_t packs;

	if (!branch || !b->document->dialect->has_service_packs)
		return false;
	packs = oval_packs_of(comment, b->document->job->source->distribution.version);
	branch->packs |= packs;
	return packs;
}

/* The criterion that named this test before in the definition, for the same architecture, or NULL. */
static struct oval_criterion *repeated(const struct building *b, const struct oval_entry *test, uint32_t arch)
{
	struct oval_criterion *c;

	if (test->mark <= b->first_criterion)
		return NULL;
	c = &b->out->criterions.p[test->mark - b->first_criterion - 1];
	return c->arch == arch ? c : NULL;
}

static void add_criterion(struct building *b, const struct xml_event *e)
{
	struct oval_document *d = b->document;
	struct str id = xml_attribute(e, "test_ref"), comment = xml_attribute(e, "comment");
	struct branch *branch = b->criteria ? &b->branches[b->criteria - 1] : NULL;
	struct oval_criterion c = { 0 }, *before;
	struct oval_entry *test;

	note_module(b, comment);
	note_arch(b, comment);
	if (branch && !note_product(b, comment)) {
		branch->has_packages = true;
		c.packs = packs_of(branch);
	}
	c.arch = branch ? branch->arch : 0;
	if (id.n == 0 || id.n > LIMIT_FIELD_BYTES || d->criterions == UINT32_MAX)
		return;
	c.test = oval_number(&d->tests, id);
	c.status = oval_status_of(d->dialect, comment, &c.words);
	c.channel = oval_channel_of(d->dialect, comment);
	test = oval_entry(&d->tests, c.test);
	before = repeated(b, test, c.arch);
	if (before) {
		before->packs = before->packs && c.packs ? before->packs | c.packs : 0;
		return;
	}
	VEC_PUSH(b->scratch, &b->out->criterions, c);
	test->mark = ++d->criterions;
}

/* ---- metadata ---- */

static void take_date(struct building *b, struct str text)
{
	text = str_trim(text);
	if (b->out->issued == 0 && !time_parse(text, &b->out->issued))
		time_parse(str_sub(text, 0, text.n < 10 ? text.n : 10), &b->out->issued);
}

static void take_begin(struct building *b, const struct xml_event *e)
{
	if (str_eq(e->name, STR("criterion"))) {
		add_criterion(b, e);
	} else if (str_eq(e->name, STR("criteria"))) {
		begin_criteria(b, e);
	} else if (str_eq(e->name, STR("reference"))) {
		add(b, &b->references, xml_attribute(e, "ref_url"));
		if (!b->out->cve.n && str_eq(xml_attribute(e, "source"), STR("CVE")))
			b->out->cve = copied(b, xml_attribute(e, "ref_id"));
	} else if (str_eq(e->name, STR("issued"))) {
		take_date(b, xml_attribute(e, "date"));
	} else if (str_eq(e->name, STR("cve"))) {
		add(b, &b->cves, xml_attribute(e, "href"));
	} else if (str_eq(e->name, STR("bugzilla"))) {
		add(b, &b->bugs, xml_attribute(e, "href"));
	}
}

static void take_platform(struct building *b, struct str platform)
{
	const struct feed_job *job = b->document->job;

	platform = str_trim(platform);
	for (uint32_t i = 0; !job->source->namespace.n && i < job->distribution_count; i++) {
		if (!str_eq(platform, job->distributions[i].version_code_name))
			continue;
		VEC_EACH (const uint32_t, known, &b->out->distributions)
			if (*known == i)
				return;
		VEC_PUSH(b->scratch, &b->out->distributions, i);
	}
}

/* Elements whose text is one of the definition's. */
static struct str *text_field(struct oval_definition *v, struct str name)
{
	if (str_eq(name, STR("title")))
		return &v->title;
	if (str_eq(name, STR("description")))
		return &v->description;
	return str_eq(name, STR("severity")) ? &v->severity : NULL;
}

static void take_end(struct building *b, const struct xml_event *e)
{
	struct str *field = text_field(b->out, e->name);

	if (field && !field->n)
		*field = copied(b, e->text);
	else if (str_eq(e->name, STR("criteria")))
		end_criteria(b);
	else if (str_eq(e->name, STR("platform")))
		take_platform(b, e->text);
	else if (str_eq(e->name, STR("ref")))
		add(b, &b->advisories, e->text);
	else if (str_eq(e->name, STR("cpe")))
		add(b, &b->cpes, e->text);
	else if (str_eq(e->name, STR("public_date")) || str_eq(e->name, STR("advisory_date")))
		take_date(b, e->text);
	else if (str_eq(e->name, STR("patchable")))
		b->out->is_not_applicable = str_eq_nocase(str_trim(e->text), STR("Not Applicable"));
}

/* References first, then advisories, bugs and CVEs. */
static struct str links_of(struct building *b)
{
	const str_list *lists[] = { &b->references, &b->advisories, &b->bugs, &b->cves };
	str_list all = { 0 };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		VEC_EACH (const struct str, link, lists[i])
			VEC_PUSH(b->scratch, &all, *link);
	return texts_links(b->scratch, &all);
}

int oval_metadata(struct oval_document *d, struct xml_reader *x, struct arena *scratch,
		  const struct xml_event *begin, struct oval_definition *out, struct err *err)
{
	struct building b = { .document = d, .scratch = scratch, .out = out };
	unsigned depth = begin->depth;
	struct xml_event e;
	uint64_t column;

	*out = (struct oval_definition){ 0 };
	out->id = copied(&b, xml_attribute(begin, "id"));
	xml_position(x, &out->line, &column);
	b.first_criterion = d->criterions;
	for (;;) {
		TRY(xml_next(x, &e, err));
		if (e.type == XML_BEGIN)
			take_begin(&b, &e);
		else if (e.depth == depth)
			break;
		else
			take_end(&b, &e);
		if (scratch->used_bytes > LIMIT_OVAL_DEFINITION_BYTES)
			return err_set(err, E_LIMIT, "line %llu: a definition needs more than %llu bytes",
				       (unsigned long long)out->line, LIMIT_OVAL_DEFINITION_BYTES);
	}
	out->links = links_of(&b);
	if (!d->job->source->namespace.n && out->distributions.n == 0)
		return 0;
	return !oval_is_ksplice(b.cpes.p, b.cpes.n);
}
