# SPDX-License-Identifier: Apache-2.0
"""Images that mean harm: a clear error that names the limit, or a right and bounded answer. Nothing is written outside
of the data directory, and all processes together stay below 256 MB of anonymous and shared memory (release build)."""
import glob
import gzip
import os
import random
import re
import sqlite3
import tarfile

import pytest

import hostile
import images
import reports
from program import MIB

BOUND = 256 * MIB
APK = images.apk_installed(("musl", "1.2.5-r0"))
FILES = {"etc/os-release": images.ALPINE_RELEASE, "lib/apk/db/installed": APK}


def scan(program, target, timeout=280):
    return program.run("scan", "--format", "index", target, timeout=timeout, measure=True)


def names(done):
    return sorted(p["name"] for p in done.json()["packages"].values())


def refused(done, *words):
    """An error or an incomplete report, in either case with a reason that a person can use."""
    assert done.status in (1, 3), str(done)
    assert all(word.lower() in (done.err + done.out).lower() for word in words), str(done)


def over_a_limit(done):
    """Refused with the limit, as a number, in the text."""
    refused(done)
    assert re.search(r"(?:more than|limit|budget|at most|after)\b[^\n]*\d", done.err + done.out), str(done)


def test_odd_paths_write_nothing_outside(clair, tmp_path):
    top = tmp_path / "in" / "side"
    os.makedirs(top)
    target = images.oci(top / "image", images.Layer(images.tar(hostile.odd_paths(FILES))))
    before = hostile.files_below(tmp_path) | set(glob.glob("/escaped*"))
    done = scan(clair, target)
    assert done.status == 0 and names(done) == ["musl"], str(done)
    after = hostile.files_below(tmp_path) | set(glob.glob("/escaped*"))
    assert not [p for p in after - before if not p.startswith(clair.data)]


def test_corpus_odd_paths_write_nothing_outside(corpus, clair, tmp_path):
    before = set(glob.glob("/*"))
    done = scan(clair, f"oci:{corpus}/images/oci/alpine-3.18.9-variants:odd-paths")
    assert done.status in (0, 1, 3), str(done)
    assert set(glob.glob("/*")) == before
    assert not [p for p in hostile.files_below(tmp_path) if not p.startswith(clair.data)]


