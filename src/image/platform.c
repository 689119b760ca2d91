/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing between the platforms of an image.
 * Source: OCI image-spec 1.1, image-index.md "platform"; Go's GOOS and GOARCH names; the defaults of
 * https://github.com/containerd/platforms (arm means arm/v7, arm64 means arm64/v8).
 * Easy to get wrong: an absent variant and its default are the same, and an index also carries attestations,
 * whose platform is unknown/unknown. */
#include "image/platform.h"

#include "base/cursor.h"

#include <sys/utsname.h>

#define LISTED_MAX 16u /* platforms named in an error */

static const struct {
	const char *machine, *arch, *variant;
} machines[] = {
	{ "x86_64", "amd64", "" },
	{ "amd64", "amd64", "" },
	{ "aarch64", "arm64", "v8" },
	{ "arm64", "arm64", "v8" },
	{ "armv8l", "arm", "v7" },
	{ "armv7l", "arm", "v7" },
	{ "armhf", "arm", "v7" },
	{ "armv6l", "arm", "v6" },
	{ "armel", "arm", "v6" },
	{ "i386", "386", "" },
	{ "i486", "386", "" },
	{ "i586", "386", "" },
	{ "i686", "386", "" },
	{ "ppc64le", "ppc64le", "" },
	{ "s390x", "s390x", "" },
	{ "riscv64", "riscv64", "" },
	{ "loongarch64", "loong64", "" },
	{ "mips64", "mips64le", "" },
};

struct oci_platform platform_of_machine(struct str machine)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (str_eq(machine, str_of(machines[i].machine)))
			return (struct oci_platform){ .os = STR("linux"),
						      .arch = str_of(machines[i].arch),
						      .variant = str_of(machines[i].variant) };
	return (struct oci_platform){ .os = STR("linux"), .arch = machine };
}

static struct str default_variant(struct str arch)
{
	if (str_eq(arch, STR("arm64")))
		return STR("v8");
	if (str_eq(arch, STR("arm")))
		return STR("v7");
	return str_eq(arch, STR("amd64")) ? STR("v1") : STR("");
}

/* With the names of other worlds replaced and the default variant filled in. */
static struct oci_platform canonical(const struct oci_platform *p)
{
	struct oci_platform c = platform_of_machine(p->arch);

	c.os = p->os;
	if (p->variant.n)
		c.variant = p->variant;
	if (c.variant.n == 0)
		c.variant = default_variant(c.arch);
	if (str_eq(c.arch, STR("arm64")) && str_eq(c.variant, STR("8")))
		c.variant = STR("v8");
	return c;
}

static bool is_windows(const struct oci_platform *p)
{
	return str_eq_nocase(p->os, STR("windows"));
}

static int refuse_windows(struct arena *a, const struct oci_platform *p, struct err *err)
{
	return err_set(err, E_UNSUPPORTED, "Windows images are not supported (" STR_FMT ")",
		       STR_ARG(oci_platform_text(a, p)));
}

static int parse_given(struct str text, struct oci_platform *out, struct err *err)
{
	struct oci_platform p = { 0 };
	struct str rest, more = { 0 };

	str_cut(text, '/', &p.os, &rest);
	str_cut(rest, '/', &p.arch, &p.variant);
	if (p.os.n == 0 || p.arch.n == 0 || str_cut(p.variant, '/', &p.variant, &more) ||
	    str_ends(text, STR("/")))
		return err_set(err, E_CONFIG,
			       "platform \"" STR_FMT
			       "\": expected os/arch or os/arch/variant, such as linux/arm64",
			       STR_ARG(text));
	*out = p;
	return 0;
}

int platform_wish_parse(struct arena *a, struct str text, struct platform_wish *out, struct err *err)
{
	struct utsname host;
	struct oci_platform p;

	if (text.n == 0) {
		if (uname(&host) < 0)
			return err_set(err, E_IO, "uname: %m");
		*out = (struct platform_wish){ platform_of_machine(str_copy(a, str_of(host.machine))),
					       false };
		return 0;
	}
	TRY(parse_given(str_copy(a, text), &p, err));
	if (is_windows(&p))
		return refuse_windows(a, &p, err);
	*out = (struct platform_wish){ p, true };
	return 0;
}

