/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_ADVISORY_H
#define MODEL_ADVISORY_H

#include "base/str.h"
#include "model/distribution.h"
#include "model/package.h"
#include "model/severity.h"

/* What the publisher says of the package; refined by `fixed_in`. */
enum advisory_status {
	STATUS_AFFECTED, /* affected; fixed_in empty: no fix yet, else fixed from there on */
	STATUS_NOT_AFFECTED, /* a statement of not being affected */
	STATUS_WILL_NOT_FIX, /* affected, the publisher ignores it */
	STATUS_FIX_DEFERRED, /* affected, a fix is postponed */
	STATUS_NO_ADVISORY, /* affected, too minor for an advisory of its own (Debian: no-dsa) */
	STATUS_END_OF_LIFE, /* affected, the package is no longer supported */
	STATUS_UNDER_INVESTIGATION, /* the publisher does not know yet */
};
enum { STATUS_COUNT = 7 };
/* "affected", "not_affected", "will_not_fix", "fix_deferred", "no_advisory", "end_of_life",
 * "under_investigation"; a STATUS_AFFECTED with fixed_in is shown as "fixed" by reports. */
const char *advisory_status_name(enum advisory_status s);

/* Where to look an advisory up: (namespace, package). namespace: did ":" release, e.g. "debian:12",
 * "alpine:3.20", "alpine:edge". */
struct advisory_key {
	struct str namespace, package;
};

/* A publisher's statement about a package in a release. Strings are borrowed. */
struct advisory {
	uint64_t id; /* content hash; set by the store, 0 before */
	struct str updater; /* "debian/updater"; set by the store */
	struct advisory_key key;
	enum package_kind package_kind; /* which package the name means: PACKAGE_SOURCE or PACKAGE_BINARY */
	struct str module, arch,
		arch_operation; /* arch_operation: "", "equals", "not equals", "pattern match" */
	struct str name; /* the vulnerability: "CVE-2014-0160" */
	struct str fixed_in; /* first fixed version; empty: none; "0": as the ecosystem reads it */
	/* The versions it is about, normalized: lower (inclusive) ".." upper (exclusive), each as service
	 * reports write a version ("semver:0.1.2.0.0.0.0.0.0.0"); empty: not said. */
	struct str range;
	struct str severity; /* the publisher's word */
	enum severity normalized_severity;
	enum advisory_status status;
	struct str status_text; /* the publisher's words for the status, may be empty */
	struct distribution distribution; /* of the namespace, as reports show it */
	struct str repository_name, repository_key, repository_uri; /* empty for most */
	/* Long text, kept once per (updater, name); may be empty. */
	struct str description, links;
	int64_t issued; /* UTC seconds; 0 unknown */
};

#endif
