# SPDX-License-Identifier: Apache-2.0
"""Any number of processes at one data directory: scans go on while updates run, and all say the same."""
import json
import os
import sqlite3

import pytest

import feeds
import images

FILES = {"etc/os-release": images.ALPINE_RELEASE,
         "lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"), ("busybox", "1.36.1-r29"))}


@pytest.fixture
def target(clair, tmp_path):
    feeds.alpine(tmp_path / "mirror", {"musl": {"1.2.5-r1": ["CVE-2090-1"]}, "busybox": {"1.36.1-r31": ["CVE-2090-2", "CVE-2090-3"]}})
    feeds.large_debian(tmp_path / "mirror")
    clair.run("update", "--mirror", tmp_path / "mirror", want=0)
    return images.oci(tmp_path / "image", FILES)


def found(output):
    return sorted(f["vulnerability"]["id"] for f in json.loads(output)["findings"])


def test_scans_go_on_during_updates_and_beside_each_other(clair, tmp_path, target):
    for _ in range(3):
        updates = [clair.start("update", "--force", "--mirror", tmp_path / "mirror") for _ in range(2)]
        scans = [clair.start("scan", "--refresh", "--format", "json", target) for _ in range(5)]
        for scan in scans:
            out, err = scan.communicate(timeout=120)
            assert scan.returncode == 0, err
            assert found(out) == ["CVE-2090-1", "CVE-2090-2", "CVE-2090-3"]
        for update in updates:
            assert update.communicate(timeout=120) and update.returncode == 0
    for store in ("advisories.db", "index.db"):
        with sqlite3.connect(os.path.join(clair.data, store)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_read_only_advisories_file_is_enough(clair, target):
    path = os.path.join(clair.data, "advisories.db")
    before = open(path, "rb").read()
    os.chmod(path, 0o444)
    done = clair.run("scan", "--format", "json", target, want=0)
    assert found(done.out) == ["CVE-2090-1", "CVE-2090-2", "CVE-2090-3"]
    assert open(path, "rb").read() == before
