/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ENGINE_DATA_PUBLISH_H
#define ENGINE_DATA_PUBLISH_H

#include "base/task.h"
#include "engine/data_index.h"
#include "store/data.h"

/* What a publication added to a folder. */
struct data_published {
	bool is_changed; /* false: the newest database of the folder says the same */
	struct data_entry full, delta; /* delta.name empty: there was nothing before */
	size_t updaters;
};

/* Export the data of dir into a folder for `clair data pull`: the whole database, the changes since the one
 * that is there, and an index that names them, which is replaced last. sign_key: as in data_copy_pack. Files
 * that the index names no more go, but for the database before, which somebody may be reading. */
int data_publish(struct task *task, struct str dir, struct str folder, struct str sign_key,
		 struct data_published *out, struct err *err);

#endif
