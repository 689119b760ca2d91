# SPDX-License-Identifier: Apache-2.0
"""Real images: exactly the packages and the findings that other tools computed."""
import os

import pytest

import reports

# target below images/, table of packages, table of findings ("" none; of rpm images see below)
IMAGES = [
    ("oci-archive:oci/alpine-3.6.5.oci.tar", "alpine-3.6.5", "alpine-3.6.5"),
    ("oci-archive:oci/alpine-3.14.10.oci.tar", "alpine-3.14.10", "alpine-3.14.10"),
    ("oci-archive:oci/alpine-3.16.9.oci.tar", "alpine-3.16.9", "alpine-3.16.9"),
    ("oci-archive:oci/alpine-3.20.3.oci.tar", "alpine-3.20.3", "alpine-3.20.3"),
    ("oci-archive:oci/alpine-3.20.3-arm64.oci.tar", "alpine-3.20.3-arm64", "alpine-3.20.3-arm64"),
    ("oci-archive:oci/alpine-edge-20240923.oci.tar", "alpine-edge-20240923", "alpine-edge-20240923"),
    ("oci:oci/alpine-3.18.9-variants:base", "alpine-3.18.9", "alpine-3.18.9"),
    ("oci-archive:oci/alpine-3.10-upgrade.oci.tar:base", "alpine-3.10.3", "alpine-3.10.3"),
    ("oci-archive:oci/alpine-3.10-upgrade.oci.tar:upgraded", "alpine-3.10.9", "alpine-3.10.9"),
    ("oci-archive:oci/alpine-3.10-upgrade.oci.tar:upgraded-zstd", "alpine-3.10.9", "alpine-3.10.9"),
    ("docker-archive:docker/alpine-3.6.5.docker.tar", "alpine-3.6.5", "alpine-3.6.5"),
    ("docker-archive:docker/alpine-3.18.9.docker.tar", "alpine-3.18.9", "alpine-3.18.9"),
    ("docker-archive:docker/alpine-3.10.4.docker-save.tar.gz", "alpine-3.10.4", "alpine-3.10.4"),
    ("docker-archive:docker/alpine-3.10-upgraded.docker.tar", "alpine-3.10.9", "alpine-3.10.9"),
    ("oci-archive:oci/debian-bookworm-minbase.oci.tar", "debian-bookworm-minbase", "debian-bookworm-minbase"),
    ("oci-archive:oci/debian-bookworm-upgrade-made.oci.tar:base", "debian-bookworm-minbase", "debian-bookworm-minbase"),
    ("oci-archive:oci/debian-trixie-dpkg-only.oci.tar", "debian-trixie-dpkg-only", "debian-trixie-dpkg-only"),
    ("oci-archive:rpm/mariner-2.0-bdb-made.oci.tar", "mariner-2.0", ""),
    ("oci-archive:rpm/mariner-2.0-sqlite.oci.tar", "mariner-2.0", ""),
    ("oci-archive:rpm/rhel8-libuuid-bdb.oci.tar", "rhel8-libuuid-bdb", ""),
    ("oci-archive:rpm/rhel9-nodejs-sqlite-made.oci.tar", "rhel9-nodejs-sqlite-made", ""),
    ("oci-archive:rpm/sle15-bci-ndb.oci.tar", "sle15-bci", ""),
]
NAMES = [target.split("/", 1)[1] for target, _, _ in IMAGES]


def at(corpus, target):
    kind, path = target.split(":", 1)
    return f"{kind}:{corpus}/images/{path}"


def rpm_source(name):
    """("bash", "4.4-19.6.1") of bash-4.4-19.6.1.src.rpm"""
    if not name or name == "(none)":
        return "", ""
    name = name.removesuffix(".src.rpm").removesuffix(".nosrc.rpm")
    name, version, release = name.rsplit("-", 2)
    return name, f"{version}-{release}"


def wanted_packages(path):
    rows = []
    for row in reports.table(path):
        if "epoch" in row:
            epoch = "" if row["epoch"] in ("", "0", "(none)") else row["epoch"] + ":"
            source = rpm_source(row["sourcerpm"])
            rows.append((row["name"], f"{epoch}{row['version']}-{row['release']}", *source, row["arch"]))
        elif "origin" in row:
            rows.append((row["name"], row["version"], row["origin"], None, row["arch"]))
        else:
            rows.append((row["name"], row["version"], row["source"], row["source_version"], row["arch"]))
    return sorted(rows, key=lambda r: tuple(x or "" for x in r))


def as_wanted(rows, wanted):
    """Rows of a report in the columns that the table has: no source version for apk; rpm's epoch is the package's."""
    if wanted and wanted[0][3] is None:
        return [(*row[:3], None, row[4]) for row in rows]
    return rows


def rpm_rows(rows):
    """An epoch of the source is not in the table of rpm packages; gpg-pubkey is no package of ours."""
    return sorted((n, v, s, sv.split(":")[-1], a) for n, v, s, sv, a in rows)


