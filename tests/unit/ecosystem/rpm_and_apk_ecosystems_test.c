/* SPDX-License-Identifier: Apache-2.0 */
/* alma, arch, aws, fedora, rocky, wolfi, chainguard, minimos: discovery, keys, verdicts, and that a scanned
 * image is described as its feed describes it */
#include "../unit.h"

#include "base/task.h"
#include "ecosystem/ecosystems.h"
#include "engine/affected.h"
#include "engine/decide.h"
#include "scan/distributions.h"

/* ---- discovery against a pretended publisher ---- */

struct pretend {
	struct discovery discovery;
	const char *const *there; /* URLs and paths that exist; ends with NULL */
	const char *list, *list_path; /* a list of mirrors */
	int fails; /* every question */
};

static bool is_there(const struct pretend *p, struct str url, struct str path)
{
	for (const char *const *t = p->there; t && *t; t++)
		if (str_eq(url, str_of(*t)) || str_eq(path, str_of(*t)))
			return true;
	return false;
}

static int pretend_exists(struct discovery *d, struct str url, struct str path, struct err *err)
{
	const struct pretend *p = (struct pretend *)d;

	return p->fails ? err_set(err, p->fails, "unreachable") : is_there(p, url, path);
}

static int pretend_get(struct discovery *d, struct str url, struct str path, size_t max, struct str *out,
		       struct err *err)
{
	const struct pretend *p = (struct pretend *)d;

	(void)url;
	(void)max;
	if (p->fails)
		return err_set(err, p->fails, "unreachable");
	if (!p->list || !str_eq(path, str_of(p->list_path)))
		return 0;
	*out = str_of(p->list);
	return 1;
}

static int discover(const struct ecosystem *e, struct task *t, struct pretend p, struct feed_sources *out)
{
	struct err err = { 0 };

	p.discovery = (struct discovery){ .exists = pretend_exists, .get = pretend_get };
	*out = (struct feed_sources){ .arena = &t->arena };
	return e->updaters->discover(t, &p.discovery, out, &err);
}

#define REPODATA "/repodata/updateinfo.xml.gz"
#define FEDORA_URL                                                                                           \
	"https://bodhi.fedoraproject.org/updates/?status=stable&type=security&rows_per_page=100&page={page}" \
	"&releases=F"
#define AL2_PATH "aws/2/core/latest/x86_64"

