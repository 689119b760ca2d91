/* SPDX-License-Identifier: Apache-2.0 */
/* Release files of layers and the distribution they give. The texts are shortened from the images they name.
 */
#include "layer.h"

#include "../source_file.h"

#include "model/cpe.h"
#include "scan/distributions.h"

#define AT "\1" /* separates path and text of a file; files are separated by \2 */
#define NEXT "\2"

/* want: did|name|version|code name|version_id|cpe|pretty|release, or "" for none. decided: file of
 * databases[0]. */
static const struct {
	const char *name, *files, *want, *decided;
} cases[] = {
	{ "alpine",
	  "etc/os-release" AT "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.19.1\n"
	  "PRETTY_NAME=\"Alpine Linux v3.19\"\n" NEXT "etc/alpine-release" AT "3.19.1\n",
	  "alpine|Alpine Linux|3.19||||Alpine Linux v3.19|3.19.1", "etc/os-release" },
	{ "alpine edge",
	  "etc/os-release" AT "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.21.0_alpha20240923\n"
	  "PRETTY_NAME=\"Alpine Linux edge\"\n",
	  "alpine|Alpine Linux|edge||||Alpine Linux edge|3.21.0_alpha20240923", "etc/os-release" },
	{ "alpine by issue", "etc/issue" AT "Welcome to Alpine Linux 3.18\nKernel \\r\n",
	  "alpine|Alpine Linux|3.18||||Alpine Linux v3.18|", "etc/issue" },
	{ "alpine edge by issue", "etc/issue" AT "Welcome to Alpine Linux 3.21.0_alpha20240923 (edge)\n",
	  "alpine|Alpine Linux|edge||||Alpine Linux edge|", "etc/issue" },
	{ "alpine by its own file", "etc/alpine-release" AT "3.17.7\n",
	  "alpine|Alpine Linux|3.17||||Alpine Linux v3.17|3.17.7", "etc/alpine-release" },
	{ "alpine by repositories",
	  "etc/apk/repositories" AT
	  "https://dl.example/alpine/v3.16/main\nhttps://dl.example/alpine/v3.16/community\n"
	  "@edge https://dl.example/alpine/edge/main\n",
	  "alpine|Alpine Linux|3.16||||Alpine Linux v3.16|", "etc/apk/repositories" },
	{ "alpine edge by repositories", "etc/apk/repositories" AT "https://dl.example/alpine/edge/main/\n",
	  "alpine|Alpine Linux|edge||||Alpine Linux edge|", "etc/apk/repositories" },
	{ "repositories that do not agree",
	  "etc/apk/repositories" AT
	  "https://dl.example/alpine/v3.16/main\nhttps://dl.example/alpine/v3.17/main\n",
	  "", "" },
	{ "repositories of somebody else",
	  "etc/apk/repositories" AT "https://dl.example/os/v1/main\n/a/main\nmain\n", "", "" },
	{ "debian",
	  "etc/os-release" AT "NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID=\"12\"\n"
	  "VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=x\n" NEXT "etc/debian_version" AT
	  "12.4\n",
	  "debian|Debian GNU/Linux|12 (bookworm)|bookworm|12||Debian GNU/Linux 12 (bookworm)|12.4",
	  "etc/os-release" },
	{ "debian without a code name key",
	  "etc/os-release" AT "ID=debian\nVERSION_ID=9\nVERSION=\"9 (stretch)\"\n",
	  "debian|Debian GNU/Linux|9 (stretch)|stretch|9||Debian GNU/Linux 9 (stretch)|", "etc/os-release" },
	{ "debian testing",
	  "usr/lib/os-release" AT "NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_CODENAME=forky\n"
	  "PRETTY_NAME=\"Debian GNU/Linux forky/sid\"\n" NEXT "etc/debian_version" AT "forky/sid\n",
	  "debian|Debian GNU/Linux||forky|||Debian GNU/Linux forky/sid|forky/sid", "usr/lib/os-release" },
	{ "debian by its own file", "etc/debian_version" AT "11.9\n",
	  "debian|Debian GNU/Linux|11 (bullseye)|bullseye|11||Debian GNU/Linux 11 (bullseye)|11.9",
	  "etc/debian_version" },
	{ "a debian_version that Ubuntu has too", "etc/debian_version" AT "trixie/sid\n", "", "" },
	{ "ubuntu",
	  "etc/os-release" AT
	  "NAME=\"Ubuntu\"\nID=ubuntu\nVERSION_ID=\"22.04\"\nVERSION_CODENAME=jammy\n" NEXT
	  "etc/lsb-release" AT "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\n" NEXT
	  "etc/debian_version" AT "bookworm/sid\n",
	  "ubuntu|Ubuntu|22.04 (Jammy)|jammy|22.04||Ubuntu 22.04|", "etc/lsb-release" },
	{ "ubuntu by os-release",
	  "etc/os-release" AT "ID=Ubuntu\nVERSION_ID=\"24.04\"\nVERSION_CODENAME=noble\n",
	  "ubuntu|Ubuntu|24.04 (Noble)|noble|24.04||Ubuntu 24.04|", "etc/os-release" },
	{ "amazon 1",
	  "etc/os-release" AT "NAME=\"Amazon Linux AMI\"\nID=\"amzn\"\n"
	  "CPE_NAME=\"cpe:/o:amazon:linux:2017.09:ga\"\n",
	  "amzn|Amazon Linux AMI|2018.03||2018.03|cpe:2.3:o:amazon:linux:2018.03:ga:*:*:*:*:*:*|"
	  "Amazon Linux AMI 2018.03|",
	  "etc/os-release" },
	{ "amazon 2",
	  "etc/os-release" AT "ID=\"amzn\"\nVERSION_ID=\"2\"\nCPE_NAME=\"cpe:2.3:o:amazon:amazon_linux:2\"\n",
	  "amzn|Amazon Linux|2||2|cpe:2.3:o:amazon:amazon_linux:2:*:*:*:*:*:*:*|Amazon Linux 2|",
	  "etc/os-release" },
	{ "amazon 2023", "etc/os-release" AT "CPE_NAME=\"cpe:2.3:o:amazon:amazon_linux:2023\"\n",
	  "amzn|Amazon Linux|2023||2023|cpe:2.3:o:amazon:amazon_linux:2023:*:*:*:*:*:*:*|Amazon Linux 2023|",
	  "etc/os-release" },
	{ "amazon by system-release",
	  "usr/lib/system-release" AT "Amazon Linux release 2023.3.20231211 (Amazon Linux)\n",
	  "amzn|Amazon Linux|2023||2023|cpe:2.3:o:amazon:amazon_linux:2023:*:*:*:*:*:*:*|Amazon Linux 2023|",
	  "usr/lib/system-release" },
	{ "oracle",
	  "etc/os-release" AT "NAME=\"Oracle Linux Server\"\nID=\"ol\"\nVERSION_ID=\"8.9\"\n"
	  "PRETTY_NAME=\"Oracle Linux Server 8.9\"\n" NEXT "etc/redhat-release" AT
	  "Red Hat Enterprise Linux release 8.9 (Ootpa)\n",
	  "ol|Oracle Linux Server|8|Oracle Linux 8|8||Oracle Linux Server 8|8.9", "etc/os-release" },
	{ "oracle 5", "etc/issue" AT "Oracle Linux Server release 5.11\n",
	  "ol|Oracle Linux Server|5|Oracle Linux 5|5||Oracle Linux Server 5|", "etc/issue" },
	{ "oracle 10", "etc/os-release" AT "PRETTY_NAME=\"oracle linux server 10.0\"\n",
	  "ol|Oracle Linux Server|10|Oracle Linux 10|10||Oracle Linux Server 10|", "etc/os-release" },
	{ "oracle by its own file",
	  "etc/oracle-release" AT "Oracle Linux Server release 7.9\n" NEXT "etc/redhat-release" AT
	  "Red Hat Enterprise Linux Server release 7.9 (Maipo)\n",
	  "ol|Oracle Linux Server|7|Oracle Linux 7|7||Oracle Linux Server 7|", "etc/oracle-release" },
	{ "photon",
	  "etc/os-release" AT "NAME=\"VMware Photon OS\"\nVERSION=\"5.0\"\nID=photon\nVERSION_ID=5.0\n",
	  "photon|VMware Photon OS|5.0||5.0||VMware Photon OS/Linux|", "etc/os-release" },
	{ "photon 1",
	  "etc/os-release" AT "NAME=\"VMware Photon\"\nVERSION=\"1.0\"\nID=photon\nVERSION_ID=1.0\n",
	  "photon|VMware Photon OS|1.0||1.0||VMware Photon OS/Linux|", "etc/os-release" },
	{ "photon by its own file", "etc/photon-release" AT "VMware Photon OS 4.0\nPHOTON_BUILD_NUMBER=1\n",
	  "photon|VMware Photon OS|4.0||4.0||VMware Photon OS/Linux|", "etc/photon-release" },
	{ "leap",
	  "etc/os-release" AT
	  "ID=\"opensuse-leap\"\nVERSION_ID=\"15.5\"\nCPE_NAME=\"cpe:/o:opensuse:leap:15.5\"\n",
	  "opensuse-leap|openSUSE Leap|15.5||15.5||openSUSE Leap 15.5|", "etc/os-release" },
	{ "sles",
	  "etc/os-release" AT
	  "NAME=\"SLES\"\nID=\"sles\"\nVERSION_ID=\"15.3\"\nCPE_NAME=\"cpe:/o:suse:sles:15:sp3\"\n",
	  "sles|SLES|15||15||SUSE Linux Enterprise Server 15|15.3", "etc/os-release" },
	{ "sles 11", "etc/SuSE-release" AT "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\n",
	  "sles|SLES|11||11||SUSE Linux Enterprise Server 11|", "etc/SuSE-release" },
	{ "tumbleweed",
	  "etc/os-release" AT
	  "NAME=\"openSUSE Tumbleweed\"\nID=\"opensuse-tumbleweed\"\nVERSION_ID=\"20240101\"\n"
	  "PRETTY_NAME=\"openSUSE Tumbleweed\"\nCPE_NAME=\"cpe:/o:opensuse:tumbleweed:20240101\"\n",
	  "opensuse-tumbleweed|openSUSE Tumbleweed|20240101||20240101|"
	  "cpe:2.3:o:opensuse:tumbleweed:20240101:*:*:*:*:*:*:*|openSUSE Tumbleweed|",
	  "etc/os-release" },
	{ "rhel",
	  "etc/os-release" AT "NAME=\"Red Hat Enterprise Linux\"\nID=\"rhel\"\nVERSION_ID=\"9.2\"\n"
	  "PRETTY_NAME=\"Red Hat Enterprise Linux 9.2 (Plow)\"\n",
	  "rhel|Red Hat Enterprise Linux Server|9||9|cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*|"
	  "Red Hat Enterprise Linux Server 9|9.2",
	  "etc/os-release" },
	{ "rhel below usr",
	  "usr/lib/os-release" AT "PRETTY_NAME=\"Red Hat Enterprise Linux Server release 7.9\"\n",
	  "rhel|Red Hat Enterprise Linux Server|7||7|cpe:2.3:o:redhat:enterprise_linux:7:*:*:*:*:*:*:*|"
	  "Red Hat Enterprise Linux Server 7|",
	  "usr/lib/os-release" },
	{ "rhel atomic", "etc/os-release" AT "X=\"Red Hat Enterprise Linux Atomic Host 7.5\"\n",
	  "rhel|Red Hat Enterprise Linux Server|7||7|cpe:2.3:o:redhat:enterprise_linux:7:*:*:*:*:*:*:*|"
	  "Red Hat Enterprise Linux Server 7|",
	  "etc/os-release" },
	{ "rhel by redhat-release",
	  "etc/redhat-release" AT "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n",
	  "rhel|Red Hat Enterprise Linux Server|6||6|cpe:2.3:o:redhat:enterprise_linux:6:*:*:*:*:*:*:*|"
	  "Red Hat Enterprise Linux Server 6|",
	  "etc/redhat-release" },
	{ "hummingbird",
	  "etc/os-release" AT
	  "NAME=\"Hummingbird\"\nID=hummingbird\nVERSION_ID=1\nVERSION=\"1 x\"\nPRETTY_NAME=H\n",
	  "hummingbird|Hummingbird|1 x||1||H|", "etc/os-release" },
	{ "centos stream, which quotes its model",
	  "etc/os-release" AT "NAME=\"CentOS Stream\"\nVERSION=\"9\"\nID=\"centos\"\nVERSION_ID=\"9\"\n"
	  "PRETTY_NAME=\"CentOS Stream 9\"\nCPE_NAME=\"cpe:/o:centos:centos:9\"\n"
	  "REDHAT_SUPPORT_PRODUCT=\"Red Hat Enterprise Linux 9\"\n",
	  "centos|CentOS Stream|9||9|cpe:2.3:o:centos:centos:9:*:*:*:*:*:*:*|CentOS Stream 9|",
	  "etc/os-release" },
	{ "centos 6",
	  "etc/centos-release" AT "CentOS release 6.10 (Final)\n" NEXT "etc/redhat-release" AT
	  "CentOS release 6.10 (Final)\n",
	  "centos|CentOS|6||6||CentOS release 6.10 (Final)|", "etc/centos-release" },
	{ "alma",
	  "etc/os-release" AT "NAME=\"AlmaLinux\"\nID=\"almalinux\"\nVERSION_ID=\"9.3\"\n"
	  "VERSION=\"9.3 (Shamrock Pampas Cat)\"\nPRETTY_NAME=\"AlmaLinux 9.3\"\n",
	  "almalinux|AlmaLinux|9.3||9.3||AlmaLinux 9.3|", "etc/os-release" },
	{ "rocky by its own file", "etc/rocky-release" AT "Rocky Linux release 9.3 (Blue Onyx)\n",
	  "rocky|Rocky Linux|9.3||9.3||Rocky Linux release 9.3 (Blue Onyx)|", "etc/rocky-release" },
	{ "fedora",
	  "etc/os-release" AT
	  "NAME=\"Fedora Linux\"\nID=fedora\nVERSION_ID=39\nPRETTY_NAME=\"Fedora Linux 39\"\n"
	  "REDHAT_BUGZILLA_PRODUCT=\"Fedora\"\n",
	  "fedora|Fedora Linux|39||39||Fedora Linux 39|", "etc/os-release" },
	{ "wolfi",
	  "etc/os-release" AT "ID=wolfi\nNAME=\"Wolfi\"\nPRETTY_NAME=\"Wolfi\"\nVERSION_ID=\"20230201\"\n",
	  "wolfi|Wolfi|20230201||20230201||Wolfi|", "etc/os-release" },
	{ "azure linux",
	  "etc/os-release" AT "NAME=\"Microsoft Azure Linux\"\nID=azurelinux\nVERSION_ID=\"3.0.20240417\"\n",
	  "azurelinux|Microsoft Azure Linux|3.0||3.0|||3.0.20240417", "etc/os-release" },
	{ "bottlerocket",
	  "x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release" AT
	  "NAME=Bottlerocket\nID=bottlerocket\n"
	  "VERSION_ID=1.19.0\nPRETTY_NAME=\"Bottlerocket OS 1.19.0\"\n",
	  "bottlerocket|Bottlerocket|1.19.0||1.19.0||Bottlerocket OS 1.19.0|",
	  "x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release" },
	{ "arch",
	  "etc/os-release" AT "NAME=\"Arch Linux\"\nID=arch\nBUILD_ID=rolling\nPRETTY_NAME=\"Arch Linux\"\n",
	  "arch|Arch Linux|||||Arch Linux|", "etc/os-release" },
	{ "arch by its own file", "etc/arch-release" AT "", "arch|Arch Linux|||||Arch Linux|",
	  "etc/arch-release" },
	{ "gentoo by its own file", "etc/gentoo-release" AT "Gentoo Base System release 2.14\n",
	  "gentoo|Gentoo Base System|2.14||2.14||Gentoo Base System release 2.14|", "etc/gentoo-release" },
	{ "an unknown one", "etc/os-release" AT "NAME=Foo\nID=foo\nVERSION=\"1 (bar)\"\nVERSION_ID=1\n",
	  "foo|Foo|1 (bar)||1|||", "etc/os-release" },
	{ "a damaged os-release is read as far as it goes",
	  "etc/os-release" AT "NAME=\"Alpine Linux\"\nnonsense\nID=alpine\nVERSION_ID=3.19.1\n",
	  "alpine|Alpine Linux|||3.19.1|||", "etc/os-release" },
	{ "a damaged os-release without ID, and another file",
	  "etc/os-release" AT "nonsense\n" NEXT "etc/alpine-release" AT "3.19.1",
	  "alpine|Alpine Linux|3.19||||Alpine Linux v3.19|3.19.1", "etc/alpine-release" },
	{ "no text is passed on that is not UTF-8", "etc/os-release" AT "ID=foo\nNAME=\"a\xff\x01\"\n",
	  "foo|a\\xff\\x01||||||", "etc/os-release" },
	{ "nothing", "etc/hostname" AT "x\n", "", "" },
	{ "an empty os-release", "etc/os-release" AT "", "", "" },
};

