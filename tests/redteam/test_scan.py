# SPDX-License-Identifier: Apache-2.0
"""A hostile worker in the place of clair-worker, seen by somebody who scans: a layer's error that says what and why, the
other layers reported, nothing kept of the layer, nothing left behind."""
import os
import re
import shutil
import subprocess
import time

import pytest

import images
from program import MIB, Clair
from redteam import TAKES_OVER, attacks_of_the_program, worker_path

ALL = 31
FILES = {"etc/os-release": images.ALPINE_RELEASE, "lib/apk/db/installed": images.apk_installed(("musl", "1.2.5-r0"))}
DIED = r"worker died of signal \d+ \([A-Z].*\)|worker ended with status 42|attack refused: [\w-]+: E[A-Z]+"
TIME = r"[Dd]eadline|[Tt]ime"
SAYS = {  # what the report tells; system attacks: DIED
    "spin": DIED + "|" + TIME, "hang": TIME, "close-and-hang": TIME + "|closed", "endless-findings": r"more than \d+ bytes of findings|memory",
    "empty-findings": TIME, "noise": r"worker: (frame|unknown)", "unknown-frame": "worker: unknown frame 99",
    "huge-frame": r"worker: frame of 4294967295 bytes, limit \d+", "cut-frame": "ended with status 0 before its answer was complete",
    "billion-packages": "worker, scanner|worker:", "strange-scanner": "findings out of order",
    "early-done": r"0 of \d+ scanners answered", "greet-twice": "worker: unknown frame 16", "bad-error": "worker: bad error",
    "control-bytes": "worker: bad error|taken over", "after-the-end": "this is the end", "again-and-again": "again out of order",
    "foreign-frame": "bad request to read", "flood-skipped": "bad message about a record", "flood-advisories": "advisories out of order",
    "exit-early": "ended with status 7 before its answer was complete",
    "exit-well": "ended with status 0 before its answer was complete", "crash": r"died of signal 11 \(Segmentation fault\)",
    "close": "ended with status 0 before its answer was complete"}
HARMLESS = {"after-done": "what comes after a complete answer is never read", "terminal": "it is told to nobody"}


def cases(job, attacks):
    return [pytest.param(job, a, id=f"{job}-{a}") for a in attacks]


@pytest.fixture
def betrayed(program_path, tmp_path):
    """clair with the hostile worker beside it."""
    top = tmp_path / "bin"
    top.mkdir()
    shutil.copy(program_path, top / "clair")
    shutil.copy(worker_path(), top / "clair-worker")
    os.makedirs(tmp_path / "data")
    return Clair(top / "clair", tmp_path / "data", tmp_path)


def order(program, attack):
    with open(os.path.join(os.path.dirname(program.path), "attack"), "w", encoding="ascii") as out:
        out.write(f"{attack} {ALL} 300 . 1\n")


def processes_of(program):
    """Running processes whose program lies beside this one."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            path = os.readlink(f"/proc/{pid}/exe")
        except OSError:
            continue
        if path.startswith(os.path.dirname(program.path) + "/"):
            found.append((pid, path))
    return found


def names(done):
    return sorted(p["name"] for p in done.json()["packages"].values())


def scan(program, target, *more, **how):
    return program.run("scan", "--format", "index", "--layer-timeout", "2s", target, *more, timeout=30, **how)


@pytest.mark.parametrize("job, attack", cases("layer", attacks_of_the_program("system") + attacks_of_the_program("wire")))
def test_an_attack_from_a_layer_is_an_error_of_that_layer(betrayed, program_path, tmp_path, job, attack):
    good = images.Layer(images.tar(FILES))
    bad = images.Layer(images.tar({"file": TAKES_OVER, "lib/apk/db/installed": images.apk_installed(("evil", "1"))}), "none")
    target = images.oci(tmp_path / "image", good, bad)
    order(betrayed, attack)
    done = scan(betrayed, target, measure=True)
    told = done.out + done.err
    assert not processes_of(betrayed), "processes were left behind"
    assert "\x1b" not in told
    if attack not in HARMLESS:
        assert done.status == 3 and names(done) == ["musl"], str(done)
        assert bad.digest[7:19] in told and "attack succeeded" not in told, str(done)
        assert re.search(SAYS.get(attack, DIED), told), str(done)
    print(f"{done.seconds:.1f} s, {done.peak_bytes / MIB:.0f} MiB")
    assert done.seconds < 20
    assert done.peak_bytes < 256 * MIB or "asan" in program_path, f"{done.peak_bytes / MIB:.0f} MiB"

    well = Clair(program_path, betrayed.data, tmp_path)
    again = scan(well, target, "--retry")
    assert again.status == 0 and names(again) == (["evil"]), str(again)


def test_an_image_of_one_hostile_layer_is_an_error(betrayed, tmp_path):
    order(betrayed, "crash")
    done = scan(betrayed, images.oci(tmp_path / "image", images.Layer(images.tar({"file": TAKES_OVER}), "none")))
    assert done.status == 1 and "died of signal 11" in done.err, str(done)


def test_a_worker_does_not_outlive_its_parent(betrayed, tmp_path):
    order(betrayed, "hang")
    target = images.oci(tmp_path / "image", images.Layer(images.tar({"file": TAKES_OVER}), "none"))
    with betrayed.start("scan", "--format", "index", target) as process:
        end = time.monotonic() + 20
        while not any(path.endswith("clair-worker") for _, path in processes_of(betrayed)) and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.2)
        process.kill()
        process.communicate()
    end = time.monotonic() + 5
    while processes_of(betrayed) and time.monotonic() < end:
        time.sleep(0.01)
    assert not processes_of(betrayed)


def test_a_worker_without_defences_gets_no_bytes_when_they_are_required(betrayed, tmp_path):
    with open(os.path.join(os.path.dirname(betrayed.path), "attack"), "w", encoding="ascii") as out:
        out.write("open 3 300 . 1\n")
    target = images.oci(tmp_path / "image", images.Layer(images.tar({**FILES, "file": TAKES_OVER}), "none"))
    refused = scan(betrayed, target, "--require-sandbox")
    assert refused.status == 1 and "lacks" in refused.err and "seccomp" in refused.err, str(refused)
    assert "attack" not in refused.err


FEED_SAYS = {"flood-skipped": TIME, "flood-advisories": TIME, "hang": TIME, "close-and-hang": TIME + "|closed",
             "early-done": "done", "empty-findings": "findings out of order", "noise": "worker: (frame|unknown)"}
ARCHIVE_SAYS = {"flood-skipped": "bad message", "hang": TIME, "close-and-hang": TIME + "|closed", "early-done": "done",
                "foreign-frame": "died|ended|deadline", "exit-early": "ended with status 7"}


@pytest.mark.parametrize("job, attack", cases("feed", FEED_SAYS) + cases("archive", ARCHIVE_SAYS))
def test_attacks_from_feeds_and_archives_end(betrayed, job, attack):
    parent = os.environ.get("REDTEAM_PARENT") or os.path.join(os.path.dirname(worker_path()), "redteam-parent")
    order(betrayed, attack)
    done = subprocess.run([parent, job, os.path.join(os.path.dirname(betrayed.path), "clair-worker"), "2"], capture_output=True,
                          text=True, timeout=15)
    assert done.returncode == 0, "a process was left"
    assert re.search({"feed": FEED_SAYS, "archive": ARCHIVE_SAYS}[job][attack], done.stdout), done.stdout + done.stderr
    assert not processes_of(betrayed)
