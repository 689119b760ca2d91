/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever distribution the scanner sees in an image, its packages are looked up in a namespace that an
 * updater fills: a difference of one letter would find nothing and say nothing. */
#include "../unit.h"

#include "base/task.h"
#include "ecosystem/ecosystems.h"
#include "engine/affected.h"
#include "engine/decide.h"
#include "scan/distributions.h"

/* What release files of images say. file: an os-release, unless kind says otherwise. */
static const struct {
	const char *ecosystem, *file;
	enum release_kind kind;
} images[] = {
	{ "alma", "NAME=\"AlmaLinux\"\nID=\"almalinux\"\nVERSION_ID=\"8.10\"\n", RELEASE_OS },
	{ "alma", "AlmaLinux release 9.4 (Seafoam Ocelot)\n", RELEASE_SENTENCE },
	{ "alpine",
	  "ID=alpine\nNAME=\"Alpine Linux\"\nVERSION_ID=3.20.3\nPRETTY_NAME=\"Alpine Linux v3.20\"\n",
	  RELEASE_OS },
	{ "alpine", "ID=alpine\nVERSION_ID=3.21.0_alpha20240923\nPRETTY_NAME=\"Alpine Linux edge\"\n",
	  RELEASE_OS },
	{ "alpine", "3.19.1\n", RELEASE_ALPINE },
	{ "arch", "NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\n", RELEASE_OS },
	{ "arch", "", RELEASE_ARCH },
	{ "arch", "NAME=\"Manjaro Linux\"\nID=manjaro\nID_LIKE=arch\nVERSION_ID=24.1\n", RELEASE_OS },
	{ "aws", "ID=\"amzn\"\nCPE_NAME=\"cpe:2.3:o:amazon:amazon_linux:2023\"\n", RELEASE_OS },
	{ "aws", "Amazon Linux release 2 (Karoo)\n", RELEASE_SENTENCE },
	{ "azure", "ID=azurelinux\nVERSION_ID=\"3.0\"\n", RELEASE_OS },
	{ "azure", "ID=mariner\nVERSION_ID=\"2.0.20240829\"\n", RELEASE_OS },
	{ "bottlerocket", "NAME=Bottlerocket\nID=bottlerocket\nVERSION_ID=1.19.0\n", RELEASE_OS },
	{ "chainguard", "ID=chainguard\nVERSION_ID=\"20230214\"\n", RELEASE_OS },
	{ "debian", "ID=debian\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\n",
	  RELEASE_OS },
	{ "debian", "11.9\n", RELEASE_DEBIAN },
	{ "debian",
	  "ID=raspbian\nID_LIKE=debian\nVERSION_ID=\"12\"\nVERSION=\"12 "
	  "(bookworm)\"\nVERSION_CODENAME=bookworm\n",
	  RELEASE_OS },
	{ "fedora", "NAME=\"Fedora Linux\"\nID=fedora\nVERSION_ID=41\n", RELEASE_OS },
	{ "fedora", "Fedora release 40 (Forty)\n", RELEASE_SENTENCE },
	{ "minimos", "ID=minimos\nNAME=\"MinimOS\"\nVERSION_ID=\"20241031\"\n", RELEASE_OS },
	{ "oracle", "NAME=\"Oracle Linux Server\"\nPRETTY_NAME=\"Oracle Linux Server 8.9\"\n", RELEASE_OS },
	{ "oracle", "Oracle Linux Server release 9.4\n", RELEASE_SENTENCE },
	{ "photon",
	  "NAME=\"VMware Photon OS\"\nVERSION=\"5.0\"\nID=photon\nVERSION_ID=5.0\n"
	  "PRETTY_NAME=\"VMware Photon OS/Linux\"\n",
	  RELEASE_OS },
	{ "rocky", "NAME=\"Rocky Linux\"\nID=\"rocky\"\nVERSION_ID=\"9.4\"\n", RELEASE_OS },
	{ "rocky", "Rocky Linux release 8.10 (Green Obsidian)\n", RELEASE_SENTENCE },
	{ "suse", "ID=\"sles\"\nVERSION_ID=\"15.5\"\nCPE_NAME=\"cpe:/o:suse:sles:15:sp5\"\n", RELEASE_OS },
	{ "ubuntu",
	  "NAME=\"Ubuntu\"\nID=ubuntu\nVERSION_ID=\"22.04\"\nVERSION_CODENAME=jammy\nVERSION=\"22.04 LTS\"\n",
	  RELEASE_OS },
	{ "wolfi", "ID=wolfi\nNAME=\"Wolfi\"\nVERSION_ID=\"20230201\"\n", RELEASE_OS },
};
enum { IMAGES = sizeof(images) / sizeof(images[0]) };

