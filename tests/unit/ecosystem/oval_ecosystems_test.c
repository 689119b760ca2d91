/* SPDX-License-Identifier: Apache-2.0 */
/* ubuntu, oracle, photon, suse, azure: discovery, keys, verdicts, and that a scanned image is described as
 * its feed describes it */
#include "../unit.h"

#include "base/task.h"
#include "ecosystem/ecosystems.h"
#include "engine/affected.h"
#include "engine/decide.h"
#include "scan/distributions.h"

/* ---- discovery against a pretended publisher ---- */

struct pretend {
	struct discovery discovery;
	const char *const *paths; /* that exist */
	const char *const *listing; /* NULL: none */
	const char *series; /* NULL: 404 */
};

static int pretend_exists(struct discovery *d, struct str url, struct str path, struct err *err)
{
	(void)url;
	(void)err;
	for (const char *const *p = ((struct pretend *)d)->paths; *p; p++)
		if (str_eq(path, str_of(*p)))
			return 1;
	return 0;
}

static int pretend_get(struct discovery *d, struct str url, struct str path, size_t max, struct str *out,
		       struct err *err)
{
	const char *series = ((struct pretend *)d)->series;

	(void)url;
	(void)max;
	(void)err;
	if (!series || !str_eq(path, STR("ubuntu/series")))
		return 0;
	*out = str_of(series);
	return 1;
}

static int pretend_list(struct discovery *d, struct str url, struct str path, struct str **names,
			size_t *count, struct err *err)
{
	static struct str found[16];
	const char *const *l = ((struct pretend *)d)->listing;

	(void)url;
	(void)path;
	(void)err;
	*count = 0;
	for (; l && *l; l++)
		found[(*count)++] = str_of(*l);
	*names = found;
	return ((struct pretend *)d)->listing != NULL;
}

static int discover(const struct ecosystem *e, struct task *t, struct pretend p, struct feed_sources *out)
{
	struct err err = { 0 };

	p.discovery = (struct discovery){ .exists = pretend_exists,
					  .get = pretend_get,
					  .list = pretend_list };
	*out = (struct feed_sources){ .arena = &t->arena };
	return e->updaters->discover(t, &p.discovery, out, &err);
}

static const char *const everything[] = { "ubuntu/oval/com.ubuntu.jammy.cve.oval.xml.bz2",
					  "ubuntu/oval/com.ubuntu.bionic.cve.oval.xml",
					  "oracle/oval/com.oracle.elsa-2007.xml.bz2",
					  "oracle/oval/com.oracle.elsa-2024.xml.bz2",
					  "photon/com.vmware.phsa-photon3.xml.gz",
					  "photon/com.vmware.phsa-photon5.xml",
					  "azurelinux/azurelinux-3.0-oval.xml.gz",
					  "azurelinux/cbl-mariner-2.0-oval.xml",
					  "suse/oval/suse.linux.enterprise.server.15.xml.gz",
					  "suse/oval/opensuse.leap.15.6.xml.gz",
					  NULL };

