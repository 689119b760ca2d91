# SPDX-License-Identifier: Apache-2.0
"""Whole documents of publishers: an image of the oldest packages has all that they say, one of the newest has nothing. What
they say is read here once more, with an XML tree."""
import gzip
import os
import xml.etree.ElementTree as tree

import pytest

import images
import reports

AZURE = 'NAME="Microsoft Azure Linux"\nID=azurelinux\nVERSION_ID="3.0"\nPRETTY_NAME="Microsoft Azure Linux 3.0"\n'
PHOTON = 'NAME="VMware Photon OS"\nVERSION="3.0"\nID=photon\nVERSION_ID=3.0\nPRETTY_NAME="VMware Photon OS/Linux"\n'
# updaters, document, os-release of its images, is an advisory called by its CVE
FEEDS = [("azure", "azurelinux/azurelinux-3.0-oval.xml.gz", AZURE, True), ("photon", "photon/com.vmware.phsa-photon3.xml.gz", PHOTON, False)]


def local(element):
    return element.tag.rsplit("}")[-1]


def inside(element, name):
    return [e for e in element.iter() if local(e) == name]


def rows_of(path, by_cve):
    """{(package, vulnerability, fixed version)}"""
    with gzip.open(path) as f:
        root = tree.parse(f).getroot()
    sections = {local(section): {e.get("id"): e for e in section} for section in root}
    rows = set()
    for definition in sections["definitions"].values():
        if [e for e in inside(definition, "patchable") if e.text == "Not Applicable"]:
            continue
        name = inside(definition, "reference")[0].get("ref_id") if by_cve else inside(definition, "title")[0].text.strip()
        for criterion in inside(definition, "criterion"):
            test = sections["tests"][criterion.get("test_ref")]
            package = inside(sections["objects"][inside(test, "object")[0].get("object_ref")], "name")[0].text
            rows |= {(package, name, "".join(e.text.split())) for e in
                     inside(sections["states"][inside(test, "state")[0].get("state_ref")], "evr")}
    return rows


def image(path, release, packages, version, epoch):
    """An image as distroless ones are, with a list of its packages."""
    lines = "".join("\t".join([p, version, "0", "0", "Example", epoch, "0", "noarch", "0", f"{p}-{version}.src.rpm"]) + "\n"
                    for p in sorted(packages))
    return images.oci(path, images.Layer(images.tar({"etc/os-release": release,
                                                     "var/lib/rpmmanifest/container-manifest-2": lines})))


@pytest.mark.parametrize("name, document, release, by_cve", FEEDS, ids=[f[0] for f in FEEDS])
def test_the_oldest_packages_have_all_findings_and_the_newest_none(corpus, clair, tmp_path, name, document, release, by_cve):
    rows = rows_of(os.path.join(corpus, "feeds", document), by_cve)
    packages = {package for package, _, _ in rows}
    clair.run("update", "--mirror", os.path.join(corpus, "feeds"), name, want=0)
    old = clair.run("scan", "--format", "clair", image(tmp_path / "old", release, packages, "0-0", "(none)"), want=0).json()
    # Azure Linux has "0:1.17.13-2,1.18.8-2,1.21.6-1.azl3": undecided, which Clair's report cannot say
    assert {(p, v, fixed) for p, _, v, fixed in reports.findings(old)} == {r for r in rows if r[2].count("-") < 2}
    new = clair.run("scan", "--format", "clair", image(tmp_path / "new", release, packages, "99999999999-1", "99"), want=0).json()
    assert len(new["packages"]) == len(packages) and not reports.findings(new)
