# SPDX-License-Identifier: Apache-2.0
"""Prebuilt databases: exported, imported whole and in changes, damaged, interrupted, read meanwhile."""
import glob
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time

import pytest

import feeds
import images
import registry
from program import Clair


def other(clair, name):
    """The same program with another data directory."""
    return Clair(clair.path, os.path.join(clair.home, name), clair.home)


def tracker(fixed, sources=30):
    return {f"source-{n}": {f"CVE-2090-{n:04}": {"bookworm": f"1.{n}-{fixed if n == 7 else 1}"}} for n in range(sources)}


@pytest.fixture
def target(tmp_path):
    status = "".join(f"Package: source-{n}\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: amd64\n\n" for n in range(30))
    return images.oci(tmp_path / "image", {
        "etc/os-release": 'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\n',
        "var/lib/dpkg/status": status})


@pytest.fixture
def publisher(clair, tmp_path):
    """A program with data."""
    made = other(clair, "publisher")
    made.run("update", "--mirror", feeds.debian(tmp_path / "feeds", tracker(1)), "debian", want=0)
    return made


def change(publisher, tmp_path, fixed):
    publisher.run("update", "--mirror", feeds.debian(tmp_path / "feeds", tracker(fixed)), "debian", want=0)


def export(publisher, tmp_path, *options, name="data.clair"):
    path = str(tmp_path / name)
    publisher.run("data", "export", *options, path, want=0)
    return path


def findings(clair, target):
    report = clair.run("scan", "--format", "json", target, want=0).json()
    return sorted((f["vulnerability"]["id"], f["advisory"]["fixed_in"]) for f in report["findings"])


def test_what_was_exported_says_the_same_elsewhere(clair, publisher, target, tmp_path):
    path = export(publisher, tmp_path)
    clair.run("data", "import", path, want=0)
    assert findings(clair, target) == findings(publisher, target) != []
    plain = subprocess.run(["zstd", "-dc", path], capture_output=True, check=True).stdout
    assert plain.startswith(b"SQLite format 3\0")


def test_import_replaces_what_is_there(clair, publisher, target, tmp_path):
    old = export(publisher, tmp_path, name="old.clair")
    change(publisher, tmp_path, 9)
    clair.run("data", "import", export(publisher, tmp_path), want=0)
    assert ("CVE-2090-0007", "1.7-9") in findings(clair, target)
    clair.run("data", "import", old, want=0)
    assert ("CVE-2090-0007", "1.7-1") in findings(clair, target)
    clair.run("update", "--mirror", tmp_path / "feeds", "debian", want=0)
    assert ("CVE-2090-0007", "1.7-9") in findings(clair, target)


def damaged(data, seed):
    """Copies with one thing wrong each."""
    rolled = random.Random(seed)
    yield b""
    yield data[:1]
    yield data + b"\0"
    for at in sorted({rolled.randrange(len(data)) for _ in range(12)} | {0, 4, 8, len(data) - 1}):
        yield data[:at] + bytes([data[at] ^ 1 << rolled.randrange(8)]) + data[at + 1:]
    for at in sorted(rolled.randrange(len(data)) for _ in range(8)):
        yield data[:at]


def test_a_damaged_file_is_refused_and_the_old_data_stay(clair, publisher, target, tmp_path):
    clair.run("data", "import", export(publisher, tmp_path), want=0)
    before = findings(clair, target)
    change(publisher, tmp_path, 9)
    with open(export(publisher, tmp_path), "rb") as f:
        whole = f.read()
    bad = tmp_path / "bad.clair"
    for data in damaged(whole, 20260101):
        bad.write_bytes(data)
        done = clair.run("data", "import", bad, want=1)
        assert "bad.clair" in done.err
    assert findings(clair, target) == before
    assert sorted(os.listdir(clair.data)) == ["advisories.db", "import.lock", "index.db"]


def keys(tmp_path, name):
    private, public = tmp_path / f"{name}.pem", tmp_path / f"{name}.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True, capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
    return private, public


