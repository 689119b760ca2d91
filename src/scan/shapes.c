/* SPDX-License-Identifier: Apache-2.0 */
/* How the distributions that Clair knows are described, once their version is known. The texts are Clair's to
 * the letter, since rows of feeds carry the same description. Source: the distribution scanners of Clair 4,
 * from their published behaviour. Easily got wrong: which fields stay empty. Alpine has no version_id, SUSE
 * no CPE, and Red Hat's is of the major version though the file's own is of the minor. */
#include "scan/shapes.h"

#include "model/cpe.h"
#include "scan/release_text.h"

bool shape_alpine(struct arena *a, struct str branch, struct distribution *out)
{
	bool is_edge = str_eq(branch, STR("edge"));

	out->did = STR("alpine");
	out->name = STR("Alpine Linux");
	out->version = branch;
	out->pretty_name = str_format(a, "Alpine Linux %s" STR_FMT, is_edge ? "" : "v", STR_ARG(branch));
	return true;
}

bool shape_amazon(struct arena *a, struct str version, struct distribution *out)
{
	bool is_first = str_eq(version, STR("2018.03"));

	out->did = STR("amzn");
	out->name = is_first ? STR("Amazon Linux AMI") : STR("Amazon Linux");
	out->version = out->version_id = version;
	out->pretty_name = str_format(a, STR_FMT " " STR_FMT, STR_ARG(out->name), STR_ARG(version));
	out->cpe = is_first ? cpe_normalise(a, STR("cpe:/o:amazon:linux:2018.03:ga"))
			    : str_format(a, "cpe:2.3:o:amazon:amazon_linux:" STR_FMT ":*:*:*:*:*:*:*",
					 STR_ARG(version));
	return true;
}

bool shape_debian(struct arena *a, struct str number, struct str code_name, struct distribution *out)
{
	out->did = STR("debian");
	out->name = STR("Debian GNU/Linux");
	out->version = str_format(a, STR_FMT " (" STR_FMT ")", STR_ARG(number), STR_ARG(code_name));
	out->version_code_name = code_name;
	out->version_id = number;
	out->pretty_name = str_format(a, "Debian GNU/Linux " STR_FMT, STR_ARG(out->version));
	return true;
}

bool shape_ubuntu(struct arena *a, struct str id, struct str version, struct str code_name,
		  struct distribution *out)
{
	if (!str_eq_nocase(id, STR("ubuntu")) || version.n == 0 || code_name.n == 0)
		return false;
	out->did = STR("ubuntu");
	out->name = STR("Ubuntu");
	out->version = str_format(a, STR_FMT " (" STR_FMT ")", STR_ARG(version),
				  STR_ARG(release_title(a, code_name)));
	out->version_code_name = code_name;
	out->version_id = version;
	out->pretty_name = str_format(a, "Ubuntu " STR_FMT, STR_ARG(version));
	return true;
}

bool shape_oracle(struct arena *a, struct str major, struct distribution *out)
{
	out->did = STR("ol");
	out->name = STR("Oracle Linux Server");
	out->version = out->version_id = major;
	out->version_code_name = str_format(a, "Oracle Linux " STR_FMT, STR_ARG(major));
	out->pretty_name = str_format(a, "Oracle Linux Server " STR_FMT, STR_ARG(major));
	return true;
}

bool shape_photon(struct str version, struct distribution *out)
{
	out->did = STR("photon");
	out->name = STR("VMware Photon OS");
	out->version = out->version_id = version;
	out->pretty_name = STR("VMware Photon OS/Linux");
	return true;
}

bool shape_leap(struct arena *a, struct str version, struct distribution *out)
{
	out->did = STR("opensuse-leap");
	out->name = STR("openSUSE Leap");
	out->version = out->version_id = version;
	out->pretty_name = str_format(a, "openSUSE Leap " STR_FMT, STR_ARG(version));
	return true;
}

bool shape_sles(struct arena *a, struct str major, struct distribution *out)
{
	out->did = STR("sles");
	out->name = STR("SLES");
	out->version = out->version_id = major;
	out->pretty_name = str_format(a, "SUSE Linux Enterprise Server " STR_FMT, STR_ARG(major));
	return true;
}

bool shape_rhel(struct arena *a, struct str major, struct distribution *out)
{
	out->did = STR("rhel");
	out->name = STR("Red Hat Enterprise Linux Server");
	out->version = out->version_id = major;
	out->pretty_name = str_format(a, "Red Hat Enterprise Linux Server " STR_FMT, STR_ARG(major));
	out->cpe = cpe_normalise(a, str_format(a, "cpe:/o:redhat:enterprise_linux:" STR_FMT, STR_ARG(major)));
	return true;
}
