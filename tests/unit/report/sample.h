/* SPDX-License-Identifier: Apache-2.0 */
/* A small report made by hand, with what the writers must cope with: several layers and feeds, a package
 * without distribution, a hostile name, the same vulnerability from two feeds, an undecided match, old data.
 */
#ifndef UNIT_REPORT_SAMPLE_H
#define UNIT_REPORT_SAMPLE_H

#include "../unit.h"

#include "base/cursor.h"
#include "report/report.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SAMPLE_CREATED_AT = 1767225600 }; /* 2026-01-01T00:00:00Z */

struct sample {
	struct task task;
	struct index_report index;
	struct vulnerability_report report;
	struct advisory advisories[5];
	uint32_t repositories[1];
};

static inline struct indexed_package *sample_package(struct sample *s, struct str name, struct str version,
						     struct str source)
{
	struct indexed_package *p = VEC_ADD(&s->task.arena, &s->index.packages);

	*p = (struct indexed_package){ .package = { .name = name,
						    .version = version,
						    .arch = STR("x86_64"),
						    .kind = PACKAGE_BINARY,
						    .source_name = source,
						    .source_version = source.n ? version : STR(""),
						    .scanner = -1 } };
	return p;
}

static inline void sample_found(struct sample *s, struct indexed_package *p, uint32_t layer,
				int32_t distribution)
{
	struct environment e = { .package_db = STR("lib/apk/db/installed"),
				 .layer = layer,
				 .distribution = distribution };

	VEC_PUSH(&s->task.arena, &p->environments, e);
}

static inline void sample_packages(struct sample *s)
{
	struct arena *a = &s->task.arena;
	struct indexed_package *p;

	VEC_PUSH(a, &s->index.distributions,
		 ((struct distribution){ .did = STR("alpine"),
					 .name = STR("Alpine Linux"),
					 .version = STR("3.20.3"),
					 .version_id = STR("3.20.3"),
					 .pretty_name = STR("Alpine Linux v3.20") }));
	VEC_PUSH(a, &s->index.repositories,
		 ((struct repository){ .name = STR("tools"), .uri = STR("https://example.org/tools") }));
	p = sample_package(s, STR("busybox"), STR("1.36.1-r2"), STR("busybox"));
	sample_found(s, p, 0, 0);
	p = sample_package(s, STR("libcrypto3"), STR("3.3.0-r0"), STR("openssl"));
	sample_found(s, p, 0, 0);
	sample_found(s, p, 1, 0);
	p = sample_package(s, STR("t\xc3\xb6\xc3\xb6l\x1b[31m\xe2\x80\xae"), STR("1.0"), STR(""));
	sample_found(s, p, 1, -1);
	p->environments.p[0].repositories = s->repositories;
	p->environments.p[0].repository_count = 1;
}

static inline void sample_advisories(struct sample *s)
{
	struct advisory base = { .updater = STR("alpine-main-v3.20-updater"),
				 .key = { STR("alpine:3.20"), STR("busybox") },
				 .package_kind = PACKAGE_SOURCE };

	base.distribution = s->index.distributions.p[0];
	for (size_t i = 0; i < 5; i++)
		s->advisories[i] = base;
	s->advisories[0].id = 1000;
	s->advisories[0].name = STR("CVE-2099-0001");
	s->advisories[0].fixed_in = STR("1.36.1-r7");
	s->advisories[0].severity = STR("critical");
	s->advisories[0].normalized_severity = SEVERITY_CRITICAL;
	s->advisories[0].description = STR("A <flaw> in\nbusybox. It has a second sentence.");
	s->advisories[0].links = STR("https://example.org/1 https://example.org/2");
	s->advisories[0].issued = 1760000000;
	s->advisories[1].id = 42;
	s->advisories[1].key.package = STR("openssl");
	s->advisories[1].name = STR("CVE-2099-0002");
	s->advisories[1].severity = STR("important");
	s->advisories[1].normalized_severity = SEVERITY_HIGH;
	s->advisories[1].status = STATUS_WILL_NOT_FIX;
	s->advisories[1].status_text = STR("postponed");
	s->advisories[1].description = STR("Something else.");
	s->advisories[2] = s->advisories[1];
	s->advisories[2].id = 7;
	s->advisories[2].updater = STR("alpine-community-v3.20-updater");
	s->advisories[2].fixed_in = STR("3.3.1-r0");
	s->advisories[2].normalized_severity = SEVERITY_UNKNOWN;
	s->advisories[2].status = STATUS_AFFECTED;
	s->advisories[3].id = 5;
	s->advisories[3].key.package = STR("tool");
	s->advisories[3].name = STR("CVE-2099-0003");
	s->advisories[3].fixed_in = STR("2.0");
}

