/* SPDX-License-Identifier: Apache-2.0 */
/* The table of distributions: what each one's release files look like, and how it is described. Clair's own
 * rules come first, and describe a release exactly as Clair does (names, which fields stay empty), since a
 * feed's rows carry the same description; then every os-release file with an ID; then the older release
 * files. Sources: os-release(5); the release files of the distributions' images. Easily got wrong: some
 * images quote another distribution: CentOS Stream's os-release says "Red Hat Enterprise Linux", Oracle's
 * redhat-release too, and Ubuntu has a debian_version. A named ID goes before any such text. */
#include "scan/distributions.h"

#include "model/cpe.h"
#include "scan/release_text.h"
#include "scan/shapes.h"

static struct str get(const struct release_file *f, const char *key)
{
	return os_release_get(&f->fields, str_of(key));
}

/* --- distributions that Clair knows --- */

/* "3.19.1" is of branch 3.19; a snapshot ("3.21.0_alpha20240923") is of edge. */
static bool alpine_branch(struct str version, struct str *branch)
{
	struct str patch;

	*branch = STR("edge");
	if (str_find(version, '_') < version.n)
		return true;
	return str_rcut(version, '.', branch, &patch) && release_is_version(*branch);
}

static bool alpine_os(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str branch;

	(void)a;
	if (!f->is_well_formed || !str_eq(get(f, "ID"), STR("alpine")))
		return false;
	if (str_eq(get(f, "PRETTY_NAME"), STR("Alpine Linux edge")))
		branch = STR("edge");
	else if (!alpine_branch(get(f, "VERSION_ID"), &branch))
		return false;
	out->did = STR("alpine");
	out->name = get(f, "NAME");
	out->version = branch;
	out->pretty_name = get(f, "PRETTY_NAME");
	return true;
}

/* "Welcome to Alpine Linux 3.19", "... Alpine Linux 3.21.0_alpha20240923 (edge)" */
static bool alpine_issue(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str rest = f->text, version, minor;

	if (!release_after(&rest, STR("Alpine Linux ")))
		return false;
	version = release_number(rest);
	minor = release_first_components(version, 2);
	if (str_find(minor, '.') == minor.n)
		return false;
	str_word(&rest, &version);
	if (str_starts(rest, STR(" (edge)")))
		return shape_alpine(a, STR("edge"), out);
	return shape_alpine(a, minor, out);
}

static bool alpine_file(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str branch;

	return alpine_branch(distribution_patch_level(f->text), &branch) && shape_alpine(a, branch, out);
}

static bool alpine_repositories(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str branch;

	return release_apk_branch(f->text, &branch) && shape_alpine(a, branch, out);
}

