# SPDX-License-Identifier: Apache-2.0
"""`clair mirror`: what it keeps gives the same advisories as the publishers themselves, as a folder and behind a web server
that lists nothing; it asks for what changed only, and never puts anything broken or half into place."""
import json
import os
import shutil

import pytest

import publisher
import test_publishers
from program import Clair

NAMES = "*,clair.epss,clair.kev"


@pytest.fixture
def world(program_path, tmp_path):
    """A publisher of all feeds but those of Amazon, whose repositories a list of others names."""
    feeds = str(tmp_path / "feeds")
    test_publishers.all_feeds(feeds)
    shutil.rmtree(f"{feeds}/aws")
    with publisher.Publisher(feeds) as made:
        yield World(Clair(program_path, tmp_path / "data", tmp_path), made, tmp_path)


class World:
    def __init__(self, clair, made, top):
        self.clair, self.publisher, self.top, self.folder = clair, made, str(top), f"{top}/mirror"
        self.config = f"{top}/direct.json"
        write(self.config, json.dumps({"updaters": {"config": made.settings()}}))

    def mirror(self, *more, want=0, names=NAMES):
        """From the publisher as if it were a mirror: those are asked as fast as they answer."""
        return self.clair.run("mirror", "--mirror", self.publisher.url, "--except", "aws", "--only", names, *more, self.folder,
                              want=want)

    def mirror_directly(self):
        return self.clair.run("mirror", "--config", self.config, "--except", "aws", "--only", NAMES, self.folder, want=0)


def write(path, text):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def files_of(top):
    return {os.path.relpath(os.path.join(folder, name), top): os.path.join(folder, name)
            for folder, _, names in os.walk(top) for name in names}


def bytes_of(path):
    with open(path, "rb") as f:
        return f.read()


def export(world, name, **updaters):
    """The lines of an offline bundle, without date, reference and fingerprint."""
    path, out = f"{world.top}/{name}.json", f"{world.top}/{name}.out"
    sets = [s for s in world.publisher.settings() if "-updater" not in s and s != "osv"]
    write(path, json.dumps({"updaters": {"sets": sets, **updaters}}))
    server = os.path.join(os.path.dirname(world.clair.path), "clair-server")
    Clair(server, world.clair.data, world.clair.home).run("export-updaters", "--strict", "-c", path, out, want=0)
    with open(out, encoding="utf-8") as f:
        lines = [json.loads(line) for line in f]
    assert {line["Updater"] for line in lines} >= {"rhel-vex", "fedora/40", "rocky", "alma/9", "clair.epss", "debian/updater"}
    return sorted(json.dumps({k: v for k, v in line.items() if k not in ("Date", "Ref", "Fingerprint")}, sort_keys=True)
                  for line in lines)


def test_a_mirror_gives_what_the_publishers_give(world):
    direct = export(world, "direct", config=world.publisher.settings())
    world.mirror_directly()
    kept = files_of(world.folder)
    for path, full in kept.items():
        if not path.endswith(("index.html", ".clair-mirror")):
            assert bytes_of(full) == bytes_of(os.path.join(world.publisher.top, path)), "as published"
    assert export(world, "folder", mirror=world.folder) == direct
    with publisher.Publisher(world.folder, lists=False) as served:
        assert export(world, "served", mirror=served.url) == direct


def test_only_what_changed_is_transferred(world):
    assert " 0 unchanged, 0 failed" in world.mirror().out
    before, world.publisher.sent = {p: os.stat(f).st_mtime_ns for p, f in files_of(world.folder).items()}, 0
    assert " 0 changed, " in world.mirror().out
    assert world.publisher.sent < 20000, "only what says which feeds there are"
    after = {p: os.stat(f).st_mtime_ns for p, f in files_of(world.folder).items()}
    assert {p for p in before if after[p] != before[p]} <= {".clair-mirror"}
    path = f"{world.publisher.top}/wolfi/os/security.json"
    write(path, json.dumps({**json.loads(bytes_of(path)), "more": 1}))
    os.utime(path, (2000000000, 2000000000))
    assert "1 changed" in world.mirror().out
    assert bytes_of(f"{world.folder}/wolfi/os/security.json") == bytes_of(path)
    assert os.stat(f"{world.folder}/wolfi/os/security.json").st_mtime == 2000000000, "the publisher's time"
    os.unlink(f"{world.folder}/wolfi/os/security.json")
    assert "1 changed" in world.mirror().out, "a file that was lost comes back"


@pytest.mark.parametrize("fault", [publisher.status(403), publisher.page, publisher.half, publisher.half_without_length,
                                   publisher.nothing, publisher.announced(10 << 30), publisher.older],
                         ids=["403", "page", "half", "half without length", "nothing", "10 GB", "older"])