static void feeds_are_found(void **state)
{
	static const char *const listing[] = { "opensuse.leap.15.4.xml.gz",
					       "opensuse.leap.15.5.xml.gz",
					       "opensuse.leap.16.0.xml.gz",
					       "opensuse.leap.42.3.xml.gz",
					       "suse.linux.enterprise.desktop.15.xml.gz",
					       "suse.linux.enterprise.server.10.xml.gz",
					       "suse.linux.enterprise.server.15-affected.xml.gz",
					       "suse.linux.enterprise.server.15.xml.bz2",
					       "suse.linux.enterprise.server.15.xml.gz",
					       "suse.linux.enterprise.server.15.xml.gz",
					       NULL };
	static const char series[] =
		"{\"entries\":[{\"active\":true,\"name\":\"bionic\",\"version\":\"18.04\"},"
		"{\"active\":false,\"name\":\"jammy\",\"version\":\"22.04\"},{\"active\":true,\"name\":7},"
		"{\"active\":true,\"name\":\"../x\",\"version\":\"1.1\"},"
		"{\"active\":true,\"name\":\"none\",\"version\":\"1.1\"}]}";
	static const struct {
		const struct ecosystem *ecosystem;
		const char *const *listing;
		const char *series;
		const char *want; /* "updater namespace mirror path" of each */
	} cases[] = {
		{ &ecosystem_ubuntu, NULL, series,
		  "ubuntu/updater/bionic ubuntu:18.04 ubuntu/oval/com.ubuntu.bionic.cve.oval.xml\n" },
		{ &ecosystem_ubuntu, NULL, NULL,
		  "ubuntu/updater/bionic ubuntu:18.04 ubuntu/oval/com.ubuntu.bionic.cve.oval.xml\n"
		  "ubuntu/updater/jammy ubuntu:22.04 ubuntu/oval/com.ubuntu.jammy.cve.oval.xml.bz2\n" },
		{ &ecosystem_oracle, NULL, NULL,
		  "oracle-2007-updater  oracle/oval/com.oracle.elsa-2007.xml.bz2\n"
		  "oracle-2024-updater  oracle/oval/com.oracle.elsa-2024.xml.bz2\n" },
		{ &ecosystem_photon, NULL, NULL,
		  "photon-updater-3.0 photon:3.0 photon/com.vmware.phsa-photon3.xml.gz\n"
		  "photon-updater-5.0 photon:5.0 photon/com.vmware.phsa-photon5.xml\n" },
		{ &ecosystem_azure, NULL, NULL,
		  "azure/3.0 azurelinux:3.0 azurelinux/azurelinux-3.0-oval.xml.gz\n"
		  "azure/2.0 mariner:2.0 azurelinux/cbl-mariner-2.0-oval.xml\n" },
		{ &ecosystem_suse, listing, NULL,
		  "suse-updater-opensuse.leap.15.5 opensuse-leap:15.5 suse/oval/opensuse.leap.15.5.xml.gz\n"
		  "suse-updater-opensuse.leap.16.0 opensuse-leap:16.0 suse/oval/opensuse.leap.16.0.xml.gz\n"
		  "suse-updater-suse.linux.enterprise.server.15 sles:15 "
		  "suse/oval/suse.linux.enterprise.server.15.xml.gz\n" },
		{ &ecosystem_suse, NULL, NULL,
		  "suse-updater-suse.linux.enterprise.server.15 sles:15 "
		  "suse/oval/suse.linux.enterprise.server.15.xml.gz\n"
		  "suse-updater-opensuse.leap.15.6 opensuse-leap:15.6 "
		  "suse/oval/opensuse.leap.15.6.xml.gz\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autotask struct task t = { 0 };
		struct feed_sources s;
		struct str text = { "", 0 };

		assert_int_equal(discover(cases[i].ecosystem, &t,
					  (struct pretend){ .paths = everything,
							    .listing = cases[i].listing,
							    .series = cases[i].series },
					  &s),
				 0);
		VEC_EACH (const struct feed_source, source, &s.sources) {
			struct str name = cases[i].ecosystem->updaters->updater_name(&t.arena, source);

			assert_true(str_starts(name, str_of(cases[i].ecosystem->updaters->name)));
			text = str_format(&t.arena, STR_FMT STR_FMT " " STR_FMT " " STR_FMT "\n",
					  STR_ARG(text), STR_ARG(name), STR_ARG(source->namespace),
					  STR_ARG(source->mirror_path));
		}
		assert_str_is(text, cases[i].want);
	}
}

static void a_broken_list_of_series_is_an_error(void **state)
{
	static const char *const texts[] = { "", "{", "[]", "{\"entries\":7}" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		autotask struct task t = { 0 };
		struct feed_sources s;

		assert_int_equal(discover(&ecosystem_ubuntu, &t,
					  (struct pretend){ .paths = everything, .series = texts[i] }, &s),
				 E_FORMAT);
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
	const char *os_release, *namespace;
} images[] = {
	{ &ecosystem_ubuntu, "ID=ubuntu\nVERSION_ID=\"22.04\"\nVERSION_CODENAME=jammy\n", "ubuntu:22.04" },
	{ &ecosystem_oracle,
	  "NAME=\"Oracle Linux Server\"\nID=\"ol\"\nPRETTY_NAME=\"Oracle Linux Server 9.4\"\n", "ol:9" },
	{ &ecosystem_photon, "NAME=\"VMware Photon OS\"\nVERSION=\"5.0\"\nID=photon\nVERSION_ID=5.0\n",
	  "photon:5.0" },
	{ &ecosystem_suse, "ID=\"sles\"\nVERSION_ID=\"15.5\"\nCPE_NAME=\"cpe:/o:suse:sles:15:sp5\"\n",
	  "sles:15" },
	{ &ecosystem_suse,
	  "ID=\"opensuse-leap\"\nVERSION_ID=\"15.6\"\nCPE_NAME=\"cpe:/o:opensuse:leap:15.6\"\n",
	  "opensuse-leap:15.6" },
	{ &ecosystem_azure,
	  "NAME=\"Microsoft Azure Linux\"\nVERSION=\"3.0.20240824\"\nID=azurelinux\nVERSION_ID=\"3.0\"\n"
	  "PRETTY_NAME=\"Microsoft Azure Linux 3.0\"\n",
	  "azurelinux:3.0" },
	{ &ecosystem_azure,
	  "NAME=\"Common Base Linux Mariner\"\nVERSION=\"2.0.20230805\"\nID=mariner\nVERSION_ID=\"2.0\"\n"
	  "PRETTY_NAME=\"CBL-Mariner/Linux\"\n",
	  "mariner:2.0" },
};

static const struct distribution *published(const struct feed_sources *s, struct str namespace)
{
	VEC_EACH (const struct feed_source, source, &s->sources)
		if (str_eq(source->namespace, namespace))
			return &source->distribution;
	VEC_EACH (const struct distribution, d, &s->distributions)
		if (str_ends(namespace, d->version_id))
			return d;
	return NULL;
}

static void an_image_is_described_as_its_feed_describes_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		autotask struct task t = { 0 };
		struct distribution d = scanned(&t.arena, images[i].os_release);
		const struct package package = { .name = STR("p") };
		const struct record record = { .package = &package, .distribution = &d };
		const struct distribution *of_feed;
		struct advisory_key keys[MAX_KEYS];
		struct feed_sources s;

		print_message("%s\n", images[i].namespace);
		assert_ptr_equal(decide_ecosystem(&record), images[i].ecosystem);
		assert_int_equal(images[i].ecosystem->matcher->keys(&t.arena, &record, keys), 1);
		assert_str_is(keys[0].namespace, images[i].namespace);
		assert_str_is(engine_namespace(&t.arena, &d), images[i].namespace);
		discover(images[i].ecosystem, &t, (struct pretend){ .paths = everything }, &s);
		of_feed = published(&s, keys[0].namespace);
		assert_non_null(of_feed);
		assert_true(distribution_eq(&d, of_feed));
		assert_str_is(engine_namespace(&t.arena, of_feed), images[i].namespace);
	}
}

