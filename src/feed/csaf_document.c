/* SPDX-License-Identifier: Apache-2.0 */
/* One CSAF document as a stream: its products, and the lists of products of each vulnerability.
 * Source: Common Security Advisory Framework 2.0, OASIS Standard, section 3.2,
 * https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html; profile 5, VEX.
 * Easy to get wrong: nothing says that the product tree comes before the lists that refer to it, nor a
 * document's id before either. So ids become products where they are first read, and what is said of them is
 * put together at the end. */
#include "feed/csaf_document.h"

#include "base/limits.h"

static struct csaf_document *document_of(struct members *m)
{
	return (struct csaf_document *)m;
}

/* The product of an id, made when it is new. */
static int product_of(struct csaf_document *d, struct str id, struct csaf_product **out, struct err *err)
{
	void **slot;

	*out = map_get(&d->products, id);
	if (*out)
		return 0;
	if (id.n > LIMIT_FIELD_BYTES)
		return err_set(err, E_LIMIT, "a product id of %zu bytes, limit %u", id.n, LIMIT_FIELD_BYTES);
	if (d->products.n == LIMIT_CSAF_PRODUCTS)
		return err_set(err, E_LIMIT, "more than %u products", LIMIT_CSAF_PRODUCTS);
	*out = ARENA_NEW(d->arena, struct csaf_product);
	(*out)->id = str_copy(d->arena, id);
	slot = map_put(&d->products, (*out)->id);
	*slot = *out;
	return 0;
}

/* A product id into a struct csaf_product *. */
static int read_product(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	if (first->type != JSON_STRING)
		return json_skip(m->json, first, err);
	return product_of(document_of(m), first->text, to, err);
}

static int read_listed(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	csaf_products *list = to;
	struct csaf_product *product = NULL;

	TRY(read_product(m, first, &product, err));
	if (product)
		VEC_PUSH(m->arena, list, product);
	return 0;
}

/* ---- product_tree ---- */

struct branch {
	struct csaf_product *product;
	struct str purl, cpe;
};

static int read_helper(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = {
		MEMBER("cpe", members_text, offsetof(struct branch, cpe)),
		MEMBER("purl", members_text, offsetof(struct branch, purl)),
	};

	return MEMBERS_OBJECT(m, first, table, to, err);
}

/* The first that an id has counts. */
static int read_branch_product(struct members *m, struct err *err)
{
	static const struct member table[] = {
		MEMBER("product_id", read_product, offsetof(struct branch, product)),
		MEMBER("product_identification_helper", read_helper, 0),
	};
	struct branch b = { 0 };
	struct json_token first;

	TRY(members_check(m, err));
	TRY(json_next(m->json, &first, err));
	TRY(MEMBERS_OBJECT(m, &first, table, &b, err));
	if (b.product && !b.product->purl.n && !b.product->cpe.n) {
		b.product->purl = b.purl;
		b.product->cpe = b.cpe;
	}
	return 0;
}

/* A member of a branch: of its branches the caller reads on. */
static int read_branch_member(struct members *m, struct str key, struct err *err)
{
	struct json_token first;

	if (str_eq(key, STR("branches")))
		return 0;
	if (str_eq(key, STR("product")))
		return read_branch_product(m, err);
	TRY(json_next(m->json, &first, err));
	return json_skip(m->json, &first, err);
}

/* Branches within branches, in one walk. */
static int read_branches(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	struct json_token token = *first;
	unsigned depth = 0;

	(void)to;
	if (first->type != JSON_ARRAY)
		return json_skip(m->json, first, err);
	do {
		if (token.type == JSON_ARRAY || token.type == JSON_OBJECT)
			depth++;
		else if (token.type == JSON_ARRAY_END || token.type == JSON_OBJECT_END)
			depth--;
		else if (token.type == JSON_KEY)
			TRY(read_branch_member(m, token.text, err));
		if (depth == 0)
			return 0;
	} while (json_next(m->json, &token, err) > 0);
	return err->code;
}

