/* SPDX-License-Identifier: Apache-2.0 */
/* OVAL definitions, version 5 (https://oval.mitre.org/language/version5.11/), of the distributions that
 * publish them: the walk over the document. Metadata is read in oval_metadata.c. Easy to get wrong: a
 * definition names its tests, these name objects and states, and all of them stand behind it in the file; ids
 * may be given twice (SUSE), and then the first counts. */
#include "feed/oval.h"

#include "base/limits.h"
#include "base/xml.h"
#include "feed/oval_metadata.h"

enum { SECTION_DEPTH = 2, ELEMENT_DEPTH = 3 };

/* Of an rpm or dpkg test, object or state by its name: "rpminfo_test". */
static enum oval_kind kind_of(struct str name)
{
	if (str_starts(name, STR("rpminfo_")))
		return OVAL_RPM;
	return str_starts(name, STR("dpkginfo_")) ? OVAL_DPKG : OVAL_OTHER;
}

/* The next event inside of an element of a section. 0: the element is over. */
static int next_inside(struct xml_reader *x, struct xml_event *e, struct err *err)
{
	TRY(xml_next(x, e, err));
	return !(e->type == XML_END && e->depth == ELEMENT_DEPTH);
}

/* The entry to fill; NULL: it is of no use, or was given before, and has been passed over. */
static int begin_entry(struct oval_document *d, struct xml_reader *x, struct oval_ids *ids,
		       const struct xml_event *e, struct oval_entry **out, struct err *err)
{
	struct str id = xml_attribute(e, "id");
	struct oval_entry *entry = NULL;
	uint64_t line, column;

	*out = NULL;
	if (id.n && id.n <= LIMIT_FIELD_BYTES) {
		entry = oval_entry(ids, oval_number(ids, id));
	} else {
		xml_position(x, &line, &column);
		oval_skipped(d, line, e->name, "no id");
	}
	if (!entry || entry->kind != OVAL_UNSEEN)
		return xml_skip(x, err);
	entry->kind = (uint8_t)kind_of(e->name);
	if (entry->kind == OVAL_OTHER && ids != &d->variables)
		return xml_skip(x, err);
	*out = entry;
	return 0;
}

static int read_test(struct oval_document *d, struct xml_reader *x, struct xml_event *e, struct err *err)
{
	struct oval_entry *test;
	int more;

	TRY(begin_entry(d, x, &d->tests, e, &test, err));
	if (!test)
		return 0;
	while ((more = next_inside(x, e, err)) > 0) {
		struct str object = xml_attribute(e, "object_ref"), state = xml_attribute(e, "state_ref");

		if (e->type != XML_BEGIN)
			continue;
		if (object.n && !test->first)
			test->first = oval_number(&d->objects, object);
		if (state.n && !test->second)
			test->second = oval_number(&d->states, state);
	}
	return more;
}

static int read_object(struct oval_document *d, struct xml_reader *x, struct xml_event *e, struct err *err)
{
	struct oval_entry *object;
	int more;

	TRY(begin_entry(d, x, &d->objects, e, &object, err));
	if (!object)
		return 0;
	while ((more = next_inside(x, e, err)) > 0) {
		struct str variable = e->type == XML_BEGIN ? xml_attribute(e, "var_ref")
							   : (struct str){ NULL, 0 };

		if (!str_eq(e->name, STR("name")))
			continue;
		if (variable.n && !object->second)
			object->second = oval_number(&d->variables, variable);
		if (e->type == XML_END && !object->first)
			object->first = oval_intern(&d->texts, str_trim(e->text));
	}
	return more;
}

/* Of an rpm state without any white space: an EVR has none, though Microsoft wrote "0: 1.20.10-1.azl3". */
static uint32_t intern_version(struct oval_document *d, const struct oval_entry *state, struct str text)
{
	autoarena struct arena scratch = { 0 };
	struct buffer b = { .arena = &scratch };
	struct str word;

	text = str_trim(text);
	if (state->kind != OVAL_RPM || str_find(text, ' ') == text.n)
		return oval_intern(&d->texts, text);
	while (str_word(&text, &word))
		put_bytes(&b, word);
	return oval_intern(&d->texts, buffer_str(&b));
}

static int read_state(struct oval_document *d, struct xml_reader *x, struct xml_event *e, struct err *err)
{
	struct oval_entry *state;
	int more;

	TRY(begin_entry(d, x, &d->states, e, &state, err));
	if (!state)
		return 0;
	while ((more = next_inside(x, e, err)) > 0) {
		bool is_evr = str_eq(e->name, STR("evr")), is_arch = str_eq(e->name, STR("arch"));
		uint8_t operation;

		if (!is_evr && !is_arch)
			continue;
		if (e->type == XML_BEGIN) {
			operation = (uint8_t)oval_operation_of(xml_attribute(e, "operation"));
			*(is_evr ? &state->first_operation : &state->second_operation) = operation;
		} else {
			*(is_evr ? &state->first : &state->second) = intern_version(d, state, e->text);
		}
	}
	return more;
}