static void feeds_are_found(void **state)
{
	static const char *const second[] = { "https://two.example/x" REPODATA, NULL };
	static const char *const mirrored[] = { AL2_PATH REPODATA, "wolfi/os/security.json",
						"chainguard/security.json", "minimos/security.json", NULL };
	static const char *const fedora[] = { "fedora/F40/1.json", NULL };
	static const char *const rocky[] = { "rocky/osv/1.json", NULL };
	static const char *const arch[] = { "arch/all.json", NULL };
	static const char *const alma[] = { "osv/AlmaLinux:9/all.zip", NULL };
	static const struct {
		const struct ecosystem *ecosystem;
		struct pretend pretend;
		const char *want; /* "updater namespace URL path" of each */
	} cases[] = {
		{ &ecosystem_aws,
		  { .there = second,
		    .list_path = AL2_PATH "/mirror.list",
		    .list = "# "
			    "none\nftp://zero.example/\nhttps://one.example/x/\r\n\nhttps://two.example/x//\n"
			    "https://three.example/ x\n" },
		  "aws-AL2-updater amzn:2 https://two.example/x" REPODATA " " AL2_PATH REPODATA "\n" },
		{ &ecosystem_aws, { .there = second, .list_path = AL2_PATH "/mirror.list", .list = "" }, "" },
		{ &ecosystem_aws,
		  { .there = mirrored },
		  "aws-AL2-updater amzn:2 https://cdn.amazonlinux.com/2/core/latest/x86_64" REPODATA
		  " " AL2_PATH REPODATA "\n" },
		/* what is wrong will be told by fetching, under each name */
		{ &ecosystem_aws,
		  { .fails = E_IO },
		  "aws-AL1-updater amzn:2018.03 "
		  "http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64" REPODATA
		  " aws/2018.03/updates/x86_64" REPODATA "\n"
		  "aws-AL2-updater amzn:2 https://cdn.amazonlinux.com/2/core/latest/x86_64" REPODATA
		  " " AL2_PATH REPODATA "\n"
		  "aws-AL2023-updater amzn:2023 "
		  "https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64" REPODATA
		  " aws/al2023/core/mirrors/latest/x86_64" REPODATA "\n" },
		{ &ecosystem_wolfi,
		  { .there = mirrored },
		  "wolfi wolfi:rolling https://packages.wolfi.dev/os/security.json "
		  "wolfi/os/security.json\n" },
		{ &ecosystem_chainguard,
		  { .there = mirrored },
		  "chainguard chainguard:rolling https://packages.cgr.dev/chainguard/security.json "
		  "chainguard/security.json\n" },
		{ &ecosystem_minimos,
		  { .there = mirrored },
		  "minimos minimos:rolling https://packages.mini.dev/advisories/secdb/security.json "
		  "minimos/security.json\n" },
		{ &ecosystem_arch,
		  { .there = arch },
		  "arch arch:rolling https://security.archlinux.org/all.json arch/all.json\n" },
		{ &ecosystem_arch, { .there = second }, "" },
		{ &ecosystem_rocky,
		  { .there = rocky },
		  "rocky  https://apollo.build.resf.org/api/v3/osv/?page={page}&size=100 "
		  "rocky/osv/{page}.json\n" },
		{ &ecosystem_rocky, { .there = second }, "" },
		{ &ecosystem_fedora,
		  { .list_path = "fedora/releases.json",
		    .list = "{\"releases\":[{\"name\":\"F41\",\"state\":\"current\"},{\"name\":\"F42\","
			    "\"state\":"
			    "\"pending\"},{\"name\":\"F39\",\"state\":\"archived\"},{\"name\":\"F41F\","
			    "\"state\":"
			    "\"current\"},{\"name\":\"EPEL-9\",\"state\":\"current\"},{\"name\":\"F\"},7]}" },
		  "fedora/41 fedora:41 " FEDORA_URL "41 fedora/F41/{page}.json\n"
		  "fedora/42 fedora:42 " FEDORA_URL "42 fedora/F42/{page}.json\n" },
		{ &ecosystem_fedora,
		  { .there = fedora },
		  "fedora/40 fedora:40 " FEDORA_URL "40 fedora/F40/{page}.json\n" },
		{ &ecosystem_wolfi, { .there = second }, "" },
		{ &ecosystem_alma,
		  { .there = alma },
		  "alma/9 almalinux:9 "
		  "https://osv-vulnerabilities.storage.googleapis.com/AlmaLinux:9/all.zip "
		  "osv/AlmaLinux:9/all.zip\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task t = { 0 };
		struct feed_sources s;
		struct str text = { "", 0 };

		assert_int_equal(discover(cases[i].ecosystem, &t, cases[i].pretend, &s), 0);
		VEC_EACH (const struct feed_source, source, &s.sources) {
			const struct updater_set *set = cases[i].ecosystem->updaters;
			struct str name = set->updater_name ? set->updater_name(&t.arena, source)
							    : str_of(set->name);

			assert_true(str_starts(name, str_of(cases[i].ecosystem->updaters->name)));
			text = str_format(&t.arena, STR_FMT STR_FMT " " STR_FMT " " STR_FMT " " STR_FMT "\n",
					  STR_ARG(text), STR_ARG(name), STR_ARG(source->namespace),
					  STR_ARG(source->url), STR_ARG(source->mirror_path));
		}
		assert_str_is(text, cases[i].want);
	}
}

/* ---- what the scanner says is what the feed says ---- */

static struct distribution scanned(struct arena *a, const char *os_release)
{
	struct release_file file = { .kind = RELEASE_OS, .text = str_of(os_release) };
	struct distribution d = { 0 };
	struct err err = { 0 };

	file.is_well_formed = os_release_parse(a, file.text, &file.fields, &err) == 0;
	for (const struct distribution_rule *r = distribution_rules; r->name; r++)
		if (r->kind == RELEASE_OS && r->read(a, &file, &d))
			return d;
	return d;
}

static const struct {
	const struct ecosystem *ecosystem;
	const char *os_release, *namespace, *name;
} images[] = {
	{ &ecosystem_aws,
	  "NAME=\"Amazon Linux AMI\"\nVERSION=\"2018.03\"\nID=\"amzn\"\nVERSION_ID=\"2018.03\"\n"
	  "CPE_NAME=\"cpe:/o:amazon:linux:2018.03:ga\"\n",
	  "amzn:2018.03", "Amazon Linux AMI" },
	{ &ecosystem_aws,
	  "NAME=\"Amazon Linux\"\nID=\"amzn\"\nVERSION_ID=\"2\"\n"
	  "CPE_NAME=\"cpe:2.3:o:amazon:amazon_linux:2\"\n",
	  "amzn:2", "Amazon Linux" },
	{ &ecosystem_aws,
	  "NAME=\"Amazon Linux\"\nID=\"amzn\"\nVERSION_ID=\"2023\"\n"
	  "CPE_NAME=\"cpe:2.3:o:amazon:amazon_linux:2023\"\n",
	  "amzn:2023", "Amazon Linux" },
	{ &ecosystem_alma,
	  "NAME=\"AlmaLinux\"\nID=\"almalinux\"\nVERSION=\"9.4 (Seafoam Ocelot)\"\nVERSION_ID=\"9.4\"\n",
	  "almalinux:9", "AlmaLinux" },
	{ &ecosystem_wolfi, "ID=wolfi\nNAME=\"Wolfi\"\nPRETTY_NAME=\"Wolfi\"\nVERSION_ID=\"20230201\"\n",
	  "wolfi:rolling", "Wolfi" },
	{ &ecosystem_chainguard,
	  "ID=chainguard\nNAME=\"Chainguard\"\nPRETTY_NAME=\"Chainguard\"\nVERSION_ID=\"20230214\"\n",
	  "chainguard:rolling", "Chainguard" },
	{ &ecosystem_fedora,
	  "NAME=\"Fedora Linux\"\nVERSION=\"40 (Container Image)\"\nID=fedora\nVERSION_ID=40\n", "fedora:40",
	  "Fedora Linux" },
	{ &ecosystem_arch, "NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\nPRETTY_NAME=\"Arch Linux\"\n",
	  "arch:rolling", "Arch Linux" },
	{ &ecosystem_minimos, "ID=minimos\nNAME=\"MinimOS\"\nVERSION_ID=\"20241031\"\n", "minimos:rolling",
	  "MinimOS" },
};

static void an_image_is_looked_up_where_its_feed_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		autotask struct task t = { 0 };
		struct distribution d = scanned(&t.arena, images[i].os_release);
		const struct package package = { .name = STR("p") };
		const struct record record = { .package = &package, .distribution = &d };
		const struct feed_source *found = NULL;
		struct advisory_key keys[MAX_KEYS];
		struct feed_sources s;

		assert_ptr_equal(decide_ecosystem(&record), images[i].ecosystem);
		assert_int_equal(images[i].ecosystem->matcher->keys(&t.arena, &record, keys), 1);
		assert_str_is(keys[0].namespace, images[i].namespace);
		assert_str_is(d.name, images[i].name);
		discover(images[i].ecosystem, &t,
			 (struct pretend){
				 .fails = images[i].ecosystem == &ecosystem_aws ? E_IO : 0,
				 .there = (const char *const[]){ "wolfi/os/security.json",
								 "chainguard/security.json",
								 "minimos/security.json", "arch/all.json",
								 "fedora/F40/1.json",
								 "osv/AlmaLinux:9/all.zip", NULL } },
			 &s);
		VEC_EACH (const struct feed_source, source, &s.sources)
			if (str_eq(source->namespace, keys[0].namespace))
				found = source;
		assert_non_null(found);
		assert_str_is(found->distribution.name, images[i].name);
		assert_str_is(engine_namespace(&t.arena, &found->distribution), images[i].namespace);
	}
}

