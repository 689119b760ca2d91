/* SPDX-License-Identifier: Apache-2.0 */
/* Debian versions: our table, the corpus tables, and dpkg itself when it is installed. */
#include "cases.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void our_table_holds(void **state)
{
	struct case_count count = { 0 };

	(void)state;
	assert_true(check_cases(&ordering_deb, "tests/data/versions/deb.txt", false, &count));
	assert_true(count.lines > 40);
}

static void every_line_of_the_corpus_holds(void **state)
{
	struct case_count count = { 0 };

	(void)state;
	if (!check_cases(&ordering_deb, "../shared/corpus/versions/osv-debian-versions.txt", true, &count)) {
		print_message("skipped: no corpus\n");
		skip();
	}
	assert_true(check_cases(&ordering_deb,
				"../shared/corpus/versions/osv-debian-versions-generated-odd.txt.gz", true,
				&count));
	print_message("%u lines, %u of them not two valid versions\n", count.lines, count.skipped);
	assert_true(count.lines > 3000);
	assert_int_equal(count.skipped, 0);
}

static int dpkg_says(const char *a, const char *operator, const char * b)
{
	char *argv[] = { "dpkg",    "--force-bad-version",	 "--compare-versions",
			 (char *)a, (char *)operator,(char *) b, NULL };
	int status;
	pid_t pid;

	if (posix_spawnp(&pid, "dpkg", NULL, NULL, argv, environ) != 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) <= 1 ? !WEXITSTATUS(status) : -1;
}

/* A fixed stream of version-like texts. */
static void make_version(uint64_t *seed, char out[16])
{
	static const char letters[] = "0011229..--~~+aabZ";
	size_t n;

	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	n = 1 + (*seed >> 33) % 8;
	out[0] = '1';
	for (size_t i = 1; i < n; i++) {
		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		out[i] = letters[(*seed >> 33) % (sizeof(letters) - 1)];
	}
	if (out[n - 1] == '-')
		out[n - 1] = '0';
	out[n] = '\0';
}

static void dpkg_agrees_on_random_versions(void **state)
{
	const char *asked = getenv("CLAIR_RANDOM_PAIRS");
	unsigned long pairs = asked ? strtoul(asked, NULL, 10) : 50;
	uint64_t seed = 1;

	(void)state;
	if (dpkg_says("1", "lt", "2") != 1) {
		print_message("skipped: no dpkg\n");
		skip();
	}
	for (unsigned long i = 0; i < pairs; i++) {
		char a[16], b[16];
		int c;

		make_version(&seed, a);
		make_version(&seed, b);
		c = ordering_deb.compare(str_of(a), str_of(b));
		if (dpkg_says(a, c < 0 ? "lt" : c > 0 ? "gt" : "eq", b) != 1)
			fail_msg("compare(\"%s\", \"%s\") is %d; dpkg does not agree", a, b, c);
	}
}

static void orderings_are_found_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(ordering_find(STR("deb")), &ordering_deb);
	assert_ptr_equal(ordering_find(STR("rpm")), &ordering_rpm);
	assert_ptr_equal(ordering_find(STR("apk")), &ordering_apk);
	assert_null(ordering_find(STR("de")));
	assert_null(ordering_find(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_table_holds),
		cmocka_unit_test(every_line_of_the_corpus_holds),
		cmocka_unit_test(dpkg_agrees_on_random_versions),
		cmocka_unit_test(orderings_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
