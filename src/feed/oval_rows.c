/* SPDX-License-Identifier: Apache-2.0 */
/* From the definitions of an OVAL document to advisories (matching.md 3.3): a row for each package that a
 * criterion's test is about. Easy to get wrong: AND and OR of the criteria play no part; a state without an
 * EVR belongs to a test of a release or a signature, and makes no row, while a test without a state says that
 * every version is affected. */
#include "base/limits.h"
#include "feed/oval_document.h"
#include "feed/texts.h"

enum { BOUNDED_CRITERIONS = 64 }; /* among so many a lower bound is looked for */

struct rows {
	struct oval_document *document;
	struct arena *scratch;
	const struct oval_definition *definition;
	struct advisory advisory;
	struct str channel; /* of the criterion */
	uint64_t pushed;
	const char *problem; /* of the definition, told once */
	bool is_dangling; /* names what the document does not have */
};

static bool is_field(struct str s)
{
	return s.n > 0 && s.n <= LIMIT_FIELD_BYTES;
}

/* [digits:]chars[-chars] */
static bool is_deb_version(struct str s)
{
	struct str epoch, rest;
	uint64_t n;

	if (str_cut(s, ':', &epoch, &rest)) {
		if (!str_u64(epoch, UINT32_MAX, &n))
			return false;
		s = rest;
	}
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+~:-_", s.p[i]))
			return false;
	return s.n > 0;
}

/* ---- pushing ---- */

static int push_one(struct rows *r, struct err *err)
{
	struct feed_sink *sink = r->document->job->sink;

	if (++r->pushed > LIMIT_OVAL_ROWS)
		return err_set(err, E_LIMIT, "line %llu: definition " STR_FMT ": more than %u advisories",
			       (unsigned long long)r->definition->line, STR_ARG(r->definition->id),
			       LIMIT_OVAL_ROWS);
	r->document->rows++;
	return sink->advisory(sink, &r->advisory, err);
}

/* Fixed for subscribers of Extended Security Maintenance only: for others a fix that they do not get. */
static int push_esm(struct rows *r, struct err *err)
{
	struct advisory all = r->advisory;
	struct str channel = r->channel;

	r->advisory.status = STATUS_WILL_NOT_FIX;
	r->advisory.status_text = str_format(r->scratch, "fixed with Ubuntu Pro%s" STR_FMT "%s: " STR_FMT,
					     channel.n ? " (" : "", STR_ARG(channel), channel.n ? ")" : "",
					     STR_ARG(all.fixed_in));
	TRY(push_one(r, err));
	r->advisory = all;
	r->advisory.key.namespace = str_format(r->scratch, STR_FMT "+" STR_FMT, STR_ARG(all.key.namespace),
					       STR_ARG(channel.n ? channel : STR("esm")));
	TRY(push_one(r, err));
	r->advisory = all;
	return 0;
}

static bool is_for_subscribers(const struct rows *r)
{
	struct str fixed_in = r->advisory.fixed_in;

	if (!r->document->dialect->has_esm || fixed_in.n == 0)
		return false;
	return r->channel.n > 0 || str_search(fixed_in, STR("esm")) < fixed_in.n;
}

static int push_target(struct rows *r, struct str namespace, const struct distribution *distribution,
		       struct err *err)
{
	r->advisory.key.namespace = namespace;
	r->advisory.distribution = *distribution;
	if (is_for_subscribers(r))
		return push_esm(r, err);
	return push_one(r, err);
}

/* For the document's own release, or for each that the definition names. */
static int push_targets(struct rows *r, struct err *err)
{
	const struct feed_job *job = r->document->job;

	if (job->source->namespace.n)
		return push_target(r, job->source->namespace, &job->source->distribution, err);
	VEC_EACH (const uint32_t, position, &r->definition->distributions) {
		const struct distribution *d = &job->distributions[*position];

		TRY(push_target(
			r,
			str_format(r->scratch, STR_FMT ":" STR_FMT, STR_ARG(d->did), STR_ARG(d->version_id)),
			d, err));
	}
	return 0;
}

static int push_modules(struct rows *r, struct str package, struct err *err)
{
	r->advisory.key.package = package;
	if (!is_field(package)) {
		r->problem = "the name of a package is empty or too long";
		return 0;
	}
	r->advisory.module = (struct str){ NULL, 0 };
	if (r->definition->modules.n == 0)
		return push_targets(r, err);
	VEC_EACH (const struct str, module, &r->definition->modules) {
		r->advisory.module = *module;
		TRY(push_targets(r, err));
	}
	return 0;
}