/* ---- verdicts ---- */

/* A header gives the source's version without its epoch. */
static void sources_are_compared_without_the_epoch_that_they_lack(void **state)
{
	static const struct {
		const char *version, *source_version, *fixed_in;
		enum verdict want;
	} cases[] = {
		{ "1:2-3.el9", "2-3.el9", "1:2-4.el9", AFFECTED },
		{ "1:2-3.el9", "2-3.el9", "1:2-3.el9", NOT_AFFECTED },
		{ "2-3.el9", "2-3.el9", "1:2-3.el9", AFFECTED }, /* the epoch came later */
		{ "7.5-3.el9", "2-3.el9", "1:2-4.el9", AFFECTED }, /* a part with a version of its own */
		{ "7.5-3.el9", "2-4.el9", "1:2-4.el9", NOT_AFFECTED },
		{ "2:7.5-3.el9", "2-3.el9", "2-4.el9", AFFECTED }, /* no epoch is said */
		{ "7.5-3.el9", "1:2-4.el9", "1:2-4.el9", NOT_AFFECTED },
		{ "1:2-3.el9", "", "1:2-4.el9", AFFECTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct distribution d = { .did = STR("rocky"), .version_id = STR("9.4") };
		const struct package p = { .name = STR("p"),
					   .version = str_of(cases[i].version),
					   .source_name = STR("s"),
					   .source_version = str_of(cases[i].source_version) };
		const struct record r = { .package = &p, .distribution = &d };
		const struct advisory advisory = { .fixed_in = str_of(cases[i].fixed_in) };
		struct str reason = { 0 };

		if (ecosystem_rocky.matcher->affects(&a, &r, &advisory, &reason) != cases[i].want)
			fail_msg("case %zu", i);
	}
}

static const struct {
	const char *did, *version, *source, *source_version, *arch, *fixed_in, *advisory_arch;
	enum advisory_status status;
	enum verdict want;
} verdicts[] = {
	{ "amzn", "1-1", "", "", "x86_64", "1-2", "x86_64", STATUS_AFFECTED, AFFECTED },
	{ "amzn", "1-2", "", "", "x86_64", "1-2", "x86_64", STATUS_AFFECTED, NOT_AFFECTED },
	{ "amzn", "1-1", "", "", "aarch64", "1-2", "x86_64", STATUS_AFFECTED, NOT_AFFECTED },
	{ "amzn", "1:1-1", "s", "1-1", "noarch", "1-2", "noarch", STATUS_AFFECTED, NOT_AFFECTED },
	{ "amzn", "~-", "", "", "x86_64", "1-2", "x86_64", STATUS_AFFECTED, AFFECTED },
	{ "amzn", "", "", "", "x86_64", "1-2", "x86_64", STATUS_AFFECTED, UNDECIDED },
	{ "wolfi", "1.0-r0", "s", "1.0-r1", "x86_64", "1.0-r1", "", STATUS_AFFECTED, NOT_AFFECTED },
	{ "wolfi", "1.0-r1", "s", "1.0-r0", "x86_64", "1.0-r1", "", STATUS_AFFECTED, AFFECTED },
	{ "wolfi", "1.0-r1", "", "", "x86_64", "0", "", STATUS_NOT_AFFECTED, NOT_AFFECTED },
	{ "chainguard", "1.0-r1", "", "", "x86_64", "1.0-r2", "", STATUS_AFFECTED, AFFECTED },
	{ "minimos", "1.0-r2", "", "", "x86_64", "1.0-r2", "", STATUS_AFFECTED, NOT_AFFECTED },
	{ "arch", "1.0rc1-1", "", "", "x86_64", "1.0-1", "", STATUS_AFFECTED, AFFECTED },
	{ "arch", "1:1.0-1", "", "", "x86_64", "2.0-1", "", STATUS_AFFECTED, NOT_AFFECTED },
	{ "archarm", "1.0-1", "base", "9-9", "aarch64", "1.0-2", "", STATUS_AFFECTED, AFFECTED },
	{ "manjaro", "1.0-1", "", "", "x86_64", "", "", STATUS_AFFECTED, AFFECTED },
	{ "arch", "1.0-1", "", "", "x86_64", "0", "", STATUS_NOT_AFFECTED, NOT_AFFECTED },
	{ "arch", "1.0-1", "", "", "x86_64", "", "", STATUS_UNDER_INVESTIGATION, UNDECIDED },
	{ "arch", "-", "", "", "x86_64", "1.0-1", "", STATUS_AFFECTED, UNDECIDED },
	{ "minimos", "one", "", "", "x86_64", "1.0-r2", "", STATUS_AFFECTED, UNDECIDED },
};

static void verdicts_follow_version_and_architecture(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct distribution d = { .did = str_of(verdicts[i].did), .version_id = STR("2") };
		const struct package p = { .name = STR("p"),
					   .version = str_of(verdicts[i].version),
					   .arch = str_of(verdicts[i].arch),
					   .source_name = str_of(verdicts[i].source),
					   .source_version = str_of(verdicts[i].source_version) };
		const struct record r = { .package = &p, .distribution = &d };
		const struct advisory advisory = { .fixed_in = str_of(verdicts[i].fixed_in),
						   .arch = str_of(verdicts[i].advisory_arch),
						   .arch_operation = STR("equals"),
						   .status = verdicts[i].status };
		struct str reason = { 0 };
		enum verdict v = decide(&a, decide_ecosystem(&r), &r, &advisory, &reason);

		if (v != verdicts[i].want || (v == UNDECIDED) != (reason.n > 0))
			fail_msg("case %zu: verdict %d, reason \"%.*s\"", i, v, STR_ARG(reason));
	}
}

