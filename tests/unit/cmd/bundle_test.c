/* SPDX-License-Identifier: Apache-2.0 */
/* Offline bundles: what is written can be read, by us and as Clair writes it, and what is broken changes
 * nothing that came before. */
#include "../store/store_case.h"

#include "base/cursor.h"
#include "base/time.h"
#include "cmd/bundle.h"

#define CLAIR_LINE(ref, print, name, package)                                                                \
	"{\"Updater\":\"alpine-main-v3.20-updater\",\"Fingerprint\":\"" print                                \
	"\",\"Date\":\"2026-01-02T03:04:05.678901234Z\",\"Kind\":\"vulnerability\",\"Ref\":\"" ref           \
	"\",\"Vuln\":{\"id\":\"\",\"updater\":\"alpine-main-v3.20-updater\",\"name\":\"" name                \
	"\",\"description\":\"<b>\",\"issued\":\"0001-01-01T00:00:00Z\",\"links\":\"\",\"severity\":\"\","   \
	"\"normalized_severity\":\"Unknown\",\"package\":{\"id\":\"\",\"name\":\"" package                   \
	"\",\"version\":\"\",\"kind\":\"source\",\"normalized_version\":\"\",\"cpe\":\"\",\"detector\":"     \
	"null},"                                                                                             \
	"\"distribution\":{\"id\":\"\",\"did\":\"alpine\",\"name\":\"Alpine Linux\",\"version\":\"\","       \
	"\"version_code_name\":\"\",\"version_id\":\"3.20\",\"arch\":\"\",\"cpe\":\"\",\"pretty_name\":"     \
	"\"Alpine Linux "                                                                                    \
	"v3.20\"},\"repository\":null,\"fixed_in_version\":\"1.2-r3\",\"Self\":{\"Space\":{},\"Name\":\"\"}" \
	","                                                                                                  \
	"\"Aliases\":null,\"Invert\":false}}\n"

static struct advisory_store *open_in(const struct store_case *c, const char *name)
{
	autoarena struct arena scratch = { 0 };
	struct advisory_store *s = NULL;
	struct err err = { 0 };

	ok(advisories_open(str_format(&scratch, STR_FMT "/%s", STR_ARG(c->path), name), STORE_WRITE, &s,
			   &err),
	   &err);
	return s;
}

static int read_text(struct advisory_store *s, struct str text, struct bundle_totals *totals, struct err *err)
{
	autotask struct task task = { 0 };
	struct mem_reader from;

	mem_reader_open(&from, text);
	return bundle_read(&task, s, &from.reader, time_now(), totals, err);
}

static struct str write_text(struct task *task, struct advisory_store *s, struct bundle_totals *totals)
{
	struct buffer b = { .arena = &task->arena };
	struct mem_writer to;
	struct err err = { 0 };

	mem_writer_open(&to, &b);
	ok(bundle_write(task, s, 1700000000, &to.writer, totals, &err), &err);
	return buffer_str(&b);
}

static size_t found(struct advisory_store *s, const char *package)
{
	autotask struct task task = { 0 };
	struct advisory_key key = { STR("alpine:3.20"), str_of(package) };
	advisory_list list = { 0 };
	struct err err = { 0 };

	ok(advisories_find(s, &task, &key, 1, true, &list, &err), &err);
	return list.n;
}

static void reads_what_clair_writes(void **state)
{
	const struct store_case *c = *state;
	autoadvisories struct advisory_store *s = open_in(c, "a");
	struct bundle_totals totals;
	struct err err = { 0 };

	ok(read_text(s,
		     STR(CLAIR_LINE("r1", "p1", "CVE-2099-0001", "busybox")
				 CLAIR_LINE("r1", "p1", "CVE-2099-0002", "zlib")),
		     &totals, &err),
	   &err);
	assert_int_equal(totals.operations, 1);
	assert_int_equal(totals.records, 2);
	assert_int_equal(found(s, "busybox"), 1);
	assert_int_equal(found(s, "zlib"), 1);
}

static void passes_over_a_known_fingerprint(void **state)
{
	const struct store_case *c = *state;
	autoadvisories struct advisory_store *s = open_in(c, "b");
	struct bundle_totals totals;
	struct err err = { 0 };

	ok(read_text(s, STR(CLAIR_LINE("r1", "p1", "CVE-2099-0001", "busybox")), &totals, &err), &err);
	ok(read_text(s, STR(CLAIR_LINE("r2", "p1", "CVE-2099-0009", "other")), &totals, &err), &err);
	assert_int_equal(totals.skipped, 1);
	assert_int_equal(totals.operations, 0);
	assert_int_equal(found(s, "other"), 0);
	ok(read_text(s, STR(CLAIR_LINE("r3", "p2", "CVE-2099-0009", "other")), &totals, &err), &err);
	assert_int_equal(found(s, "other"), 1);
	assert_int_equal(found(s, "busybox"), 0); /* a full update */
}

