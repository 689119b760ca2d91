/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_PURL_H
#define MODEL_PURL_H

#include "base/err.h"
#include "base/str.h"

struct arena;

struct purl_qualifier {
	struct str key, value;
};

/* A package URL, decoded: "pkg:rpm/redhat/curl@7.61.1-33.el8?arch=src". Type and keys are in lower case. */
struct purl {
	struct str type, namespace, name, version, subpath;
	const struct purl_qualifier *qualifiers; /* by key, each once, none empty */
	size_t qualifier_count;
};

/* Parts borrow from text, or are in the arena. Text without controls. Returns 0 or E_FORMAT. */
int purl_parse(struct arena *a, struct str text, struct purl *out, struct err *err);

/* The value of a qualifier; empty when there is none. */
struct str purl_get(const struct purl *p, const char *key);

#endif
