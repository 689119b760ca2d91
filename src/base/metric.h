/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include "base/io.h"

#include <stdint.h>

/* Counters, gauges and histograms in the Prometheus text format (version 0.0.4). A registry is made by a
 * composition root and passed down; all functions may be called by any thread and with a NULL registry, which
 * does nothing. Names and label names are literals; label values are copied, at most 128 bytes of them. */
struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* labels: "handler\0code\0method" would be clumsy, so: pairs of name and value, at most 4, NULL name ends. */
struct metric_label {
	const char *name;
	struct str value;
};
enum { METRIC_LABELS = 5 };

/* Say what a metric is before it is used (again: the same). type: "counter", "gauge" or "histogram". buckets
 * (histogram only): upper bounds, ascending, borrowed for ever. */
void metric_declare(struct metrics *m, const char *name, const char *type, const char *help,
		    const double *buckets, unsigned bucket_count);
void metric_add(struct metrics *m, const char *name, const struct metric_label *labels, double value);
void metric_set(struct metrics *m, const char *name, const struct metric_label *labels, double value);
/* One observation of a histogram. */
void metric_observe(struct metrics *m, const char *name, const struct metric_label *labels, double value);
/* Everything, sorted by name and labels; names without a value are left out. A metric holds at most 1000
 * combinations of labels; what comes then is counted under "other". */
int metrics_write(struct metrics *m, struct writer *to, struct err *err);

#endif
