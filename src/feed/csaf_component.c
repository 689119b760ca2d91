/* SPDX-License-Identifier: Apache-2.0 */
/* What products mean to a scanner: package URLs of rpms and container images, CPEs of product lines.
 * Source: https://redhatproductsecurity.github.io/security-data-guidelines/purl/ and /cpe/; package URL types
 * rpm and oci, https://github.com/package-url/purl-spec. Easy to get wrong: the version of an image is its
 * digest, which differs with the architecture; what people call its version is the qualifier `tag`. */
#include "feed/csaf_component.h"

#include "base/limits.h"
#include "model/cpe_label.h"
#include "model/purl.h"

enum { HOPS = 5, ARCH_BYTES = 32 };

/* ---- which packages ---- */

static bool is_one_of(struct str s, const char *const *list)
{
	for (; *list; list++)
		if (str_eq(s, str_of(*list)))
			return true;
	return false;
}

/* Of the many packages that a kernel is built into, those that are one. */
static bool is_kernel(struct str name)
{
	static const char *const names[] = { "kernel",
					     "kernel-core",
					     "kernel-modules",
					     "kernel-modules-core",
					     "kernel-modules-extra",
					     "kernel-uki-virt",
					     "kernel-uki-virt-addons",
					     NULL };
	static const char *const suffixes[] = { "",  "-core", "-modules", "-modules-core", "-modules-extra",
						NULL };
	static const char *const variants[] = { "kernel-rt-64k", "kernel-rt", "kernel-64k", NULL };

	if (is_one_of(name, names))
		return true;
	for (size_t i = 0; variants[i]; i++) {
		struct str variant = str_of(variants[i]), suffix;

		if (!str_starts(name, variant))
			continue;
		suffix = str_sub(name, variant.n, name.n - variant.n);
		return is_one_of(suffix, suffixes) ||
		       (str_eq(suffix, STR("-kvm")) && !str_eq(variant, STR("kernel-64k")));
	}
	return false;
}

static bool is_wanted(const struct purl *p)
{
	if (str_eq(p->type, STR("rpm")) ? !str_eq_nocase(p->namespace, STR("redhat"))
					: !str_eq(p->type, STR("oci")))
		return false;
	return !str_starts(p->name, STR("kernel")) || is_kernel(p->name);
}

/* ---- what is said of them ---- */

/* "name:stream:version:context": the first two. False: there are none. */
static bool module_of(struct str label, struct str *out)
{
	struct str name, stream, rest;

	if (!str_cut(label, ':', &name, &rest))
		return label.n == 0;
	str_cut(rest, ':', &stream, &rest);
	*out = str_sub(label, 0, name.n + 1 + stream.n);
	return name.n && stream.n;
}

static struct str image_package(struct arena *a, const struct purl *p)
{
	struct str host, path;

	if (p->namespace.n)
		return str_format(a, STR_FMT "/" STR_FMT, STR_ARG(p->namespace), STR_ARG(p->name));
	if (str_cut(purl_get(p, "repository_url"), '/', &host, &path) && path.n)
		return path;
	return p->name;
}

/* "v4.6.0-2021": {4, 6}. */
static bool parse_tag(struct str tag, int32_t out[2])
{
	struct str major, minor, rest;
	uint64_t numbers[2] = { 0 };

	if (tag.n && tag.p[0] == 'v')
		tag = str_sub(tag, 1, tag.n - 1);
	str_cut(tag, '-', &tag, &rest);
	str_cut(tag, '.', &major, &rest);
	str_cut(rest, '.', &minor, &rest);
	if (!str_u64(major, INT32_MAX, &numbers[0]))
		return false;
	if (!str_u64(minor, INT32_MAX, &numbers[1]))
		numbers[1] = 0;
	out[0] = (int32_t)numbers[0];
	out[1] = (int32_t)numbers[1];
	return true;
}

static void describe_image(struct arena *a, const struct purl *p, struct csaf_component *c)
{
	c->is_image = true;
	c->package = image_package(a, p);
	c->fixed_in = purl_get(p, "tag");
	if (c->fixed_in.n == 0)
		c->no_fix = "an image without a tag";
	else if (!parse_tag(c->fixed_in, c->tag) || str_eq(c->fixed_in, STR("0")))
		c->no_fix = "an image whose tag is 0 or does not begin with a number";
}