struct relationship {
	struct str category;
	struct csaf_product *product, *component, *platform;
};

static int read_full_name(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = { MEMBER("product_id", read_product, 0) };

	return MEMBERS_OBJECT(m, first, table, to, err);
}

static int read_relationship(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = {
		MEMBER("category", members_text, offsetof(struct relationship, category)),
		MEMBER("full_product_name", read_full_name, offsetof(struct relationship, product)),
		MEMBER("product_reference", read_product, offsetof(struct relationship, component)),
		MEMBER("relates_to_product_reference", read_product, offsetof(struct relationship, platform)),
	};
	struct relationship r = { 0 };

	(void)to;
	TRY(MEMBERS_OBJECT(m, first, table, &r, err));
	if (r.product && !r.product->component && str_eq(r.category, STR("default_component_of"))) {
		r.product->component = r.component;
		r.product->platform = r.platform;
	}
	return 0;
}

static int read_tree(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = {
		MEMBER("branches", read_branches, 0),
		MEMBER_LIST("relationships", read_relationship, 0),
	};

	return MEMBERS_OBJECT(m, first, table, to, err);
}

/* ---- vulnerabilities ---- */

static int read_vector(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = { MEMBER("vectorString", members_text, 0) };

	return MEMBERS_OBJECT(m, first, table, to, err);
}

static int read_score(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = {
		MEMBER("cvss_v2", read_vector, offsetof(struct csaf_score, v2)),
		MEMBER("cvss_v3", read_vector, offsetof(struct csaf_score, v3)),
		MEMBER("cvss_v4", read_vector, offsetof(struct csaf_score, v4)),
		MEMBER_LIST("products", read_listed, offsetof(struct csaf_score, products)),
	};
	struct csaf_vulnerability *v = to;
	struct csaf_score score = { 0 };

	TRY(MEMBERS_OBJECT(m, first, table, &score, err));
	VEC_PUSH(m->arena, &v->scores, score);
	return 0;
}

/* A threat, a remediation or a flag. */
struct entry {
	struct str category, text, url;
	csaf_products products;
};

static void keep(struct members *m, struct csaf_vulnerability *v, enum csaf_remark_kind kind, struct str text,
		 const struct entry *e)
{
	const struct csaf_remark remark = { kind, text, e->products };

	if (text.n && e->products.n)
		VEC_PUSH(m->arena, &v->remarks, remark);
}

static int read_entry(struct members *m, const struct json_token *first, struct entry *out, struct err *err)
{
	static const struct member table[] = {
		MEMBER("category", members_text, offsetof(struct entry, category)),
		MEMBER("details", members_text, offsetof(struct entry, text)),
		MEMBER("label", members_text, offsetof(struct entry, text)),
		MEMBER_LIST("product_ids", read_listed, offsetof(struct entry, products)),
		MEMBER("url", members_text, offsetof(struct entry, url)),
	};

	return MEMBERS_OBJECT(m, first, table, out, err);
}

static int read_threat(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	struct entry e = { 0 };

	TRY(read_entry(m, first, &e, err));
	if (str_eq(e.category, STR("impact")))
		keep(m, to, CSAF_IMPACT, e.text, &e);
	return 0;
}

static int read_remediation(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	struct entry e = { 0 };

	TRY(read_entry(m, first, &e, err));
	if (str_eq(e.category, STR("vendor_fix")))
		keep(m, to, CSAF_ERRATA, e.url, &e);
	else if (str_eq(e.category, STR("none_available")) || str_eq(e.category, STR("no_fix_planned")))
		keep(m, to, CSAF_WORDS, e.text, &e);
	return 0;
}

static int read_flag(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	struct entry e = { 0 };

	TRY(read_entry(m, first, &e, err));
	keep(m, to, CSAF_LABEL, e.text, &e);
	return 0;
}