/* ---- verdicts ---- */

static const struct {
	const char *did, *package, *version, *source, *source_version, *arch;
	const char *namespace, *fixed_in, *arch_operation, *advisory_arch, *status_text;
	enum advisory_status status;
	enum verdict want;
} verdicts[] = {
	{ "ubuntu", "p", "1-1", "", "", "", "", "1-2", "", "", "", STATUS_AFFECTED, AFFECTED },
	{ "ubuntu", "p", "1-2", "", "", "", "", "0:1-2", "", "", "", STATUS_AFFECTED, NOT_AFFECTED },
	{ "ubuntu", "p", "1-2", "s", "1-1", "", "", "1-2", "", "", "", STATUS_AFFECTED, NOT_AFFECTED },
	{ "ubuntu", "p", "1-2", "", "", "", "", "", "", "", "", STATUS_FIX_DEFERRED, AFFECTED },
	{ "ubuntu", "p", "1-1", "", "", "", "", "1-1+esm1", "", "", "", STATUS_WILL_NOT_FIX, AFFECTED },
	{ "ubuntu", "p", "1-1+esm1", "", "", "", "", "1-1+esm2", "", "", "", STATUS_WILL_NOT_FIX,
	  NOT_AFFECTED },
	{ "ubuntu", "p", "1-1+esm1", "", "", "", "", "1-1+esm2", "", "", "", STATUS_AFFECTED, AFFECTED },
	{ "ubuntu", "p", "1-1+esm2", "", "", "", "", "1-1+esm2", "", "", "", STATUS_AFFECTED, NOT_AFFECTED },
	{ "ol", "p", "1-1.el8", "", "", "x86_64", "", "0:1-2.el8", "", "", "", STATUS_AFFECTED, AFFECTED },
	{ "ol", "p", "2:1-1.el8", "", "", "x86_64", "", "0:1-2.el8", "", "", "", STATUS_AFFECTED,
	  NOT_AFFECTED },
	{ "ol", "p", "1-1.el8", "", "", "", "", "2:1-2.ksplice1.el8", "", "", "", STATUS_AFFECTED,
	  NOT_AFFECTED },
	{ "ol", "p", "2:1-1.ksplice1.el8", "", "", "", "", "2:1-2.ksplice1.el8", "", "", "", STATUS_AFFECTED,
	  AFFECTED },
	{ "ol", "p", "10:1-1.el8_fips", "", "", "", "", "10:1-2.el8_fips", "", "", "", STATUS_AFFECTED,
	  AFFECTED },
	{ "ol", "p", "1-1.el8", "", "", "", "", "10:1-2.el8_fips", "", "", "", STATUS_AFFECTED,
	  NOT_AFFECTED },
	{ "ol", "p", "1-1.el8", "", "", "noarch", "", "1-2.el8", "pattern match", "aarch64|noarch", "",
	  STATUS_AFFECTED, AFFECTED },
	{ "ol", "p", "1-1.el8", "", "", "x86_64", "", "1-2.el8", "pattern match", "aarch64|noarch", "",
	  STATUS_AFFECTED, NOT_AFFECTED },
	{ "sles", "p", "1-1", "", "", "x86_64", "", "0:1-2", "pattern match", "(aarch64|x86_64)", "",
	  STATUS_AFFECTED, AFFECTED },
	{ "sles", "p", "1-1", "", "", "i586", "", "0:1-2", "pattern match", "(aarch64|x86_64)", "",
	  STATUS_AFFECTED, NOT_AFFECTED },
	{ "sles", "p", "1-1", "", "", "", "", "0", "", "", "is not affected", STATUS_NOT_AFFECTED,
	  NOT_AFFECTED },
	{ "sles", "p", "1:-1", "", "", "", "", "0:1-2", "", "", "", STATUS_AFFECTED, UNDECIDED },
	{ "sles", "p", "1-1", "", "", "", "", "0:1-2", "", "", "only in 1.2, 1.3", STATUS_AFFECTED,
	  AFFECTED },
	{ "sles", "p", "1-2", "", "", "", "", "0:1-2", "", "", "only in 1.3", STATUS_AFFECTED, NOT_AFFECTED },
	{ "sles", "p", "1-1", "", "", "", "", "0:1-2", "", "", "only in 1.2, 1.4", STATUS_AFFECTED,
	  NOT_AFFECTED },
	{ "photon", "p", "1-1", "", "", "", "", "", "", "", "", STATUS_AFFECTED, AFFECTED },
	{ "mariner", "p", "3:1-1", "s", "1-1", "", "", "0:1-2", "", "", "", STATUS_AFFECTED, AFFECTED },
	{ "mariner", "p", "1-1", "s", "1-1", "", "", "", "", "", "<= 0:1-1", STATUS_AFFECTED, AFFECTED },
	{ "mariner", "p", "1-1", "s", "1-2", "", "", "", "", "", "<= 0:1-1", STATUS_AFFECTED, NOT_AFFECTED },
	{ "mariner", "p", "1-1", "s", "1-1", "", "", "0:2-1", "", "", "> 0:1", STATUS_AFFECTED, AFFECTED },
	{ "mariner", "p", "1-1", "s", "1-1", "", "", "0:2-1", "", "", "> 0:1-1", STATUS_AFFECTED,
	  NOT_AFFECTED },
	{ "mariner", "p", "1-1", "s", "1-1", "", "", "", "", "", ">= 0:1-1, <= 0:1-2", STATUS_AFFECTED,
	  AFFECTED },
	{ "mariner", "p", "1-1", "s", "1-3", "", "", "", "", "", ">= 0:1-1, <= 0:1-2", STATUS_AFFECTED,
	  NOT_AFFECTED },
	{ "azurelinux", "p", "1-1", "", "", "", "", "0:1-2,2-1", "", "", "", STATUS_AFFECTED, UNDECIDED },
	{ "azurelinux", "kernel-headers", "1-1", "kernel", "1-1", "", "", "0:1-2", "", "", "",
	  STATUS_AFFECTED, NOT_AFFECTED },
	{ "azurelinux", "kernel", "1-1", "kernel", "1-1", "", "", "0:1-2", "", "", "", STATUS_AFFECTED,
	  AFFECTED },
};

