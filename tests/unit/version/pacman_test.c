/* SPDX-License-Identifier: Apache-2.0 */
/* pacman versions: our table, and pairs that vercmp of pacman itself is asked of where it is installed. */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void our_table_holds(void **state)
{
	struct case_count count = { 0 };

	(void)state;
	assert_true(check_cases(&ordering_pacman, "tests/data/versions/pacman.txt", false, &count));
	assert_true(count.lines > 60);
}

/* A version of up to seven pieces, of a kind that meets each rule often. */
static struct str made_up(struct arena *a, unsigned *seed)
{
	static const char *const pieces[] = { "1", "2", "10", "01", "0", "a", "rc", "b", ".",
					      ".", ".", "_",  "..", "+", "-", "~",  "1:" };
	struct str s = STR("1");
	int n = rand_r(seed) % 7;

	for (int i = 0; i < n; i++)
		s = str_format(a, STR_FMT "%s", STR_ARG(s),
			       pieces[(size_t)rand_r(seed) % (sizeof(pieces) / sizeof(pieces[0]))]);
	return s;
}

static int ask_vercmp(struct arena *a, struct str x, struct str y)
{
	struct str command = str_format(a, "vercmp '" STR_FMT "' '" STR_FMT "'", STR_ARG(x), STR_ARG(y));
	FILE *out = popen(command.p, "r");
	char line[16] = { 0 };
	long answer;

	assert_non_null(out);
	assert_non_null(fgets(line, sizeof(line), out));
	pclose(out);
	answer = strtol(line, NULL, 10);
	return (answer > 0) - (answer < 0);
}

static void it_agrees_with_vercmp(void **state)
{
	autoarena struct arena a = { 0 };
	unsigned seed = 1;

	(void)state;
	if (access("/usr/bin/vercmp", X_OK) != 0) {
		print_message("skipped: no vercmp\n");
		skip();
	}
	for (int i = 0; i < 500; i++) {
		struct str x = made_up(&a, &seed), y = made_up(&a, &seed);
		int want = ask_vercmp(&a, x, y), got = ordering_pacman.compare(x, y);

		if (got != want || ordering_pacman.compare(y, x) != -want)
			fail_msg(STR_FMT " and " STR_FMT ": %d, vercmp says %d", STR_ARG(x), STR_ARG(y), got,
				 want);
	}
}

static void it_is_found_by_its_name(void **state)
{
	(void)state;
	assert_ptr_equal(ordering_find(STR("pacman")), &ordering_pacman);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_table_holds),
		cmocka_unit_test(it_agrees_with_vercmp),
		cmocka_unit_test(it_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