static struct str describe(struct arena *a, const struct distribution *d)
{
	return str_format(
		a,
		STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT,
		STR_ARG(d->did), STR_ARG(d->name), STR_ARG(d->version), STR_ARG(d->version_code_name),
		STR_ARG(d->version_id), STR_ARG(d->cpe), STR_ARG(d->pretty_name), STR_ARG(d->release));
}

static void add_files(struct layer *l, struct str files)
{
	struct str file, path, text;

	while (files.n) {
		str_cut(files, *NEXT, &file, &files);
		str_cut(file, *AT, &path, &text);
		layer_entry(l, str_copy(&l->task.arena, path).p, '0', "", text);
	}
}

static void release_files_give_the_distribution(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layer l;
		struct str got = STR("");

		layer_open(&l);
		add_files(&l, str_of(cases[i].files));
		layer_scan(&l, &scanner_os_release);
		assert_int_equal(l.found.distributions.n, cases[i].want[0] != '\0');
		assert_int_equal(l.found.databases.n > 0, cases[i].want[0] != '\0');
		if (l.found.distributions.n) {
			got = describe(&l.task.arena, &l.found.distributions.p[0]);
			assert_str_is(l.found.databases.p[0].file, cases[i].decided);
			assert_str_is(l.found.databases.p[0].name, cases[i].decided);
		}
		if (!str_eq(got, str_of(cases[i].want)))
			fail_msg("%s:\n got " STR_FMT "\nwant %s", cases[i].name, STR_ARG(got),
				 cases[i].want);
		layer_close(&l);
	}
}

