/* SPDX-License-Identifier: Apache-2.0 */
/* The credentials that `docker login` keeps.
 * Source: docker(1) "config.json": auths, credHelpers, credsStore,
 * https://docs.docker.com/reference/cli/docker/login/. Easy to get wrong: keys are hosts or URLs
 * ("https://host/v1/"), auth is base64 of "user:password" where the password may hold ':'; and with a
 * credential helper the entry is there but empty, which is not the same as no entry. */
#include "image/docker_config.h"

#include "base/json.h"
#include "base/limits.h"
#include "image/base64.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* "https://host:5000/v1/" → "host:5000". */
static struct str host_of_key(struct str key)
{
	size_t scheme = str_search(key, STR("://"));
	struct str host, path;

	if (scheme < key.n)
		key = str_sub(key, scheme + 3, key.n - scheme - 3);
	str_cut(key, '/', &host, &path);
	return host;
}

static const struct json_value *member_for(const struct json_value *object, struct str key)
{
	const struct json_value *found = NULL;

	if (!object || object->type != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->n; i++) {
		if (str_eq(object->keys[i], key))
			return &object->items[i];
		if (str_eq_nocase(host_of_key(object->keys[i]), host_of_key(key)))
			found = &object->items[i];
	}
	return found;
}

static void set_helper(struct arena *a, struct str name, struct docker_credentials *out)
{
	if (name.n)
		out->helper = str_format(a, "docker-credential-" STR_FMT, STR_ARG(str_printable(a, name)));
}

static int read_entry(struct arena *a, const struct json_value *entry, struct docker_credentials *out,
		      struct err *err)
{
	struct str auth = json_get_str(entry, "auth"), both;

	out->username = json_get_str(entry, "username");
	out->password = json_get_str(entry, "password");
	out->identity_token = json_get_str(entry, "identitytoken");
	if (auth.n == 0)
		return 0;
	if (!base64_decode(a, auth, &both) || !str_cut(both, ':', &out->username, &out->password))
		return err_set(err, E_FORMAT,
			       "the \"auth\" of this registry is no base64 of \"user:password\"");
	out->password = str_strip(out->password, (struct str){ "\0", 1 });
	return 0;
}

int docker_config_parse(struct arena *a, struct str text, struct str key, struct docker_credentials *out,
			struct err *err)
{
	struct docker_credentials found = { 0 };
	const struct json_value *entry, *helper;
	struct json_value config;
	struct err inner = { 0 };

	if (json_parse(a, text, &config, &inner) < 0 || config.type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "no JSON object: %.80s", inner.text);
	helper = member_for(json_get(&config, "credHelpers"), key);
	entry = member_for(json_get(&config, "auths"), key);
	if (helper && helper->type == JSON_STRING)
		set_helper(a, helper->text, &found);
	else if (entry)
		TRY(read_entry(a, entry, &found, err));
	if (entry && !found.helper.n && !found.username.n && !found.identity_token.n)
		set_helper(a, json_get_str(&config, "credsStore"), &found);
	*out = found;
	return 0;
}

static struct str default_file(struct arena *a)
{
	const char *directory = getenv("DOCKER_CONFIG"), *home = getenv("HOME");

	if (directory && *directory)
		return str_format(a, "%s/config.json", directory);
	return home && *home ? str_format(a, "%s/.docker/config.json", home) : STR("");
}

int docker_config_load(struct arena *a, struct str file, struct str key, struct docker_credentials *out,
		       struct err *err)
{
	struct str path = file.n ? str_copy(a, file) : default_file(a), text;
	struct fd_reader from;
	autoclose int fd = -1;

	*out = (struct docker_credentials){ 0 };
	if (path.n == 0)
		return 0;
	fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && file.n == 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return 0;
	if (fd < 0)
		return err_set(err, E_CONFIG, STR_FMT ": %m", STR_ARG(path));
	fd_reader_open(&from, fd, -1, UINT64_MAX);
	if (reader_all(&from.reader, a, LIMIT_CREDENTIALS_BYTES, &text, err) < 0 ||
	    docker_config_parse(a, text, key, out, err) < 0) {
		err_wrap(err, STR_FMT, STR_ARG(path));
		return err->code = E_CONFIG;
	}
	return 0;
}
