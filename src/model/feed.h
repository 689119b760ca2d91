/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_FEED_H
#define MODEL_FEED_H

#include "base/err.h"
#include "model/advisory.h"
#include "model/enrichment.h"

/* The published formats that we read; feed/table.c has a parser for each. */
enum feed_format {
	FEED_SECDB,
	FEED_DEBIAN_TRACKER,
	FEED_OVAL, /* OVAL of rpm and dpkg distributions, matching.md 3.3 */
	FEED_UPDATEINFO, /* updateinfo.xml of rpm repositories */
	FEED_OSV, /* an archive of OSV records, or one */
	FEED_CSAF_VEX, /* Red Hat's VEX: a tar archive of documents, or one document a line */
	FEED_ARCH, /* Arch Linux' groups */
	FEED_BODHI, /* Fedora's updates */
	FEED_NVD, /* enrichment: CVSS */
	FEED_EPSS, /* enrichment: EPSS */
	FEED_KEV, /* enrichment: known exploited */
	FEED_REPOSITORY_CPE, /* enrichment: repository ids of Red Hat to CPEs */
	FEED_CONTAINER_NAMES, /* enrichment: names of Red Hat's containers to repositories */
};
enum { FEED_FORMAT_COUNT = 13 };

/* Documents of this format hold enrichments and no advisories. */
static inline bool feed_format_enriches(enum feed_format format)
{
	return format >= FEED_NVD && format <= FEED_CONTAINER_NAMES;
}

/* How the documents of an updater are published. */
enum feed_transport {
	TRANSPORT_DOCUMENT, /* one document: source.url */
	/* An archive, and lists of what changed and was deleted since (matching.md 4.8); source.url is the
	 * folder they are in, with its slash. Updates are deltas. */
	TRANSPORT_CSAF,
	/* Pages: "{page}" in source.url and source.mirror_path is 1, 2, ... up to the page that has no
	 * records or does not exist. A first page with the same bytes as before is unchanged. */
	TRANSPORT_PAGES,
};

/* Where parsers push what they read. Records are borrowed for the call. Returns 0 or a negative error,
 * which the parser hands on. */
struct feed_sink {
	int (*advisory)(struct feed_sink *sink, const struct advisory *advisory, struct err *err);
	/* One record was malformed and left out; what says which and why. May be NULL. */
	void (*skipped)(struct feed_sink *sink, struct str what);
	/* Formats that enrich, and only they, push these. May be NULL for others. */
	int (*enrichment)(struct feed_sink *sink, const struct enrichment *enrichment, struct err *err);
	/* The document says everything there is of this vulnerability, or that it is withdrawn: whatever an
	 * earlier document said of it counts no more. Called before its advisories, by formats of which a
	 * part can be published (FEED_CSAF_VEX). May be NULL. */
	int (*replaced)(struct feed_sink *sink, struct str name, struct err *err);
};

/* One document of an updater. */
struct feed_source {
	struct str url; /* publisher's URL */
	struct str mirror_path; /* below the mirror's root: "alpine/v3.20/main.json" */
	struct str namespace; /* "alpine:3.20"; empty when the document names its own releases */
	struct distribution distribution; /* of the namespace, when there is one */
	/* Formats that enrich: the document is about CVE ids of these years; 0: of all. */
	unsigned first_year, last_year;
	bool may_be_empty; /* a document without a byte is no mistake */
};

#endif