/* Publishers that have (nearly) whatever they are asked for, and no lists of it. */

static int is_there(struct discovery *d, struct str url, struct str path, struct err *err)
{
	(void)d, (void)url, (void)err;
	if (str_starts(path, STR("alpine/v"))) /* asked for one after the other, up to one that is missing */
		return str_starts(path, STR("alpine/v3.")) && !str_starts(path, STR("alpine/v3.24/"));
	return 1;
}

static int get_nothing(struct discovery *d, struct str url, struct str path, size_t max, struct str *out,
		       struct err *err)
{
	(void)d, (void)url, (void)path, (void)max, (void)out, (void)err;
	return 0;
}

static const char *const listed[] = { "suse.linux.enterprise.server.15.xml.gz" };

static int list_some(struct discovery *d, struct str url, struct str path, struct str **names, size_t *count,
		     struct err *err)
{
	static struct str all[1];

	(void)d, (void)url, (void)err;
	if (str_search(path, STR("suse")) == path.n)
		return 0;
	all[0] = str_of(listed[0]);
	*names = all;
	*count = 1;
	return 1;
}

static bool has_namespace(struct arena *a, const struct feed_sources *s, struct str namespace)
{
	VEC_EACH (const struct feed_source, source, &s->sources)
		if (str_eq(source->namespace, namespace))
			return true;
	VEC_EACH (const struct distribution, d, &s->distributions)
		if (str_eq(engine_namespace(a, d), namespace))
			return true;
	return false;
}

static struct distribution scanned(struct arena *a, size_t image)
{
	struct release_file file = { .kind = images[image].kind, .text = str_of(images[image].file) };
	struct distribution d = { 0 };
	struct err err = { 0 };

	if (file.kind == RELEASE_OS)
		file.is_well_formed = os_release_parse(a, file.text, &file.fields, &err) == 0;
	for (const struct distribution_rule *r = distribution_rules; r->name; r++)
		if (r->kind == file.kind && r->read(a, &file, &d))
			return d;
	return d;
}

static void what_a_scanner_sees_an_updater_fills(void **state)
{
	(void)state;
	for (size_t i = 0; i < IMAGES; i++) {
		autotask struct task t = { 0 };
		struct distribution d = scanned(&t.arena, i);
		const struct package package = { .name = STR("p") };
		const struct record record = { .package = &package, .distribution = &d };
		const struct ecosystem *e = decide_ecosystem(&record);
		struct discovery discovery = { .exists = is_there, .get = get_nothing, .list = list_some };
		struct feed_sources sources = { .arena = &t.arena };
		struct advisory_key keys[MAX_KEYS] = { 0 };
		struct err err = { 0 };

		if (!e || !str_eq(str_of(e->name), str_of(images[i].ecosystem)))
			fail_msg("%s: is of %s", images[i].file, e ? e->name : "nobody");
		assert_int_equal(e->updaters->discover(&t, &discovery, &sources, &err), 0);
		if (e->matcher->keys(&t.arena, &record, keys) == 0)
			fail_msg("%s: has no key", images[i].file);
		if (!has_namespace(&t.arena, &sources, keys[0].namespace))
			fail_msg("%s: no updater fills " STR_FMT, images[i].file, STR_ARG(keys[0].namespace));
	}
}

static bool reads_os_release(const struct ecosystem *e)
{
	for (size_t i = 0; e->scanners && e->scanners[i]; i++)
		if (e->scanners[i] == &id_os_release)
			return true;
	return false;
}

/* Red Hat's packages are looked up by repository. */
static void every_distribution_has_an_image(void **state)
{
	(void)state;
	for (size_t k = 0; ecosystems[k]; k++) {
		bool is_there = false;

		for (size_t i = 0; i < IMAGES; i++)
			is_there |= str_eq(str_of(images[i].ecosystem), str_of(ecosystems[k]->name));
		if (!is_there && ecosystems[k]->updaters && ecosystems[k]->matcher &&
		    reads_os_release(ecosystems[k]) && !str_starts(str_of(ecosystems[k]->name), STR("rh")))
			fail_msg("%s: no image in the table", ecosystems[k]->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_scanner_sees_an_updater_fills),
		cmocka_unit_test(every_distribution_has_an_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