def test_only_what_the_wanted_key_signed_is_taken(clair, publisher, tmp_path):
    (private, public), (_, stranger) = keys(tmp_path, "ours"), keys(tmp_path, "theirs")
    signed, bare = export(publisher, tmp_path, "--sign-key", private), export(publisher, tmp_path, name="bare.clair")
    assert "not signed" in clair.run("data", "import", "--verify-key", public, bare, want=1).err
    assert "signature" in clair.run("data", "import", "--verify-key", stranger, signed, want=1).err
    clair.run("data", "import", "--require-signature", signed, want=64)
    clair.run("data", "import", "--require-signature", "--verify-key", public, signed, want=0)
    with open(signed, "rb") as f:
        data = f.read()
    swapped = tmp_path / "swapped.clair"
    swapped.write_bytes(data.replace(b'"updaters":[{"name":"debian', b'"updaters":[{"name":"debiam'))
    assert clair.run("data", "import", "--verify-key", public, swapped, want=1).err


def test_a_newer_schema_or_format_is_told(clair, publisher, tmp_path):
    with open(export(publisher, tmp_path), "rb") as f:
        data = f.read()
    newer = tmp_path / "newer.clair"
    end = 8 + int.from_bytes(data[4:8], "little")
    for was, now in ((b'"format":1,', b'"format":9,'), (b'"schema":3,', b'"schema":9,')):
        manifest = data[8:end].replace(was, now, 1)
        digest = b"sha256:" + hashlib.sha256(manifest).hexdigest().encode()
        newer.write_bytes(data[:8] + manifest + data[end:end + 8] + digest + data[end + 8 + len(digest):])
        assert "newer program" in clair.run("data", "import", newer, want=1).err


def test_a_killed_import_leaves_the_old_or_the_new_data(clair, publisher, target, tmp_path):
    old = export(publisher, tmp_path, name="old.clair")
    change(publisher, tmp_path, 9)
    new = export(publisher, tmp_path, name="new.clair")
    rolled = random.Random(7)
    clair.run("data", "import", old, want=0)
    for turn in range(10):
        process = clair.start("data", "import", new if turn % 2 == 0 else old)
        time.sleep(rolled.random() * 0.12)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert len(findings(clair, target)) == 29
    clair.run("data", "import", new, want=0)
    assert ("CVE-2090-0007", "1.7-9") in findings(clair, target)


def test_scans_go_on_during_imports(clair, publisher, target, tmp_path):
    old = export(publisher, tmp_path, name="old.clair")
    change(publisher, tmp_path, 9)
    new = export(publisher, tmp_path, name="new.clair")
    clair.run("data", "import", old, want=0)
    findings(clair, target)
    ended, seen = threading.Event(), []

    def scan():
        while not ended.is_set():
            seen.append(findings(clair, target))

    scanning = threading.Thread(target=scan)
    scanning.start()
    for turn in range(8):
        clair.run("data", "import", new if turn % 2 == 0 else old, want=0)
    ended.set()
    scanning.join()
    assert len(seen) > 2 and {len(s) for s in seen} == {29}


# ---- folders and changes ----

def test_a_folder_offers_the_newest_and_the_changes(clair, publisher, target, tmp_path):
    folder = tmp_path / "folder"
    publisher.run("data", "export", "--to-folder", folder, want=0)
    first = glob.glob(str(folder / "advisories-*"))[0]
    clair.run("data", "import", first, want=0)
    assert "nothing changed" in publisher.run("data", "export", "--to-folder", folder, want=0).out
    for fixed in (2, 3, 4, 5):
        change(publisher, tmp_path, fixed)
        publisher.run("data", "export", "--to-folder", folder, want=0)
        index = json.loads((folder / "index.json").read_text())
        delta = index["deltas"][-1]
        assert delta["to"] == index["full"]["content"] and delta["size"] < index["full"]["size"]
        clair.run("data", "import", folder / delta["name"], want=0)
        assert ("CVE-2090-0007", f"1.7-{fixed}") in findings(clair, target)
    assert findings(clair, target) == findings(publisher, target)
    assert len(glob.glob(str(folder / "advisories-*"))) == 2 and len(index["deltas"]) == 4
    assert all((folder / d["name"]).exists() for d in index["deltas"])


