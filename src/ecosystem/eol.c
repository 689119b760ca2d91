/* SPDX-License-Identifier: Apache-2.0 */
/* Until when releases have support, from matching.md 9.9, which has the dates of the publishers' pages: of
 * general support, not of what is sold in addition. Easy to get wrong: how much of a version names the
 * release. Alpine's and SUSE's service packs are "3.20" and "15.5", Red Hat's kin have the major number
 * alone, and the first Amazon Linux is called by a date. */
#include "ecosystem/eol.h"

#include "base/time.h"

static const struct release {
	const char *name, *last_day;
} alpine[] = {
	{ "3.3", "2017-11-01" },  { "3.4", "2018-05-01" },  { "3.5", "2018-11-01" },
	{ "3.6", "2019-05-01" },  { "3.7", "2019-11-01" },  { "3.8", "2020-05-01" },
	{ "3.9", "2020-11-01" },  { "3.10", "2021-05-01" }, { "3.11", "2021-11-01" },
	{ "3.12", "2022-05-01" }, { "3.13", "2022-11-01" }, { "3.14", "2023-05-01" },
	{ "3.15", "2023-11-01" }, { "3.16", "2024-05-23" }, { "3.17", "2024-11-22" },
	{ "3.18", "2025-05-09" }, { "3.19", "2025-11-01" }, { "3.20", "2026-04-01" },
	{ "3.21", "2026-12-05" }, { "3.22", "2027-04-30" }, { "3.23", "2027-11-01" },
	{ NULL, NULL },
};

static const struct release debian[] = {
	{ "7", "2018-05-31" },	{ "8", "2020-06-30" },	{ "9", "2022-06-30" }, { "10", "2024-06-30" },
	{ "11", "2026-08-14" }, { "12", "2028-06-10" }, { NULL, NULL },
};

static const struct release ubuntu[] = {
	{ "12.04", "2019-04-26" }, { "14.04", "2022-04-25" }, { "16.04", "2021-04-21" },
	{ "18.04", "2023-05-31" }, { "20.04", "2025-05-31" }, { "22.04", "2027-04-23" },
	{ "22.10", "2023-07-20" }, { "23.04", "2024-01-20" }, { "23.10", "2024-06-30" },
	{ "24.04", "2034-03-31" }, { "24.10", "2025-07-09" }, { "25.04", "2026-01-16" },
	{ "25.10", "2026-07-01" }, { "26.04", "2031-05-31" }, { NULL, NULL },
};

static const struct release rhel[] = {
	{ "4", "2017-05-31" },
	{ "5", "2020-11-30" },
	{ "6", "2024-06-30" },
	{ NULL, NULL },
};

static const struct release centos[] = {
	{ "5", "2017-03-31" }, { "6", "2020-11-30" }, { "7", "2024-06-30" },
	{ "8", "2021-12-31" }, { NULL, NULL },
};

static const struct release almalinux[] = {
	{ "8", "2029-03-01" },
	{ "9", "2032-05-31" },
	{ "10", "2035-05-31" },
	{ NULL, NULL },
};

static const struct release rocky[] = {
	{ "8", "2029-05-31" },
	{ "9", "2032-05-31" },
	{ NULL, NULL },
};

static const struct release oracle[] = {
	{ "5", "2017-12-31" }, { "6", "2021-03-21" }, { "7", "2024-12-31" },
	{ "8", "2029-07-18" }, { "9", "2032-07-18" }, { NULL, NULL },
};

static const struct release amazon[] = {
	{ "2018.03", "2023-12-31" },
	{ "2", "2026-06-30" },
	{ "2023", "2028-03-15" },
	{ NULL, NULL },
};

static const struct release sles[] = {
	{ "12.5", "2024-10-31" }, { "15", "2019-12-31" },   { "15.0", "2019-12-31" },
	{ "15.1", "2021-01-31" }, { "15.2", "2021-12-31" }, { "15.3", "2022-12-31" },
	{ "15.4", "2023-12-31" }, { "15.5", "2024-12-31" }, { "15.6", "2025-12-31" },
	{ "15.7", "2031-07-31" }, { "16.0", "2027-11-30" }, { NULL, NULL },
};

static const struct release leap[] = {
	{ "15.4", "2023-11-30" }, { "15.5", "2024-12-31" }, { "15.6", "2025-12-31" },
	{ "16.0", "2027-10-31" }, { NULL, NULL },
};

static const struct release photon[] = {
	{ "1.0", "2022-02-28" }, { "2.0", "2022-12-31" }, { "3.0", "2024-03-31" },
	{ "4.0", "2026-03-31" }, { NULL, NULL },
};

/* Which part of a version is the release. */
enum part {
	PART_MAJOR,
	PART_MINOR, /* the first two numbers */
	PART_PACK, /* the same, of the exact release: the version is the major number */
};

static const struct family {
	const char *did;
	enum part part;
	const struct release *releases;
} families[] = {
	{ "alpine", PART_MINOR, alpine },   { "debian", PART_MAJOR, debian },
	{ "ubuntu", PART_MINOR, ubuntu },   { "rhel", PART_MAJOR, rhel },
	{ "centos", PART_MAJOR, centos },   { "almalinux", PART_MAJOR, almalinux },
	{ "rocky", PART_MAJOR, rocky },	    { "ol", PART_MAJOR, oracle },
	{ "raspbian", PART_MAJOR, debian }, { "amzn", PART_MINOR, amazon },
	{ "sles", PART_PACK, sles },	    { "opensuse-leap", PART_MINOR, leap },
	{ "photon", PART_MINOR, photon },
};

/* "3.20.3" is of 3.20 (two numbers) or 3 (one). */
static struct str first_numbers(struct str version, unsigned n)
{
	for (size_t i = 0; i < version.n; i++)
		if (version.p[i] == '.' && --n == 0)
			return str_sub(version, 0, i);
	return version;
}

static struct str release_of(const struct distribution *d, enum part part)
{
	struct str version = d->version_id.n ? d->version_id : d->version;

	if (part == PART_PACK)
		return first_numbers(d->release, 2);
	return first_numbers(version, part == PART_MAJOR ? 1 : 2);
}

int64_t eol_date(const struct distribution *d)
{
	int64_t day = 0;

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		struct str release = release_of(d, families[i].part);

		if (!str_eq(d->did, str_of(families[i].did)))
			continue;
		for (const struct release *r = families[i].releases; r->name; r++)
			if (str_eq(release, str_of(r->name)))
				return time_parse(str_of(r->last_day), &day) ? day : 0;
	}
	return 0;
}
