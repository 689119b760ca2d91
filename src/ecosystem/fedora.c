/* SPDX-License-Identifier: Apache-2.0 */
/* Fedora: rpm packages, and the security updates of each release that has not ended, which Bodhi answers in
 * pages (https://bodhi.fedoraproject.org/, matching.md 5.8). Which releases there are, Bodhi says too. Easy
 * to get wrong: its releases are also those of flatpaks and containers, of EPEL and of ELN; only "F" and a
 * number is Fedora Linux itself. */
#include "base/json.h"
#include "base/limits.h"
#include "ecosystem/by_binary.h"
#include "ecosystem/by_source.h"
#include "ecosystem/ecosystems.h"

#define BODHI "https://bodhi.fedoraproject.org/"

enum { FIRST_RELEASE = 38, LAST_RELEASE = 60 }; /* looked for where there is no list */

static bool applies(const struct record *r)
{
	return by_binary_is(r, "fedora", "Fedora Linux");
}

static unsigned keys(struct arena *a, const struct record *r, struct advisory_key out[MAX_KEYS])
{
	if (r->distribution->version_id.n == 0)
		return 0;
	out[0].namespace = str_format(a, "fedora:" STR_FMT, STR_ARG(r->distribution->version_id));
	out[0].package = by_source_name(r->package);
	return 1;
}

static enum verdict affects(struct arena *a, const struct record *r, const struct advisory *advisory,
			    struct str *reason)
{
	if (by_source_is_kernel_headers(r->package))
		return NOT_AFFECTED;
	return by_binary_compare_rpm(a, by_source_evr(a, r->package, advisory->fixed_in), advisory, reason);
}

static void add_source(struct feed_sources *out, struct str folder, struct str release)
{
	struct arena *a = out->arena;
	struct feed_source *s = VEC_ADD(a, &out->sources);

	*s = (struct feed_source){
		.url = str_format(
			a,
			STR_FMT
			"updates/"
			"?status=stable&type=security&rows_per_page=100&page={page}&releases=F" STR_FMT,
			STR_ARG(folder), STR_ARG(release)),
		.mirror_path = str_format(a, "fedora/F" STR_FMT "/{page}.json", STR_ARG(release)),
		.namespace = str_format(a, "fedora:" STR_FMT, STR_ARG(release)),
	};
	s->distribution = (struct distribution){
		.did = STR("fedora"),
		.name = STR("Fedora Linux"),
		.version = str_copy(a, release),
		.version_id = str_copy(a, release),
		.pretty_name = str_format(a, "Fedora Linux " STR_FMT, STR_ARG(release)),
	};
}

/* "F40" of a release that has not ended. */
static bool is_release(const struct json_value *r, struct str *number)
{
	static const char *const states[] = { "current", "frozen", "pending" };
	struct str name = json_get_str(r, "name"), state = json_get_str(r, "state");
	uint64_t n;

	if (!str_starts(name, STR("F")) || !str_u64(str_sub(name, 1, name.n - 1), 999, &n))
		return false;
	*number = str_sub(name, 1, name.n - 1);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_eq(state, str_of(states[i])))
			return true;
	return false;
}

static int add_listed(struct feed_sources *out, struct str folder, struct str text, struct err *err)
{
	struct json_value answer;
	const struct json_value *list;
	struct str number;

	if (json_parse(out->arena, text, &answer, err) < 0)
		return err_wrap(err, STR_FMT "releases/", STR_ARG(folder));
	list = json_get(&answer, "releases");
	if (!list || list->type != JSON_ARRAY)
		return err_set(err, E_FORMAT, STR_FMT "releases/: no list of releases", STR_ARG(folder));
	for (size_t i = 0; i < list->n; i++)
		if (is_release(&list->items[i], &number))
			add_source(out, folder, number);
	return 0;
}

/* Without a list: what there is a first page of. */
static int look_for(struct task *task, struct discovery *d, struct feed_sources *out, struct str folder,
		    struct err *err)
{
	struct arena *a = out->arena;

	for (unsigned n = FIRST_RELEASE; n <= LAST_RELEASE; n++) {
		int found = d->exists(d,
				      str_format(a,
						 STR_FMT "updates/?status=stable&type=security&releases=F%u",
						 STR_ARG(folder), n),
				      str_format(a, "fedora/F%u/1.json", n), err);

		TRY(found);
		if (found)
			add_source(out, folder, str_format(a, "%u", n));
		TRY(task_check(task, err));
	}
	return 0;
}

static int discover(struct task *task, struct discovery *d, struct feed_sources *out, struct err *err)
{
	struct arena *a = out->arena;
	struct str folder = discovery_folder(a, d, "url", BODHI), text;
	int listed = d->get(
		d,
		str_format(a, STR_FMT "releases/?exclude_archived=true&rows_per_page=100", STR_ARG(folder)),
		STR("fedora/releases.json"), LIMIT_MANIFEST_BYTES, &text, err);

	TRY(listed);
	return listed ? add_listed(out, folder, text, err) : look_for(task, d, out, folder, err);
}

/* "fedora/40" */
static struct str updater_name(struct arena *a, const struct feed_source *source)
{
	return str_format(a, "fedora/" STR_FMT, STR_ARG(source->distribution.version_id));
}

const struct ecosystem ecosystem_fedora = {
	.name = "fedora",
	.scanners = (const struct scanner_id *const[]){ &id_os_release, &id_rpm, NULL },
	.matcher = &(const struct matcher){ .name = "fedora",
					    .applies = applies,
					    .keys = keys,
					    .affects = affects },
	.updaters = &(const struct updater_set){ .name = "fedora",
						 .discover = discover,
						 .updater_name = updater_name,
						 .format = FEED_BODHI,
						 .parser_version = 1,
						 .transport = TRANSPORT_PAGES },
	.caveat = "Fedora publishes fixed issues only, and for releases that have not ended",
};