static void a_link_is_reported_by_its_target(void **state)
{
	struct layer l;

	(void)state;
	layer_open(&l);
	layer_link(&l, "etc/os-release", "../usr/lib/os-release");
	layer_file(&l, "usr/lib/os-release", "ID=alpine\nVERSION_ID=3.20.1\nNAME=\"Alpine Linux\"\n");
	layer_file(&l, "etc/alpine-release", "3.20.1\n");
	layer_scan(&l, &scanner_os_release);
	assert_int_equal(l.found.distributions.n, 1);
	assert_int_equal(l.found.databases.n, 2);
	assert_str_is(l.found.databases.p[0].name, "etc/os-release");
	assert_str_is(l.found.databases.p[0].file, "usr/lib/os-release");
	assert_str_is(l.found.databases.p[1].file, "etc/alpine-release");
	layer_close(&l);
}

/* The value of a string in a flat JSON object; the corpus has no escapes but \". */
static struct str json_value(struct str object, struct str key)
{
	size_t at = str_search(object, key);
	struct str rest, value, tail;

	if (at == object.n)
		return STR("");
	rest = str_sub(object, at + key.n, object.n - at - key.n);
	str_cut(rest, '"', &value, &tail);
	str_cut(tail, '"', &value, &rest);
	return value;
}

