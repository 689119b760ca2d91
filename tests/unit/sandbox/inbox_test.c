/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker may say, and in which order. */
#include "../unit.h"

#include "base/limits.h"
#include "model/scanner_id.h"
#include "sandbox/inbox.h"

#define HELLO STR("\x01\x01" ENGINE_VERSION "\x1f")
#define NOTHING STR("\0\0\0\0\0\0\0") /* scanner 0, six empty lists */
#define DONE STR("\x0a\x01\x00")

struct said {
	uint8_t type;
	struct str payload;
};

/* Tell the inbox everything up to a type of 0; the result of the last. */
static int tell(struct task *t, struct inbox *in, const struct job *job, const struct said *said,
		struct err *err)
{
	int result = 0;

	inbox_open(in, t, job);
	for (; said->type && result == 0; said++)
		result = inbox_take(in, (struct frame_header){ said->type, (uint32_t)said->payload.n },
				    said->payload, err);
	return result;
}

static void a_proper_answer_is_taken(void **state)
{
	const struct job job = { .kind = JOB_LAYER, .scanner_set = 3 };
	const struct said said[] = {
		{ FRAME_HELLO, HELLO },
		{ FRAME_FINDINGS, STR("\0\0\0") },
		{ FRAME_FINDINGS, STR("\0\0\0\0\0") },
		{ FRAME_FINDINGS, STR("\x01\0\0\0\0\0\0") },
		{ FRAME_OWNED, STR("\x01\0") },
		{ FRAME_DONE, DONE },
		{ 0, { 0 } },
	};
	autotask struct task t = { 0 };
	struct inbox in;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(tell(&t, &in, &job, said, &err), 0);
	assert_int_equal(in.state, INBOX_DONE);
	assert_int_equal(in.result.scans.n, 2);
	assert_int_equal(in.result.scans.p[0].findings.n, 6);
	assert_int_equal(in.result.inflated_bytes, 10);
	assert_int_equal(in.result.entries, 1);
}

static void whatever_is_out_of_order_is_refused(void **state)
{
	static const struct said cases[][6] = {
		{ { FRAME_FINDINGS, STR("\0\0\0\0\0\0\0") } }, /* no greeting */
		{ { FRAME_HELLO, STR("\x02\x01"
				     "1\x1f") } }, /* another protocol */
		{ { FRAME_HELLO, STR("") } },
		{ { FRAME_HELLO, HELLO }, { FRAME_HELLO, HELLO } },
		{ { FRAME_HELLO, HELLO }, { FRAME_DONE, DONE } }, /* scanners missing */
		{ { FRAME_HELLO, HELLO }, { FRAME_OWNED, STR("\0\0") } }, /* files without packages */
		{ { FRAME_HELLO, HELLO },
		  { FRAME_FINDINGS, STR("\x02\0\0\0\0\0\0") } }, /* scanner not asked for */
		{ { FRAME_HELLO, HELLO },
		  { FRAME_FINDINGS, STR("\x01\0\0\0\0\0\0") },
		  { FRAME_FINDINGS, NOTHING } },
		{ { FRAME_HELLO, HELLO },
		  { FRAME_FINDINGS, NOTHING },
		  { FRAME_OWNED, STR("\0\0") },
		  { FRAME_FINDINGS, NOTHING } },
		{ { FRAME_HELLO, HELLO }, { FRAME_FINDINGS, NOTHING }, { FRAME_AGAIN, STR("\x01\x01x") } },
		{ { FRAME_HELLO, HELLO },
		  { FRAME_FINDINGS, STR("\0garbage") },
		  { FRAME_FINDINGS, STR("\x01\0\0\0\0\0\0") } },
		{ { FRAME_HELLO, HELLO },
		  { FRAME_AGAIN, STR("\x01\x01x") },
		  { FRAME_DONE, DONE } }, /* after the end */
		{ { FRAME_HELLO, HELLO }, { FRAME_AGAIN, STR("\xff\xff\xff\xff\x0f") } },
		{ { FRAME_HELLO, HELLO }, { FRAME_AGAIN, STR("\x01\x01xx") } },
		{ { FRAME_HELLO, HELLO }, { FRAME_ERROR, STR("\0\x01x") } }, /* code 0 */
		{ { FRAME_HELLO, HELLO }, { FRAME_ERROR, STR("\x63\x01x") } }, /* unknown code */
		{ { FRAME_HELLO, HELLO }, { FRAME_ERROR, STR("\x02\x01\xff") } }, /* not UTF-8 */
		{ { FRAME_HELLO, HELLO }, { FRAME_MEMBER, STR("\0\x01x\0\0\0") } }, /* not listing */
		{ { FRAME_HELLO, HELLO }, { FRAME_READ, STR("\0\x01") } },
		{ { FRAME_HELLO, HELLO }, { 99, STR("") } },
		{ { FRAME_HELLO, HELLO }, { FRAME_JOB, STR("") } },
	};
	const struct job job = { .kind = JOB_LAYER, .scanner_set = 3 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task t = { 0 };
		struct inbox in;
		struct err err = { 0 };

		if (tell(&t, &in, &job, cases[i], &err) >= 0)
			fail_msg("case %zu was accepted", i);
	}
}