def test_what_is_broken_replaces_nothing(world, fault):
    world.mirror()
    before = {p: bytes_of(f) for p, f in files_of(world.folder).items() if not p.startswith(".")}
    broken = ("alpine/v3.20/main.json", "debian/tracker/data/json", "oracle/oval/com.oracle.elsa-2020.xml.bz2",
              "osv/AlmaLinux:9/all.zip", "nvd/nvdcve-2.0-2023.json.gz", "epss/epss_scores-2025-08-25.csv.gz", "rocky/osv/1.json",
              *(["rhel/csaf/v2/vex/changes.csv"] if fault is not publisher.half_without_length else []))  # half of a list is one
    world.publisher.breaks, world.publisher.fault = (lambda path: path in broken), fault
    done = world.mirror(want=1)
    for name in ("alpine-main-v3.20-updater", "debian/updater", "oracle-2020-updater", "alma/9", "clair.cvss", "clair.epss", "rocky", *(["rhel-vex"] if len(broken) > 7 else [])):
        assert f"{name}: " in done.err, done
    assert f" {len(broken)} failed" in done.out
    assert {p: bytes_of(f) for p, f in files_of(world.folder).items() if not p.startswith(".")} == before
    assert not [p for p in files_of(world.folder) if p.endswith(".part")]


def test_what_is_gone_stays_until_it_is_pruned(world):
    shutil.copytree(f"{world.publisher.top}/alpine/v3.20", f"{world.publisher.top}/alpine/v3.19")
    world.mirror()
    os.unlink(f"{world.publisher.top}/suse/oval/opensuse.leap.15.5.xml.gz")
    world.mirror()
    assert os.path.exists(f"{world.folder}/suse/oval/opensuse.leap.15.5.xml.gz")
    write(f"{world.folder}/suse/mine", "not of the mirror")
    assert "1 files removed" in world.mirror("--prune").out
    assert not os.path.exists(f"{world.folder}/suse/oval/opensuse.leap.15.5.xml.gz")
    assert b"opensuse.leap.15.5" not in bytes_of(f"{world.folder}/suse/oval/index.html")
    assert os.path.exists(f"{world.folder}/suse/mine") and os.path.exists(f"{world.folder}/alpine/v3.20/main.json")
    os.unlink(f"{world.publisher.top}/alpine/v3.19/main.json")
    assert "files removed" not in world.mirror("--prune", names="debian,alpine-main-*").out, "of whole sets only"


def test_pages_that_are_no_more_are_not_read(world):
    world.mirror(names="rocky")
    assert sorted(p for p in files_of(f"{world.folder}/rocky/osv") if p != "index.html") == ["1.json", "2.json"]
    os.unlink(f"{world.publisher.top}/rocky/osv/2.json")
    first = f"{world.publisher.top}/rocky/osv/1.json"
    write(first, bytes_of(first).decode() + "\n")
    os.utime(first, (2000000000, 2000000000))
    world.mirror(names="rocky")
    assert not os.path.exists(f"{world.folder}/rocky/osv/2.json")


def test_documents_that_changed_come_before_the_list_that_says_so(world):
    vex = "rhel/csaf/v2/vex"
    world.mirror(names="rhel-vex")
    kept = {p for p in files_of(f"{world.folder}/{vex}")}
    assert {"archive_latest.txt", "changes.csv", "deletions.csv", "2099/cve-2099-1002.json"} <= kept
    assert "1 unchanged" in world.mirror(names="rhel-vex").out
    changes, document = f"{world.publisher.top}/{vex}/changes.csv", f"{world.publisher.top}/{vex}/2099/cve-2099-1002.json"
    lines = bytes_of(changes).decode().splitlines(True)
    write(changes, '"2099/cve-2099-1002.json","2099-06-01T00:00:00+00:00"\n' + "".join(x for x in lines if "1002" not in x))
    write(document, bytes_of(document).decode() + "\n")
    for path in (changes, document):
        os.utime(path, (2000000000, 2000000000))
    world.publisher.breaks, world.publisher.fault = (lambda path: path.endswith("1002.json")), publisher.status(403)
    assert "rhel-vex: " in world.mirror(names="rhel-vex", want=1).err
    assert b"2099-06-01" not in bytes_of(f"{world.folder}/{vex}/changes.csv"), "a list of what is not there yet"
    world.publisher.fault = None
    assert "1 changed" in world.mirror(names="rhel-vex").out
    assert bytes_of(f"{world.folder}/{vex}/2099/cve-2099-1002.json") == bytes_of(document)
    assert bytes_of(f"{world.folder}/{vex}/changes.csv") == bytes_of(changes)


def test_a_part_of_everything_can_be_mirrored(world):
    world.mirror(names="alpine-main-*,clair.kev")
    kept = {p for p in files_of(world.folder) if not p.endswith(("index.html", ".clair-mirror"))}
    assert kept == {"alpine/v3.20/main.json", "kev/known_exploited_vulnerabilities.json"}
    world.clair.run("update", "--mirror", world.folder, "--only", "alpine,clair.kev", want=0)
    assert "no documents" in world.clair.run("update", "--mirror", world.folder, "wolfi", want=1).err


def test_wrong_use_is_explained(world, clair):
    assert "no DIR" in clair.run("mirror", want=64).err
    assert "did you mean 'alpine'" in clair.run("mirror", f"{world.top}/x", "alpin", want=64).err
    assert not os.path.exists(f"{world.top}/x")
    write(f"{world.top}/file", "")
    assert "file" in clair.run("mirror", f"{world.top}/file", "alpine", want=1).err
    bad = f"{world.top}/bad.json"
    write(bad, json.dumps({"updaters": {"config": {"alpine": {"url": 5}}}}))
    assert "updaters.config.alpine.url: must be a URL" in clair.run("mirror", "--config", bad, f"{world.top}/x", want=64).err
