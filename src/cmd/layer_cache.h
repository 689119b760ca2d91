/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_LAYER_CACHE_H
#define CMD_LAYER_CACHE_H

#include "cmd/app.h"
#include "store/index.h"

/* The index store of a scan. It only saves time, so a directory that cannot be used is no reason to fail: a
 * temporary one takes its place, with a warning. */
struct layer_cache {
	struct index_store *store;
	char *temporary; /* directory to remove; NULL: the real one is open */
};
int layer_cache_open(struct app *app, struct layer_cache *out, struct err *err);
/* When the file has grown above cap_bytes, forget the layers used longest ago. Trouble is a warning. */
void layer_cache_trim(const struct app *app, struct layer_cache *cache, uint64_t cap_bytes);
void layer_cache_close(struct layer_cache *c);
#define autocache __attribute__((cleanup(layer_cache_close)))

/* The cap: $CLAIR_CACHE_SIZE, or 1 GiB. E_CONFIG when it is no size. */
int layer_cache_cap(uint64_t *bytes, struct err *err);

#endif
