/* SPDX-License-Identifier: Apache-2.0 */
/* Amazon Linux: rpm packages, and the updateinfo.xml of each release's repository (matching.md 4.2). Where
 * the repository is says a list of mirrors. Easy to get wrong: the first Amazon Linux has another name than
 * its successors, and "2018.03" for a version whatever the image says. */
#include "ecosystem/by_binary.h"
#include "ecosystem/ecosystems.h"

#define FILE_PATH "/repodata/updateinfo.xml.gz"

enum { LIST_BYTES = 65536, MIRRORS_MAX = 16 };

static const struct release {
	const char *version, *name, *updater;
	const char *repository; /* with "/mirror.list": the list of its mirrors */
	const char *mirror_path; /* of the repository */
} releases[] = {
	{ "2018.03", "Amazon Linux AMI", "aws-AL1-updater",
	  "http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64", "aws/2018.03/updates/x86_64" },
	{ "2", "Amazon Linux", "aws-AL2-updater", "https://cdn.amazonlinux.com/2/core/latest/x86_64",
	  "aws/2/core/latest/x86_64" },
	{ "2023", "Amazon Linux", "aws-AL2023-updater",
	  "https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64",
	  "aws/al2023/core/mirrors/latest/x86_64" },
};

enum { RELEASES = sizeof(releases) / sizeof(releases[0]) };

static bool applies(const struct record *r)
{
	return by_binary_is(r, "amzn", "Amazon Linux AMI") || by_binary_is(r, "amzn", "Amazon Linux");
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	return by_binary_key(a, STR("amzn"), r->distribution->version_id, r->package, out);
}

static void add_source(struct feed_sources *out, const struct release *release, struct str repository)
{
	struct arena *a = out->arena;
	struct str version = str_of(release->version);
	struct feed_source *s = VEC_ADD(a, &out->sources);

	*s = (struct feed_source){
		.url = str_format(a, STR_FMT FILE_PATH, STR_ARG(repository)),
		.mirror_path = str_format(a, "%s" FILE_PATH, release->mirror_path),
		.namespace = str_format(a, "amzn:%s", release->version),
	};
	s->distribution = (struct distribution){
		.did = STR("amzn"),
		.name = str_of(release->name),
		.version = version,
		.version_id = version,
		.pretty_name = str_format(a, "%s %s", release->name, release->version),
	};
}

static int has_updates(struct discovery *d, struct arena *a, const struct release *release,
		       struct str repository, struct err *err)
{
	return d->exists(d, str_format(a, STR_FMT FILE_PATH, STR_ARG(repository)),
			 str_format(a, "%s" FILE_PATH, release->mirror_path), err);
}

/* A mirror of the list: an address, and nothing else on the line. */
static bool next_mirror(struct str *list, struct str *mirror)
{
	struct str line, rest;

	while (str_line(list, &line)) {
		rest = str_trim(line);
		if (!str_starts(rest, STR("http://")) && !str_starts(rest, STR("https://")))
			continue;
		if (!str_is_text(rest) || !str_word(&rest, mirror) || rest.n)
			continue;
		while (str_ends(*mirror, STR("/")))
			mirror->n--;
		return true;
	}
	return false;
}

/* The first mirror that has the file. Returns 1; 0: none has, or there is no list; or the last error. */
static int find_mirror(struct task *task, struct discovery *d, struct arena *a, const struct release *release,
		       struct str *repository, struct err *err)
{
	struct str list;
	int found = d->get(d, str_format(a, "%s/mirror.list", release->repository),
			   str_format(a, "%s/mirror.list", release->mirror_path), LIST_BYTES, &list, err);

	if (found == 0)
		return has_updates(d, a, release, *repository, err);
	TRY(found);
	found = 0;
	for (unsigned i = 0; found <= 0 && i < MIRRORS_MAX && next_mirror(&list, repository); i++) {
		TRY(task_check(task, err));
		found = has_updates(d, a, release, *repository, err);
	}
	return found;
}

/* A release whose mirrors cannot be asked stays in the list: fetching will say what is wrong under the name
 * of its updater, and the other releases are updated. */
static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	for (size_t i = 0; i < RELEASES; i++) {
		struct str repository = str_of(releases[i].repository);
		struct err failure = { 0 };

		if (find_mirror(task, d, out->arena, &releases[i], &repository, &failure) != 0)
			add_source(out, &releases[i], str_copy(out->arena, repository));
		TRY(task_check(task, err));
	}
	return 0;
}

static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	(void)a;
	for (size_t i = 0; i < RELEASES; i++)
		if (str_eq(source->distribution.version_id, str_of(releases[i].version)))
			return str_of(releases[i].updater);
	return STR("aws-updater");
}

const struct ecosystem ecosystem_aws = {
	.name = "aws",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_rpm, NULL },
	.matcher = &(const struct matcher){ .name = "aws-matcher",
					    .applies = applies,
					    .keys = keys,
					    .affects = by_binary_affects_rpm },
	.updaters = &(const struct updater_set){ .name = "aws",
						 .discover = discover,
						 .updater_name = updater_name,
						 .format = FEED_UPDATEINFO,
						 .parser_version = 1 },
	.caveat = "Amazon publishes fixed issues only; topics of Amazon Linux Extras are not covered",
};