/* The names that an object means: one, or all values of a variable. */
static int push_names(struct rows *r, const struct oval_entry *object, struct err *err)
{
	struct oval_document *d = r->document;
	const struct oval_entry *variable = oval_entry(&d->variables, object->second);
	struct cursor values = cursor_of(oval_text(&d->texts, variable ? variable->first : 0));

	if (!variable)
		return push_modules(r, oval_text(&d->texts, object->first), err);
	if (variable->kind == OVAL_UNSEEN)
		r->is_dangling = true;
	while (cursor_left(&values) && !values.bad) {
		struct arena_mark mark = arena_mark(r->scratch);

		TRY(push_modules(r, oval_text(&d->texts, (uint32_t)get_varint(&values)), err));
		arena_release(r->scratch, mark);
	}
	return 0;
}

/* ---- what a criterion says ---- */

static const struct oval_entry *state_of(const struct oval_document *d, const struct oval_criterion *c)
{
	return oval_entry(&d->states, oval_entry(&d->tests, c->test)->second);
}

static bool is_lower_bound(const struct oval_entry *state)
{
	return state &&
	       (state->first_operation == OVAL_GREATER || state->first_operation == OVAL_GREATER_OR_EQUAL);
}

/* "> 0:1.19.0.cm2" when a criterion of the same package has such a state. */
static struct str lower_bound(struct rows *r, const struct oval_entry *object)
{
	const struct oval_document *d = r->document;

	if (r->definition->criterions.n > BOUNDED_CRITERIONS)
		return (struct str){ NULL, 0 };
	VEC_EACH (const struct oval_criterion, c, &r->definition->criterions) {
		const struct oval_entry *test = oval_entry(&d->tests, c->test), *state = state_of(d, c);
		const struct oval_entry *other = oval_entry(&d->objects, test->first);

		if (is_lower_bound(state) && other && other->first == object->first)
			return str_format(r->scratch, "%s " STR_FMT,
					  state->first_operation == OVAL_GREATER ? ">" : ">=",
					  STR_ARG(oval_text(&d->texts, state->first)));
	}
	return (struct str){ NULL, 0 };
}

/* False: this criterion makes no row. */
static bool apply_bounds(struct rows *r, const struct oval_entry *object, const struct oval_entry *state)
{
	if (is_lower_bound(state))
		return false;
	r->advisory.status_text = lower_bound(r, object);
	if (state->first_operation != OVAL_LESS_OR_EQUAL)
		return true;
	r->advisory.status_text = str_format(
		r->scratch, STR_FMT "%s<= " STR_FMT, STR_ARG(r->advisory.status_text),
		r->advisory.status_text.n ? ", " : "", STR_ARG(r->advisory.fixed_in));
	r->advisory.fixed_in = (struct str){ NULL, 0 };
	return true;
}

/* The fixed version. False: the state is none of versions, so there is no row. */
static bool apply_version(struct rows *r, const struct oval_entry *object, const struct oval_entry *state)
{
	const struct oval_dialect *dialect = r->document->dialect;
	struct str version = oval_text(&r->document->texts, state->first);

	if (version.n == 0)
		return false;
	if (dialect->is_dpkg && (state->first_operation != OVAL_LESS || !is_deb_version(version)))
		return false;
	r->advisory.fixed_in = version;
	return !dialect->has_bounds || apply_bounds(r, object, state);
}

/* "only in 15.2, 15.3": the service packs, as os-release calls them. */
static struct str packs_text(struct rows *r, uint32_t packs)
{
	struct str major = r->document->job->source->distribution.version;
	struct buffer b = { .arena = r->scratch };

	for (unsigned i = 0; i < 31; i++) {
		if (!(packs >> i & 1))
			continue;
		put_bytes(&b, b.n ? STR(", ") : STR("only in "));
		put_bytes(&b, major);
		if (i)
			put_bytes(&b, str_format(r->scratch, ".%u", i));
	}
	return buffer_str(&b);
}

