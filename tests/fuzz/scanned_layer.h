/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_SCANNED_LAYER_H
#define FUZZ_SCANNED_LAYER_H

/* For targets that fuzz a scanner: a layer of a few files, sieved and scanned; what is found must pass the
 * check that the parent makes of findings. */

#include "base/tar_write.h"
#include "scan/scanners.h"

#include <stdlib.h>

static void scanned_layer_file(struct buffer *tar, struct str path, struct str content)
{
	const struct tar_member member = { .path = path, .type = '0', .size = content.n, .mode = 0644 };

	tar_write_header(tar, &member);
	put_bytes(tar, content);
	tar_write_padding(tar, content.n);
}

static void scanned_layer_check(struct task *task, const struct findings *found)
{
	struct findings decoded = { .arena = &task->arena };
	struct buffer bytes = { .arena = &task->arena }, owned = { .arena = &task->arena };
	struct err err;

	findings_encode(found, &bytes);
	findings_encode_owned(found, &owned);
	if (findings_decode(task, buffer_str(&bytes), 0, &decoded, &err) < 0)
		abort();
	if (findings_decode_owned(task, buffer_str(&owned), &decoded, &err) < 0)
		abort();
	if (decoded.packages.n != found->packages.n || decoded.owned.n != found->owned.n)
		abort();
}

static void scanned_layer_run(struct task *task, struct buffer *tar, const struct scanner *scanner)
{
	const struct scanner *const table[] = { scanner, NULL };
	const struct sieve_options options = { 0 };
	struct findings found = { .arena = &task->arena };
	struct sieve_outcome outcome;
	struct mem_reader in;
	struct err err;

	tar_write_trailer(tar);
	mem_reader_open(&in, buffer_str(tar));
	if (sieve_layer_with(task, &in.reader, table, 1, &options, &outcome, &err) != SIEVE_DONE)
		abort();
	if (scanner->scan(task, outcome.files, &found, &err) < 0)
		abort();
	scanned_layer_check(task, &found);
	layer_files_close(outcome.files);
}

#endif
