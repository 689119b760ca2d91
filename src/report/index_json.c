/* SPDX-License-Identifier: Apache-2.0 */
/* Clair v4's index report, as GET /indexer/api/v1/index_report/{digest} answers it: what is installed, where,
 * and from which layer. An index that could not be read whole keeps the state IndexFinished, so that clients
 * take what there is, but says success false and why in err: what a reader would get wrong is to look at the
 * state alone. */
#include "base/cursor.h"
#include "report/clair_objects.h"
#include "report/writers.h"

static struct str joined_notes(struct arena *a, const struct index_report *report)
{
	struct buffer text = { .arena = a };

	VEC_EACH (struct str, note, &report->notes) {
		if (text.n)
			put_bytes(&text, STR("; "));
		put_bytes(&text, *note);
	}
	return text.n ? buffer_str(&text) : STR("some of the image could not be read");
}

int index_json_write_status(struct task *task, const struct index_report *r,
			    const struct index_json_status *status, unsigned indent, struct writer *to,
			    struct err *err)
{
	struct clair_index index;
	struct json_writer w;

	clair_index_open(&task->arena, r, &index);
	json_writer_open(&w, to, indent, err);
	json_object_begin(&w);
	json_member(&w, "manifest_hash", r->manifest_hash);
	json_member(&w, "state", status->state);
	TRY(clair_packages(task, &w, &index, err));
	TRY(clair_contexts(task, &w, &index, err));
	json_member_bool(&w, "success", status->success);
	json_member(&w, "err", status->problem);
	json_object_end(&w);
	return json_writer_end(&w);
}

struct index_json_status index_json_finished(struct arena *a, const struct index_report *r)
{
	return (struct index_json_status){
		.state = STR("IndexFinished"),
		.problem = r->is_incomplete ? joined_notes(a, r) : STR(""),
		.success = !r->is_incomplete,
	};
}

int index_json_write(struct task *task, const struct vulnerability_report *report,
		     const struct report_options *options, struct writer *to, struct err *err)
{
	struct index_json_status status = index_json_finished(&task->arena, report->index);

	TRY(index_json_write_status(task, report->index, &status, options->indent, to, err));
	return options->indent ? writer_str(to, STR("\n"), err) : 0;
}