def test_changes_fit_only_what_they_begin_with(clair, publisher, target, tmp_path):
    folder = tmp_path / "folder"
    publisher.run("data", "export", "--to-folder", folder, want=0)
    clair.run("update", "--mirror", feeds.debian(tmp_path / "others", tracker(8)), "debian", want=0)
    before = findings(clair, target)
    change(publisher, tmp_path, 2)
    publisher.run("data", "export", "--to-folder", folder, want=0)
    assert "do not lead" in clair.run("data", "import", glob.glob(str(folder / "delta-*"))[0], want=1).err
    assert findings(clair, target) == before


def test_damaged_changes_are_refused_and_the_old_data_stay(clair, publisher, target, tmp_path):
    folder = tmp_path / "folder"
    publisher.run("data", "export", "--to-folder", folder, want=0)
    clair.run("data", "import", glob.glob(str(folder / "advisories-*"))[0], want=0)
    before = findings(clair, target)
    change(publisher, tmp_path, 2)
    publisher.run("data", "export", "--to-folder", folder, want=0)
    with open(glob.glob(str(folder / "delta-*"))[0], "rb") as f:
        whole = f.read()
    bad = tmp_path / "bad.clair"
    for data in damaged(whole, 20260102):
        bad.write_bytes(data)
        clair.run("data", "import", bad, want=1)
    assert findings(clair, target) == before


def test_an_index_that_cannot_be_read_is_not_overwritten(publisher, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "index.json").write_text("{not json", encoding="utf-8")
    assert "index.json" in publisher.run("data", "export", "--to-folder", folder, want=1).err
    assert (folder / "index.json").read_text() == "{not json"


def test_an_earlier_export_that_is_gone_means_no_changes(publisher, tmp_path):
    folder = tmp_path / "folder"
    publisher.run("data", "export", "--to-folder", folder, want=0)
    os.unlink(glob.glob(str(folder / "advisories-*"))[0])
    change(publisher, tmp_path, 2)
    publisher.run("data", "export", "--to-folder", folder, want=0)
    assert json.loads((folder / "index.json").read_text())["deltas"] == []


def test_export_without_data_says_what_to_do(clair, tmp_path):
    assert clair.run("data", "export", tmp_path / "x.clair", want=1).err
    assert not os.path.exists(tmp_path / "x.clair") and shutil.which("zstd")


# ---- registries ----

MEDIA = "application/vnd.oci.image.manifest.v1+json"


def push(hub, name, path, layer="application/vnd.clair.data.v1+zstd"):
    """The file as an artifact of one layer, as `oras push` makes it."""
    with open(path, "rb") as f:
        data = f.read()
    for blob in (data, b"{}"):
        hub.push_blob(name, images.digest(blob), blob)
    describe = lambda media, blob: {"mediaType": media, "digest": images.digest(blob), "size": len(blob)}
    manifest = {"schemaVersion": 2, "mediaType": MEDIA, "artifactType": "application/vnd.clair.data.v1",
                "config": describe("application/vnd.oci.empty.v1+json", b"{}"), "layers": [describe(layer, data)]}
    hub.push_manifest(name, "latest", json.dumps(manifest).encode(), MEDIA)


@pytest.mark.skipif(not registry.is_there(), reason="no docker-registry")
def test_an_artifact_of_a_registry_is_pulled(clair, publisher, target, tmp_path):
    path = export(publisher, tmp_path)
    with registry.start_registry(tmp_path / "registry") as hub:
        push(hub, "team/data", path)
        push(hub, "team/image", path, layer="application/vnd.oci.image.layer.v1.tar")
        assert "layer" in clair.run("data", "pull", f"oci://{hub.host}/team/image:latest", want=1).err
        assert clair.run("data", "pull", f"oci://{hub.host}/team/nothing:latest", want=1).err
        clair.run("data", "pull", f"oci://{hub.host}/team/data:latest", want=0)
    assert findings(clair, target) == findings(publisher, target)
