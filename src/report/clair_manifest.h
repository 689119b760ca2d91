/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_CLAIR_MANIFEST_H
#define REPORT_CLAIR_MANIFEST_H

#include "base/json.h"
#include "model/manifest.h"

/* A manifest as POST index_report takes it (service.md 2.2, 2.3), with the headers. */
void clair_manifest_write(struct json_writer *w, const struct manifest *m);

#endif
