/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

/* Compare a slice with a C string; on failure both are shown. */
#define assert_str_is(slice, wanted) assert_str_is_((slice), (wanted), __FILE__, __LINE__)

static inline void assert_str_is_(struct str s, const char *wanted, const char *file, int line)
{
	if (str_eq(s, str_of(wanted)))
		return;
	print_error("\"%.*s\" is not \"%s\"\n", STR_ARG(s), wanted);
	_fail(file, line);
}

#endif