static int read_note(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = {
		MEMBER("category", members_text, offsetof(struct entry, category)),
		MEMBER("text", members_text, offsetof(struct entry, text)),
	};
	struct csaf_vulnerability *v = to;
	struct entry e = { 0 };

	TRY(MEMBERS_OBJECT(m, first, table, &e, err));
	if (str_eq(e.category, STR("description")))
		v->description = e.text;
	return 0;
}

static const struct member reference_members[] = {
	MEMBER("category", members_text, offsetof(struct entry, category)),
	MEMBER("url", members_text, offsetof(struct entry, url)),
};

static int read_reference(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	str_list *links = to;
	struct entry e = { 0 };

	TRY(MEMBERS_OBJECT(m, first, reference_members, &e, err));
	VEC_PUSH(m->arena, links, e.url);
	return 0;
}

static int read_statuses(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = {
		MEMBER_LIST("fixed", read_listed, CSAF_FIXED * sizeof(csaf_products)),
		MEMBER_LIST("known_affected", read_listed, CSAF_KNOWN_AFFECTED * sizeof(csaf_products)),
		MEMBER_LIST("known_not_affected", read_listed,
			    CSAF_KNOWN_NOT_AFFECTED * sizeof(csaf_products)),
		MEMBER_LIST("under_investigation", read_listed,
			    CSAF_UNDER_INVESTIGATION * sizeof(csaf_products)),
	};

	return MEMBERS_OBJECT(m, first, table, to, err);
}

static int read_vulnerability(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = {
		MEMBER_LIST("flags", read_flag, 0),
		MEMBER_LIST("notes", read_note, 0),
		MEMBER("product_status", read_statuses, offsetof(struct csaf_vulnerability, status)),
		MEMBER_LIST("references", read_reference, offsetof(struct csaf_vulnerability, links)),
		MEMBER("release_date", members_text, offsetof(struct csaf_vulnerability, released)),
		MEMBER_LIST("remediations", read_remediation, 0),
		MEMBER_LIST("scores", read_score, 0),
		MEMBER_LIST("threats", read_threat, 0),
	};
	struct csaf_vulnerability v = { 0 };

	(void)to;
	TRY(MEMBERS_OBJECT(m, first, table, &v, err));
	VEC_PUSH(m->arena, &document_of(m)->vulnerabilities, v);
	return 0;
}

/* ---- document ---- */

static int read_id(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	uint64_t column;

	json_position(m->json, &document_of(m)->id_line, &column);
	return members_text(m, first, to, err);
}

static int read_tracking(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = {
		MEMBER("id", read_id, offsetof(struct csaf_document, id)),
		MEMBER("status", members_text, offsetof(struct csaf_document, status)),
	};

	return MEMBERS_OBJECT(m, first, table, to, err);
}

/* The last one of the document itself counts. */
static int read_self(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	struct csaf_document *d = to;
	struct entry e = { 0 };

	TRY(MEMBERS_OBJECT(m, first, reference_members, &e, err));
	if (str_eq(e.category, STR("self")))
		d->self = e.url;
	return 0;
}

static int read_head(struct members *m, const struct json_token *first, void *to, struct err *err)
{
	static const struct member table[] = {
		MEMBER_LIST("references", read_self, 0),
		MEMBER("tracking", read_tracking, 0),
	};

	return MEMBERS_OBJECT(m, first, table, to, err);
}

int csaf_document_read(struct csaf_document *d, struct err *err)
{
	static const struct member table[] = {
		MEMBER("document", read_head, 0),
		MEMBER("product_tree", read_tree, 0),
		MEMBER_LIST("vulnerabilities", read_vulnerability, 0),
	};
	struct json_token token;

	d->products.arena = d->components.arena = d->repositories.arena = d->words.arena = d->arena;
	TRY(json_next(d->members.json, &token, err));
	TRY(MEMBERS_OBJECT(&d->members, &token, table, d, err));
	return json_next(d->members.json, &token, err);
}