static const struct {
	const char *version, *module, *fixed_in, *advisory_module, *status_text;
	enum verdict want;
} alma_verdicts[] = {
	{ "1-1.el9", "", "1-2.el9", "", "", AFFECTED },
	{ "1-2.el9", "", "1-2.el9", "", "", NOT_AFFECTED },
	{ "1-1.el9", "", "", "", "", AFFECTED },
	{ "1-1.module_el9+1+a", "m:1", "1-2.module_el9+1+a", "m:1", "", AFFECTED },
	{ "1-1.module_el9+1+a", "m:1:900:abc", "1-2.module_el9+1+a", "m:1", "", AFFECTED },
	{ "1-1.module_el9+1+a", "m:1", "1-2.module_el9+1+a", "", "", AFFECTED },
	/* another stream, no stream, not of a module */
	{ "1-1.module_el9+1+a", "m:10", "1-2.module_el9+1+a", "m:1", "", NOT_AFFECTED },
	{ "1-1.module_el9+1+a", "", "1-2.module_el9+1+a", "m:1", "", NOT_AFFECTED },
	{ "1-1.module_el9+1+a", "m:1", "1-2.el9", "", "", NOT_AFFECTED },
	{ "1-1.module_el9+1+a", "", "1-2.el9", "", "", NOT_AFFECTED },
	/* several builds */
	{ "1-2.el9_1", "", "1-3.el9", "", "also fixed in 1-2.el9_1, 1-2.el9_2", NOT_AFFECTED },
	{ "1-2.el9_2", "", "1-3.el9", "", "also fixed in 1-4.el9, 1-2.el9_1", NOT_AFFECTED },
	{ "1-1.el9", "", "1-3.el9", "", "also fixed in 1-2.el9_1, 1-2.el9_2", AFFECTED },
	{ "", "", "1-3.el9", "", "also fixed in 1-2.el9_1", UNDECIDED },
};