static void verdicts_follow_version_status_and_flavor(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		autoarena struct arena a = { 0 };
		const struct distribution d = { .did = str_of(verdicts[i].did),
						.version = STR("1"),
						.version_id = STR("1"),
						.release = STR("1.3") };
		const struct package p = { .name = str_of(verdicts[i].package),
					   .version = str_of(verdicts[i].version),
					   .arch = str_of(verdicts[i].arch),
					   .source_name = str_of(verdicts[i].source),
					   .source_version = str_of(verdicts[i].source_version) };
		const struct record r = { .package = &p, .distribution = &d };
		const struct advisory advisory = { .key = { str_of(verdicts[i].namespace), p.name },
						   .fixed_in = str_of(verdicts[i].fixed_in),
						   .arch_operation = str_of(verdicts[i].arch_operation),
						   .arch = str_of(verdicts[i].advisory_arch),
						   .status_text = str_of(verdicts[i].status_text),
						   .status = verdicts[i].status };
		struct str reason = { 0 };
		enum verdict v = decide(&a, decide_ecosystem(&r), &r, &advisory, &reason);

		if (v != verdicts[i].want || (v == UNDECIDED) != (reason.n > 0))
			fail_msg("case %zu: verdict %d, reason \"%.*s\"", i, v, STR_ARG(reason));
	}
}

