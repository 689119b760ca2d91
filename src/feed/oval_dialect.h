/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_OVAL_DIALECT_H
#define FEED_OVAL_DIALECT_H

#include "model/advisory.h"

/* How a publisher uses OVAL. */
struct oval_dialect {
	const char *did; /* of its distributions */
	bool is_dpkg; /* else rpm */
	enum package_kind kind; /* of the packages that it names */
	bool names_cve; /* an advisory is called by its CVE, not by its title */
	bool has_bounds; /* EVR operations mean what they say; else all are "less than" */
	bool has_esm; /* versions with "esm" are of a channel of their own */
	bool has_service_packs; /* criteria say for which: "SUSE Linux Enterprise Server 15 SP3 is installed"
				 */
	bool hides_severity; /* Clair leaves the word out */
	const struct oval_severity {
		const char *word;
		enum severity severity;
	} * severities; /* exact case; ends with NULL */
	const struct oval_phrase {
		const char *phrase;
		enum advisory_status status;
	} * phrases; /* in comments of criterions; ends with NULL */
};

/* NULL: none has this did. */
const struct oval_dialect *oval_dialect_of(struct str did);
enum severity oval_severity_of(const struct oval_dialect *dialect, struct str word);
/* What a comment says of the package, STATUS_AFFECTED unless it says otherwise; *words is then the part that
 * does. */
enum advisory_status oval_status_of(const struct oval_dialect *dialect, struct str comment,
				    struct str *words);
/* The channel of Ubuntu Pro that a comment names, "esm-infra" or "esm-apps": "p package in esm-apps/noble, is
 * affected ...". Empty: it names none of them. */
struct str oval_channel_of(const struct oval_dialect *dialect, struct str comment);
/* The service packs that a comment of a criterion names as bits, bit 0 for none: "SUSE ... 15 SP3 is
 * installed" gives 1 << 3. OVAL_ANY_PACK: a product without such a number. 0: the comment names no product.
 */
#define OVAL_ANY_PACK (UINT32_C(1) << 31)
uint32_t oval_packs_of(struct str comment, struct str major);
/* Every CPE of the list is of Ksplice's user space: the definition concerns nobody else (matching.md 4.5). */
bool oval_is_ksplice(const struct str *cpes, size_t n);

#endif
