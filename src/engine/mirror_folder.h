/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_MIRROR_FOLDER_H
#define ENGINE_MIRROR_FOLDER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"

#include <pthread.h>

/* The folder of a mirror: documents where `--mirror` looks for them, an index.html in folders that are
 * listed, and .clair-mirror, which says what each document was. Shared by threads. */
struct mirror_file {
	struct str set, path;
	struct str fingerprint; /* of engine/fetch.c; empty: not fetched with a condition */
	struct str mark; /* whatever tells that it need not be asked for again */
	uint64_t size_bytes;
	bool is_seen; /* in this run */
};

struct mirror_folder {
	struct arena arena;
	struct str dir; /* ends with a slash */
	struct map files; /* path to struct mirror_file */
	str_list listed; /* folders, with their slash */
	pthread_mutex_t lock;
};

/* Makes the folder; reads what an earlier run left. */
int mirror_folder_open(struct mirror_folder *m, struct str dir, struct err *err);
void mirror_folder_close(struct mirror_folder *m);

/* What is known of a document, when its file is there and has its size; false: nothing, out is zero. */
bool mirror_folder_find(struct mirror_folder *m, struct str path, struct mirror_file *out);
/* A descriptor of the file, the caller's, or E_IO. */
int mirror_folder_read(struct mirror_folder *m, struct str path, struct err *err);
/* The publisher still has it. */
void mirror_folder_seen(struct mirror_folder *m, struct str path);
/* Put the bytes of fd (file->size_bytes, from 0) in place of the file, all at once. modified: UTC seconds,
 * its time; 0: now. E_FORMAT: not a path that may be below the folder. */
int mirror_folder_put(struct mirror_folder *m, const struct mirror_file *file, int fd, int64_t modified,
		      struct err *err);
/* The same for bytes at hand; nothing is written when the file has them already. */
int mirror_folder_put_text(struct mirror_folder *m, struct str set, struct str path, struct str text,
			   struct err *err);
/* A folder that discovery lists: it will have an index. */
void mirror_folder_list(struct mirror_folder *m, struct str path);
int mirror_folder_remove(struct mirror_folder *m, struct str path, struct err *err);
/* Remove what the publisher of the set has no more; *count grows. */
int mirror_folder_prune(struct mirror_folder *m, struct str set, uint64_t *count, struct err *err);
/* Write the indexes and what is known. */
int mirror_folder_save(struct mirror_folder *m, struct err *err);

#endif