static void describe_rpm(struct arena *a, const struct purl *p, struct csaf_component *c)
{
	struct str epoch = purl_get(p, "epoch");

	c->package = p->name;
	if (p->version.n)
		c->fixed_in = str_format(a, STR_FMT ":" STR_FMT, STR_ARG(epoch.n ? epoch : STR("0")),
					 STR_ARG(p->version));
}

/* The component that was first described by the words. */
static const struct csaf_component *first_with(struct csaf_document *d, struct csaf_component *c)
{
	struct str words = buffer_str(&d->words);
	const struct csaf_component *first = map_get(&d->components, words);

	if (first)
		return first;
	*map_put(&d->components, str_copy(d->arena, words)) = c;
	return c;
}

static void identify(struct csaf_document *d, const struct purl *p, struct csaf_component *c)
{
	static const char *const others[] = { "arch", "epoch", "tag", NULL };
	const struct str parts[] = { p->type, p->name, p->namespace, p->subpath };
	struct buffer *words = &d->words;

	words->n = 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		put_string(words, parts[i]);
	for (size_t i = 0; i < p->qualifier_count; i++) {
		if (is_one_of(p->qualifiers[i].key, others))
			continue;
		put_string(words, p->qualifiers[i].key);
		put_string(words, p->qualifiers[i].value);
	}
	c->same_package = first_with(d, c);
	put_string(words, STR("@"));
	put_string(words, c->is_image ? STR("") : p->version);
	put_string(words, purl_get(p, "epoch"));
	put_string(words, purl_get(p, "tag"));
	c->same_fix = first_with(d, c);
}

static const struct csaf_component *describe(struct csaf_document *d, struct str text)
{
	struct csaf_component *c = ARENA_NEW(d->arena, struct csaf_component);
	struct purl p;
	struct err err;

	if (purl_parse(d->arena, text, &p, &err) < 0) {
		c->problem = str_copy(d->arena, str_of(err.text)).p;
		return c;
	}
	c->is_passed_over = !is_wanted(&p);
	if (c->is_passed_over)
		return c;
	c->name = p.name;
	c->arch = purl_get(&p, "arch");
	c->is_source = str_eq(c->arch, STR("src")) || str_eq(c->arch, STR("nosrc"));
	if (!module_of(purl_get(&p, "rpmmod"), &c->module) || c->arch.n > ARCH_BYTES) {
		c->problem = c->arch.n > ARCH_BYTES ? "purl: a long architecture"
						    : "purl: a module without stream";
		return c;
	}
	if (str_eq(p.type, STR("oci")))
		describe_image(d->arena, &p, c);
	else
		describe_rpm(d->arena, &p, c);
	if (c->package.n > LIMIT_FIELD_BYTES || c->fixed_in.n > LIMIT_FIELD_BYTES)
		c->problem = "purl: a long name or version";
	identify(d, &p, c);
	return c;
}

const struct csaf_component *csaf_component_of(struct csaf_document *d, const struct csaf_product *p)
{
	struct csaf_product *component = p->component;

	for (int i = 0; component && !component->purl.n && i < HOPS; i++)
		component = component->component;
	if (!component || !component->purl.n)
		return NULL;
	if (!component->as_component)
		component->as_component = describe(d, component->purl);
	return component->as_component;
}

/* ---- product lines ---- */

/* One for each name, however many product lines have it: rows are merged by it. */
static const struct csaf_repository *repository_of(struct csaf_document *d, struct str text)
{
	struct csaf_repository *r = ARENA_NEW(d->arena, struct csaf_repository);
	struct cpe cpe;
	struct err err;
	void **slot;

	if (cpe_parse(d->arena, text, &cpe, &err) < 0) {
		r->problem = str_copy(d->arena, str_of(err.text)).p;
		return r;
	}
	r->name = cpe_format(d->arena, &cpe);
	r->namespace = cpe_namespace(d->arena, &cpe);
	if (r->name.n == 0 || r->name.n > LIMIT_FIELD_BYTES)
		r->problem = "cpe: empty, or long";
	slot = map_put(&d->repositories, r->name);
	if (!*slot)
		*slot = r;
	return *slot;
}

const struct csaf_repository *csaf_component_repository(struct csaf_document *d, const struct csaf_product *p)
{
	struct csaf_product *platform = p->platform;

	for (int i = 0; platform && !platform->cpe.n && i < HOPS; i++)
		platform = platform->platform;
	if (!platform || !platform->cpe.n)
		return NULL;
	if (!platform->as_repository)
		platform->as_repository = repository_of(d, platform->cpe);
	return platform->as_repository;
}
