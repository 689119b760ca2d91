/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_CSAF_DOCUMENT_H
#define FEED_CSAF_DOCUMENT_H

#include "base/cursor.h"
#include "base/map.h"
#include "base/vec.h"
#include "feed/members.h"

struct csaf_component;
struct csaf_repository;
struct csaf_score;

/* What is said of products besides their status. */
enum csaf_remark_kind {
	CSAF_IMPACT, /* threat: "Important" */
	CSAF_ERRATA, /* remediation: URL of the advisory with the fix */
	CSAF_WORDS, /* remediation: "Will not fix" */
	CSAF_LABEL, /* flag: "vulnerable_code_not_present" */
	CSAF_REMARKS,
};

/* A product: a branch of the tree (a package, or a product line of the vendor), or a package as a component
 * of a product line. Whoever names a product first makes it; what it is may come later. */
struct csaf_product {
	struct str id;
	struct str purl, cpe; /* of a branch; may be empty */
	struct csaf_product *component, *platform; /* of a relationship; NULL: none */
	/* Found when first asked for; csaf_component.h. */
	const struct csaf_component *as_component;
	const struct csaf_repository *as_repository;
	/* What the vulnerability at hand says of it. */
	size_t vulnerability; /* which one, from 1 */
	struct csaf_score *score;
	const struct csaf_remark *remark[CSAF_REMARKS];
};
typedef VEC(struct csaf_product *) csaf_products;

struct csaf_score {
	struct str v2, v3, v4; /* vectors */
	csaf_products products;
	struct str vector; /* the one that counts; set by csaf_rows */
	bool is_known, is_zero;
};

struct csaf_remark {
	enum csaf_remark_kind kind;
	struct str text;
	csaf_products products;
};

enum csaf_status {
	CSAF_FIXED,
	CSAF_KNOWN_AFFECTED,
	CSAF_KNOWN_NOT_AFFECTED,
	CSAF_UNDER_INVESTIGATION,
	CSAF_STATUSES,
};

struct csaf_vulnerability {
	struct str description, released;
	str_list links;
	csaf_products status[CSAF_STATUSES];
	VEC(struct csaf_score) scores;
	VEC(struct csaf_remark) remarks;
};

/* What one document says, as far as it counts. Everything is in the arena. */
struct csaf_document {
	struct members members; /* first: readers get it */
	struct arena *arena;
	struct str id, status, self; /* CVE, "final" or "deleted", the document's own URL */
	uint64_t id_line;
	struct map products; /* by id */
	VEC(struct csaf_vulnerability) vulnerabilities;
	struct map components, repositories; /* csaf_component.c */
	struct buffer words; /* to look one of them up */
};

/* Read a document to its end. Returns 0 or a negative error. */
int csaf_document_read(struct csaf_document *d, struct err *err);

#endif
