/* SPDX-License-Identifier: Apache-2.0 */
/* A layer from a server: what the digest is of are the bytes as they came, before any decompression.
 * Source: OCI distribution-spec 1.1, "Pulling blobs", https://github.com/opencontainers/distribution-spec.
 * Easy to get wrong: servers call layers anything (text/plain, binary/octet-stream ...), so the type says
 * nothing of the compression; it only tells when a login page or an error was sent instead of a layer. */
#include "image/remote_reader.h"

#include "base/digest.h"

#include <stdlib.h>

struct remote_reader {
	struct reader reader;
	struct reader *http;
	struct digest_reader checked;
};

static ssize_t read_remote(struct reader *r, void *buf, size_t n, struct err *err)
{
	return reader_read(&((struct remote_reader *)r)->checked.reader, buf, n, err);
}

static void close_remote(struct reader *r)
{
	struct remote_reader *remote = (struct remote_reader *)r;

	reader_close(&remote->checked.reader);
	reader_close(remote->http);
	free(remote);
}

static int check_type(struct str content_type, struct err *err)
{
	struct str type, parameters;

	str_cut(content_type, ';', &type, &parameters);
	type = str_trim(type);
	if (!str_eq_nocase(type, STR("text/html")) && !str_eq_nocase(type, STR("application/json")))
		return 0;
	return err_set(err, E_FORMAT, "no layer but a page of content type " STR_FMT, STR_ARG(type));
}

static int check_answer(struct str type, uint64_t announced, uint64_t size, struct err *err)
{
	TRY(check_type(type, err));
	if (announced != UINT64_MAX && size != UINT64_MAX && announced != size)
		return err_set(err, E_FORMAT, "%llu bytes, expected %llu", (unsigned long long)announced,
			       (unsigned long long)size);
	return 0;
}

int remote_reader_open(const struct http_reader_options *options, struct str digest, uint64_t size,
		       struct reader **out, struct err *err)
{
	struct remote_reader *r = calloc(1, sizeof(*r));
	struct str type = { NULL, 0 };
	uint64_t announced = UINT64_MAX;
	int code;

	if (!r)
		return err_set(err, E_IO, "out of memory");
	r->reader = (struct reader){ .read = read_remote, .close = close_remote };
	code = http_reader_open(options, &r->http, &type, &announced, err);
	if (code < 0) {
		free(r);
		return code;
	}
	code = check_answer(type, announced, size, err);
	if (code == 0)
		code = digest_reader_open(&r->checked, r->http, digest, size, err);
	if (code < 0) {
		reader_close(r->http);
		free(r);
		return code;
	}
	*out = &r->reader;
	return 0;
}
