/* SPDX-License-Identifier: Apache-2.0 */
/* Writing Clair's offline bundle. Source: the file that Clair v4's clairctl export-updaters makes. What one
 * would get wrong: member names of the envelope are capitalised, those of what is in it are not, and
 * statements of not being affected are left out, as Clair would read them as affected. */
#include "cmd/bundle.h"

#include "base/json.h"
#include "base/time.h"
#include "report/clair_objects.h"

struct bundle {
	struct diff_sink sink;
	const struct update_operation *operation; /* whose lines are being written */
	struct str date;
	struct writer *to;
	uint64_t records;
};

static void write_envelope(struct json_writer *w, const struct bundle *b)
{
	const struct update_operation *o = b->operation;

	w->keeps_html = true;
	json_object_begin(w);
	json_member(w, "Updater", o->updater);
	json_member(w, "Fingerprint", o->fingerprint);
	json_member(w, "Date", b->date);
	json_member(w, "Kind", str_of(operation_kind_name(o->kind)));
	json_member(w, "Ref", o->ref);
}

static int end_line(struct bundle *b, struct json_writer *w, struct err *err)
{
	json_object_end(w);
	TRY(json_writer_end(w));
	b->records++;
	return writer_str(b->to, STR("\n"), err);
}

/* A record of a bundle means "affected". Clair has none of what is not affected, and none of what Red Hat
 * still investigates; what Debian does, it has. */
static bool is_left_out(const struct advisory *a)
{
	return a->status == STATUS_NOT_AFFECTED ||
	       (a->status == STATUS_UNDER_INVESTIGATION && a->repository_key.n);
}

static int write_vulnerability(struct diff_sink *sink, const struct advisory *a, struct err *err)
{
	struct bundle *b = (struct bundle *)sink;
	struct json_writer w;

	if (is_left_out(a))
		return 0;
	json_writer_open(&w, b->to, 0, err);
	write_envelope(&w, b);
	json_key(&w, "Vuln");
	clair_vulnerability_whole(&w, a);
	return end_line(b, &w, err);
}

static int write_enrichment(void *ctx, const struct enrichment *e, struct err *err)
{
	struct bundle *b = ctx;
	struct json_writer w;

	json_writer_open(&w, b->to, 0, err);
	write_envelope(&w, b);
	json_key(&w, "Enrichment");
	json_object_begin(&w);
	json_key(&w, "Tags");
	json_array_begin(&w);
	for (size_t i = 0; i < e->tag_count; i++)
		json_str(&w, e->tags[i]);
	json_array_end(&w);
	json_key(&w, "Enrichment");
	json_raw(&w, e->data);
	json_object_end(&w);
	return end_line(b, &w, err);
}

static int write_kind(struct task *task, struct advisory_store *store, enum operation_kind kind,
		      struct bundle *b, struct bundle_totals *totals, struct err *err)
{
	update_operations all = { 0 };

	TRY(operations_list(store, task, kind, true, &all, err));
	VEC_EACH (struct update_operation, o, &all) {
		autotask struct task part = { .canceled = task->canceled };

		b->operation = o;
		if (kind == OPERATION_VULNERABILITY)
			TRY(advisories_each(store, &part, o->updater, &b->sink, err));
		else
			TRY(enrichments_each(store, &part, o->updater, write_enrichment, b, err));
		totals->operations++;
	}
	return 0;
}

int bundle_write(struct task *task, struct advisory_store *store, int64_t now, struct writer *to,
		 struct bundle_totals *out, struct err *err)
{
	char date[32];
	struct bundle b = { .sink = { .added = write_vulnerability },
			    .date = str_of(time_rfc3339(now, date)),
			    .to = to };

	*out = (struct bundle_totals){ 0 };
	TRY(write_kind(task, store, OPERATION_VULNERABILITY, &b, out, err));
	TRY(write_kind(task, store, OPERATION_ENRICHMENT, &b, out, err));
	out->records = b.records;
	return 0;
}