static void apply_arch(struct rows *r, const struct oval_criterion *c, const struct oval_entry *state)
{
	struct str branch = oval_text(&r->document->texts, c->arch);

	r->advisory.arch = oval_text(&r->document->texts, state ? state->second : 0);
	r->advisory.arch_operation = (struct str){ NULL, 0 };
	if (r->advisory.arch.n) {
		r->advisory.arch_operation = str_of(
			oval_operation_word((enum oval_operation)state->second_operation));
	} else if (branch.n) {
		r->advisory.arch = str_format(r->scratch, STR_FMT "%s|noarch", STR_ARG(branch),
					      str_eq(branch, STR("x86_64")) ? "|i386|i586|i686" : "");
		r->advisory.arch_operation = STR("pattern match");
	}
}

static void not_affected(struct advisory *advisory, struct str words)
{
	advisory->status = STATUS_NOT_AFFECTED;
	advisory->fixed_in = STR("0");
	advisory->status_text = words;
}

/* A version "0" is no version to be reached: no rpm package was ever affected, all of Ubuntu's are (8). */
static void settle(struct rows *r, const struct oval_criterion *c)
{
	if (c->status == STATUS_NOT_AFFECTED)
		not_affected(&r->advisory, c->words);
	else if (r->definition->is_not_applicable)
		not_affected(&r->advisory, STR("Not Applicable"));
	else if (str_eq(r->advisory.fixed_in, STR("0")) && r->document->dialect->is_dpkg)
		r->advisory.fixed_in = (struct str){ NULL, 0 };
	else if (str_eq(r->advisory.fixed_in, STR("0")))
		not_affected(&r->advisory, r->advisory.status_text);
}

static int push_criterion(struct rows *r, const struct oval_criterion *c, struct err *err)
{
	struct oval_document *d = r->document;
	const struct oval_entry *test = oval_entry(&d->tests, c->test), *object, *state;

	if (test->kind == OVAL_UNSEEN)
		r->is_dangling = true;
	if (test->kind != (d->dialect->is_dpkg ? OVAL_DPKG : OVAL_RPM))
		return 0;
	object = oval_entry(&d->objects, test->first);
	state = oval_entry(&d->states, test->second);
	if (!object || object->kind == OVAL_UNSEEN || (state && state->kind == OVAL_UNSEEN)) {
		r->is_dangling = true;
		return 0;
	}
	r->advisory.fixed_in = (struct str){ NULL, 0 };
	r->advisory.status = c->status;
	r->channel = c->channel;
	r->advisory.status_text = c->words.n ? c->words : packs_text(r, c->packs);
	if (state && c->status != STATUS_NOT_AFFECTED && !apply_version(r, object, state))
		return 0;
	apply_arch(r, c, state);
	settle(r, c);
	if (r->advisory.fixed_in.n > LIMIT_FIELD_BYTES || r->advisory.arch.n > LIMIT_FIELD_BYTES ||
	    r->advisory.status_text.n > LIMIT_FIELD_BYTES) {
		r->problem = "a version or architecture is too long";
		return 0;
	}
	return push_names(r, object, err);
}

int oval_push(struct oval_document *d, struct arena *scratch, const struct oval_definition *v,
	      struct err *err)
{
	struct rows r = { .document = d, .scratch = scratch, .definition = v };

	r.advisory = (struct advisory){
		.package_kind = d->dialect->kind,
		.name = d->dialect->names_cve && v->cve.n ? v->cve : v->title,
		.severity = d->dialect->hides_severity ? (struct str){ NULL, 0 } : v->severity,
		.normalized_severity = oval_severity_of(d->dialect, v->severity),
		.description = texts_cut(v->description, LIMIT_FEED_TEXT_BYTES),
		.links = v->links,
		.issued = v->issued,
	};
	if (!is_field(r.advisory.name) || r.advisory.severity.n > LIMIT_FIELD_BYTES) {
		oval_skipped(d, v->line, v->id, "no title, or a field is too long");
		return 0;
	}
	VEC_EACH (const struct oval_criterion, c, &v->criterions) {
		struct arena_mark mark = arena_mark(scratch);

		TRY(push_criterion(&r, c, err));
		arena_release(scratch, mark);
	}
	if (r.is_dangling && d->dangling++ == 0) {
		d->dangling_line = v->line;
		d->dangling_id = str_copy(&d->task->arena, v->id);
	}
	if (r.problem)
		oval_skipped(d, v->line, v->id, r.problem);
	return 0;
}
