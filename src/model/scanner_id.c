/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the scanners of this build. They are data, so that programs that must not link a scanner (all
 * but the worker) can name one. The order is that of scan/table.c: results are stored by position and
 * version; raise a version here whenever a scanner's results change. */
#include "model/scanner_id.h"

#include <string.h>

#define ID_WHITEOUT                                                                                          \
	{                                                                                                    \
		"whiteout", "1", SCANNER_FILE                                                                \
	}
#define ID_OS_RELEASE                                                                                        \
	{                                                                                                    \
		"os-release", "1", SCANNER_DISTRIBUTION                                                      \
	}
#define ID_DPKG                                                                                              \
	{                                                                                                    \
		"dpkg", "1", SCANNER_PACKAGE                                                                 \
	}
#define ID_APK                                                                                               \
	{                                                                                                    \
		"apk", "1", SCANNER_PACKAGE                                                                  \
	}
#define ID_RPM                                                                                               \
	{                                                                                                    \
		"rpm", "2", SCANNER_PACKAGE                                                                  \
	}
#define ID_ALPM                                                                                              \
	{                                                                                                    \
		"alpm", "1", SCANNER_PACKAGE                                                                 \
	}
#define ID_RHEL_REPOSITORY                                                                                   \
	{                                                                                                    \
		"rhel-repository-scanner", "3", SCANNER_REPOSITORY                                           \
	}
#define ID_RHCC_DOCKERFILE                                                                                   \
	{                                                                                                    \
		"rhel_containerscanner", "2", SCANNER_PACKAGE                                                \
	}
#define ID_RHCC_LABELS                                                                                       \
	{                                                                                                    \
		"rhel_package_container_detector", "2", SCANNER_PACKAGE                                      \
	}
#define ID_BOTTLEROCKET                                                                                      \
	{                                                                                                    \
		"bottlerocket", "1", SCANNER_PACKAGE                                                         \
	}
#define ID_CHISEL                                                                                            \
	{                                                                                                    \
		"chisel", "1", SCANNER_PACKAGE                                                               \
	}
#define ID_UBUNTU_PRO                                                                                        \
	{                                                                                                    \
		"ubuntu-pro", "1", SCANNER_REPOSITORY                                                        \
	}

const struct scanner_id id_whiteout = ID_WHITEOUT;
const struct scanner_id id_os_release = ID_OS_RELEASE;
const struct scanner_id id_dpkg = ID_DPKG;
const struct scanner_id id_apk = ID_APK;
const struct scanner_id id_rpm = ID_RPM;
const struct scanner_id id_alpm = ID_ALPM;
const struct scanner_id id_rhel_repository = ID_RHEL_REPOSITORY;
const struct scanner_id id_rhcc_dockerfile = ID_RHCC_DOCKERFILE;
const struct scanner_id id_rhcc_labels = ID_RHCC_LABELS;
const struct scanner_id id_bottlerocket = ID_BOTTLEROCKET;
const struct scanner_id id_chisel = ID_CHISEL;
const struct scanner_id id_ubuntu_pro = ID_UBUNTU_PRO;

const struct scanner_id scanner_ids[] = {
	ID_WHITEOUT,
	ID_OS_RELEASE,
	ID_DPKG,
	ID_APK,
	ID_RPM,
	ID_ALPM,
	ID_RHEL_REPOSITORY,
	ID_RHCC_DOCKERFILE,
	ID_RHCC_LABELS,
	ID_BOTTLEROCKET,
	ID_CHISEL,
	ID_UBUNTU_PRO,
	{ NULL, NULL, SCANNER_PACKAGE },
};

const char *scanner_kind_name(enum scanner_kind kind)
{
	static const char *const names[] = { "package", "distribution", "repository", "file" };

	return (unsigned)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "unknown";
}

int scanner_index(const struct scanner_id *id)
{
	for (int i = 0; scanner_ids[i].name; i++)
		if (strcmp(scanner_ids[i].name, id->name) == 0 && scanner_ids[i].kind == id->kind)
			return i;
	return -1;
}
