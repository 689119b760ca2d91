/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_MEASURE_H
#define API_MEASURE_H

#include "api/request.h"

/* What is counted and logged of each request, under Clair's names (service.md 9.2). */
void measure_declare(struct metrics *m);
void measure_begin(const struct request *r);

#endif
