/* SPDX-License-Identifier: Apache-2.0 */
/* Members of Clair's JSON objects: types are checked, absent and null are the zero value, the rest is
 * ignored. What a reader would get wrong: over HTTP Clair tells names apart by case, in its files it does
 * not. */
#include "report/clair_member.h"

#include "base/limits.h"
#include "model/scanner_id.h"

static bool is_absent(const struct json_value *v)
{
	return !v || v->type == JSON_NULL;
}

int clair_object_open(struct arena *a, const struct json_value *v, const char *what, bool any_case,
		      struct clair_object *out, struct err *err)
{
	if (!is_absent(v) && v->type != JSON_OBJECT)
		return err_set(err, E_FORMAT, "%s is no object", what);
	*out = (struct clair_object){ a, v, what, any_case };
	return 0;
}

const struct json_value *clair_member(const struct clair_object *o, const char *name)
{
	const struct json_value *v = o->value;
	struct str wanted = str_of(name);

	if (is_absent(v))
		return NULL;
	for (size_t i = v->n; i-- > 0;)
		if (o->any_case ? str_eq_nocase(v->keys[i], wanted) : str_eq(v->keys[i], wanted))
			return is_absent(&v->items[i]) ? NULL : &v->items[i];
	return NULL;
}

int clair_text(const struct clair_object *o, const char *name, size_t max, struct str *out, struct err *err)
{
	const struct json_value *v = clair_member(o, name);

	*out = STR("");
	if (!v)
		return 0;
	if (v->type != JSON_STRING)
		return err_set(err, E_FORMAT, "%s of %s is no string", name, o->what);
	if (v->text.n > max)
		return err_set(err, E_LIMIT, "%s of %s has %zu bytes, limit %zu", name, o->what, v->text.n,
			       max);
	*out = str_copy(o->arena, v->text);
	return 0;
}

int clair_inner(const struct clair_object *o, const char *name, struct clair_object *out, struct err *err)
{
	return clair_object_open(o->arena, clair_member(o, name), name, o->any_case, out, err);
}

int clair_list(const struct clair_object *o, const char *name, const struct json_value **out, struct err *err)
{
	const struct json_value *v = clair_member(o, name);

	if (v && v->type != JSON_ARRAY)
		return err_set(err, E_FORMAT, "%s of %s is no array", name, o->what);
	*out = v;
	return 0;
}

static int read_texts(const struct clair_object *o, const char *const *names, struct str *const *to, size_t n,
		      struct err *err)
{
	for (size_t i = 0; i < n; i++)
		TRY(clair_text(o, names[i], LIMIT_FIELD_BYTES, to[i], err));
	return 0;
}

static enum package_kind kind_of(struct str word)
{
	for (int k = PACKAGE_BINARY; k <= PACKAGE_LAYER; k++)
		if (str_eq_nocase(word, str_of(package_kind_name((enum package_kind)k))))
			return (enum package_kind)k;
	return PACKAGE_UNKNOWN;
}

/* "urn:claircore:detector:NAME:VERSION:KIND" */
static int scanner_of(struct str detector)
{
	struct str prefix = STR("urn:claircore:detector:"), name, rest;

	if (!str_starts(detector, prefix))
		return -1;
	str_cut(str_sub(detector, prefix.n, detector.n - prefix.n), ':', &name, &rest);
	for (int i = 0; scanner_ids[i].name; i++)
		if (str_eq(name, str_of(scanner_ids[i].name)))
			return i;
	return -1;
}

int clair_read_package(const struct clair_object *o, struct package *out, struct err *err)
{
	static const char *const names[] = { "name", "version", "arch", "module", "normalized_version",
					     "kind", "detector" };
	struct package p = { .scanner = -1 };
	struct clair_object source;
	struct str kind, detector;

	TRY(read_texts(o, names,
		       (struct str *const[]){ &p.name, &p.version, &p.arch, &p.module, &p.normalized_version,
					      &kind, &detector },
		       sizeof(names) / sizeof(names[0]), err));
	TRY(clair_inner(o, "source", &source, err));
	TRY(read_texts(&source, names, (struct str *const[]){ &p.source_name, &p.source_version }, 2, err));
	p.kind = kind_of(kind);
	p.scanner = scanner_of(detector);
	*out = p;
	return 0;
}

int clair_read_distribution(const struct clair_object *o, struct distribution *out, struct err *err)
{
	static const char *const names[] = { "did",	   "name", "version", "version_code_name",
					     "version_id", "arch", "cpe",     "pretty_name" };
	struct distribution d = { 0 };

	TRY(read_texts(o, names,
		       (struct str *const[]){ &d.did, &d.name, &d.version, &d.version_code_name,
					      &d.version_id, &d.arch, &d.cpe, &d.pretty_name },
		       sizeof(names) / sizeof(names[0]), err));
	*out = d;
	return 0;
}