@pytest.mark.parametrize("target, packages, _vulns", IMAGES, ids=NAMES)
def test_packages_are_exactly_those_installed(corpus, corpus_data, target, packages, _vulns):
    path = f"{corpus}/expected/packages/{packages}.tsv"
    wanted = wanted_packages(path)
    found = reports.packages(corpus_data.run("scan", "--format", "index", at(corpus, target), want=0).json())
    if "epoch" in reports.table(path)[0]:
        found, wanted = rpm_rows(found), [w for w in wanted if w[0] != "gpg-pubkey"]
    assert as_wanted(found, wanted) == wanted


@pytest.mark.parametrize("target, _packages, vulns", [i for i in IMAGES if i[2]],
                         ids=[n for n, i in zip(NAMES, IMAGES) if i[2]])
def test_findings_are_exactly_those_computed(corpus, corpus_data, target, _packages, vulns):
    wanted = sorted({(r["package"], r["version"], r["id"], r["fixed_in"])
                     for r in reports.table(f"{corpus}/expected/vulns/{vulns}.tsv")})
    found = reports.findings(corpus_data.run("scan", "--format", "clair", at(corpus, target), want=0).json())
    assert found == wanted


def evr(version):
    """With an epoch, as the table has it."""
    return version if ":" in version or not version else "0:" + version


def test_fixes_of_red_hat_are_exactly_those_computed(corpus, corpus_data):
    """The table has what is fixed."""
    target = at(corpus, "oci-archive:rpm/rhel9-nodejs-sqlite-made.oci.tar")
    found = reports.findings(corpus_data.run("scan", "--format", "clair", target, want=0).json())
    wanted = sorted({(r["package"], r["installed"], r["id"], r["fixed_in"])
                     for r in reports.table(f"{corpus}/expected/vulns/rhel9-nodejs-sqlite-made.tsv")})
    assert sorted((p, evr(v), name, fixed) for p, v, name, fixed in found if fixed) == wanted
    # the only CVE of the feed that enterprise_linux:9 is known to have without a fix, of source openssl
    assert {(p, name) for p, _, name, fixed in found if not fixed} == {
        (p, "CVE-2026-2673") for p in ("openssl", "openssl-devel", "openssl-libs")}


def variants():
    path = os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared", "corpus", "expected", "variants.tsv")
    return reports.table(path) if os.path.exists(path) else []


@pytest.mark.parametrize("row", variants(), ids=[f"{r['image']}:{r['tag']}" for r in variants()])
def test_variants_have_the_packages_of_the_merged_view(corpus, corpus_data, row):
    layout = os.path.isdir(f"{corpus}/images/oci/{row['image']}")
    target = f"oci:oci/{row['image']}" if layout else f"oci-archive:oci/{row['image']}.oci.tar"
    done = corpus_data.run("scan", "--format", "index", at(corpus, f"{target}:{row['tag']}"))
    if row["packages_in_merged_view"] == "-":
        assert done.status in (0, 1, 3), str(done)
        return
    assert done.status == 0, str(done)
    report = done.json()
    assert len(report["packages"]) == int(row["packages_in_merged_view"])
    assert bool(report["distributions"]) == (row["os_release_in_merged_view"] == "yes")


def test_an_upgrade_names_the_layer_that_brought_each_version(corpus, corpus_data):
    image = at(corpus, "oci-archive:oci/debian-bookworm-upgrade-made.oci.tar")
    base = corpus_data.run("scan", "--format", "index", f"{image}:base", want=0).json()
    upgraded = corpus_data.run("scan", "--format", "index", f"{image}:upgraded", want=0).json()
    before = {p["name"]: p["version"] for p in base["packages"].values()}
    after = {p["name"]: p["version"] for p in upgraded["packages"].values()}
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"perl-base", "libpcre2-8-0", "liblzma5"} and "tzdata" not in after
    layers = reports.introduced(upgraded)
    first = set().union(*(layers[n] for n in after if n not in changed))
    assert len(first) == 1 and not first & set().union(*(layers[n] for n in changed))


def test_a_second_scan_of_the_corpus_says_the_same(corpus, corpus_data):
    target = at(corpus, "oci-archive:oci/debian-bookworm-minbase.oci.tar")
    assert corpus_data.run("scan", "--format", "clair", target).out == corpus_data.run("scan", "--format", "clair", target).out


@pytest.mark.parametrize("name", ["tracker-vunnel.json", "tracker-clair-v2.json"])
def test_real_tracker_samples_load(corpus, clair, tmp_path, name):
    import json
    import shutil
    os.makedirs(tmp_path / "feeds/debian/tracker/data")
    shutil.copy(f"{corpus}/feeds/debian/samples/{name}", tmp_path / "feeds/debian/tracker/data/json")
    shutil.copytree(f"{corpus}/feeds/debian/dists", tmp_path / "feeds/debian/dists")
    with open(f"{corpus}/feeds/debian/samples/{name}", encoding="utf-8") as f:
        assert json.load(f)
    clair.run("update", "--mirror", tmp_path / "feeds", "debian", want=0)
