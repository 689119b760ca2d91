/* SPDX-License-Identifier: Apache-2.0 */
/* Names of platforms. Examples are of the naming specification's section 6 and of real images. */
#include "../unit.h"

#include "base/arena.h"
#include "base/limits.h"
#include "model/cpe.h"

/* want NULL: refused */
static const struct {
	const char *text, *want;
} cases[] = {
	/* URI binding */
	{ "cpe:/a:redhat:enterprise_linux:8::appstream",
	  "cpe:2.3:a:redhat:enterprise_linux:8:*:appstream:*:*:*:*:*" },
	{ "cpe:/o:opensuse:leap:15.1", "cpe:2.3:o:opensuse:leap:15.1:*:*:*:*:*:*:*" },
	{ "cpe:/o:redhat:enterprise_linux:8.0:GA", "cpe:2.3:o:redhat:enterprise_linux:8.0:ga:*:*:*:*:*:*" },
	{ "cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
	  "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*" },
	{ "cpe:/a:microsoft:internet_explorer:8.%2a:sp%3f",
	  "cpe:2.3:a:microsoft:internet_explorer:8.\\*:sp\\?:*:*:*:*:*:*" },
	{ "cpe:/a:microsoft:internet_explorer:8.%02:sp%01",
	  "cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*" },
	{ "cpe:/a:hp:insight_diagnostics:7.4.0.1570::~~online~win2003~x64~",
	  "cpe:2.3:a:hp:insight_diagnostics:7.4.0.1570:*:*:*:online:win2003:x64:*" },
	{ "cpe:/a:foo%5cbar:big%24money_2010:::~~special~ipod_touch~80gb~",
	  "cpe:2.3:a:foo\\\\bar:big\\$money_2010:*:*:*:*:special:ipod_touch:80gb:*" },
	{ "cpe:/a:hp:openview_network_manager:7.51:-:~~~linux~~",
	  "cpe:2.3:a:hp:openview_network_manager:7.51:-:*:*:*:linux:*:*" },
	{ "cpe:/a:a:b~c", "cpe:2.3:a:a:b\\~c:*:*:*:*:*:*:*:*" },
	{ "cpe:/a:a:%2d", "cpe:2.3:a:a:\\-:*:*:*:*:*:*:*:*" },
	{ "cpe:/a:a:b:1:2:3:en", "cpe:2.3:a:a:b:1:2:3:en:*:*:*:*" },
	{ "cpe:/a", "cpe:2.3:a:*:*:*:*:*:*:*:*:*:*" },
	{ "cpe:/", "" },
	{ "cpe:/:::::", "" },
	{ "cpe:/a:a:b:1:2:3:en:more", NULL },
	{ "cpe:/x:a", NULL },
	{ "cpe:/app:a", NULL },
	{ "cpe:/a:a b", NULL },
	{ "cpe:/a:a!", NULL },
	{ "cpe:/a:a%", NULL },
	{ "cpe:/a:a%2", NULL },
	{ "cpe:/a:a%zz", NULL },
	{ "cpe:/a:a%00", NULL },
	{ "cpe:/a:a%80", NULL },
	{ "cpe:/a:a%02b", NULL },
	{ "cpe:/a:a:b:1:2:~1~2~3~4~5~6", NULL },
	{ "cpe:/a:a:\xc3\xa9", NULL },
	/* formatted string */
	{ "cpe:2.3:o:amazon:amazon_linux:2:*:*:*:*:*:*:*", "cpe:2.3:o:amazon:amazon_linux:2:*:*:*:*:*:*:*" },
	{ "cpe:2.3:a:Some:Thing:1\\.0:-:*:*:*:*:*:*", "cpe:2.3:a:Some:Thing:1.0:-:*:*:*:*:*:*" },
	{ "cpe:2.3:a:a\\:b:c:*:*:*:*:*:*:*:*", "cpe:2.3:a:a\\:b:c:*:*:*:*:*:*:*:*" },
	{ "cpe:2.3:a:a+b:c::::::::", "cpe:2.3:a:a\\+b:c:*:*:*:*:*:*:*:*" },
	{ "cpe:2.3:a:??a*:c::::::::", "cpe:2.3:a:??a*:c:*:*:*:*:*:*:*:*" },
	{ "cpe:2.3:a:a\\*:b\\\\::::::::", "cpe:2.3:a:a\\*:b\\\\:*:*:*:*:*:*:*:*" },
	{ "cpe:2.3:a:\\-:b::::::::", "cpe:2.3:a:\\-:b:*:*:*:*:*:*:*:*" },
	{ "cpe:2.3:*:*:*:*:*:*:*:*:*:*:*", "cpe:2.3:*:*:*:*:*:*:*:*:*:*:*" },
	{ "cpe:2.3:::::::::::", "" },
	{ "cpe:2.3:a:b", NULL },
	{ "cpe:2.3:a:b:c:d:e:f:g:h:i:j:k:l", NULL },
	{ "cpe:2.3:a:b:c:d:e:f:g:h:i:j:k\\", NULL },
	{ "cpe:2.3:a:b*c:c::::::::", NULL },
	{ "cpe:2.3:a:b c:c::::::::", NULL },
	{ "cpe:2.3:x:b:c::::::::", NULL },
	/* neither */
	{ "", NULL },
	{ "cpe", NULL },
	{ "cpe:a:b", NULL },
	{ "CPE:/a:b", NULL },
	{ "cpe:2.2:a:b", NULL },
};

static void cases_give_what_is_wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct cpe cpe;
		struct err err;
		int result = cpe_parse(&a, str_of(cases[i].text), &cpe, &err);

		if ((result == 0) != (cases[i].want != NULL))
			fail_msg("%s: %s", cases[i].text, result < 0 ? err.text : "is taken");
		if (result == 0 && !str_eq(cpe_format(&a, &cpe), str_of(cases[i].want)))
			fail_msg("%s: got " STR_FMT, cases[i].text, STR_ARG(cpe_format(&a, &cpe)));
	}
}

static void a_formatted_string_reads_back_as_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str once = cpe_normalise(&a, str_of(cases[i].text));

		if (!str_eq(cpe_normalise(&a, once), once))
			fail_msg(STR_FMT " reads back as " STR_FMT, STR_ARG(once),
				 STR_ARG(cpe_normalise(&a, once)));
	}
}

static void names_above_the_limit_are_refused(void **state)
{
	autoarena struct arena a = { 0 };
	char *text = arena_alloc(&a, LIMIT_FIELD_BYTES + 1);
	struct cpe cpe;
	struct err err;

	(void)state;
	memset(text, 'a', LIMIT_FIELD_BYTES + 1);
	memcpy(text, "cpe:/a:", 7);
	assert_int_equal(cpe_parse(&a, (struct str){ text, LIMIT_FIELD_BYTES }, &cpe, &err), 0);
	assert_int_equal(cpe_parse(&a, (struct str){ text, LIMIT_FIELD_BYTES + 1 }, &cpe, &err), E_FORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_give_what_is_wanted),
		cmocka_unit_test(a_formatted_string_reads_back_as_itself),
		cmocka_unit_test(names_above_the_limit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
