/* SPDX-License-Identifier: Apache-2.0 */
/* The one table from error codes to exit statuses. What a reader would get wrong: E_NOTFOUND is 1; that there
 * are no advisories to match against (3) is for the command to say. */
#include "cmd/exit_status.h"

#include "base/err.h"

int exit_status_of(int code)
{
	switch (code) {
	case 0: return EXIT_DONE;
	case E_CANCELED: return EXIT_INTERRUPTED;
	case E_CONFIG: return EXIT_USAGE;
	default: return EXIT_ERROR;
	}
}