static inline void sample_match(struct sample *s, uint32_t package, uint32_t environment, int advisory,
				enum verdict verdict, struct str reason)
{
	struct match m = { .package = package,
			   .environment = environment,
			   .advisory = &s->advisories[advisory],
			   .verdict = verdict,
			   .reason = reason };

	VEC_PUSH(&s->task.arena, &s->report.matches, m);
}

static inline void sample_coverage(struct sample *s)
{
	struct arena *a = &s->task.arena;
	struct coverage *c = VEC_ADD(a, &s->report.coverage);

	*c = (struct coverage){
		.distribution = 0, .packages = 2, .packages_matched = 2, .ecosystem = STR("alpine")
	};
	c->eol_date = SAMPLE_CREATED_AT - 86400;
	c->caveat = STR("Alpine publishes fixed vulnerabilities only");
	VEC_PUSH(a, &c->updaters, STR("alpine-main-v3.20-updater"));
	VEC_PUSH(a, &c->updaters, STR("alpine-community-v3.20-updater"));
	c = VEC_ADD(a, &s->report.coverage);
	*c = (struct coverage){ .distribution = -1,
				.packages = 1,
				.problem = STR("no feed covers packages without a distribution") };
	VEC_PUSH(a, &s->report.feeds,
		 ((struct feed_state){ STR("alpine-community-v3.20-updater"), SAMPLE_CREATED_AT - 9 * 86400,
				       SAMPLE_CREATED_AT - 20 * 86400, 3, STR("connection refused") }));
	VEC_PUSH(a, &s->report.feeds,
		 ((struct feed_state){ STR("alpine-main-v3.20-updater"), SAMPLE_CREATED_AT - 3 * 3600,
				       SAMPLE_CREATED_AT - 86400, 1234, STR("") }));
}

/* Everything but the matches. */
static inline void sample_open(struct sample *s)
{
	struct arena *a = &s->task.arena;

	*s = (struct sample){ 0 };
	s->index.manifest_hash = STR(
		"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	VEC_PUSH(a, &s->index.layers,
		 STR("sha256:1111111111111111111111111111111111111111111111111111111111111111"));
	VEC_PUSH(a, &s->index.layers,
		 STR("sha256:2222222222222222222222222222222222222222222222222222222222222222"));
	VEC_PUSH(a, &s->index.notes, STR("layer sha256:2222: a line of the database was odd"));
	sample_packages(s);
	sample_advisories(s);
	sample_coverage(s);
	s->report.index = &s->index;
	s->report.created_at = SAMPLE_CREATED_AT;
	s->report.is_uncovered = true;
}

static inline void sample_matches(struct sample *s)
{
	sample_match(s, 0, 0, 0, AFFECTED, STR(""));
	sample_match(s, 1, 0, 1, AFFECTED, STR(""));
	sample_match(s, 1, 1, 1, AFFECTED, STR(""));
	sample_match(s, 1, 0, 2, AFFECTED, STR(""));
	sample_match(s, 2, 0, 3, UNDECIDED, STR("version \"1.0\" is not an apk version"));
}

/* What a format writes, in the sample's arena. */
static inline struct str sample_write(struct sample *s, const char *format,
				      const struct report_options *options)
{
	struct buffer bytes = { .arena = &s->task.arena };
	struct mem_writer to;
	struct err err = { 0 };

	mem_writer_open(&to, &bytes);
	assert_int_equal(
		report_format_find(str_of(format))->write(&s->task, &s->report, options, &to.writer, &err),
		0);
	return buffer_str(&bytes);
}

/* Compare with tests/golden/report/NAME. With CLAIR_WRITE_GOLDEN set the file is written instead: then look
 * at the difference before it is committed. */
static inline void sample_golden(struct sample *s, const char *name, struct str text)
{
	const char *root = getenv("CLAIR_SOURCE");
	struct str path = str_format(&s->task.arena, "%s/tests/golden/report/%s", root ? root : ".", name),
		   want;
	autoclose int fd = open(path.p, getenv("CLAIR_WRITE_GOLDEN") ? O_RDWR | O_CREAT | O_TRUNC : O_RDONLY,
				0644);
	struct fd_reader r;
	struct err err = { 0 };

	if (fd < 0)
		fail_msg("%s is missing", path.p);
	if (getenv("CLAIR_WRITE_GOLDEN"))
		assert_int_equal(fd_write_all(fd, text.p, text.n, &err), 0);
	fd_reader_open(&r, fd, 0, UINT64_MAX);
	assert_int_equal(reader_all(&r.reader, &s->task.arena, 1 << 20, &want, &err), 0);
	if (!str_eq(text, want))
		fail_msg("%s differs; got:\n" STR_FMT, name, STR_ARG(text));
}

#endif
