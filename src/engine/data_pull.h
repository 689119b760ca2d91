/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DATA_PULL_H
#define ENGINE_DATA_PULL_H

#include "base/log.h"
#include "base/task.h"
#include "net/http_client.h"
#include "store/data.h"

/* Where prebuilt databases come from, and whose are taken. */
struct data_pull_options {
	/* Mirrors, tried in this order: http(s)://HOST/FILE, http(s)://HOST/FOLDER/ (with index.json), a file
	 * or folder as path or file://, oci://REGISTRY/REPOSITORY:TAG. */
	const struct str *urls;
	size_t url_count;
	struct data_trust trust;
	struct http_client_options client;
	const struct log *log;
	void (*transferred)(void *ctx, uint64_t bytes); /* may be NULL */
	void *transferred_ctx;
};

enum data_pull_how { DATA_PULL_CURRENT, DATA_PULL_FULL, DATA_PULL_DELTAS };
struct data_pulled {
	enum data_pull_how how; /* CURRENT: what is there says the same already */
	unsigned deltas;
	uint64_t bytes; /* transferred, also in vain */
	struct str url;
	struct data_manifest manifest; /* of what was put in force last */
};

/* Put the newest prebuilt database in force in DIR/advisories.db: by changes where they lead there and are
 * less to fetch, else as a whole. Trouble with one mirror is logged and the next goes on where it stopped.
 * What broke off stays in DIR/pull.part for the next time. On errors what was in force stays. E_CONFIG (an
 * URL of no known kind), E_CONFLICT (an updater runs), those of data_import and of the last mirror. */
int data_pull(struct task *task, struct str dir, const struct data_pull_options *options,
	      struct data_pulled *out, struct err *err);

#endif
