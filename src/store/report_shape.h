/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_REPORT_SHAPE_H
#define STORE_REPORT_SHAPE_H

/* How an index report is taken apart for storing; report_put.c writes it and report_get.c reads it. All
 * numbers are varints, strings have a length before them, lists a count.
 *
 * A record is a package in a context, a context a distribution and a list of repositories, each stored once
 * by content hash. A package set holds the records of one package database in the order of the report, each
 * with the layer that introduced it; so that images on one base share the set, a layer is named by its digest
 * and which of its occurrences in the manifest is meant. package_set.layers    list of (digest, occurrence
 * from 0) package_set.records   list of (difference to the previous record id, zigzag; position in layers)
 *   context.repositories  list of ids
 * What is left is the shape of the report, compressed:
 *   manifest.shape        list of distribution ids, list of repository ids, position of the image's
 * distribution + 1 or 0, list of packages: list of environments: position of its set among the manifest's
 * sets manifest.notes        list of strings, compressed; NULL when there are none An environment takes the
 * next record of its set; all environments of a package hold the same package. */

#include <stdint.h>

enum { REPORT_HASH_BYTES = 16 };

/* Limits of what is read back: values that no report reaches. */
#define LIMIT_SHAPE_BYTES (256u << 20)

#endif