@pytest.mark.parametrize("pack", ["gzip", "zstd", "bzip2", "xz"])
def test_a_truncated_layer_is_an_error(clair, tmp_path, pack):
    stored = images.PACK[pack](images.tar({**FILES, "blob": random.Random(1).randbytes(300000)}))
    target = images.oci(tmp_path / "image", images.Layer(stored=stored[:len(stored) // 2]))
    refused(scan(clair, target), "layer")


def test_a_wrong_digest_is_an_error_and_nothing_is_kept(clair, tmp_path):
    target = images.oci(tmp_path / "image", FILES)
    layer = images.Layer(images.tar(FILES))
    blob = images.blob_path(str(tmp_path / "image"), layer.digest)
    other = gzip.compress(images.tar({**FILES, "lib/apk/db/installed": images.apk_installed(("evil", "6.6.6-r0"))}))
    with open(blob, "wb") as out:
        out.write(other[:layer.size].ljust(layer.size, b"\0"))
    refused(scan(clair, target), layer.digest[7:19])
    with open(blob, "wb") as out:
        out.write(layer.stored)
    done = scan(clair, target)
    assert done.status == 0 and names(done) == ["musl"], str(done)


def test_a_wrong_size_is_an_error(clair, tmp_path):
    target = images.oci(tmp_path / "image", FILES)
    with open(images.blob_path(str(tmp_path / "image"), images.Layer(images.tar(FILES)).digest), "ab") as out:
        out.write(b"more")
    refused(scan(clair, target), "size")


def test_a_tar_that_claims_8_eib(clair, tmp_path):
    target = images.oci(tmp_path / "image", images.Layer(hostile.claims_8_eib()))
    refused(scan(clair, target), "layer")


@pytest.mark.parametrize("files", [1, 100], ids=["one-file", "100-files"])
def test_a_100_gb_bomb_of_many_gzip_members(release, tmp_path, files):
    hostile.bomb(tmp_path / "bomb.gz", 100, files)
    target = images.oci(tmp_path / "image", images.Layer(path=tmp_path / "bomb.gz"))
    done = scan(release, target, timeout=400)
    over_a_limit(done)
    assert done.peak_bytes <= BOUND, f"{done.peak_bytes / MIB:.0f} MiB"


@pytest.mark.parametrize("count, name", [(3000000, b"some/directory/%07d"), (1900000, b"some/directory/.wh.%07d"),
                                         (1900000, b"var/lib/dpkg/status.d/%07d"), (1900000, b"%07d/lib/apk/db/installed"),
                                         (1900000, b"%07d/etc/os-release")],
                         ids=["3-million-files", "whiteouts", "wanted-dpkg", "wanted-apk-roots", "roots"])
def test_millions_of_empty_files(release, tmp_path, count, name):
    hostile.many(tmp_path / "many.gz", count, name)
    target = images.oci(tmp_path / "image", images.Layer(path=tmp_path / "many.gz"))
    done = scan(release, target, timeout=400)
    if done.status != 0:
        over_a_limit(done)
    assert done.peak_bytes <= BOUND, f"{done.peak_bytes / MIB:.0f} MiB"
    assert count < 2000000 or done.status != 0, "the limit on entries was not kept"


def test_a_large_wanted_file_is_bounded(release, tmp_path):
    text = images.apk_installed(*((f"package-{n}", "1-r0") for n in range(1500000))).encode()
    target = images.oci(tmp_path / "image", images.Layer(images.tar({"lib/apk/db/installed": text})))
    del text
    done = scan(release, target)
    if done.status != 0:
        over_a_limit(done)
    assert done.peak_bytes <= BOUND, f"{done.peak_bytes / MIB:.0f} MiB"


@pytest.mark.parametrize("link, first", [
    (images.HardLink("data/blob"), True),  # a hard link comes after what it links to
    (images.Link("../../../data/blob"), True), (images.Link("../../../data/blob"), False),
    (images.Link("/data/blob"), True), (images.Link("/data/blob"), False)],
    ids=["hard", "relative", "relative-first", "absolute", "absolute-first"])
def test_a_wanted_file_that_links_to_an_unwanted_one(clair, tmp_path, link, first):
    entries = [("data/blob", APK), ("lib/apk/db/installed", link)]
    layer = images.Layer(images.tar(entries if first else entries[::-1]))
    done = scan(clair, images.oci(tmp_path / "image", layer))
    assert done.status == 0 and names(done) == ["musl"], str(done)


def sqlite_of_garbage(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        db.executemany("INSERT INTO Packages (blob) VALUES (?)", [(random.Random(n).randbytes(900),) for n in range(40)])
    db.close()
    with open(path, "rb") as f:
        return f.read()


def broken(data, seed):
    """The bytes with a few changed, or cut."""
    dice = random.Random(seed)
    out = bytearray(data)
    for _ in range(dice.randint(1, 30)):
        out[dice.randrange(len(out))] = dice.randrange(256)
    return bytes(out[:dice.randrange(len(out))] if seed % 3 == 0 else out)


@pytest.mark.parametrize("path, magic", [("var/lib/rpm/Packages", b"\0" * 12 + b"\x61\x15\x06\0" + b"\x09\0\0\0\0\x10\0\0"),
                                         ("var/lib/rpm/Packages.db", b"RpmP\0\0\0\0\1\0\0\0"),
                                         ("var/lib/rpm/rpmdb.sqlite", b"SQLite format 3\0\x10\0\1\1\0\x40\x20\x20")],
                         ids=["bdb", "ndb", "sqlite"])
def test_rpm_databases_of_noise_do_no_harm(clair, tmp_path, path, magic):
    for seed in range(4):
        noise = magic + random.Random(seed).randbytes(20000 * seed)
        done = scan(clair, images.oci(tmp_path / f"image{seed}", {path: noise}))
        refused(done, "rpm")


def test_an_rpm_database_with_headers_of_noise_says_so(clair, tmp_path):
    done = scan(clair, images.oci(tmp_path / "image", {"var/lib/rpm/rpmdb.sqlite": sqlite_of_garbage(tmp_path / "x")}))
    refused(done, "rpm")


@pytest.mark.parametrize("image", ["mariner-2.0-bdb-made", "mariner-2.0-sqlite", "rhel8-libuuid-bdb", "sle15-bci-ndb"])
def test_real_rpm_databases_broken_at_random_do_no_harm(corpus, clair, tmp_path, image):
    import io
    import json
    with tarfile.open(f"{corpus}/images/rpm/{image}.oci.tar") as archive:
        read = lambda name: archive.extractfile(name).read()
        index = json.loads(read("index.json"))
        manifest = json.loads(read("blobs/sha256/" + index["manifests"][0]["digest"][7:]))
        packed = [read("blobs/sha256/" + layer["digest"][7:]) for layer in manifest["layers"]]
    for seed in range(8):
        files = {}
        for layer in packed:
            with tarfile.open(fileobj=io.BytesIO(layer)) as entries:
                for member in entries:
                    if member.isfile():
                        data = entries.extractfile(member).read()
                        files[member.name] = broken(data, seed) if "rpm" in member.name and data else data
        done = scan(clair, images.oci(tmp_path / f"image{seed}", files))
        assert done.status in (0, 1, 3), str(done)


def test_damage_in_the_middle_of_a_tar_is_an_error(clair, tmp_path):
    plain = bytearray(images.tar({"a": "x" * 1000, **FILES}))
    plain[1536:1600] = b"\xff" * 64
    refused(scan(clair, images.oci(tmp_path / "image", images.Layer(bytes(plain)))), "layer")


def test_control_bytes_of_an_image_do_not_reach_the_terminal(clair, tmp_path):
    evil = images.apk_installed(("\x1b[31mred\x07", "1\x1b]0;t\x07-r0"))
    done = clair.run("scan", images.oci(tmp_path / "image", {**FILES, "lib/apk/db/installed": evil}))
    assert "\x1b" not in done.out + done.err and "\x07" not in done.out + done.err


def test_one_bad_layer_leaves_the_others(clair, tmp_path):
    good, bad = images.Layer(images.tar(FILES)), images.Layer(stored=gzip.compress(images.tar({"x": "y" * 5000}))[:60])
    done = scan(clair, images.oci(tmp_path / "image", good, bad))
    assert done.status == 3 and names(done) == ["musl"], str(done)
    assert bad.digest[7:19] in done.err + done.out
