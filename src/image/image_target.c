/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of TARGET, as users write it (docs/targets.md), and of image references.
 * Source: containers-transports(5) for the scheme names; distribution reference grammar,
 * https://github.com/distribution/reference (names without a host belong to docker.io, without a path to
 * library/). Easy to get wrong: a file name may hold ':' and '@', so what exists on disk decides where the
 * path ends; and "alpine:3.18" is a registry reference, not a scheme. */
#include "image/image_target.h"

#include "base/arena.h"
#include "model/digest.h"

#define TARGET_BYTES_MAX 8192u

static const struct {
	const char *name;
	enum image_kind kind;
	bool has_reference, has_digest;
} schemes[] = {
	{ "oci", IMAGE_OCI, true, true },
	{ "oci-archive", IMAGE_OCI_ARCHIVE, true, true },
	{ "docker-archive", IMAGE_DOCKER_ARCHIVE, true, false },
	{ "dir", IMAGE_DIRECTORY, false, false },
};
#define SCHEMES (sizeof(schemes) / sizeof(schemes[0]))

/* Where the target is cut, and what may follow the path. */
struct cutter {
	struct arena *arena;
	image_path_exists *exists;
	void *ctx;
	bool has_reference, has_digest;
};

static bool is_there(const struct cutter *c, struct str path)
{
	return path.n && c->exists(c->ctx, path);
}

/* PATH@DIGEST. */
static bool cut_digest(const struct cutter *c, struct str text, struct image_target *out)
{
	struct str path, digest;
	struct err ignored;

	if (!c->has_digest || !str_rcut(text, '@', &path, &digest) || path.n == 0)
		return false;
	if (digest_parse(c->arena, digest, &out->digest, &ignored) < 0)
		return false;
	out->path = path;
	return true;
}

/* PATH:TAG, the shortest path that exists; when none does, the first ':' is taken. */
static bool cut_reference(const struct cutter *c, struct str text, struct image_target *out)
{
	size_t first = str_find(text, ':'), at = first;

	if (!c->has_reference || first == text.n || first == 0)
		return false;
	for (unsigned tries = 0; at < text.n && tries < 64; tries++) {
		if (is_there(c, str_sub(text, 0, at)))
			break;
		at += 1 + str_find(str_sub(text, at + 1, text.n - at - 1), ':');
	}
	if (at >= text.n || !is_there(c, str_sub(text, 0, at)))
		at = first;
	out->path = str_sub(text, 0, at);
	out->reference = str_sub(text, at + 1, text.n - at - 1);
	return true;
}

static void cut(const struct cutter *c, struct str text, struct image_target *out)
{
	out->path = text;
	if (is_there(c, text) || cut_digest(c, text, out))
		return;
	cut_reference(c, text, out);
}

static int finish(const struct cutter *c, struct image_target *out, struct err *err)
{
	if (out->path.n == 0)
		return err_set(err, E_CONFIG, "target without a path");
	if (!is_there(c, out->path))
		return err_set(err, E_NOTFOUND, STR_FMT ": no such file or directory", STR_ARG(out->path));
	out->path = str_copy(c->arena, out->path);
	out->reference = str_copy(c->arena, out->reference);
	return 0;
}

static int no_registry(struct str text, struct err *err)
{
	return err_set(
		err, E_UNSUPPORTED,
		STR_FMT
		": there is no such file or directory, and pulling from registries is not supported yet; "
		"save the image first: \"docker save -o image.tar " STR_FMT
		"\" or \"skopeo copy docker://... docker-archive:image.tar\"",
		STR_ARG(text), STR_ARG(text));
}

static bool is_port(struct str s)
{
	uint64_t port;

	return str_u64(str_sub(s, 0, str_find(s, '/')), 65535, &port);
}

/* Nothing of that name exists: guess what was meant. */
static int unknown(struct arena *a, struct str text, struct err *err)
{
	const char *names[SCHEMES + 1] = { 0 }, *nearest;
	struct str word, rest;
	bool has_colon = str_cut(text, ':', &word, &rest);

	if (text.p[0] == '/' || text.p[0] == '.' || text.p[0] == '~')
		return err_set(err, E_NOTFOUND, STR_FMT ": no such file or directory", STR_ARG(text));
	if (!has_colon || str_find(word, '/') < word.n || is_port(rest))
		return no_registry(text, err);
	for (size_t i = 0; i < SCHEMES; i++)
		names[i] = schemes[i].name;
	nearest = str_nearest(str_copy(a, word).p, names);
	if (nearest)
		return err_set(err, E_CONFIG,
			       "unknown scheme \"" STR_FMT
			       ":\"; did you mean \"%s:\"? (pulling from registries is not "
			       "supported yet)",
			       STR_ARG(word), nearest);
	if (str_find(rest, '/') < rest.n && !str_starts(rest, STR("//")))
		return err_set(err, E_CONFIG,
			       "unknown scheme \"" STR_FMT
			       ":\"; there are oci:, oci-archive:, docker-archive:, dir:",
			       STR_ARG(word));
	return no_registry(text, err);
}

static bool by_scheme(struct str text, struct cutter *c, struct image_target *out, struct str *rest)
{
	struct str word;

	if (!str_cut(text, ':', &word, rest))
		return false;
	for (size_t i = 0; i < SCHEMES; i++) {
		if (!str_eq(word, str_of(schemes[i].name)))
			continue;
		out->kind = schemes[i].kind;
		c->has_reference = schemes[i].has_reference;
		c->has_digest = schemes[i].has_digest;
		return true;
	}
	return false;
}

int image_target_parse(struct arena *a, struct str text, image_path_exists *exists, void *ctx,
		       struct image_target *out, struct err *err)
{
	struct cutter c = { a, exists, ctx, true, true };
	struct image_target target = { 0 };
	struct str rest;

	if (text.n == 0 || text.n > TARGET_BYTES_MAX || str_find(text, '\0') < text.n)
		return err_set(err, E_CONFIG, "target is empty, holds a NUL byte or is longer than %u bytes",
			       TARGET_BYTES_MAX);
	if (!by_scheme(text, &c, &target, &rest)) {
		cut(&c, text, &target);
		if (!is_there(&c, target.path))
			return unknown(a, text, err);
	} else {
		cut(&c, rest, &target);
	}
	TRY(finish(&c, &target, err));
	*out = target;
	return 0;
}

struct reference {
	struct str name, tag;
};

static struct str without(struct str s, struct str prefix)
{
	return str_starts(s, prefix) ? str_sub(s, prefix.n, s.n - prefix.n) : s;
}

static struct reference reference_of(struct str text)
{
	struct reference r = { text, image_reference_tag(text) };

	if (r.tag.n)
		r.name = str_sub(text, 0, text.n - r.tag.n - 1);
	else
		r.tag = STR("latest");
	r.name = without(without(without(r.name, STR("index.")), STR("docker.io/")), STR("library/"));
	return r;
}

bool image_reference_eq(struct str a, struct str b)
{
	struct reference x = reference_of(a), y = reference_of(b);

	return str_eq(x.name, y.name) && str_eq(x.tag, y.tag);
}

struct str image_reference_tag(struct str reference)
{
	struct str name, tag;

	if (!str_rcut(reference, ':', &name, &tag) || str_find(tag, '/') < tag.n ||
	    str_find(reference, '@') < reference.n)
		return (struct str){ NULL, 0 };
	return tag;
}