static void subscribers_are_asked_about_twice(void **state)
{
	autoarena struct arena a = { 0 };
	const struct distribution d = { .did = STR("ubuntu"), .version_id = STR("18.04") };
	const struct package p = { .name = STR("p"), .version = STR("1-1ubuntu0.18.04.1~esm2") };
	const struct record r = { .package = &p, .distribution = &d };
	struct advisory_key keys[MAX_KEYS];

	(void)state;
	assert_int_equal(ecosystem_ubuntu.matcher->keys(&a, &r, keys), 4);
	assert_str_is(keys[0].namespace, "ubuntu:18.04");
	assert_str_is(keys[1].namespace, "ubuntu:18.04+esm");
	assert_str_is(keys[1].package, "p");
	assert_str_is(keys[2].namespace, "ubuntu:18.04+esm-infra");
	assert_str_is(keys[3].namespace, "ubuntu:18.04+esm-apps");
	assert_str_is(keys[3].package, "p");
}

/* An image of a subscriber gets the channel's rows for every package. */
static void a_subscribers_image_is_told_by_its_repositories(void **state)
{
	autoarena struct arena a = { 0 };
	const struct distribution d = { .did = STR("ubuntu"), .version_id = STR("18.04") };
	const struct package p = { .name = STR("p"), .version = STR("1-1") };
	const struct repository pro = { .name = STR("esm-infra"), .key = STR("ubuntu-pro") };
	const struct repository *const repositories[] = { &pro };
	const struct record plain = { .package = &p, .distribution = &d };
	const struct record subscribed = { &p, &d, repositories, 1 };
	const struct advisory refused = { .status = STATUS_WILL_NOT_FIX, .fixed_in = STR("1-1+esm1") };
	const struct advisory infra = { .status = STATUS_WILL_NOT_FIX,
					.fixed_in = STR("1-1+esm1"),
					.status_text = STR("fixed with Ubuntu Pro (esm-infra): 1-1+esm1") };
	const struct advisory apps = { .status = STATUS_WILL_NOT_FIX,
				       .fixed_in = STR("1-1+esm1"),
				       .status_text = STR("fixed with Ubuntu Pro (esm-apps): 1-1+esm1") };
	const struct matcher *m = ecosystem_ubuntu.matcher;
	struct advisory_key keys[MAX_KEYS];
	struct str reason = { 0 };

	(void)state;
	assert_int_equal(m->keys(&a, &plain, keys), 1);
	assert_int_equal(m->affects(&a, &plain, &refused, &reason), AFFECTED);
	assert_int_equal(m->keys(&a, &subscribed, keys), 3);
	assert_str_is(keys[1].namespace, "ubuntu:18.04+esm");
	assert_str_is(keys[2].namespace, "ubuntu:18.04+esm-infra");
	assert_int_equal(m->affects(&a, &subscribed, &refused, &reason), NOT_AFFECTED);
	assert_int_equal(m->affects(&a, &subscribed, &infra, &reason), NOT_AFFECTED);
	assert_int_equal(m->affects(&a, &subscribed, &apps, &reason), AFFECTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feeds_are_found),
		cmocka_unit_test(a_broken_list_of_series_is_an_error),
		cmocka_unit_test(an_image_is_described_as_its_feed_describes_it),
		cmocka_unit_test(verdicts_follow_version_status_and_flavor),
		cmocka_unit_test(subscribers_are_asked_about_twice),
		cmocka_unit_test(a_subscribers_image_is_told_by_its_repositories),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
