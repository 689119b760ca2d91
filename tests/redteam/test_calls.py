# SPDX-License-Identifier: Apache-2.0
"""What workers ask the kernel for, seen by strace: after the filter is in place nothing outside of the list in
docs/security.md, which is the list of the filter."""
import os
import re
import shutil
import subprocess

import pytest

import feeds
import hostile
import images
from program import ROOT
from redteam import names_of_calls

FILTERED = re.compile(r"seccomp\(SECCOMP_SET_MODE_FILTER, .*\) = 0")


def calls_after_the_filter(directory):
    """{call: how often} over the workers whose traces lie in the directory, and how many workers there were."""
    calls, workers = {}, 0
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as f:
            text = f.read()
        if "clair-worker" not in text.split("\n", 1)[0] and '/clair-worker", ["clair-worker"]' not in text:
            continue
        match = FILTERED.search(text)
        assert match, f"a worker without a filter\n{text[-2000:]}"
        workers += 1
        for line in text[match.end():].splitlines():
            call = re.match(r"(\w+)\(", line)
            if call:
                calls[call.group(1)] = calls.get(call.group(1), 0) + 1
        assert "SIGSYS" not in text[match.end():], text[-2000:]  # by SIGKILL it may end: the parent does not wait once it has its answer
    return calls, workers


@pytest.fixture
def traced(release, tmp_path):
    if not shutil.which("strace"):
        pytest.skip("no strace")

    def run(*words, statuses=(0, 3)):
        out = tmp_path / f"trace{len(os.listdir(tmp_path))}"
        out.mkdir()
        done = subprocess.run(["strace", "-ff", "-s", "16", "-o", str(out / "t"), *release.command(*words)], env=release.env,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if "PTRACE" in done.stderr and not os.listdir(out):
            pytest.skip("absent: ptrace")
        assert done.returncode in statuses, done.stdout + done.stderr
        calls, workers = calls_after_the_filter(out)
        assert workers > 0
        print(f"{workers} workers: {calls}")
        assert set(calls) <= set(names_of_calls()), sorted(set(calls) - set(names_of_calls()))
        return calls
    return run


def test_the_documented_calls_are_those_of_the_filter():
    with open(f"{ROOT}/src/worker/confine.c", encoding="utf-8") as f:
        text = f.read()
    table = text[text.index("sock_filter filter[]"):]
    table = table[:table.index("};")]
    found = re.findall(r"\bCALL(?:_NO_EXEC)?\((\w+)\)", table) + (["mmap"] if "CALL_MMAP," in table else [])
    assert sorted(found) == sorted(names_of_calls())


def test_a_scan_of_a_debian_like_image_makes_no_other_call(traced, tmp_path):
    """Every way of packing, every kind of package database, links that need a second pass, a file for the spool."""
    long = images.dpkg_status(*((f"package-{n}", "1.0-1") for n in range(120000)))  # above 8 MiB: goes to the spool
    base = {"etc/os-release": images.Link("../usr/lib/os-release"), "usr/lib/os-release": images.DEBIAN_RELEASE,
            "var/lib/dpkg/status": images.dpkg_status(("libc6", "2.36-9"), ("zlib1g", "1:1.2.13"))}
    assert len(long) > 8 << 20
    layers = [images.Layer(images.tar(base), pack) for pack in images.PACK]
    layers += [images.Layer(images.tar({**base, f"file-{pack}": os.urandom(300000)}), pack) for pack in images.PACK]
    layers += [images.Layer(images.tar({"var/lib/dpkg/status": long}), pack) for pack in ("gzip", "zstd")]
    layers += [images.Layer(images.tar({f"var/lib/rpm/{name}": magic + os.urandom(20000)})) for name, magic in
               (("Packages", b"\0" * 12 + b"\x61\x15\x06\0" + b"\x09\0\0\0\0\x10\0\0"), ("Packages.db", b"RpmP\0\0\0\0\1\0\0\0"),
                ("rpmdb.sqlite", b"SQLite format 3\0\x10\0\1\1\0\x40\x20\x20"))]
    layers += [images.Layer(images.tar({"lib/apk/db/installed": images.apk_installed(*((f"p{n}", "1-r0") for n in range(5000)))}),
                            "xz"), images.Layer(hostile.claims_8_eib()), images.Layer(b"")]
    traced("scan", "--format", "index", images.oci(tmp_path / "image", *layers))
    traced("scan", "--format", "index", images.docker_archive(tmp_path / "image.tar", {**base, "x": "y"}))


def test_a_scan_of_the_real_debian_image_makes_no_other_call(corpus, traced):
    traced("scan", "--format", "index", f"oci-archive:{corpus}/images/oci/debian-bookworm-minbase.oci.tar")


@pytest.mark.parametrize("image", ["mariner-2.0-bdb-made", "mariner-2.0-sqlite", "rhel8-libuuid-bdb", "sle15-bci-ndb"])
def test_scans_of_real_rpm_images_make_no_other_call(corpus, traced, image):
    traced("scan", "--format", "index", f"oci-archive:{corpus}/images/rpm/{image}.oci.tar")


def test_an_update_makes_no_other_call(traced, tmp_path):
    mirror = feeds.large_debian(tmp_path / "mirror", 100, 20)
    feeds.alpine(tmp_path / "mirror", {"musl": {"1.2.4-r1": ["CVE-2090-1"]}})
    traced("update", "--mirror", mirror, statuses=(0, 1, 3))


def test_a_directory_makes_no_other_call(traced, tmp_path):
    top = tmp_path / "root"
    for path, text in (("etc/os-release", images.DEBIAN_RELEASE), ("var/lib/dpkg/status", images.dpkg_status(("libc6", "2.36-9")))):
        os.makedirs(os.path.dirname(top / path), exist_ok=True)
        (top / path).write_text(text)
    traced("scan", "--format", "index", f"dir:{top}")