static int read_variable(struct oval_document *d, struct xml_reader *x, struct xml_event *e, struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct buffer values = { .arena = &scratch };
	struct oval_entry *variable;
	int more;

	TRY(begin_entry(d, x, &d->variables, e, &variable, err));
	if (!variable)
		return 0;
	while ((more = next_inside(x, e, err)) > 0)
		if (e->type == XML_END && str_eq(e->name, STR("value")) && str_trim(e->text).n)
			put_varint(&values, oval_intern(&d->texts, str_trim(e->text)));
	variable->first = oval_intern(&d->texts, buffer_str(&values));
	return more;
}

static int read_definition(struct oval_document *d, struct xml_reader *x, struct xml_event *e,
			   struct err *err)
{
	autoarena struct arena scratch = { 0 };
	struct oval_definition definition;
	int kept;

	if (str_eq(xml_attribute(e, "class"), STR("inventory")))
		return xml_skip(x, err);
	kept = oval_metadata(d, x, &scratch, e, &definition, err);
	if (kept > 0)
		oval_keep(d, &definition);
	return kept < 0 ? kept : 0;
}

static const struct section {
	const char *name;
	int (*read)(struct oval_document *d, struct xml_reader *x, struct xml_event *e, struct err *err);
} sections[] = {
	{ "definitions", read_definition }, { "tests", read_test },	    { "objects", read_object },
	{ "states", read_state },	    { "variables", read_variable }, { NULL, NULL },
};

static int read_section(struct oval_document *d, struct xml_reader *x, const struct section *section,
			struct err *err)
{
	struct xml_event e;

	for (;;) {
		TRY(xml_next(x, &e, err));
		if (e.type == XML_END)
			return 0;
		TRY(section->read(d, x, &e, err));
		TRY(task_check(d->task, err));
	}
}

/* All of the document. */
static int read_document(struct oval_document *d, struct xml_reader *x, struct err *err)
{
	bool has_definitions = false;
	struct xml_event e;

	TRY(xml_next(x, &e, err));
	if (!str_eq(e.name, STR("oval_definitions")))
		return err_set(err, E_FORMAT, "the document is no oval_definitions, but " STR_FMT,
			       STR_ARG(str_sub(e.name, 0, e.name.n < 100 ? e.name.n : 100)));
	for (;;) {
		const struct section *s = sections;

		TRY(xml_next(x, &e, err));
		if (e.type == XML_END)
			break;
		while (s->name && !str_eq(e.name, str_of(s->name)))
			s++;
		has_definitions = has_definitions || s == sections;
		if (s->name)
			TRY(read_section(d, x, s, err));
		else
			TRY(xml_skip(x, err));
	}
	TRY(xml_next(x, &e, err));
	return has_definitions ? 0 : err_set(err, E_FORMAT, "OVAL without definitions");
}

void oval_skipped(struct oval_document *d, uint64_t line, struct str what, const char *why)
{
	autoarena struct arena a = { 0 };

	if (d->job->sink->skipped)
		d->job->sink->skipped(
			d->job->sink,
			str_format(&a, "line %llu: \"" STR_FMT "\": %s", (unsigned long long)line,
				   STR_ARG(str_sub(what, 0, what.n < 200 ? what.n : 200)), why));
}

/* One word about all of them: what is there of them has been read, and an extract of a document is none to be
 * refused. */
static void tell_dangling(struct oval_document *d)
{
	autoarena struct arena a = { 0 };

	if (d->dangling && d->rows)
		oval_skipped(
			d, d->dangling_line, d->dangling_id,
			str_format(&a,
				   "a test, object, state or variable is missing, as for %llu definitions",
				   (unsigned long long)d->dangling)
				.p);
}

static const struct oval_dialect *dialect_of(const struct feed_job *job)
{
	const struct distribution *d = job->distribution_count ? &job->distributions[0] : NULL;

	if (job->source->namespace.n)
		d = &job->source->distribution;
	return d ? oval_dialect_of(d->did) : NULL;
}

int oval_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	struct arena *a = &task->arena;
	struct oval_document d = { .task = task, .job = job, .dialect = dialect_of(job) };
	autoxml struct xml_reader *x = NULL;
	int result;

	if (!d.dialect)
		return err_set(err, E_UNSUPPORTED, "OVAL of a publisher that we do not know");
	d.tests.arena = d.objects.arena = d.states.arena = d.variables.arena = d.texts.numbers.arena = a;
	x = xml_reader_open(job->in);
	result = read_document(&d, x, err);
	if (result == 0)
		result = oval_each(&d, oval_push, err);
	if (result == 0)
		tell_dangling(&d);
	arena_reset(&d.open_arena);
	return result;
}
