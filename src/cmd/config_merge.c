/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration file and the drop-ins beside it as one document: FILE.d/ is walked in the order of names;
 * what ends as FILE does is a merge patch (RFC 7386), what has "-patch" behind that a patch of operations
 * (RFC 6902). What a reader would get wrong: FILE.d must be a directory itself, while links inside of it are
 * followed; mounted settings of container platforms consist of such links. */
#include "base/json_patch.h"
#include "base/limits.h"
#include "base/yaml.h"
#include "cmd/config_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct str extension_of(struct str path)
{
	struct str dir, name = path, stem, extension;

	if (str_rcut(path, '/', &dir, &stem))
		name = stem;
	if (!str_rcut(name, '.', &stem, &extension))
		extension.n = 0;
	return extension;
}

/* ---- drop-ins ---- */

static int by_name(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static bool is_directory(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Names in FILE.d, sorted; none when it is no directory. */
static int list_names(struct arena *a, struct str path, str_list *out, struct err *err)
{
	const char *dir = str_format(a, STR_FMT ".d", STR_ARG(path)).p;
	DIR *d = is_directory(dir) ? opendir(dir) : NULL;
	struct dirent *entry;
	int rc = 0;

	if (!d)
		return is_directory(dir) ? err_set(err, E_IO, "%s: %m", dir) : 0;
	while (rc == 0 && (entry = readdir(d))) {
		if (str_eq(str_of(entry->d_name), STR(".")) || str_eq(str_of(entry->d_name), STR("..")))
			continue;
		VEC_PUSH(a, out, str_copy(a, str_of(entry->d_name)));
		if (out->n > LIMIT_CONFIG_DROP_INS)
			rc = err_set(err, E_LIMIT, "%s: more than %u entries", dir, LIMIT_CONFIG_DROP_INS);
	}
	closedir(d);
	if (out->n)
		qsort(out->p, out->n, sizeof(*out->p), by_name);
	return rc;
}

struct str config_source_name(struct arena *a, struct str path, unsigned position)
{
	str_list names = { 0 };
	struct err ignored;

	if (position == 0 || path.n == 0)
		return path;
	if (list_names(a, path, &names, &ignored) < 0 || position > names.n)
		return path;
	return str_format(a, STR_FMT ".d/" STR_FMT, STR_ARG(path), STR_ARG(names.p[position - 1]));
}

/* ---- one file ---- */

struct source {
	struct arena *arena;
	const char *path;
	unsigned position;
	bool is_yaml, is_patch;
	size_t *left; /* bytes that all files may still have */
	struct err *err;
};

static int read_file(const struct source *s, struct str *out)
{
	autoclose int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct fd_reader reader;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(s->err, errno == ENOENT ? E_NOTFOUND : E_IO, "%m");
	if (!S_ISREG(st.st_mode))
		return err_set(s->err, E_CONFIG, "this is no regular file");
	fd_reader_open(&reader, fd, -1, 0);
	TRY(reader_all(&reader.reader, s->arena, LIMIT_CONFIG_BYTES, out, s->err));
	if (out->n > *s->left)
		return err_set(s->err, E_LIMIT, "all files together have more than %llu bytes",
			       (unsigned long long)LIMIT_CONFIG_TOTAL_BYTES);
	*s->left -= out->n;
	return 0;
}

/* Write into every line which file it is of. Aliases share memory, so what is marked stays as it is. Depth is
 * bounded by LIMIT_JSON_DEPTH. */
static void mark(struct json_value *v, unsigned position)
{
	const uint32_t max = (1u << CONFIG_LINE_BITS) - 1;

	if (v->line > max && v->line >> CONFIG_LINE_BITS == position)
		return;
	v->line = (v->line < max ? v->line : max) | position << CONFIG_LINE_BITS;
	for (size_t i = 0; i < v->n; i++)
		mark(&v->items[i], position);
}

static int parse_file(const struct source *s, struct str text, struct json_value *out)
{
	const char *first = s->is_patch ? "[" : "{";
	int rc;

	if (!s->is_yaml && !str_starts(text, str_of(first)))
		return err_set(s->err, E_CONFIG, "the first byte must be %s", first);
	rc = s->is_yaml ? yaml_parse(s->arena, text, out, s->err) : json_parse(s->arena, text, out, s->err);
	if (rc < 0)
		return rc;
	if (!s->is_patch && out->type != JSON_OBJECT)
		*out = (struct json_value){ .type = JSON_OBJECT, .line = 1 };
	if (s->position)
		mark(out, s->position);
	return 0;
}

static int load_file(const struct source *s, struct json_value *document)
{
	struct json_value v;
	struct str text;

	TRY(read_file(s, &text));
	TRY(parse_file(s, text, &v));
	if (s->is_patch)
		return json_patch(s->arena, document, &v, document, s->err);
	*document = s->position ? json_merge(s->arena, document, &v) : v;
	return 0;
}

/* Unknown format and content are errors of the configuration, whoever found them. */
static int in_file(const struct source *s, int rc)
{
	if (rc >= 0)
		return 0;
	err_wrap(s->err, "%s", s->path);
	s->err->code = rc == E_IO ? E_IO : E_CONFIG;
	return s->err->code;
}

/* ---- all files ---- */

static int load_drop_in(struct source *s, struct str path, struct str name, struct json_value *document)
{
	struct str extension = extension_of(path), own = extension_of(name);
	struct stat st;

	s->is_patch = str_ends(own, STR("-patch"));
	if (s->is_patch)
		own = str_sub(own, 0, own.n - 6);
	if (!str_eq(own, extension))
		return 0;
	s->path = str_format(s->arena, STR_FMT ".d/" STR_FMT, STR_ARG(path), STR_ARG(name)).p;
	if (stat(s->path, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return in_file(s, load_file(s, document));
}

int config_merge(struct arena *a, struct str path, struct json_value *out, struct err *err)
{
	struct str extension = extension_of(path);
	size_t left = LIMIT_CONFIG_TOTAL_BYTES;
	struct source s = { .arena = a, .left = &left, .err = err };
	struct json_value document = { .type = JSON_OBJECT, .line = 1 };
	str_list names = { 0 };

	s.path = str_copy(a, path).p;
	s.is_yaml = str_eq(extension, STR("yaml"));
	if (path.n && !s.is_yaml && !str_eq(extension, STR("json")))
		return err_set(err, E_CONFIG,
			       "unknown config kind \"" STR_FMT "\" of %s: name it .yaml or .json",
			       STR_ARG(extension), s.path);
	if (path.n) {
		TRY(in_file(&s, load_file(&s, &document)));
		TRY(list_names(a, path, &names, err));
	}
	for (size_t i = 0; i < names.n; i++) {
		s.position = (unsigned)i + 1;
		TRY(load_drop_in(&s, path, names.p[i], &document));
	}
	*out = document;
	return 0;
}
