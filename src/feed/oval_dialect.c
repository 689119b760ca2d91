/* SPDX-License-Identifier: Apache-2.0 */
/* The publishers of OVAL documents and what is particular to each (matching.md 4.4 to 4.7, 5.9, 11). Easy to
 * get wrong: the words for severities are compared exactly, since two publishers use one word in different
 * cases, and Ubuntu's comments, not its tests, say that a fix is put off or refused. */
#include "feed/oval_dialect.h"

static const struct oval_severity ubuntu_severities[] = {
	{ "Untriaged", SEVERITY_UNKNOWN }, { "Negligible", SEVERITY_NEGLIGIBLE },
	{ "Low", SEVERITY_LOW },	   { "Medium", SEVERITY_MEDIUM },
	{ "High", SEVERITY_HIGH },	   { "Critical", SEVERITY_CRITICAL },
	{ NULL, SEVERITY_UNKNOWN },
};

static const struct oval_severity oracle_severities[] = {
	{ "N/A", SEVERITY_UNKNOWN },	{ "LOW", SEVERITY_LOW },	   { "MODERATE", SEVERITY_MEDIUM },
	{ "IMPORTANT", SEVERITY_HIGH }, { "CRITICAL", SEVERITY_CRITICAL }, { NULL, SEVERITY_UNKNOWN },
};

static const struct oval_severity rpm_severities[] = {
	{ "None", SEVERITY_UNKNOWN },	{ "Low", SEVERITY_LOW },	   { "Moderate", SEVERITY_MEDIUM },
	{ "Important", SEVERITY_HIGH }, { "Critical", SEVERITY_CRITICAL }, { NULL, SEVERITY_UNKNOWN },
};

static const struct oval_phrase ubuntu_phrases[] = {
	{ "decision has been made to ignore", STATUS_WILL_NOT_FIX },
	{ "decision has been made to defer", STATUS_FIX_DEFERRED },
	{ "is not affected", STATUS_NOT_AFFECTED },
	{ "may need fixing", STATUS_AFFECTED },
	{ "pending publication", STATUS_AFFECTED },
	{ NULL, STATUS_AFFECTED },
};

static const struct oval_phrase suse_phrases[] = {
	{ "is not affected", STATUS_NOT_AFFECTED },
	{ NULL, STATUS_AFFECTED },
};

static const struct oval_phrase no_phrases[] = { { NULL, STATUS_AFFECTED } };

#define SUSE(name, packs)                                                                                    \
	{                                                                                                    \
		.did = name, .kind = PACKAGE_BINARY, .has_service_packs = packs,                             \
		.severities = rpm_severities, .phrases = suse_phrases                                        \
	}
#define MICROSOFT(name)                                                                                      \
	{                                                                                                    \
		.did = name, .kind = PACKAGE_SOURCE, .names_cve = true, .has_bounds = true,                  \
		.severities = ubuntu_severities, .phrases = no_phrases                                       \
	}

static const struct oval_dialect dialects[] = {
	{ .did = "ubuntu",
	  .is_dpkg = true,
	  .kind = PACKAGE_BINARY,
	  .has_esm = true,
	  .hides_severity = true,
	  .severities = ubuntu_severities,
	  .phrases = ubuntu_phrases },
	{ .did = "ol", .kind = PACKAGE_BINARY, .severities = oracle_severities, .phrases = no_phrases },
	{ .did = "photon", .kind = PACKAGE_BINARY, .severities = rpm_severities, .phrases = no_phrases },
	SUSE("sles", true),
	SUSE("opensuse-leap", false),
	MICROSOFT("azurelinux"),
	MICROSOFT("mariner"),
};

const struct oval_dialect *oval_dialect_of(struct str did)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (str_eq(did, str_of(dialects[i].did)))
			return &dialects[i];
	return NULL;
}

enum severity oval_severity_of(const struct oval_dialect *dialect, struct str word)
{
	for (const struct oval_severity *s = dialect->severities; s->word; s++)
		if (str_eq(word, str_of(s->word)))
			return s->severity;
	return SEVERITY_UNKNOWN;
}

enum advisory_status oval_status_of(const struct oval_dialect *dialect, struct str comment, struct str *words)
{
	*words = (struct str){ NULL, 0 };
	for (const struct oval_phrase *p = dialect->phrases; p->phrase; p++) {
		size_t at = str_search(comment, str_of(p->phrase));

		if (at == comment.n)
			continue;
		*words = str_of(p->phrase);
		return p->status;
	}
	return STATUS_AFFECTED;
}

struct str oval_channel_of(const struct oval_dialect *dialect, struct str comment)
{
	struct str before = STR(" package in "), release, channel, code_name;
	size_t at = str_search(comment, before);

	if (!dialect->has_esm || at == comment.n)
		return (struct str){ NULL, 0 };
	release = str_sub(comment, at + before.n, comment.n - at - before.n);
	if (str_cut(release, '/', &channel, &code_name) &&
	    (str_eq(channel, STR("esm-infra")) || str_eq(channel, STR("esm-apps"))))
		return channel;
	return (struct str){ NULL, 0 };
}

uint32_t oval_packs_of(struct str comment, struct str major)
{
	struct str rest = comment, word, suffix;
	uint64_t pack;

	if (!str_starts(comment, STR("SUSE ")) || !str_ends(comment, STR(" is installed")))
		return 0;
	while (str_word(&rest, &word)) {
		str_cut(word, '-', &word, &suffix); /* 15-LTSS */
		if (!str_eq(word, major))
			continue;
		if (!str_word(&rest, &word) || !str_starts(word, STR("SP")))
			return 1;
		str_cut(str_sub(word, 2, word.n - 2), '-', &word, &suffix); /* SP1-BCL */
		return str_u64(word, 30, &pack) ? UINT32_C(1) << pack : OVAL_ANY_PACK;
	}
	return OVAL_ANY_PACK;
}

/* "cpe:/a:oracle:linux:8::userspace_ksplice": the edition is the sixth field after the scheme. */
static bool is_ksplice(struct str cpe)
{
	struct str field, rest;

	cpe = str_trim(cpe);
	if (!str_starts(cpe, STR("cpe:/")))
		return false;
	rest = str_sub(cpe, 5, cpe.n - 5);
	for (int i = 0; i < 6; i++)
		str_cut(rest, ':', &field, &rest);
	return str_eq(field, STR("userspace_ksplice"));
}

bool oval_is_ksplice(const struct str *cpes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_ksplice(cpes[i]))
			return false;
	return n > 0;
}