static void a_second_request_for_the_layer_is_refused(void **state)
{
	const struct job job = { .kind = JOB_LAYER, .scanner_set = 1, .is_second = true };
	const struct said said[] = { { FRAME_HELLO, HELLO },
				     { FRAME_AGAIN, STR("\x01\x01x") },
				     { 0, { 0 } } };
	autotask struct task t = { 0 };
	struct inbox in;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(tell(&t, &in, &job, said, &err), E_FORMAT);
}

static void what_the_worker_says_is_wrong_keeps_its_code(void **state)
{
	const struct job job = { .kind = JOB_LAYER, .scanner_set = 1 };
	const struct said said[] = { { FRAME_HELLO, HELLO },
				     { FRAME_ERROR, STR("\x03\x08too much") },
				     { 0, { 0 } } };
	autotask struct task t = { 0 };
	struct inbox in;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(tell(&t, &in, &job, said, &err), 0);
	assert_int_equal(in.state, INBOX_ERROR);
	assert_int_equal(in.error.code, E_LIMIT);
	assert_string_equal(in.error.text, "too much");
}

static void an_archive_is_listed_within_its_bounds(void **state)
{
	static const struct {
		uint8_t type;
		struct str payload;
		int want;
	} cases[] = {
		{ FRAME_READ, STR("\x00\x64"), 0 },
		{ FRAME_READ, STR("\x65\x01"), E_FORMAT }, /* behind the end */
		{ FRAME_READ, STR("\x00\x00"), E_FORMAT },
		{ FRAME_READ, STR("\x00\x81\x80\x40"), E_FORMAT }, /* more than a piece */
		{ FRAME_MEMBER, STR("\0\x01x\x00\x32\x32"), 0 },
		{ FRAME_MEMBER, STR("\0\x01x\x00\x32\x33"), E_FORMAT }, /* content behind the end */
		{ FRAME_MEMBER, STR("\0\x01\xff\x00\x32\x32"), E_FORMAT },
	};
	const struct job job = { .kind = JOB_ARCHIVE, .archive_bytes = 100 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct said said[] = { { FRAME_HELLO, HELLO },
					     { cases[i].type, cases[i].payload },
					     { 0, { 0 } } };
		autotask struct task t = { 0 };
		struct inbox in;
		struct err err = { 0 };

		assert_int_equal(tell(&t, &in, &job, said, &err), cases[i].want);
	}
}

static void enrichments_come_only_of_formats_that_enrich(void **state)
{
	static const struct {
		enum job_kind kind;
		enum feed_format format;
		uint8_t type;
		struct str payload;
		int want;
	} cases[] = {
		{ JOB_FEED, FEED_NVD, FRAME_ENRICHMENTS, STR("\x01\x01x\x02{}\x01\x01y\x02{}"), 0 },
		{ JOB_FEED, FEED_KEV, FRAME_ENRICHMENTS, STR(""), 0 },
		{ JOB_FEED, FEED_EPSS, FRAME_ENRICHMENTS, STR("\x01\x01x\x02{}\x01\x01y\x01{"), E_FORMAT },
		{ JOB_FEED, FEED_SECDB, FRAME_ENRICHMENTS, STR("\x01\x01x\x02{}"), E_FORMAT },
		{ JOB_LAYER, FEED_NVD, FRAME_ENRICHMENTS, STR("\x01\x01x\x02{}"), E_FORMAT },
		{ JOB_FEED, FEED_NVD, FRAME_ADVISORIES, STR(""), E_FORMAT },
		{ JOB_FEED, FEED_CSAF_VEX, FRAME_REPLACED,
		  STR("\x0d"
		      "CVE-2014-0160"),
		  0 },
		{ JOB_FEED, FEED_CSAF_VEX, FRAME_REPLACED, STR("\0"), E_FORMAT },
		{ JOB_FEED, FEED_CSAF_VEX, FRAME_REPLACED,
		  STR("\x0d"
		      "CVE-2014-0160x"),
		  E_FORMAT },
		{ JOB_FEED, FEED_NVD, FRAME_REPLACED, STR("\1x"), E_FORMAT },
		{ JOB_FEED, FEED_SECDB, FRAME_ADVISORIES, STR(""), 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct job job = { .kind = cases[i].kind, .format = cases[i].format };
		const struct said said[] = { { FRAME_HELLO, HELLO },
					     { cases[i].type, cases[i].payload },
					     { 0, { 0 } } };
		autotask struct task t = { 0 };
		struct inbox in;
		struct err err = { 0 };

		assert_int_equal(tell(&t, &in, &job, said, &err), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proper_answer_is_taken),
		cmocka_unit_test(whatever_is_out_of_order_is_refused),
		cmocka_unit_test(a_second_request_for_the_layer_is_refused),
		cmocka_unit_test(what_the_worker_says_is_wrong_keeps_its_code),
		cmocka_unit_test(an_archive_is_listed_within_its_bounds),
		cmocka_unit_test(enrichments_come_only_of_formats_that_enrich),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