/* The number of "v7", at most 9. */
static unsigned variant_number(struct str variant)
{
	uint64_t n = 0;

	return variant.n && str_u64(str_sub(variant, 1, variant.n - 1), 9, &n) ? (unsigned)n : 0;
}

/* 30 as asked for, 29 the default variant where none was, 10 to 19 an older variant, 1 a newer one. */
unsigned platform_score(const struct oci_platform *wanted, const struct oci_platform *have)
{
	struct oci_platform w = canonical(wanted), h = canonical(have);
	int order = str_cmp(h.variant, w.variant);

	if (!str_eq(w.os, h.os) || !str_eq(w.arch, h.arch))
		return 0;
	if (order == 0)
		return wanted->variant.n == have->variant.n ? 30 : 29;
	if (wanted->variant.n)
		return 0;
	return order < 0 ? 10 + variant_number(h.variant) : 1;
}

bool platform_is_image(const struct oci_descriptor *d)
{
	return d->reference_type.n == 0 &&
	       !(str_eq(d->platform.os, STR("unknown")) && str_eq(d->platform.arch, STR("unknown")));
}

/* "linux/amd64, linux/arm64". */
static struct str list_platforms(struct arena *a, const oci_descriptors *images)
{
	struct buffer b = { .arena = a };

	for (size_t i = 0; i < images->n && i < LISTED_MAX; i++) {
		struct str text = oci_platform_text(a, &images->p[i].platform);

		put_bytes(&b, i ? STR(", ") : STR(""));
		put_bytes(&b, text.n ? str_printable(a, text) : STR("unknown"));
	}
	if (images->n > LISTED_MAX)
		put_bytes(&b, STR(", ..."));
	return buffer_str(&b);
}

static bool all_windows(const oci_descriptors *images)
{
	VEC_EACH (struct oci_descriptor, d, images)
		if (!is_windows(&d->platform))
			return false;
	return true;
}

/* The wish of a host whose variant is not stated must accept every variant of its architecture. */
static const struct oci_descriptor *best(const struct platform_wish *wish, const oci_descriptors *images)
{
	const struct oci_descriptor *found = NULL;
	struct oci_platform wanted = wish->platform;
	unsigned high = 0;

	if (!wish->is_given)
		wanted.variant = (struct str){ NULL, 0 };
	VEC_EACH (const struct oci_descriptor, d, images) {
		unsigned score = platform_score(&wish->platform, &d->platform);

		if (score == 0)
			score = platform_score(&wanted, &d->platform);
		if (score > high) {
			high = score;
			found = d;
		}
	}
	return found;
}

int platform_choose(struct arena *a, const struct platform_wish *wish, const oci_descriptors *images,
		    const struct oci_descriptor **out, struct err *err)
{
	const struct oci_descriptor *found = best(wish, images);

	/* A single one: without --platform it is taken as it is, with it when it does not say (its config
	 * will). */
	if (!found && images->n == 1 && (!wish->is_given || images->p[0].platform.os.n == 0))
		found = &images->p[0];
	if (found) {
		*out = found;
		return is_windows(&found->platform) ? refuse_windows(a, &found->platform, err) : 0;
	}
	if (all_windows(images))
		return refuse_windows(a, &images->p[0].platform, err);
	return err_set(err, E_NOTFOUND, "no image for %s" STR_FMT "; there are: " STR_FMT "%s",
		       wish->is_given ? "" : "this host's platform ",
		       STR_ARG(oci_platform_text(a, &wish->platform)), STR_ARG(list_platforms(a, images)),
		       wish->is_given ? "" : "; choose one with --platform");
}

int platform_check(struct arena *a, const struct platform_wish *wish, const struct oci_platform *have,
		   struct err *err)
{
	struct str text = oci_platform_text(a, have);

	if (is_windows(have))
		return refuse_windows(a, have, err);
	if (wish->is_given && platform_score(&wish->platform, have) == 0)
		return err_set(err, E_NOTFOUND, "no image for " STR_FMT "; there is: " STR_FMT,
			       STR_ARG(oci_platform_text(a, &wish->platform)), text.n ? (int)text.n : 7,
			       text.n ? text.p : "unknown");
	return 0;
}
