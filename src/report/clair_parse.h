/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REPORT_CLAIR_PARSE_H
#define REPORT_CLAIR_PARSE_H

#include "base/json.h"
#include "base/task.h"
#include "model/advisory.h"
#include "model/index_report.h"
#include "model/manifest.h"

/* Reading Clair's JSON, as leniently as Clair: unknown members are ignored, null is the zero value. What is
 * checked: types, digests, counts and lengths (base/limits.h). Everything in the task's arena. */

/* Body of POST index_report. E_FORMAT: no JSON, wrong types, malformed digest ("failed to deserialize"
 * cases); E_CONFIG: well-formed but without hash or layers ("bogus manifest"); E_LIMIT: more than
 * LIMIT_MANIFEST_LAYERS. */
int clair_parse_manifest(struct task *task, struct str body, struct manifest *out, struct err *err);
/* A JSON array of digests, in lower case; E_FORMAT. */
typedef VEC(struct str) digest_list;
int clair_parse_digests(struct task *task, struct str body, digest_list *out, struct err *err);
/* An IndexReport of another node; state, success and err beside it. introduced_in digests that are not among
 * layers are added to layers. */
struct index_report_state {
	struct str state, problem;
	bool success;
};
int clair_parse_index_report(struct task *task, struct str body, struct index_report *out,
			     struct index_report_state *state, struct err *err);
/* A Vulnerability object (service.md 2.7). Its id, decimal, in *id (empty when absent). key.namespace is left
 * empty (engine_namespace). Member names in any case when is_file (offline bundles). */
int clair_parse_vulnerability(struct task *task, const struct json_value *v, bool is_file,
			      struct advisory *out, struct str *id, struct err *err);

#endif
