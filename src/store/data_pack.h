/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DATA_PACK_H
#define STORE_DATA_PACK_H

#include "store/data_file.h"

/* Writes the file of a prebuilt database (store/data_file.h): the payload goes through a writer, and the head
 * is put before it at the end, when its sizes and digests are known. Internal to store/. */
struct data_packer;

/* fd: an empty regular file, the caller's. m: all but inflated and payload; borrowed. sign_key: as in
 * data_head_write. */
int data_packer_open(int fd, const struct data_manifest *m, struct str sign_key, struct data_packer **out,
		     struct err *err);
struct writer *data_packer_writer(struct data_packer *p);
/* Complete the file; *digest: of all of it, *name: of its manifest's frame, both in the arena; *size: its
 * bytes. */
struct data_packed {
	struct data_manifest manifest;
	struct str digest, name;
	uint64_t size_bytes;
};
int data_packer_end(struct data_packer *p, struct arena *a, struct data_packed *out, struct err *err);
void data_packer_closep(struct data_packer **p);
#define autopacker __attribute__((cleanup(data_packer_closep)))

#endif
