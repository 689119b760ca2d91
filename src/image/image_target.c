/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of TARGET, as users write it (docs/targets.md), and of image references.
 * Source: containers-transports(5) for the scheme names; distribution reference grammar,
 * https://github.com/distribution/reference (names without a host belong to docker.io, without a path to
 * library/). Easy to get wrong: a file name may hold ':' and '@', so what exists on disk decides where the
 * path ends; and "alpine:3.18" is a registry reference, not a scheme. */
#include "image/image_target.h"

#include "base/arena.h"
#include "image/registry_reference.h"
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

static int by_registry(struct arena *a, struct str text, struct image_target *out, struct err *err)
{
	struct registry_reference reference;

	TRY(registry_reference_parse(a, text, &reference, err));
	*out = (struct image_target){ .kind = IMAGE_REGISTRY, .path = str_copy(a, text) };
	return 0;
}

static bool is_path(struct str text)
{
	return text.p[0] == '/' || text.p[0] == '.' || text.p[0] == '~';
}

/* Nobody calls an image "image.tar"; a file that is not there may well be. */
static bool looks_like_archive(struct str text)
{
	static const char *const ends[] = {
		".tar", ".tgz", ".tar.gz", ".tar.zst", ".tar.xz", ".tar.bz2", NULL
	};

	for (size_t i = 0; ends[i]; i++)
		if (str_ends(text, str_of(ends[i])))
			return true;
	return false;
}

static int unknown_scheme(struct str word, const char *nearest, struct err *err)
{
	if (nearest)
		return err_set(err, E_CONFIG,
			       "unknown scheme \"" STR_FMT
			       ":\"; did you mean \"%s:\"? (an image of that name is registry:" STR_FMT
			       ":...)",
			       STR_ARG(word), nearest, STR_ARG(word));
	return err_set(err, E_CONFIG,
		       "unknown scheme \"" STR_FMT
		       ":\"; there are oci:, oci-archive:, docker-archive:, dir:, registry:",
		       STR_ARG(word));
}

/* "oci-archve:x": a word in front of ':' that is no scheme, but near to one, or in front of a path. Returns 0
 * when the text may be a reference. */
static int check_scheme(struct arena *a, struct str text, struct err *err)
{
	const char *names[SCHEMES + 1] = { 0 }, *nearest;
	struct str word, rest, path;
	uint64_t port;

	if (!str_cut(text, ':', &word, &rest) || str_find(word, '/') < word.n || str_find(word, '.') < word.n)
		return 0;
	for (size_t i = 0; i < SCHEMES; i++)
		names[i] = schemes[i].name;
	nearest = str_nearest(str_copy(a, word).p, names);
	if (str_u64(str_sub(rest, 0, str_find(rest, '/')), 65535, &port))
		return 0;
	return str_cut(rest, '/', &rest, &path) || nearest ? unknown_scheme(word, nearest, err) : 0;
}

/* Nothing of that name exists: it is in a registry, or something else was meant. */
static int elsewhere(struct arena *a, struct str text, struct image_target *out, struct err *err)
{
	if (!is_path(text))
		TRY(check_scheme(a, text, err));
	if (is_path(text) || looks_like_archive(text))
		return err_set(err, E_NOTFOUND, STR_FMT ": no such file or directory", STR_ARG(text));
	if (by_registry(a, text, out, err) < 0)
		return err_wrap(err, "no such file or directory, and no image");
	return 0;
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

/* "registry:REF", "docker://REF". */
static bool in_registry(struct str text, struct str *rest)
{
	static const char *const prefixes[] = { "registry:", "docker://", NULL };

	for (size_t i = 0; prefixes[i]; i++) {
		struct str prefix = str_of(prefixes[i]);

		if (!str_starts(text, prefix))
			continue;
		*rest = str_sub(text, prefix.n, text.n - prefix.n);
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
	if (in_registry(text, &rest))
		return by_registry(a, rest, out, err);
	if (!by_scheme(text, &c, &target, &rest)) {
		cut(&c, text, &target);
		if (!is_there(&c, target.path))
			return elsewhere(a, text, out, err);
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
