/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_INDEX_LAYERS_H
#define ENGINE_INDEX_LAYERS_H

#include "engine/layer_pool.h"
#include "model/index_report.h"

/* The distinct layers of an image on their way to a report: the common half of engine/index.h (a command) and
 * engine/index_manifest.h (the service). */
struct index_layer {
	struct layer_ask ask; /* must be first */
	size_t position; /* of its first occurrence in the image */
};

struct index_layers {
	struct task *task;
	const struct image *image;
	struct layer_terms terms; /* with_findings: what is found stays in memory until the report is made */
	struct index_layer *list;
	size_t count;
	uint32_t *of; /* position in the image -> position in list */
	struct layer_ask **asks; /* those with work, largest first */
	size_t ask_count;
};

/* Fill list from the image and the store; a layer that failed before has the error already. task, image and
 * terms are set. */
int index_layers_list(struct index_layers *x, struct err *err);
/* Coalesce what was found into a report in the task's arena (work's memory may be shorter-lived than
 * x->task's). Layers with errors are problems of the report. Returns 1; 0 when the store has lost the
 * findings of a layer meanwhile: list and scan again. */
int index_layers_coalesce(struct index_layers *x, struct task *work, struct index_report *out,
			  struct err *err);

#endif
