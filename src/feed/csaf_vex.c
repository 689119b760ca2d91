/* SPDX-License-Identifier: Apache-2.0 */
/* Red Hat's VEX documents, one for each CVE.
 * Source: https://security.access.redhat.com/data/csaf/v2/vex/; Common Security Advisory Framework 2.0,
 * https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html.
 * Easy to get wrong: a document without a row says something too, namely that what an earlier one said of
 * the CVE holds no more. */
#include "feed/csaf_vex.h"

#include "base/limits.h"
#include "feed/csaf_document.h"
#include "feed/csaf_input.h"
#include "feed/csaf_rows.h"
#include "feed/cve_record.h"

static int push(struct csaf_document *d, struct csaf_notes *notes, struct err *err)
{
	struct feed_sink *sink = notes->sink;
	autoarena struct arena a = { 0 };

	if (!cve_record_is_id(d->id)) {
		csaf_note(notes, d->id,
			  str_format(&a, "line %llu: not the id of a CVE", (unsigned long long)d->id_line).p);
		return 0;
	}
	if (sink->replaced)
		TRY(sink->replaced(sink, d->id, err));
	return str_eq(d->status, STR("deleted")) ? 0 : csaf_rows_push(d, notes, err);
}

/* Does the reading of a document end the whole? */
static bool is_fatal(const struct csaf_input *in, int result)
{
	return csaf_input_failed(in) || result == E_CANCELED || result == E_TIMEOUT;
}

/* The document that input is at. Its memory is of an arena of its own, which outlives no document. */
static int read_document(struct csaf_input *in, struct str name, struct err *err)
{
	autoarena struct arena a = { 0 };
	autojson struct json_reader *json = json_reader_open(&in->reader);
	struct csaf_document d = { .members = { in->task, json, &a, LIMIT_CSAF_DOCUMENT_BYTES },
				   .arena = &a };
	struct csaf_notes notes = { .sink = in->job->sink, .document = name };
	int result = csaf_document_read(&d, err);

	if (result < 0 && is_fatal(in, result))
		return result;
	if (result < 0)
		csaf_note(&notes, STR(""), err->text);
	else
		TRY(push(&d, &notes, err));
	csaf_notes_end(&notes);
	return 0;
}

static int read_all(struct csaf_input *in, struct err *err)
{
	int more;

	do {
		autoarena struct arena a = { 0 };
		struct str name;

		TRY(task_check(in->task, err));
		more = csaf_input_next(in, &a, &name, err);
		if (more > 0)
			TRY(read_document(in, name, err));
	} while (more > 0);
	return more;
}

int csaf_vex_parse(struct task *task, const struct feed_job *job, struct err *err)
{
	struct arena_mark mark = arena_mark(&task->arena);
	struct csaf_input in = { 0 };
	int result = csaf_input_open(&in, task, job, err);

	if (result == 0)
		result = read_all(&in, err);
	arena_release(&task->arena, mark);
	TRY(result);
	return in.documents ? 0 : err_set(err, E_FORMAT, "the archive has no documents of a year");
}
