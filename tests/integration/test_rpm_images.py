# SPDX-License-Identifier: Apache-2.0
"""Real images of rpm distributions, and documents made from the tables of their packages: of each package one fix is newer
than what is installed, and one is what is installed. Exactly the first are found."""
import gzip
import os

import pytest

import reports

MARINER = ("azure", "azurelinux/cbl-mariner-2.0-oval.xml", "sourcerpm")
SLES = ("suse", "suse/oval/suse.linux.enterprise.server.15.xml.gz", "name")
IMAGES = [("mariner-2.0-bdb-made", "mariner-2.0", MARINER), ("mariner-2.0-sqlite", "mariner-2.0", MARINER),
          ("sle15-bci-ndb", "sle15-bci", SLES)]


def installed(row, key):
    """Documents about sources have no epoch but 0."""
    epoch = row["epoch"] if key == "name" and row["epoch"] not in ("", "(none)") else "0"
    return f"{epoch}:{row['version']}-{row['release']}"


def named(row, key):
    """The name that advisories use: the package's own, or that of its source."""
    return row["name"] if key == "name" else row["sourcerpm"].rsplit("-", 2)[0]


def document(rows):
    """rows: [(package, vulnerability, fixed version)]"""
    parts = {"definitions": "", "tests": "", "objects": "", "states": ""}
    for n, (package, name, fixed) in enumerate(rows, 1):
        parts["definitions"] += (
            f'<definition class="vulnerability" id="oval:example:def:{n}" version="1"><metadata><title>{name}</title>'
            f'<affected family="unix"><platform>SUSE Linux Enterprise Server 15</platform></affected>'
            f'<reference source="CVE" ref_id="{name}" ref_url="https://example.com/{name}"/><patchable>true</patchable>'
            f'<severity>High</severity><description>{name}</description></metadata><criteria>'
            f'<criterion test_ref="oval:example:tst:{n}" comment=""/></criteria></definition>\n')
        parts["tests"] += (f'<l:rpminfo_test id="oval:example:tst:{n}" check="at least one"><l:object object_ref='
                           f'"oval:example:obj:{n}"/><l:state state_ref="oval:example:ste:{n}"/></l:rpminfo_test>\n')
        parts["objects"] += f'<l:rpminfo_object id="oval:example:obj:{n}"><l:name>{package}</l:name></l:rpminfo_object>\n'
        parts["states"] += (f'<l:rpminfo_state id="oval:example:ste:{n}"><l:evr datatype="evr_string" operation="less than">'
                            f"{fixed}</l:evr></l:rpminfo_state>\n")
    body = "".join(f"<{name}>\n{text}</{name}>\n" for name, text in parts.items())
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/'
            f'oval-definitions-5" xmlns:l="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux">\n{body}</oval_definitions>\n')


def publish(path, text):
    os.makedirs(os.path.dirname(path))
    with gzip.open(path, "wb") if path.endswith(".gz") else open(path, "wb") as out:
        out.write(text.encode())


def is_newer(version, than):
    """By librpm where two packages of one source differ; that with ".1" behind it is newer in any case."""
    if version in (than, than + ".1"):
        return version != than
    rpm = pytest.importorskip("rpm")
    first, second = ((evr.split(":")[0], *evr.split(":")[1].rsplit("-", 1)) for evr in (version, than))
    return rpm.labelCompare(first, second) > 0


@pytest.mark.parametrize("image, table, feed", IMAGES, ids=[i[0] for i in IMAGES])
def test_findings_are_exactly_the_fixes_above_what_is_installed(corpus, clair, tmp_path, image, table, feed):
    updater, path, key = feed
    packages = [row for row in reports.table(f"{corpus}/expected/packages/{table}.tsv") if row["name"] != "gpg-pubkey"]
    rows, wanted = set(), set()
    for row in packages:
        fixed = {"1": installed(row, key) + ".1", "2": installed(row, key)}
        rows |= {(named(row, key), f"CVE-2099-{which}000", version) for which, version in fixed.items()}
    # packages of one source may differ in version: all fixes of the source are looked at
    for row in packages:
        wanted |= {(row["name"], version) for package, _, version in rows
                   if package == named(row, key) and is_newer(version, installed(row, key))}
    publish(str(tmp_path / "feeds" / path), document(sorted(rows)))
    clair.run("update", "--mirror", tmp_path / "feeds", updater, want=0)
    report = clair.run("scan", "--format", "clair", f"oci-archive:{corpus}/images/rpm/{image}.oci.tar", want=0).json()
    found = {(package, fixed) for package, _, _, fixed in reports.findings(report)}
    assert len(wanted) >= 30 and found == wanted
