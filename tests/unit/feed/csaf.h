/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_FEED_CSAF_H
#define TESTS_UNIT_FEED_CSAF_H

/* Red Hat's VEX documents, made small, and what is read from them as lines. */

#include "../source_file.h"
#include "../unit.h"
#include "rows.h"

#include "base/limits.h"
#include "feed/csaf_vex.h"

/* A line of rows.h, then repository and range; and a line for what is replaced. */
static int csaf_take(struct feed_sink *sink, const struct advisory *v, struct err *err)
{
	struct rows *r = (struct rows *)sink;
	int result = rows_take(sink, v, err);

	r->text.n--;
	put_bytes(&r->text,
		  str_format(&r->arena, "|" STR_FMT " " STR_FMT "|" STR_FMT "\n", STR_ARG(v->repository_key),
			     STR_ARG(v->repository_name), STR_ARG(v->range)));
	return result;
}

static int csaf_replaced(struct feed_sink *sink, struct str name, struct err *err)
{
	struct rows *r = (struct rows *)sink;

	(void)err;
	put_bytes(&r->text, str_format(&r->arena, "replaced: " STR_FMT "\n", STR_ARG(name)));
	return 0;
}

static int csaf_parse(struct reader *in, uint64_t refuse_at, struct rows *rows, struct err *err)
{
	autotask struct task task = { .arena_budget_bytes = LIMIT_WORKER_ARENA_BYTES };
	const struct feed_source source = { 0 };
	struct feed_job job = { .in = in, .source = &source, .sink = &rows->sink };
	int result;

	*rows = (struct rows){
		.sink = { .advisory = csaf_take, .skipped = rows_note, .replaced = csaf_replaced },
		.refuse_at = refuse_at
	};
	rows->text.arena = &rows->arena;
	result = csaf_vex_parse(&task, &job, err);
	if (task.arena.used_bytes)
		return err_set(err, E_LIMIT, "memory is left behind");
	return result;
}

static inline int csaf_parse_text(struct str text, uint64_t refuse_at, struct rows *rows, struct err *err)
{
	struct mem_reader in;

	mem_reader_open(&in, text);
	return csaf_parse(&in.reader, refuse_at, rows, err);
}

/* ---- documents ---- */

#define HEAD(id) "\"document\":{\"tracking\":{\"id\":\"" id "\",\"status\":\"final\"}}"
#define HELPED(id, kind, text)                                                                               \
	"{\"branches\":[{\"product\":{\"product_identification_helper\":{\"" kind "\":\"" text               \
	"\"},\"product_id\":\"" id "\"}}]}"
#define PURL(id, purl) HELPED(id, "purl", purl)
#define CPE(id, cpe) HELPED(id, "cpe", cpe)
#define PART(id, component, platform)                                                                        \
	"{\"category\":\"default_component_of\",\"full_product_name\":{\"product_id\":\"" id                 \
	"\"},\"product_reference\":\"" component "\",\"relates_to_product_reference\":\"" platform "\"}"
#define TREE(branches, relationships)                                                                        \
	"\"product_tree\":{\"branches\":[" branches "],\"relationships\":[" relationships "]}"
#define SAYS(members) "\"vulnerabilities\":[{\"release_date\":\"2024-01-02T03:04:05Z\"," members "}]"
#define DOCUMENT(tree, members) "{" HEAD("CVE-2024-1001") "," tree "," SAYS(members) "}"
#define STATUS(status, ids) "\"product_status\":{\"" status "\":[" ids "]}"
#define V3 "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"
#define SCORE(ids) "\"scores\":[{\"cvss_v3\":{\"vectorString\":\"" V3 "\"},\"products\":[" ids "]}]"
#define IMPACT(word, ids)                                                                                    \
	"\"threats\":[{\"category\":\"impact\",\"details\":\"" word "\",\"product_ids\":[" ids "]}]"
#define REMEDY(category, text, ids)                                                                          \
	"{\"category\":\"" category "\",\"details\":\"" text                                                 \
	"\",\"url\":\"https://x.example/1\",\"product_ids\":[" ids "]}"
#define OS CPE("os", "cpe:/o:redhat:enterprise_linux:8::baseos")
#define EUS CPE("eus", "cpe:/a:redhat:rhel_eus:8.4::appstream")

/* One package in one product line: its id is "p". */
#define ONE(purl, members) DOCUMENT(TREE(OS "," PURL("c", purl), PART("p", "c", "os")), members)
#define FIXED(purl) ONE(purl, STATUS("fixed", "\"p\"") "," SCORE("\"p\"") "," IMPACT("Important", "\"p\""))
#define AFFECTED(purl, members) ONE(purl, STATUS("known_affected", "\"p\"") "," members)
#define NOT_AFFECTED(purl) ONE(purl, STATUS("known_not_affected", "\"p\"") "," IMPACT("Low", "\"p\""))

#define REPLACED "replaced: CVE-2024-1001\n"
#define OS_REPOSITORY "rhel-cpe-repository cpe:2.3:o:redhat:enterprise_linux:8:*:baseos:*:*:*:*:*|\n"
#define EUS_REPOSITORY "rhel-cpe-repository cpe:2.3:a:redhat:rhel_eus:8.4:*:appstream:*:*:*:*:*|\n"
#define RHCC(range)                                                                                          \
	"rhcc-container-repository cpe:2.3:o:redhat:enterprise_linux:8:*:baseos:*:*:*:*:*|" range "\n"
#define NINE_ZEROS ".0.0.0.0.0.0.0.0.0"
#define SEVEN_ZEROS ".0.0.0.0.0.0.0"
#define WHOLE "rhctag:0" NINE_ZEROS "..rhctag:2147483647" NINE_ZEROS
#define FIX(package, module, fixed, arch)                                                                    \
	"rhel:enterprise_linux:8|" package "|binary|" module "|CVE-2024-1001|" fixed "|affected||" V3        \
	"|High|" arch "|" OS_REPOSITORY
#define ARCH(list) "pattern match " list
#define NO_ARCH " "
#define IMAGE_FIX(package, fixed, low, high)                                                                 \
	"rhcc|" package "|binary||CVE-2024-1001|" fixed "|affected||" V3                                     \
	"|High| |" RHCC(low SEVEN_ZEROS ".." high SEVEN_ZEROS)

#endif
