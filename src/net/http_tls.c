/* SPDX-License-Identifier: Apache-2.0 */
/* Whom to trust: the system's certificates and a file's.
 * Source: CURLOPT_CAINFO_BLOB(3), curl_version_info(3).
 * Easy to get wrong: a CA file replaces the system's bundle in libcurl, so both are read and put one behind
 * the other. */
#include "net/http_transfer.h"

#include "base/cursor.h"
#include "base/limits.h"

#include <fcntl.h>
#include <stdlib.h>

static int read_file(struct arena *a, const char *path, struct str *out, struct err *err)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct fd_reader file;

	if (fd < 0)
		return err_set(err, E_CONFIG, "CA file %s: %m", path);
	fd_reader_open(&file, fd, -1, UINT64_MAX);
	if (reader_all(&file.reader, a, LIMIT_CA_BYTES, out, err) < 0)
		return err_wrap(err, "CA file %s", path);
	return 0;
}

/* The system's bundle; none where only a directory is used. */
static struct str system_bundle(struct arena *a)
{
	const char *path = getenv("SSL_CERT_FILE");
	struct str text = { NULL, 0 };
	struct err ignored;

	if (!path || !*path)
		path = curl_version_info(CURLVERSION_NOW)->cainfo;
	if (path && read_file(a, path, &text, &ignored) < 0)
		text = (struct str){ NULL, 0 };
	return text;
}

int http_ca_bundle(struct arena *a, struct str ca_file, struct str *out, struct err *err)
{
	struct buffer both = { .arena = a };
	struct str own;

	if (ca_file.n == 0) {
		*out = (struct str){ NULL, 0 };
		return 0;
	}
	TRY(read_file(a, str_copy(a, ca_file).p, &own, err));
	if (str_search(own, STR("-----BEGIN ")) == own.n)
		return err_set(err, E_CONFIG, "CA file " STR_FMT ": no certificates in PEM form",
			       STR_ARG(ca_file));
	put_bytes(&both, system_bundle(a));
	put_u8(&both, '\n');
	put_bytes(&both, own);
	*out = buffer_str(&both);
	return 0;
}