static void alma_knows_modules_and_builds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(alma_verdicts) / sizeof(alma_verdicts[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct distribution d = { .did = STR("almalinux"), .version_id = STR("9.4") };
		const struct package p = { .name = STR("p"),
					   .version = str_of(alma_verdicts[i].version),
					   .module = str_of(alma_verdicts[i].module) };
		const struct record r = { .package = &p, .distribution = &d };
		const struct advisory advisory = { .fixed_in = str_of(alma_verdicts[i].fixed_in),
						   .module = str_of(alma_verdicts[i].advisory_module),
						   .status_text = str_of(alma_verdicts[i].status_text) };
		struct str reason = { 0 };
		enum verdict v = ecosystem_alma.matcher->affects(&a, &r, &advisory, &reason);

		if (v != alma_verdicts[i].want || (v == UNDECIDED) != (reason.n > 0))
			fail_msg("case %zu: verdict %d, reason \"%.*s\"", i, v, STR_ARG(reason));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feeds_are_found),
		cmocka_unit_test(an_image_is_looked_up_where_its_feed_is),
		cmocka_unit_test(verdicts_follow_version_and_architecture),
		cmocka_unit_test(alma_knows_modules_and_builds),
		cmocka_unit_test(sources_are_compared_without_the_epoch_that_they_lack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
