/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of the API and answers of its peers. The first byte says as what the rest is read; an index report
 * that is accepted must be one that can be written, and read again. */
#include "base/cursor.h"
#include "model/digest.h"
#include "report/clair_parse.h"
#include "report/writers.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_manifest(struct task *task, struct str text)
{
	struct manifest m;
	struct str again;
	struct err err = { 0 };

	if (clair_parse_manifest(task, text, &m, &err) < 0)
		return;
	if (m.layers.n == 0 || digest_parse(&task->arena, m.hash, &again, &err) < 0 || !str_eq(again, m.hash))
		abort();
	VEC_EACH (struct manifest_layer, l, &m.layers)
		VEC_EACH (struct manifest_header, h, &l->headers)
			for (size_t i = 0; i < h->n; i++)
				if (str_find(h->values[i], '\n') < h->values[i].n)
					abort();
}

static void check_digests(struct task *task, struct str text)
{
	digest_list list = { 0 };
	struct err err = { 0 };

	if (clair_parse_digests(task, text, &list, &err) < 0 && list.n)
		abort();
}

static void check_indexes(const struct index_report *r)
{
	VEC_EACH (const struct indexed_package, p, &r->packages) {
		if (p->environments.n == 0)
			abort();
		VEC_EACH (const struct environment, e, &p->environments) {
			if (e->layer >= r->layers.n || e->distribution >= (int32_t)r->distributions.n)
				abort();
			for (size_t i = 0; i < e->repository_count; i++)
				if (e->repositories[i] >= r->repositories.n)
					abort();
		}
	}
}

static void check_report(struct task *task, struct str text)
{
	struct index_report r, again;
	struct index_report_state state;
	struct index_json_status status;
	struct buffer bytes = { .arena = &task->arena };
	struct mem_writer to;
	struct err err = { 0 };

	if (clair_parse_index_report(task, text, &r, &state, &err) < 0)
		return;
	check_indexes(&r);
	status = (struct index_json_status){ state.state, state.problem, state.success };
	mem_writer_open(&to, &bytes);
	if (index_json_write_status(task, &r, &status, 0, &to.writer, &err) < 0)
		return; /* two objects with one id: hashes differ for other texts only */
	if (clair_parse_index_report(task, buffer_str(&bytes), &again, &state, &err) < 0)
		abort();
}

static void check_vulnerability(struct task *task, struct str text, bool is_file)
{
	struct json_value v;
	struct advisory a;
	struct str id;
	struct err err = { 0 };

	if (json_parse(&task->arena, text, &v, &err) == 0)
		(void)clair_parse_vulnerability(task, &v, is_file, &a, &id, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autotask struct task task = { 0 };
	struct str text = { (const char *)data + 1, size ? size - 1 : 0 };

	if (size == 0)
		return 0;
	switch (data[0]) {
	case 'm': check_manifest(&task, text); break;
	case 'd': check_digests(&task, text); break;
	case 'r': check_report(&task, text); break;
	default: check_vulnerability(&task, text, data[0] == 'f');
	}
	return 0;
}
