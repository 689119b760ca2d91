/* SPDX-License-Identifier: Apache-2.0 */
/* Records about one CVE id. Easy to get wrong: ids are what reports ask for, so they must be spelled as the
 * CVE list spells them ("CVE-2014-0160", CVE Numbering Authority Operational Rules, 4.5); others would be
 * stored and never found. */
#include "feed/cve_record.h"

#include "base/limits.h"
#include "model/cve.h"

bool cve_record_is_id(struct str s)
{
	char id[CVE_BYTES];
	struct str rest = s;

	return cve_next(&rest, id) && str_eq(s, str_of(id));
}

void cve_record_left_out(struct task *task, const struct feed_job *job, uint64_t line, struct str id,
			 const char *why)
{
	struct arena *a = &task->arena;
	struct arena_mark mark = arena_mark(a);

	if (!job->sink->skipped)
		return;
	job->sink->skipped(job->sink, str_format(a, "line %llu: \"%.*s\": %s", (unsigned long long)line,
						 (int)(id.n < 100 ? id.n : 100), id.p ? id.p : "", why));
	arena_release(a, mark);
}

int cve_record_put(struct task *task, const struct feed_job *job, uint64_t line, struct str id,
		   struct str object, struct err *err)
{
	const struct enrichment e = { .tags = &id, .tag_count = 1, .data = object };

	if (object.n <= LIMIT_FEED_TEXT_BYTES)
		return job->sink->enrichment(job->sink, &e, err);
	cve_record_left_out(task, job, line, id, "too long");
	return 0;
}
