/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MODEL_REPOID_H
#define MODEL_REPOID_H

#include "base/str.h"

struct arena;

/* The key of repositories that Red Hat's packages come from (struct repository). */
#define REPOSITORY_KEY_RHEL_CPE "rhel-cpe-repository"
/* The key of repositories that Red Hat's containers come from. */
#define REPOSITORY_KEY_RHCC "rhcc-container-repository"
/* The name of that of old builds, which name no platform. */
#define REPOSITORY_NAME_CATALOG "Red Hat Container Catalog"
/* The repository hint of packages that are such containers. */
#define REPOSITORY_HINT_RHCC "rhcc"

/* "repoid=<id>" as a URL query: the URI of a repository, and a part of a package's repository hint. */
struct str repoid_query(struct arena *a, struct str repoid);

/* The value of repoid in a URL query ("hash=...&repoid=..."), still encoded; empty when there is none. Equal
 * ids have equal values, as only repoid_query writes them. */
struct str repoid_of_query(struct str query);

/* The id that such a value stands for. */
struct str repoid_decode(struct arena *a, struct str value);

#endif