static void what_is_written_can_be_read(void **state)
{
	const struct store_case *c = *state;
	autoadvisories struct advisory_store *from = open_in(c, "c"), *to = open_in(c, "d");
	autotask struct task task = { 0 };
	struct bundle_totals totals;
	struct err err = { 0 };
	struct str text;

	ok(read_text(from,
		     STR(CLAIR_LINE("r1", "p1", "CVE-2099-0001", "busybox")
				 CLAIR_LINE("r1", "p1", "CVE-2099-0002", "zlib")),
		     &totals, &err),
	   &err);
	text = write_text(&task, from, &totals);
	assert_int_equal(totals.records, 2);
	assert_true(str_search(text, STR("<b>")) < text.n); /* as Clair: nothing escaped for HTML */
	ok(read_text(to, text, &totals, &err), &err);
	assert_int_equal(found(to, "zlib"), 1);
}

static void what_is_not_known_to_be_affected_is_left_out(void **state)
{
	const struct {
		enum advisory_status status;
		const char *repository_key;
		uint64_t records;
	} cases[] = {
		{ STATUS_AFFECTED, "rhel-cpe-repository", 1 },
		{ STATUS_WILL_NOT_FIX, "rhel-cpe-repository", 1 },
		{ STATUS_NOT_AFFECTED, "rhel-cpe-repository", 0 },
		{ STATUS_UNDER_INVESTIGATION, "rhel-cpe-repository", 0 },
		{ STATUS_UNDER_INVESTIGATION, "", 1 },
	};
	const struct store_case *c = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task task = { 0 };
		autoadvisories struct advisory_store *s = open_in(c,
								  str_format(&task.arena, "status-%zu", i).p);
		const struct advisory advisory = { .key = { STR("rhel"), STR("curl") },
						   .package_kind = PACKAGE_SOURCE,
						   .name = STR("CVE-2099-0001"),
						   .status = cases[i].status,
						   .repository_key = str_of(cases[i].repository_key) };
		autoupdate struct update *update = NULL;
		struct bundle_totals totals;
		struct update_summary summary;
		struct err err = { 0 };

		ok(update_begin(s, STR("rhel-vex"), &update, &err), &err);
		ok(update_put(update, &advisory, &err), &err);
		ok(update_commit(update, STR("p"), time_now(), &summary, &err), &err);
		write_text(&task, s, &totals);
		assert_int_equal(totals.records, cases[i].records);
	}
}

static void enrichments_come_through(void **state)
{
	const struct store_case *c = *state;
	autoadvisories struct advisory_store *s = open_in(c, "e");
	autotask struct task task = { 0 };
	struct bundle_totals totals;
	struct str name = STR("CVE-2099-0001");
	str_list data = { 0 };
	struct err err = { 0 };

	ok(read_text(s,
		     STR("{\"Updater\":\"clair.cvss\",\"Fingerprint\":\"f\",\"Kind\":\"enrichment\",\"Ref\":"
			 "\"r\","
			 "\"Enrichment\":{\"Tags\":[\"CVE-2099-0001\"],\"Enrichment\":{\"baseScore\":9.8}}}\n"
			 "{\"Updater\":\"clair.cvss\",\"Fingerprint\":\"f\",\"Kind\":\"enrichment\",\"Ref\":"
			 "\"r\","
			 "\"Enrichment\":{\"Tags\":null,\"Enrichment\":null}}\n"),
		     &totals, &err),
	   &err);
	assert_int_equal(totals.records, 1);
	ok(enrichments_find(s, &task, STR("clair.cvss"), &name, 1, &data, &err), &err);
	assert_int_equal(data.n, 1);
	assert_true(str_eq(data.p[0], STR("{\"baseScore\":9.8}")));
	assert_true(str_search(write_text(&task, s, &totals), STR("\"Tags\":[\"CVE-2099-0001\"]")) > 0);
	assert_int_equal(totals.records, 1);
}

static void a_broken_line_is_named_and_stores_nothing_of_its_operation(void **state)
{
	const struct store_case *c = *state;
	static const char *const broken[] = {
		CLAIR_LINE("r2", "p2", "CVE-2099-0003", "late") "{\"Updater\":\n",
		CLAIR_LINE("r2", "p2", "CVE-2099-0003", "late") "[]\n",
	};
	autoadvisories struct advisory_store *s = open_in(c, "f");
	struct bundle_totals totals;
	struct err err = { 0 };

	ok(read_text(s, STR(CLAIR_LINE("r1", "p1", "CVE-2099-0001", "busybox")), &totals, &err), &err);
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		assert_int_equal(read_text(s, str_of(broken[i]), &totals, &err), E_FORMAT);
		assert_non_null(strstr(err.text, "line 2"));
	}
	assert_int_equal(found(s, "busybox"), 1);
	assert_int_equal(found(s, "late"), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, store_case_setup, store_case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(reads_what_clair_writes),	T(passes_over_a_known_fingerprint),
		T(what_is_written_can_be_read), T(what_is_not_known_to_be_affected_is_left_out),
		T(enrichments_come_through),	T(a_broken_line_is_named_and_stores_nothing_of_its_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
