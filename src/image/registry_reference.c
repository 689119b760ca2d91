/* SPDX-License-Identifier: Apache-2.0 */
/* References to images in registries.
 * Source: the grammar of https://github.com/distribution/reference (reference.go) and its defaults
 * (normalize.go); OCI distribution-spec 1.1, "Pulling manifests".
 * Easy to get wrong: the first component is a host only when it has a '.' or a ':' or is "localhost", else it
 * is part of a name on Docker Hub, whose name, host and key for credentials are three different ones. */
#include "image/registry_reference.h"

#include "base/arena.h"
#include "model/digest.h"

#include <arpa/inet.h>
#include <stdio.h>

#define HUB "docker.io"
#define HUB_HOST "registry-1." HUB
#define HUB_INDEX "index." HUB
#define HUB_KEY "https://" HUB_INDEX "/v1/"
#define HUB_USERS_OF_ONE_WORD "library/"

#define NAME_BYTES_MAX 255u
#define TAG_BYTES_MAX 128u

static bool is_lower(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_letter(char c)
{
	return is_lower(c) || (c >= 'A' && c <= 'Z');
}

/* Between two words of a component: one '.', one or two '_', any number of '-'. Its length, or 0. */
static size_t separator_length(struct str s)
{
	size_t n = 0;

	if (s.p[0] == '.')
		return 1;
	if (s.p[0] == '_')
		return s.n > 1 && s.p[1] == '_' ? 2 : 1;
	while (n < s.n && s.p[n] == '-')
		n++;
	return n;
}

static bool is_component(struct str s)
{
	size_t i = 0, n;

	while (i < s.n) {
		for (n = 0; i < s.n && is_lower(s.p[i]); n++)
			i++;
		if (n == 0)
			return false;
		if (i == s.n)
			return true;
		n = separator_length(str_sub(s, i, s.n - i));
		if (n == 0 || i + n == s.n)
			return false;
		i += n;
	}
	return false;
}

static bool is_repository(struct str s)
{
	struct str component;
	bool more = true;

	if (s.n == 0 || s.n > NAME_BYTES_MAX)
		return false;
	while (more) {
		more = str_cut(s, '/', &component, &s);
		if (!is_component(component))
			return false;
	}
	return true;
}

static bool is_tag(struct str s)
{
	if (s.n == 0 || s.n > TAG_BYTES_MAX || s.p[0] == '.' || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]) && s.p[i] != '_' && s.p[i] != '.' && s.p[i] != '-')
			return false;
	return true;
}

static bool is_port(struct str s)
{
	uint64_t port;

	return str_u64(s, 65535, &port) && port > 0;
}

static bool is_label(struct str s)
{
	if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

static bool is_ipv6(struct str s)
{
	char text[64];
	struct in6_addr ignored;

	if (s.n >= sizeof(text) || str_find(s, '\0') < s.n)
		return false;
	snprintf(text, sizeof(text), STR_FMT, STR_ARG(s));
	return inet_pton(AF_INET6, text, &ignored) == 1;
}

/* What is in brackets, and what follows them. */
static bool cut_brackets(struct str s, struct str *inside, struct str *rest)
{
	size_t close = str_find(s, ']');

	if (s.n == 0 || s.p[0] != '[' || close == s.n)
		return false;
	*inside = str_sub(s, 1, close - 1);
	*rest = str_sub(s, close + 1, s.n - close - 1);
	return true;
}

static bool is_host(struct str s)
{
	struct str name, rest, label;
	bool more = true;

	if (s.n > NAME_BYTES_MAX)
		return false;
	if (cut_brackets(s, &name, &rest))
		return is_ipv6(name) &&
		       (rest.n == 0 || (rest.p[0] == ':' && is_port(str_sub(rest, 1, rest.n - 1))));
	if (str_cut(s, ':', &name, &rest) && !is_port(rest))
		return false;
	while (more) {
		more = str_cut(name, '.', &label, &name);
		if (!is_label(label))
			return false;
	}
	return true;
}

struct str registry_host_name(struct str host)
{
	struct str name, rest;

	if (cut_brackets(host, &name, &rest))
		return name;
	str_cut(host, ':', &name, &rest);
	return name;
}

bool registry_host_is_loopback(struct str host)
{
	struct str name = registry_host_name(host);
	char text[64];
	struct in_addr v4;

	if (str_eq_nocase(name, STR("localhost")) || str_eq(name, STR("::1")))
		return true;
	if (name.n >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), STR_FMT, STR_ARG(name));
	return inet_pton(AF_INET, text, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static bool is_hub(struct str host)
{
	return str_eq_nocase(host, STR(HUB)) || str_eq_nocase(host, STR(HUB_INDEX)) ||
	       str_eq_nocase(host, STR(HUB_HOST));
}

static bool looks_like_host(struct str s)
{
	return str_find(s, '.') < s.n || str_find(s, ':') < s.n || str_eq_nocase(s, STR("localhost"));
}

static int bad(struct arena *a, struct str text, const char *why, struct err *err)
{
	return err_set(err, E_CONFIG, "reference \"%.200s\": %s; expected [HOST[:PORT]/]NAME[:TAG][@DIGEST]",
		       str_copy(a, str_printable(a, text)).p, why);
}

static bool has_upper(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

static void set_host(struct arena *a, struct str host, struct registry_reference *r)
{
	r->is_hub = is_hub(host);
	r->host = r->is_hub ? STR(HUB_HOST) : str_lower(a, host);
	r->key = r->is_hub ? STR(HUB_KEY) : r->host;
	if (r->is_hub && str_find(r->repository, '/') == r->repository.n)
		r->repository = str_format(a, HUB_USERS_OF_ONE_WORD STR_FMT, STR_ARG(r->repository));
}

static struct str show(struct arena *a, const struct registry_reference *r)
{
	struct str host = r->is_hub ? STR(HUB) : r->host;

	return str_format(a, STR_FMT "/" STR_FMT "%s" STR_FMT "%s" STR_FMT, STR_ARG(host),
			  STR_ARG(r->repository), r->tag.n ? ":" : "", STR_ARG(r->tag),
			  r->digest.n ? "@" : "", STR_ARG(r->digest));
}

int registry_reference_parse(struct arena *a, struct str text, struct registry_reference *out,
			     struct err *err)
{
	struct registry_reference r = { 0 };
	struct str rest = text, digest, host = STR(HUB), first, path;
	bool has_digest = str_rcut(text, '@', &rest, &digest), has_tag = false;
	struct err ignored;

	if (has_digest && digest_parse(a, digest, &r.digest, &ignored) < 0)
		return bad(a, text, "no digest such as sha256:... behind '@'", err);
	if (str_cut(rest, '/', &first, &path) && looks_like_host(first)) {
		host = first;
		rest = path;
	}
	if (!is_host(host))
		return bad(a, text, "no host", err);
	if (str_find(rest, ':') < rest.n)
		has_tag = str_rcut(rest, ':', &rest, &r.tag);
	if (has_tag && !is_tag(r.tag))
		return bad(a, text, "no tag behind ':'", err);
	if (!is_repository(rest))
		return bad(a, text, has_upper(rest) ? "names are in lower case" : "no name of an image", err);
	r.repository = str_copy(a, rest);
	r.tag = has_tag ? str_copy(a, r.tag) : has_digest ? STR("") : STR("latest");
	set_host(a, host, &r);
	if (r.repository.n > NAME_BYTES_MAX)
		return bad(a, text, "the name is too long", err);
	r.shown = show(a, &r);
	*out = r;
	return 0;
}
