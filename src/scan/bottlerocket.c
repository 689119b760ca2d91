/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the packages of Bottlerocket, which lists what it was built from in a JSON document,
 * ARCH-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json: {"Content":
 * [{"Name", "Version", "Release", "Epoch", "Architecture"}]}. Source: https://bottlerocket.dev/ ,
 * packages/release of https://github.com/bottlerocket-os/bottlerocket . Easily got wrong: there is no rpm
 * database although these are rpm packages, and the epoch is a text, which may be missing. */
#include "scan/scanners.h"

#include "base/json.h"
#include "base/limits.h"
#include "scan/collect.h"

static bool wants(const struct tar_entry *entry, struct str head)
{
	static const char *const places[] = {
		"x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
		"aarch64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
	};

	(void)head;
	if (entry->type != TAR_FILE && entry->type != TAR_HARD_LINK && entry->type != TAR_SYMLINK)
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (str_eq(entry->path, str_of(places[i])))
			return true;
	return false;
}

static bool is_version_part(struct str s)
{
	return s.n && s.n <= LIMIT_FIELD_BYTES && str_find(s, '-') == s.n && str_find(s, ':') == s.n;
}

/* False: it has no name, or its version is no rpm version. */
static bool read_package(struct arena *a, const struct json_value *v, struct package *out)
{
	struct str version = json_get_str(v, "Version"), release = json_get_str(v, "Release");
	struct str epoch = json_get_str(v, "Epoch");
	bool has_epoch = epoch.n && !str_eq(epoch, STR("0"));
	uint64_t number;

	if (!is_version_part(version) || !is_version_part(release) ||
	    (has_epoch && !str_u64(epoch, UINT32_MAX, &number)))
		return false;
	*out = (struct package){
		.kind = PACKAGE_BINARY,
		.name = json_get_str(v, "Name"),
		.version = str_format(a, STR_FMT "%s" STR_FMT "-" STR_FMT,
				      STR_ARG(has_epoch ? epoch : STR("")), has_epoch ? ":" : "",
				      STR_ARG(version), STR_ARG(release)),
		.arch = json_get_str(v, "Architecture"),
	};
	return collect_clean_package(a, out);
}

/* The rest of "Content": [...] */
static int read_content(struct task *task, struct json_reader *json, struct findings *out, uint32_t database,
			struct err *err)
{
	struct json_token token;
	struct package package;
	struct json_value v;

	TRY(json_next(json, &token, err));
	if (token.type != JSON_ARRAY)
		return err_set(err, E_FORMAT, "\"Content\" is no list");
	for (;;) {
		TRY(task_check(task, err));
		TRY(json_next(json, &token, err));
		if (token.type == JSON_ARRAY_END)
			return 0;
		TRY(json_tree(json, &token, out->arena, LIMIT_PACKAGE_RECORD_BYTES, &v, err));
		if (read_package(out->arena, &v, &package))
			TRY(collect_package(out, database, &package, err));
		else
			collect_problem(out, database,
					"a package has no name or version, or a field is too long");
	}
}

static int read_inventory(struct task *task, struct str text, struct findings *out, uint32_t database,
			  struct err *err)
{
	autojson struct json_reader *json = json_reader_open_text(text);
	struct json_token token;

	TRY(json_next(json, &token, err));
	if (token.type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "the inventory is no JSON object");
	for (;;) {
		TRY(json_next(json, &token, err));
		if (token.type == JSON_OBJECT_END)
			return 0;
		if (str_eq(token.text, STR("Content"))) {
			TRY(read_content(task, json, out, database, err));
			continue;
		}
		TRY(json_next(json, &token, err));
		TRY(json_skip(json, &token, err));
	}
}

static int scan(struct task *task, const struct layer_files *files, struct findings *out, struct err *err)
{
	size_t n;
	const struct kept_file *const *kept = layer_files_wanted(files, &scanner_bottlerocket, &n);

	for (size_t i = 0; i < n; i++) {
		uint32_t database = collect_database(out, kept[i]->path, kept[i]->path);
		struct err failure = { 0 };

		if (read_inventory(task, kept[i]->content, out, database, &failure) < 0)
			collect_problem(out, database, "%s", failure.text);
		TRY(task_check(task, err));
		if (out->packages.n >= LIMIT_LAYER_PACKAGES)
			return err_set(err, E_LIMIT, "%s", failure.text);
	}
	return 0;
}

const struct scanner scanner_bottlerocket = { .id = &id_bottlerocket, .wants = wants, .scan = scan };
