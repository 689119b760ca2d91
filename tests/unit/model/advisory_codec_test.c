/* SPDX-License-Identifier: Apache-2.0 */
#include "../unit.h"

#include "base/limits.h"
#include "model/advisory_codec.h"

static const struct advisory samples[] = {
	{ .key = { STR("debian:7"), STR("openssl") },
	  .name = STR("CVE-2014-0160"),
	  .fixed_in = STR("1.0.1e-2+deb7u5"),
	  .package_kind = PACKAGE_SOURCE,
	  .severity = STR("medium"),
	  .normalized_severity = SEVERITY_HIGH,
	  .description = STR("heartbeat"),
	  .links = STR("https://x"),
	  .issued = 1396828800,
	  .distribution = { .did = STR("debian"), .version_id = STR("7") } },
	{ .key = { STR("debian:8"), STR("openssl") },
	  .name = STR("CVE-2014-0160"),
	  .fixed_in = STR("1.0.1g-1"),
	  .package_kind = PACKAGE_SOURCE,
	  .description = STR("heartbeat"),
	  .issued = -1,
	  .distribution = { .did = STR("debian"), .version_id = STR("8") } },
	{ .key = { STR("debian:8"), STR("bash") },
	  .name = STR("CVE-2014-6271"),
	  .status = STATUS_END_OF_LIFE,
	  .status_text = STR("no longer"),
	  .module = STR("m"),
	  .arch = STR("a"),
	  .arch_operation = STR("equals"),
	  .repository_name = STR("n"),
	  .repository_key = STR("k"),
	  .repository_uri = STR("u"),
	  .range = STR("r..s") },
};
enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

static void encode_all(struct buffer *out)
{
	struct advisory_encoder encoder = { 0 };

	for (size_t i = 0; i < SAMPLES; i++)
		advisory_encode(&encoder, &samples[i], out);
}

static void advisories_come_back_as_they_went(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };
	struct advisory got = { 0 };
	struct cursor in;
	struct err err = { 0 };

	(void)state;
	encode_all(&b);
	in = cursor_of(buffer_str(&b));
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct advisory *want = &samples[i];

		assert_int_equal(advisory_decode(&in, &got, &err), 1);
		assert_true(str_eq(got.key.namespace, want->key.namespace) &&
			    str_eq(got.key.package, want->key.package));
		assert_true(str_eq(got.name, want->name) && str_eq(got.fixed_in, want->fixed_in));
		assert_true(str_eq(got.description, want->description) && str_eq(got.links, want->links));
		assert_true(str_eq(got.severity, want->severity) &&
			    str_eq(got.status_text, want->status_text));
		assert_true(str_eq(got.module, want->module) &&
			    str_eq(got.arch_operation, want->arch_operation));
		assert_true(str_eq(got.range, want->range));
		assert_true(str_eq(got.repository_uri, want->repository_uri));
		assert_true(distribution_eq(&got.distribution, &want->distribution));
		assert_true(got.issued == want->issued && got.status == want->status);
		assert_true(got.package_kind == want->package_kind);
		assert_true(got.normalized_severity == want->normalized_severity);
	}
	assert_int_equal(advisory_decode(&in, &got, &err), 0);
}

static void a_batch_cut_anywhere_is_an_error_or_ends_between_two(void **state)
{
	autoarena struct arena a = { 0 };
	struct buffer b = { .arena = &a };

	(void)state;
	encode_all(&b);
	for (size_t n = 0; n < b.n; n++) {
		struct advisory got = { 0 };
		struct cursor in = cursor_of(str_sub(buffer_str(&b), 0, n));
		struct err err = { 0 };
		int result;

		while ((result = advisory_decode(&in, &got, &err)) > 0)
			;
		assert_true(result == 0 ? cursor_left(&in) == 0 : result == E_FORMAT);
	}
}

static void advisories_that_lie_are_refused(void **state)
{
	static const struct str cases[] = {
		STR("\x80\x80\x80\x04"), /* field 23 */
		STR("\x00\x00\x00\x00\x00"), /* no key, no name */
		STR("\x8c\x01\x01n\x01p\x01v\x09\x00\x00\x00"), /* kind 9 */
		STR("\x8c\x01\x01n\x01p\x01v\x00\x06\x00\x00"), /* severity 6 */
		STR("\x8c\x01\x01n\x01p\x01v\x00\x00\x07\x00"), /* status 7 */
		STR("\x8c\x01\x01\xff\x01p\x01v\x00\x00\x00\x00"), /* not UTF-8 */
		STR("\x8c\x01\xff\xff\x03"), /* longer than what is there */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct advisory got = { 0 };
		struct cursor in = cursor_of(cases[i]);
		struct err err = { 0 };

		if (advisory_decode(&in, &got, &err) != E_FORMAT)
			fail_msg("case %zu was accepted", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(advisories_come_back_as_they_went),
		cmocka_unit_test(a_batch_cut_anywhere_is_an_error_or_ends_between_two),
		cmocka_unit_test(advisories_that_lie_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
