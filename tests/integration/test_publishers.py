# SPDX-License-Identifier: Apache-2.0
"""Publishers that fail in every way: what was known stays in force, the status says in a line what happened, the others are
updated. The feeds are those of the golden cases, one or more for each format, and small ones of the enrichers."""
import gzip
import importlib.util
import json
import os
import shutil
import threading
import time

import pytest

import images
import publisher
from program import ROOT, Clair

GOLDEN = os.path.join(ROOT, "tests", "golden")
CASES = sorted(n for n in os.listdir(GOLDEN) if os.path.isdir(os.path.join(GOLDEN, n, "feeds")) and n not in ("report", "centos", "rhcc"))  # these have Red Hat's feed, as rhel has
HEALTHY = ["minimos", "photon"]
# What says which feeds there are; the documents themselves are all else.
LISTS = ("Release", "series", "mirror.list", "last-update", "index.html", "releases.json")


def golden():
    spec = importlib.util.spec_from_file_location("golden", os.path.join(GOLDEN, "test_golden.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(gzip.compress(content.encode(), mtime=0) if path.endswith(".gz") else content.encode())


def enrichers(top):
    rated = {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8, "baseSeverity": "CRITICAL"}
    for year in (2023, 2024):
        write(f"{top}/nvd/nvdcve-2.0-{year}.json.gz", json.dumps({"vulnerabilities": [
            {"cve": {"id": f"CVE-{year}-0001", "vulnStatus": "Analyzed", "metrics": {"cvssMetricV31": [{"type": "Primary", "cvssData": rated}]}}}]}))
    write(f"{top}/epss/epss_scores-2025-08-25.csv.gz",
          "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000\ncve,epss,percentile\n" +
          "".join(f"CVE-2024-{n},0.5,0.9\n" for n in range(1000, 1500)))
    write(f"{top}/kev/known_exploited_vulnerabilities.json", json.dumps({"catalogVersion": "2025.08.25", "vulnerabilities": [
        {"cveID": "CVE-2023-0001", "dateAdded": "2022-05-04", "dueDate": "2022-05-25", "knownRansomwareCampaignUse": "Known"}]}))


def all_feeds(top):
    """All feeds laid out as a mirror. Returns the documents whose publishers are healthy."""
    for case in CASES:
        shutil.copytree(os.path.join(GOLDEN, case, "feeds"), top, dirs_exist_ok=True)
    enrichers(top)
    return {os.path.relpath(os.path.join(folder, name), os.path.join(GOLDEN, case, "feeds"))
            for case in HEALTHY for folder, _, names in os.walk(os.path.join(GOLDEN, case, "feeds")) for name in names}


class World:
    """A publisher of everything, a program that was updated from it, an image of each case and what was found in it."""

    def __init__(self, program, top):
        self.feeds = f"{top}/feeds"
        healthy = all_feeds(self.feeds)
        self.publisher = publisher.Publisher(self.feeds)
        self.publisher.breaks = lambda path: path not in healthy and not path.endswith(LISTS)
        self.clair = Clair(program, f"{top}/data", top)
        self.golden = golden()
        self.targets = {case: images.oci(f"{top}/image-{case}", *self.golden.layers_of(os.path.join(GOLDEN, case, "image.txtar")))
                        for case in CASES}
        self.update(want=0)
        self.found, self.counts = self.scans(), self.advisories()

    def update(self, *more, want=None):
        return self.clair.run("update", "--mirror", self.publisher.url, *more, "*", "clair.epss", "clair.kev", want=want)

    def scans(self):
        return {case: self.golden.scan(self.clair, target, "clair") for case, target in self.targets.items()}

    def status(self):
        told = self.clair.run("data", "status", "--format", "json", want=0).json()
        return {u["name"]: u for u in told["advisories"]["updaters"]}

    def advisories(self):
        return {name: u["advisories"] for name, u in self.status().items()}

    def is_healthy(self, updater):
        return updater.startswith(tuple(HEALTHY))

    def change_healthy(self, mark):
        path = f"{self.feeds}/minimos/security.json"
        with open(path, encoding="utf-8") as f:
            document = json.load(f)
        document["packages"].append({"pkg": {"name": f"extra-{mark}", "secfixes": {"1.0-r0": ["CVE-2024-99999"]}}})
        write(path, json.dumps(document))
        later = time.time() + len(document["packages"])
        os.utime(path, (later, later))


@pytest.fixture(scope="module")
def world(program_path, tmp_path_factory):
    made = World(program_path, str(tmp_path_factory.mktemp("publishers")))
    yield made
    made.publisher.close()


FAULTS = {
    "403": (publisher.status(403), "HTTP status 403"),
    "500": (publisher.status(500), "HTTP status 500"),
    "503 for long": (publisher.status(503, Retry_After="3600"), "HTTP status 503"),
    "a page": (publisher.page, ""),
    "other JSON": (publisher.other_json, ""),
    "nothing": (publisher.nothing, "an empty document"),
    "half": (publisher.half, ""),
    "half without length": (publisher.half_without_length, ""),
    "announced 10 GB": (publisher.announced(10 << 30), "more than 1073741824 bytes"),
    "older": (publisher.older, "older than what is in force"),
}
HARMLESS = [("nothing", "rhel-vex")]  # its lists of what is new and deleted may be empty


@pytest.mark.parametrize("name", FAULTS)
def test_a_publisher_that_fails_costs_nothing_of_what_was_known(world, name):
    fault, says = FAULTS[name]
    world.change_healthy(name.replace(" ", "-"))
    world.publisher.fault = fault
    try:
        done = world.update(want=1)
    finally:
        world.publisher.fault = None
    status = world.status()
    assert set(status) == set(world.counts), "no updater comes or goes"
    for updater, u in status.items():
        if world.is_healthy(updater) or (name, updater) in HARMLESS:
            assert u["last_error"] == "" and u["last_success"] == u["last_attempt"], (updater, u)
            continue
        assert u["last_error"] and "\n" not in u["last_error"] and says in u["last_error"], (updater, u)
        assert u["advisories"] == world.counts[updater], updater
        assert f"{updater}: " in done.err
    assert status["minimos"]["advisories"] > world.counts["minimos"]
    world.counts["minimos"] = status["minimos"]["advisories"]
    assert world.scans() == world.found
    told = world.clair.run("data", "status", want=0).out
    assert told.count("last attempt failed: ") == sum(not world.is_healthy(u) and (name, u) not in HARMLESS for u in status)
    world.update(want=0)
    assert not any(u["last_error"] for u in world.status().values())
    assert world.advisories() == world.counts


def test_what_is_older_is_taken_by_force(world):
    world.publisher.breaks, before = (lambda path: path == "wolfi/os/security.json"), world.publisher.breaks
    world.publisher.fault = publisher.older
    assert "wolfi" in world.clair.run("update", "--mirror", world.publisher.url, "wolfi", want=1).err
    world.clair.run("update", "--mirror", world.publisher.url, "--force", "wolfi", want=0)
    world.publisher.fault, world.publisher.breaks = None, before
    world.clair.run("update", "--mirror", world.publisher.url, "wolfi", want=0)


def test_a_document_without_end_is_given_up_at_the_limit(world):
    world.publisher.breaks, before = (lambda path: path == "alpine/v3.20/main.json"), world.publisher.breaks
    world.publisher.fault, world.publisher.sent = publisher.endless, 0
    done = world.clair.run("update", "--mirror", world.publisher.url, "alpine", want=1)
    world.publisher.fault, world.publisher.breaks = None, before
    assert "more than 1073741824 bytes" in done.err and "alpine-main-v3.20-updater: " in done.err
    assert world.publisher.sent < (1 << 30) + (64 << 20), "it was not read on"
    assert not [n for n in os.listdir(world.clair.home) if n.startswith(".")], "nothing is left of it"
    assert world.scans() == world.found
    world.clair.run("update", "--mirror", world.publisher.url, "alpine", want=0)


def test_a_publisher_that_does_not_say_what_there_is_fails_as_a_whole(world):
    world.publisher.breaks, before = (lambda path: path == "ubuntu/series"), world.publisher.breaks
    world.publisher.fault = publisher.status(500)
    done = world.clair.run("update", "--mirror", world.publisher.url, "ubuntu", "minimos", want=1)
    world.publisher.fault, world.publisher.breaks = None, before
    assert "ubuntu: " in done.err and "HTTP status 500" in world.status()["ubuntu/updater/bionic"]["last_error"]
    assert world.status()["minimos"]["last_error"] == ""
    assert world.scans() == world.found
    world.clair.run("update", "--mirror", world.publisher.url, "ubuntu", want=0)


def test_a_publisher_without_any_document_fails(world):
    os.rename(f"{world.feeds}/wolfi", f"{world.feeds}/gone")
    done = world.clair.run("update", "--mirror", world.publisher.url, "wolfi", want=1)
    os.rename(f"{world.feeds}/gone", f"{world.feeds}/wolfi")
    assert "no documents any more" in done.err and "no documents" in world.status()["wolfi"]["last_error"]
    assert world.scans() == world.found
    world.clair.run("update", "--mirror", world.publisher.url, "wolfi", want=0)


def test_a_busy_publisher_is_asked_again_as_it_wishes(world):
    tries = []

    def busy(handler, data):
        tries.append(time.monotonic())
        if len(tries) < 2:
            publisher.say(handler, 503, b"", Retry_After="2")
        else:
            publisher.serve(handler, data, time.time())
    world.publisher.breaks, before = (lambda path: path == "kev/known_exploited_vulnerabilities.json"), world.publisher.breaks
    world.publisher.fault = busy
    world.clair.run("update", "--mirror", world.publisher.url, "clair.kev", want=0)
    world.publisher.fault, world.publisher.breaks = None, before
    assert tries[1] - tries[0] >= 2
    assert all(h.get("User-Agent", "").startswith("clair/") for _, h in world.publisher.headers)
