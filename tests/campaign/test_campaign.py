# SPDX-License-Identifier: Apache-2.0
"""Thousands of mutated layers and feeds, each through a real, confined worker: the parent lives, keeps no descriptor and no
process, and does not grow; no worker dies. 300 of each in `make check`, 10,000 in `make soak`; the seed is fixed."""
import os
import subprocess

import pytest

import feeds
from program import ROOT

COUNT = 10000 if os.environ.get("SOAK") else 300
SEED = 20240611


def feed_seeds(top):
    """The documents alone, in one directory."""
    feeds.debian(top / "made", {
        "openssl": {"CVE-2090-1": {"bookworm": "3.0.11-1~deb12u2", "trixie": None}, "CVE-2090-2": {"bookworm": None},
                    "TEMP-0000000-ABCDEF": {"bookworm": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"}}},
        "glibc": {f"CVE-2090-{n}": {"bookworm": f"2.36-9+deb12u{n}"} for n in range(40)}})
    feeds.alpine(top / "made", {"musl": {"1.2.4-r1": ["CVE-2090-1", "CVE-2090-2 XSA-1"], "0": ["CVE-2090-3"]},
                                **{f"package-{n}": {f"1.{n}-r0": [f"CVE-2090-{n}"]} for n in range(40)}})
    seeds = top / "seeds"
    seeds.mkdir()
    for number, path in enumerate(("debian/tracker/data/json", "alpine/v3.20/main.json")):
        os.rename(top / "made" / path, seeds / str(number))
    return seeds


@pytest.mark.parametrize("kind", ["layers", "feeds"])
@pytest.mark.parametrize("build", ["build-clang", "build-asan"])
def test_mutated_inputs_leave_the_parent_as_it_was(release, tmp_path, build, kind):
    campaign = os.environ.get("CAMPAIGN") or f"{ROOT}/{build}/tests/campaign"
    seeds = f"{ROOT}/tests/fuzz/corpus/worker" if kind == "layers" else feed_seeds(tmp_path)
    worker = os.path.join(os.path.dirname(release.path), "clair-worker")
    done = subprocess.run([campaign, kind, worker, str(seeds), str(COUNT), str(SEED), str(tmp_path)], capture_output=True, text=True)
    print(done.stdout[-2000:])
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
