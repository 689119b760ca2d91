/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_CVE_H
#define MODEL_CVE_H

#include "base/str.h"

enum { CVE_BYTES = 32 }; /* longest id, with a zero after it */

/* Take the text up to and with the next CVE id off *rest and write the id to out as the CVE list spells it
 * ("CVE-2014-0160"; publishers' links have lower case and underscores too). False: there is none. */
bool cve_next(struct str *rest, char out[CVE_BYTES]);

#endif
