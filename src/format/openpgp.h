/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FORMAT_OPENPGP_H
#define FORMAT_OPENPGP_H

#include "base/str.h"

/* Key id of who made the last signature of a binary document (type 0, version 3 or 4) in a sequence of
 * packets, from subpacket 16 (issuer) or else 33 (issuer fingerprint). Nothing is verified: it only tells
 * which key is claimed. False when there is none; packets behind one that cannot be read are not looked at.
 */
bool openpgp_issuer(struct str packets, uint64_t *key_id);

#endif
