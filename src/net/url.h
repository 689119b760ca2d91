/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_URL_H
#define NET_URL_H

#include "base/err.h"
#include "base/str.h"

struct arena;

/* The five parts of a URI reference; all borrow from the text. An absent part and an empty one differ only
 * for authority, query and fragment, hence the flags. */
struct url {
	struct str scheme, authority, path, query, fragment;
	bool has_authority, has_query, has_fragment;
};

/* Split a reference ("https://host/a?b#c", "../a", "file:///x"). Every text has such a split; scheme is empty
 * for a relative one. Source: RFC 3986, section 3 and appendix B. */
struct url url_split(struct str text);

/* The reference as seen from base, dot segments removed (RFC 3986, section 5.2). For a directory, base ends
 * with '/'. In the arena. */
struct str url_join(struct arena *a, struct str base, struct str reference);

/* s with each byte percent-encoded that is neither unreserved (letters, digits, "-._~") nor in keep. */
struct str url_escape(struct arena *a, struct str s, struct str keep);

/* Undo percent-encoding. Returns 0, E_FORMAT ("%" without two hex digits). The result may hold any byte. */
int url_unescape(struct arena *a, struct str s, struct str *out, struct err *err);

/* The path of "file:///x", "file://localhost/x" or "file:/x", unescaped, NUL-terminated. Returns 0, E_FORMAT
 * (no file URL, a NUL inside), E_UNSUPPORTED (another host). */
int url_file_path(struct arena *a, struct str url, struct str *out, struct err *err);

/* http or https with a host, and nothing in it that could not go into a request line. */
bool url_is_http(struct str text);

/* For messages: without user name, password and query. */
struct str url_redact(struct arena *a, struct str text);

#endif