static bool amazon_os(struct arena *a, const struct release_file *f, struct distribution *out)
{
	static const struct {
		const char *pattern, *version;
	} cases[] = {
		{ "CPE_NAME=\"cpe:/o:amazon:linux:201?.03:ga\"", "2018.03" },
		{ "CPE_NAME=\"cpe:/o:amazon:linux:201?.09:ga\"", "2018.03" },
		{ "CPE_NAME=\"cpe:2?3:o:amazon:amazon_linux:2\"", "2" },
		{ "CPE_NAME=\"cpe:2?3:o:amazon:amazon_linux:2023\"", "2023" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (release_contains(f->text, str_of(cases[i].pattern)))
			return shape_amazon(a, str_of(cases[i].version), out);
	return false;
}

static bool debian_os(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str number = get(f, "VERSION_ID"), code_name = get(f, "VERSION_CODENAME");

	if (!f->is_well_formed || !str_eq(get(f, "ID"), STR("debian")))
		return false;
	if (!os_release_has(&f->fields, STR("VERSION_CODENAME")))
		code_name = release_in_parentheses(get(f, "VERSION"));
	if (!release_is_number(number) || code_name.n == 0)
		return false;
	return shape_debian(a, number, code_name, out);
}

/* "12.4": the code name is known to Debian, not to the file. "trixie/sid" is in Ubuntu images too: no
 * evidence. */
static bool debian_file(struct arena *a, const struct release_file *f, struct distribution *out)
{
	static const char *const code_names[] = { "wheezy",   "jessie",	  "stretch", "buster",
						  "bullseye", "bookworm", "trixie",  "forky" };
	enum { FIRST = 7, COUNT = sizeof(code_names) / sizeof(code_names[0]) };
	struct str number, minor;
	uint64_t n;

	str_cut(distribution_patch_level(f->text), '.', &number, &minor);
	if (!str_u64(number, FIRST + COUNT - 1, &n) || n < FIRST)
		return false;
	return shape_debian(a, number, str_of(code_names[n - FIRST]), out);
}

static bool ubuntu_lsb(struct arena *a, const struct release_file *f, struct distribution *out)
{
	return shape_ubuntu(a, get(f, "DISTRIB_ID"), get(f, "DISTRIB_RELEASE"), get(f, "DISTRIB_CODENAME"),
			    out);
}

static bool ubuntu_os(struct arena *a, const struct release_file *f, struct distribution *out)
{
	return shape_ubuntu(a, get(f, "ID"), get(f, "VERSION_ID"), get(f, "VERSION_CODENAME"), out);
}

/* os-release or issue: "Oracle Linux Server 8.5"; the fifth has " release" between. */
static bool oracle_text(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str rest = str_lower(a, f->text);
	uint64_t major;

	while (release_after(&rest, STR("oracle linux server "))) {
		struct str number = rest, digits;

		if (release_after_start(&number, STR("release")) && str_starts(str_trim(number), STR("5")))
			return shape_oracle(a, STR("5"), out);
		digits = release_first_components(release_number(rest), 1);
		if (str_u64(digits, 10, &major) && major >= 6)
			return shape_oracle(a, digits, out);
	}
	return false;
}

/* NAME on the first line, VERSION on the second. */
static bool photon_os(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str text = f->text, first;
	uint64_t major;

	if (!str_line(&text, &first))
		return false;
	first = str_trim(first);
	if (!str_ends(first, STR("\"VMware Photon\"")) && !str_ends(first, STR("\"VMware Photon OS\"")))
		return false;
	if (!release_after_start(&text, STR("VERSION=\"")) || text.n < 4 || text.p[2] != '0' ||
	    text.p[3] != '"')
		return false;
	if (!str_u64(str_sub(text, 0, 1), 5, &major) || major == 0)
		return false;
	return shape_photon(str_format(a, "%u.0", (unsigned)major), out);
}

/* "VMware Photon OS 4.0", "VMware Photon Linux 3.0" */
static bool photon_file(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str rest = f->text, word;

	(void)a;
	if (!release_after_start(&rest, STR("VMware Photon ")) || !str_word(&rest, &word))
		return false;
	rest = release_first_components(release_number(str_trim(rest)), 2);
	return rest.n && shape_photon(rest, out);
}

static bool suse_os(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str vendor, product, version;
	struct cpe cpe;
	struct err err;

	if (!f->is_well_formed || cpe_parse(a, get(f, "CPE_NAME"), &cpe, &err) < 0)
		return false;
	vendor = cpe.attribute[CPE_VENDOR];
	product = cpe.attribute[CPE_PRODUCT];
	version = release_number(cpe.attribute[CPE_VERSION]);
	if (version.n == 0)
		return false;
	if (str_eq(vendor, STR("opensuse")) && str_eq(product, STR("leap")))
		return shape_leap(a, version, out);
	if (str_eq(vendor, STR("suse")) && str_eq(product, STR("sles")))
		return shape_sles(a, release_first_components(version, 1), out);
	return false;
}

/* "SUSE Linux Enterprise Server 11 (x86_64)", "openSUSE 13.2 (x86_64)" */
static bool suse_file(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str line = distribution_patch_level(f->text);

	if (release_after_start(&line, STR("SUSE Linux Enterprise Server ")))
		return release_number(line).n &&
		       shape_sles(a, release_first_components(release_number(line), 1), out);
	if (!release_after_start(&line, STR("openSUSE ")) || release_number(line).n == 0)
		return false;
	out->did = STR("opensuse");
	out->name = STR("openSUSE");
	out->version = out->version_id = release_number(line);
	out->pretty_name = str_format(a, "openSUSE " STR_FMT, STR_ARG(out->version));
	return true;
}

static bool hummingbird(struct arena *a, const struct release_file *f, struct distribution *out)
{
	if (!f->is_well_formed || !str_eq_nocase(get(f, "ID"), STR("hummingbird")))
		return false;
	out->did = get(f, "ID");
	out->name = get(f, "NAME");
	out->version = get(f, "VERSION");
	out->version_id = get(f, "VERSION_ID");
	out->pretty_name = get(f, "PRETTY_NAME");
	out->cpe = cpe_normalise(a, get(f, "CPE_NAME"));
	return true;
}

/* --- distributions that only their os-release names --- */

/* How much of VERSION_ID is the version. */
enum version_form { FORM_WHOLE, FORM_MINOR, FORM_NONE };

static const struct named {
	const char *id;
	enum version_form form;
} named_distributions[] = {
	{ "centos", FORM_WHOLE },
	{ "almalinux", FORM_WHOLE },
	{ "rocky", FORM_WHOLE },
	{ "fedora", FORM_WHOLE },
	{ "wolfi", FORM_WHOLE },
	{ "chainguard", FORM_WHOLE },
	{ "azurelinux", FORM_MINOR },
	{ "mariner", FORM_MINOR },
	{ "opensuse", FORM_WHOLE },
	{ "opensuse-leap", FORM_WHOLE },
	{ "opensuse-tumbleweed", FORM_WHOLE },
	{ "sle-micro", FORM_WHOLE },
	{ "sl-micro", FORM_WHOLE },
	{ "sle-micro-rancher", FORM_WHOLE },
	{ "bottlerocket", FORM_WHOLE },
	{ "arch", FORM_NONE },
	{ "gentoo", FORM_WHOLE },
	{ "echo", FORM_WHOLE },
	{ "minimos", FORM_WHOLE },
	{ "activestate", FORM_WHOLE },
	{ "coreos", FORM_WHOLE },
	{ "rhcos", FORM_WHOLE },
	{ "debian", FORM_WHOLE },
};

static const struct named *named_find(struct str id)
{
	for (size_t i = 0; i < sizeof(named_distributions) / sizeof(named_distributions[0]); i++)
		if (str_eq(str_of(named_distributions[i].id), id))
			return &named_distributions[i];
	return NULL;
}

struct distribution distribution_generic(struct arena *a, const struct os_release *r)
{
	struct distribution d = {
		.did = os_release_get(r, STR("ID")),
		.name = os_release_get(r, STR("NAME")),
		.version = os_release_get(r, STR("VERSION")),
		.version_code_name = os_release_get(r, STR("VERSION_CODENAME")),
		.version_id = os_release_get(r, STR("VERSION_ID")),
		.pretty_name = os_release_get(r, STR("PRETTY_NAME")),
		.cpe = cpe_normalise(a, os_release_get(r, STR("CPE_NAME"))),
	};

	if (d.did.n == 0)
		d.did = STR("linux");
	if (d.name.n == 0)
		d.name = STR("Linux");
	if (os_release_has(r, STR("REDHAT_BUGZILLA_PRODUCT")))
		d.pretty_name = os_release_get(r, STR("REDHAT_BUGZILLA_PRODUCT"));
	return d;
}

/* Debian's testing and unstable have no VERSION_ID: they keep an empty version and their code name. */
static bool named_os(struct arena *a, const struct release_file *f, struct distribution *out)
{
	const struct named *named = named_find(get(f, "ID"));
	struct str version = get(f, "VERSION_ID");

	if (!named)
		return false;
	*out = distribution_generic(a, &f->fields);
	if (named->form == FORM_MINOR)
		version = release_first_components(version, 2);
	if (named->form == FORM_NONE)
		version = STR("");
	out->version = out->version_id = version;
	out->pretty_name = get(f, "PRETTY_NAME");
	return true;
}

static bool any_os(struct arena *a, const struct release_file *f, struct distribution *out)
{
	if (get(f, "ID").n == 0)
		return false;
	*out = distribution_generic(a, &f->fields);
	if (get(f, "PRETTY_NAME").n)
		out->pretty_name = get(f, "PRETTY_NAME");
	return true;
}

/* The text is searched for the name wherever it stands, so a distribution with an ID of its own is left
 * alone. */
static bool rhel_os(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str major;

	if (named_find(get(f, "ID")))
		return false;
	if (release_rhel_major(f->text, &major))
		return shape_rhel(a, major, out);
	return hummingbird(a, f, out);
}

/* --- "<name> release <version>" --- */

static bool plain(struct str did, struct str name, struct str version, struct str line,
		  struct distribution *out)
{
	out->did = did;
	out->name = name;
	out->version = out->version_id = version;
	out->pretty_name = line;
	return true;
}

static bool amazon_ami(struct arena *a, struct str major, struct distribution *out)
{
	(void)major;
	return shape_amazon(a, STR("2018.03"), out);
}

/* What the sentence begins with, in lower case. shape: of a distribution that Clair knows, from the major
 * version. */
static const struct sentence {
	const char *begins;
	bool (*shape)(struct arena *a, struct str major, struct distribution *out);
	const char *did;
	bool is_major; /* else the whole number is the version */
} sentences[] = {
	{ "amazon linux ami", amazon_ami, NULL, false },
	{ "amazon linux", shape_amazon, NULL, false },
	{ "red hat enterprise linux", shape_rhel, NULL, false },
	{ "oracle linux", shape_oracle, NULL, false },
	{ "centos", NULL, "centos", true },
	{ "rocky linux", NULL, "rocky", false },
	{ "almalinux", NULL, "almalinux", false },
	{ "fedora", NULL, "fedora", false },
	{ "scientific linux", NULL, "scientific", false },
	{ "gentoo", NULL, "gentoo", false },
};

static bool release_sentence(struct arena *a, const struct release_file *f, struct distribution *out)
{
	struct str line = distribution_patch_level(f->text), name, version, major, low;

	if (!release_split(line, &name, &version))
		return false;
	low = str_lower(a, name);
	major = release_first_components(version, 1);
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		const struct sentence *s = &sentences[i];

		if (!str_starts(low, str_of(s->begins)))
			continue;
		if (s->shape)
			return s->shape(a, major, out);
		return plain(str_of(s->did), name, s->is_major ? major : version, line, out);
	}
	return false;
}

static bool arch_file(struct arena *a, const struct release_file *f, struct distribution *out)
{
	(void)a;
	(void)f;
	return plain(STR("arch"), STR("Arch Linux"), STR(""), STR("Arch Linux"), out);
}

const struct distribution_rule distribution_rules[] = {
	{ "alpine", RELEASE_OS, alpine_os },
	{ "alpine", RELEASE_ISSUE, alpine_issue },
	{ "aws", RELEASE_OS, amazon_os },
	{ "debian", RELEASE_OS, debian_os },
	{ "ubuntu", RELEASE_LSB, ubuntu_lsb },
	{ "ubuntu", RELEASE_OS, ubuntu_os },
	{ "oracle", RELEASE_OS, oracle_text },
	{ "oracle", RELEASE_ISSUE, oracle_text },
	{ "photon", RELEASE_OS, photon_os },
	{ "suse", RELEASE_OS, suse_os },
	{ "rhel", RELEASE_OS, rhel_os },
	{ "named", RELEASE_OS, named_os },
	{ "any", RELEASE_OS, any_os },
	{ "alpine", RELEASE_ALPINE, alpine_file },
	{ "photon", RELEASE_PHOTON, photon_file },
	{ "sentence", RELEASE_SENTENCE, release_sentence },
	{ "suse", RELEASE_SUSE, suse_file },
	{ "arch", RELEASE_ARCH, arch_file },
	{ "debian", RELEASE_DEBIAN, debian_file },
	{ "alpine", RELEASE_APK_REPOSITORIES, alpine_repositories },
	{ NULL, RELEASE_OS, NULL },
};

struct str distribution_patch_level(struct str text)
{
	struct str line = { 0 };

	str_line(&text, &line);
	return str_trim(line);
}
