/* SPDX-License-Identifier: Apache-2.0 */
/* Header lines of a request. Source: RFC 9110, section 5.1 and 5.5 (names are tokens, values hold no control
 * bytes); CURLOPT_HTTPHEADER(3). Easy to get wrong: to libcurl "Name:" means to leave the header out, and
 * "Name;" to send it empty. */
#include "net/http_fields.h"

#include <curl/curl.h>
#include <stdio.h>

static bool is_token(struct str s)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool is_name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!is_name && (c == '\0' || !strchr(marks, c)))
			return false;
	}
	return s.n > 0;
}

static bool is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

static int append(struct curl_slist **list, const char *line, struct err *err)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (!longer)
		return err_set(err, E_IO, "out of memory");
	*list = longer;
	return 0;
}

int http_field_add(struct arena *a, struct curl_slist **list, const struct http_header *h, bool is_secret,
		   struct err *err)
{
	struct str name = h->name, value = str_trim(h->value);

	if (!is_token(name))
		return err_set(err, E_FORMAT, "a header that is to be sent has a name that is none");
	if (!is_value(value))
		return err_set(err, E_FORMAT, "control byte in the value of " STR_FMT,
			       STR_ARG(is_secret ? STR("a header that is to be sent") : name));
	if (value.n == 0)
		return append(list, str_format(a, STR_FMT ";", STR_ARG(name)).p, err);
	return append(list, str_format(a, STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(value)).p, err);
}

int http_field_omit(struct curl_slist **list, const char *name, struct err *err)
{
	char line[64];

	snprintf(line, sizeof(line), "%s:", name);
	return append(list, line, err);
}

static bool is_one_of(struct str name, const char *const *list)
{
	for (; *list; list++)
		if (str_eq_nocase(name, str_of(*list)))
			return true;
	return false;
}

bool http_field_is_forwarded(struct str name, bool is_pulled)
{
	static const char *const framing[] = {
		"Host",
		"Content-Length",
		"Transfer-Encoding",
		"Trailer",
		"Connection",
		"Keep-Alive",
		"TE",
		"Upgrade",
		"Expect",
		"Proxy-Authorization",
		"Proxy-Connection",
		NULL,
	};
	static const char *const content[] = { "Range", "If-Range", "Accept-Encoding", NULL };

	return !is_one_of(name, framing) && !(is_pulled && is_one_of(name, content));
}

const struct http_header *http_field_find(const struct http_header *headers, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(headers[i].name, name))
			return &headers[i];
	return NULL;
}
