/* SPDX-License-Identifier: Apache-2.0 */
/* Finds out whether packages of an image come from Ubuntu Pro's Extended Security Maintenance: the client
 * keeps
 * {"services": [{"name": "esm-infra", "status": "enabled"}]} in var/lib/ubuntu-advantage/status.json.
 * Source: https://documentation.ubuntu.com/pro-client/en/latest/ , "pro status --format json". Easily got
 * wrong: a service that is entitled but "disabled" brings no updates. */
#include "scan/scanners.h"

#include "base/json.h"
#include "base/limits.h"
#include "scan/collect.h"

static bool wants(const struct tar_entry *entry, struct str head)
{
	(void)head;
	if (entry->type != TAR_FILE && entry->type != TAR_HARD_LINK && entry->type != TAR_SYMLINK)
		return false;
	return str_eq(entry->path, STR("var/lib/ubuntu-advantage/status.json"));
}

static bool is_esm(const struct json_value *service)
{
	struct str name = json_get_str(service, "name");

	return str_eq(json_get_str(service, "status"), STR("enabled")) &&
	       (str_eq(name, STR("esm-infra")) || str_eq(name, STR("esm-apps")));
}

static int read_status(struct arena *a, struct str text, struct json_value *out, struct err *err)
{
	autojson struct json_reader *json = json_reader_open_text(text);
	struct json_token token;

	TRY(json_next(json, &token, err));
	TRY(json_tree(json, &token, a, LIMIT_PACKAGE_RECORD_BYTES, out, err));
	return json_next(json, &token, err);
}

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	const struct kept_file *file = layer_files_find(files, STR("var/lib/ubuntu-advantage/status.json"));
	const struct json_value *services;
	struct json_value status;
	struct err failure = { 0 };

	if (!file)
		return 0;
	collect_database(out, file->path, file->path);
	if (read_status(out->arena, file->content, &status, &failure) < 0) {
		collect_note(out, STR_FMT ": %s", STR_ARG(file->path), failure.text);
		return task_check(task, err);
	}
	services = json_get(&status, "services");
	for (size_t i = 0; services && services->type == JSON_ARRAY && i < services->n; i++)
		if (is_esm(&services->items[i]) && out->repositories.n < 2)
			VEC_PUSH(out->arena, &out->repositories,
				 ((struct repository){ .name = json_get_str(&services->items[i], "name"),
						       .key = STR("ubuntu-pro") }));
	return task_check(task, err);
}

const struct scanner scanner_ubuntu_pro = { .id = &id_ubuntu_pro, .wants = wants, .scan = scan };
