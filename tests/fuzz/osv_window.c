/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of versions as URL queries: a verdict comes of any bytes, with a reason where there is none. */
#include "ecosystem/osv_window.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autoarena struct arena a = { 0 };
	struct str text = { (const char *)data, size }, version, window, reason = { NULL, 0 };
	struct advisory advisory = { .status = STATUS_AFFECTED };
	enum verdict v;

	str_cut(text, '\n', &version, &window);
	advisory.fixed_in = window;
	v = osv_window_affects(&a, &ordering_pep440, version, &advisory, &reason);
	if ((v == UNDECIDED) != (reason.n > 0) || (v != UNDECIDED && !ordering_pep440.valid(version)))
		abort();
	return 0;
}
