/* SPDX-License-Identifier: Apache-2.0 */
/* Records of pax extended headers: "<length> <key>=<value>\n".
 * Source: POSIX.1-2017, pax, "pax Extended Header"; GNU tar manual, "Sparse Formats"; star's manual for
 * SCHILY.xattr. Easy to get wrong: the length counts its own digits, and values are bytes: they may hold
 * newlines and NULs, so only the length finds the next record. An empty value deletes a setting, whether
 * it came from a global header or from the same one. */
#include "base/limits.h"
#include "format/tar_internal.h"

struct target {
	struct tar_pax *pax;
	struct tar_sparse *sparse;
};

/* Names end at a NUL, as they do in C programs. */
static struct str name_of(struct str value)
{
	return str_sub(value, 0, str_find(value, '\0'));
}

static int set_path(struct target *t, struct str value, struct err *err)
{
	(void)err;
	t->pax->path = name_of(value);
	return 0;
}

static int set_link(struct target *t, struct str value, struct err *err)
{
	(void)err;
	t->pax->link = name_of(value);
	return 0;
}

static int set_sparse_name(struct target *t, struct str value, struct err *err)
{
	(void)err;
	t->pax->sparse_name = name_of(value);
	return 0;
}

static int number(struct str value, uint64_t *out, bool *has, struct err *err)
{
	*has = value.n > 0;
	if (*has && !str_u64(value, INT64_MAX, out))
		return err_set(err, E_FORMAT, "pax header: bad size");
	return 0;
}

static int set_size(struct target *t, struct str value, struct err *err)
{
	return number(value, &t->pax->size, &t->pax->has_size, err);
}

static int set_real_size(struct target *t, struct str value, struct err *err)
{
	return number(value, &t->pax->real_size, &t->pax->has_real_size, err);
}

static int set_major(struct target *t, struct str value, struct err *err)
{
	(void)err;
	t->pax->sparse_major = value;
	return 0;
}

static int set_minor(struct target *t, struct str value, struct err *err)
{
	(void)err;
	t->pax->sparse_minor = value;
	return 0;
}

static int set_opaque(struct target *t, struct str value, struct err *err)
{
	(void)err;
	t->pax->is_opaque = str_eq(value, STR("y"));
	return 0;
}

static int set_map(struct target *t, struct str value, struct err *err)
{
	return tar_sparse_list(t->sparse, value, err);
}

static int set_offset(struct target *t, struct str value, struct err *err)
{
	bool has;

	return number(value, &t->sparse->pending_offset, &has, err);
}

static int set_bytes(struct target *t, struct str value, struct err *err)
{
	uint64_t size = 0;
	bool has;

	TRY(number(value, &size, &has, err));
	return tar_sparse_add(t->sparse, t->sparse->pending_offset, size, err);
}

static const struct {
	const char *key;
	bool is_sparse; /* describes one member: means nothing in a global header */
	int (*set)(struct target *t, struct str value, struct err *err);
} keys[] = {
	{ "path", false, set_path },
	{ "linkpath", false, set_link },
	{ "size", false, set_size },
	{ "SCHILY.xattr.trusted.overlay.opaque", false, set_opaque },
	{ "GNU.sparse.name", true, set_sparse_name },
	{ "GNU.sparse.major", true, set_major },
	{ "GNU.sparse.minor", true, set_minor },
	{ "GNU.sparse.size", true, set_real_size },
	{ "GNU.sparse.realsize", true, set_real_size },
	{ "GNU.sparse.map", true, set_map },
	{ "GNU.sparse.offset", true, set_offset },
	{ "GNU.sparse.numbytes", true, set_bytes },
};

static int apply(struct target *t, struct str key, struct str value, struct err *err)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_eq(key, str_of(keys[i].key)))
			return keys[i].is_sparse && !t->sparse ? 0 : keys[i].set(t, value, err);
	return 0;
}

/* Take the next record off *rest. */
static bool cut_record(struct str *rest, struct str *key, struct str *value)
{
	struct str front = str_sub(*rest, 0, rest->n < 21 ? rest->n : 21), length, ignored, record;
	uint64_t n;

	if (!str_cut(front, ' ', &length, &ignored) || !str_u64(length, rest->n, &n))
		return false;
	if (n < length.n + 2 || rest->p[n - 1] != '\n')
		return false;
	record = str_sub(*rest, length.n + 1, (size_t)n - length.n - 2);
	*rest = str_sub(*rest, (size_t)n, rest->n - (size_t)n);
	return str_cut(record, '=', key, value);
}

int tar_pax_read(struct str records, struct tar_pax *pax, struct tar_sparse *s, struct err *err)
{
	struct target t = { pax, s };
	struct str key, value;

	while (records.n) {
		if (!cut_record(&records, &key, &value))
			return err_set(err, E_FORMAT, "pax header: damaged record, %zu bytes before its end",
				       records.n);
		TRY(apply(&t, key, value, err));
	}
	return 0;
}

enum tar_sparse_version tar_pax_sparse(const struct tar_pax *pax, size_t chunks)
{
	if (str_eq(pax->sparse_major, STR("1")) && str_eq(pax->sparse_minor, STR("0")))
		return TAR_SPARSE_1;
	if (pax->sparse_major.n && !str_eq(pax->sparse_major, STR("0")))
		return TAR_SPARSE_NONE;
	return chunks ? TAR_SPARSE_0 : TAR_SPARSE_NONE;
}
