/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WORKER_JOBS_H
#define WORKER_JOBS_H

#include "base/task.h"
#include "model/job.h"
#include "worker/worker.h"

/* A worker at work: inside worker/ only. */
struct worker {
	struct task task;
	struct reader *in;
	struct writer *out;
	const struct worker_cage *cage;
	struct job job;
};

/* One per kind of job: take the bytes, send the results and FRAME_DONE. An error is what is wrong with the
 * bytes, or with the connection. */
int job_layer(struct worker *w, struct err *err);
int job_archive(struct worker *w, struct err *err);
int job_feed(struct worker *w, struct err *err);

/* End well: totals; diff_id empty when it was not asked for. */
int job_done(struct worker *w, uint64_t inflated, uint64_t entries, struct str diff_id, struct err *err);
/* Read what is left, so that every digest and checksum on the way is complete. */
int job_drain(struct reader *r, struct err *err);

#endif