static struct str section(struct str text, const char *name)
{
	size_t at = str_search(text, str_of(name)), end;

	if (at == text.n)
		return STR("");
	text = str_sub(text, at + strlen(name), text.n - at - strlen(name));
	end = str_search(text, STR("\n-- "));
	return str_sub(text, 0, end < text.n ? end + 1 : text.n);
}

static void check_fields(struct arena *a, const struct os_release *r, struct str parsed)
{
	unsigned keys = 0;

	VEC_EACH (struct os_release_field, f, &r->fields) {
		struct str key = str_format(a, "\"" STR_FMT "\":", STR_ARG(f->key));

		assert_true(str_eq(json_value(parsed, key), f->value));
		keys++;
	}
	for (struct str line; str_line(&parsed, &line);)
		keys -= str_find(line, ':') < line.n;
	assert_int_equal(keys, 0);
}

static void check_distribution(struct arena *a, const struct distribution *d, struct str want)
{
	assert_true(str_eq(d->did, json_value(want, STR("\"did\":"))));
	assert_true(str_eq(d->name, json_value(want, STR("\"name\":"))));
	assert_true(str_eq(d->version, json_value(want, STR("\"version\":"))));
	assert_true(str_eq(d->version_code_name, json_value(want, STR("\"version_code_name\":"))));
	assert_true(str_eq(d->version_id, json_value(want, STR("\"version_id\":"))));
	assert_true(str_eq(d->pretty_name, json_value(want, STR("\"pretty_name\":"))));
	assert_true(str_eq(d->cpe, cpe_normalise(a, json_value(want, STR("\"cpe\":")))));
}

static void the_corpus_is_read_as_clair_reads_it(void **state)
{
	static const char *const names[] = { "Alpine",		"Bionic",   "Buster",
					     "DistrolessValid", "OpenSUSe", "Ubi8" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		autoarena struct arena a = { 0 };
		struct str text = source_file(
			&a, str_format(&a, "../shared/corpus/os-release/%s.txtar", names[i]).p);
		struct os_release r;
		struct distribution d;
		struct err err;

		if (!text.p) {
			print_message("skipped: no corpus\n");
			skip();
		}
		assert_int_equal(os_release_parse(&a, section(text, "-- os-release --\n"), &r, &err), 0);
		check_fields(&a, &r, section(text, "-- Parsed --\n"));
		d = distribution_generic(&a, &r);
		check_distribution(&a, &d, section(text, "-- Distribution --\n"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(release_files_give_the_distribution),
		cmocka_unit_test(a_link_is_reported_by_its_target),
		cmocka_unit_test(the_corpus_is_read_as_clair_reads_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
