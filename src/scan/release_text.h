/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCAN_RELEASE_TEXT_H
#define SCAN_RELEASE_TEXT_H

#include "base/str.h"

/* Small pieces of the texts in release files. All results borrow from their arguments. */

/* Move *rest behind the first occurrence of text. False when there is none. */
bool release_after(struct str *rest, struct str text);
/* Move *rest behind text when it begins so. */
bool release_after_start(struct str *rest, struct str text);
/* Does text contain the pattern, in which `?` is any byte but LF? */
bool release_contains(struct str text, struct str pattern);

/* The digits and dots that s begins with: "8.10" of "8.10 (Ootpa)". May be empty. */
struct str release_number(struct str s);
/* At most n components of a dotted version: "3.0" of "3.0.2024", 2. */
struct str release_first_components(struct str version, unsigned n);
/* Digits only, at least one, at most nine. */
bool release_is_number(struct str s);
/* Numbers with dots between. */
bool release_is_version(struct str s);
/* The word in parentheses at the end: "stretch" of "9 (stretch)". May be empty. */
struct str release_in_parentheses(struct str s);
/* With the first letter in upper case; in the arena. */
struct str release_title(struct arena *a, struct str s);

/* Split "<name> release <version>...". False when it is not so. */
bool release_split(struct str line, struct str *name, struct str *version);
/* The major version that follows "Red Hat Enterprise Linux", with "Server", "Atomic Host" and "release"
 * between. */
bool release_rhel_major(struct str text, struct str *major);
/* The branch ("3.19", "edge") that all untagged `main` repositories of an apk repositories file agree on. */
bool release_apk_branch(struct str text, struct str *branch);

#endif
