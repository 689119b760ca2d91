# SPDX-License-Identifier: Apache-2.0
"""The service and `clair scan` say the same about the same images, whether indexer and matcher are one process or three."""
import json
import os
import subprocess
import tarfile

import pytest

import images
import registry
from service import Service

APK = {"etc/os-release": images.ALPINE_RELEASE,
       "lib/apk/db/installed": images.apk_installed(("zlib", "1.3-r0"), ("busybox", "1.36.1-r29"))}
DEB = {"etc/os-release": images.DEBIAN_RELEASE, "var/lib/dpkg/status": images.dpkg_status(("zlib1g", "1:1.2", "zlib"))}
EMPTY = {"file": "content"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A registry with small images of our own; hub.images are their references."""
    top = tmp_path_factory.mktemp("registry")
    with registry.start_registry(top / "storage") as r:
        r.images = {}
        for name, layers in {"apk": [APK], "deb": [DEB], "empty": [EMPTY],
                             "upgraded": [APK, {"lib/apk/db/installed": images.apk_installed(("zlib", "1.3.1-r0"))}],
                             "shared": [APK, {"own": "x"}]}.items():
            images.oci(top / name, *layers)
            r.push_oci_layout(top / name, f"team/{name}", "1")
            r.images[name] = f"{r.host}/team/{name}:1"
        yield r


def clairctl(service, *args, want=0):
    """Our clairctl: a link of that name to clair-server."""
    link = os.path.join(service.top, "clairctl")
    if not os.path.exists(link):
        os.symlink(service.program, link)
    done = subprocess.run([link, *args], capture_output=True, text=True, timeout=120, cwd=service.top,
                          env={"PATH": os.environ["PATH"], "HOME": service.top, "CLAIR_API": f"http://127.0.0.1:{service.port}"})
    assert done.returncode == want, done
    return done.stdout


def concatenated(text):
    decoder, found = json.JSONDecoder(), []
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def plain(report):
    """What must be the same in any two reports of an image."""
    report = json.loads(json.dumps(report))
    report.pop("enrichments", None)
    return report


def scanned(clair, feeds, reference):
    if not os.path.exists(clair.data):
        clair.run("update", "--mirror", str(feeds), want=0)
    return clair.run("scan", "--platform", "linux/amd64", "--format", "clair", reference).json()


def test_clairctl_report_is_what_scan_says(service, hub, clair, small_feeds):
    for reference in hub.images.values():
        [report] = concatenated(clairctl(service, "report", "-o", "json", reference))
        assert plain(report) == plain(scanned(clair, small_feeds, reference)), reference


def test_text_and_xml_of_clairctl(service, hub):
    text = clairctl(service, "report", hub.images["apk"], hub.images["empty"])
    lines = text.splitlines()
    assert [line.split() for line in lines] == [
        ["apk:1", "found", "busybox", "1.36.1-r29", "CVE-2099-0002", "(fixed:", "1.36.1-r30)"],
        ["apk:1", "found", "zlib", "1.3-r0", "CVE-2099-0001", "(fixed:", "1.3.1-r0)"], ["empty:1", "ok"]]
    import xml.etree.ElementTree
    suites = xml.etree.ElementTree.fromstring(clairctl(service, "report", "--out", "xml", hub.images["apk"]))
    assert suites.tag == "testsuites" and suites[0].get("failures") == "2"


def test_missing_images_and_keep_going(service, hub):
    missing = f"{hub.host}/team/none:1"
    clairctl(service, "report", missing, want=1)
    clairctl(service, "report", missing, hub.images["apk"], want=1)
    assert "apk:1" in clairctl(service, "report", "--keep-going", missing, hub.images["apk"], want=2)
    clairctl(service, "report", want=2)
    clairctl(service, "report", "--nonsense", "x", want=2)


def test_a_manifest_for_the_service_and_delete(service, hub):
    [manifest] = concatenated(clairctl(service, "manifest", hub.images["deb"]))
    assert manifest["layers"][0]["uri"].startswith("http") and manifest["hash"].startswith("sha256:")
    assert service.ask("POST", "/indexer/api/v1/index_report", manifest).status == 201
    assert json.loads(clairctl(service, "delete", manifest["hash"])) == [manifest["hash"]]
    assert json.loads(clairctl(service, "delete", manifest["hash"])) == []


def test_three_processes_say_what_one_says(program_path, places, small_feeds, tmp_path, service, hub):
    index, advisories = places()
    with Service(program_path, tmp_path / "indexer", mode="indexer", connstrings=(index, index)) as indexer:
        where = {"indexer_addr": f"http://127.0.0.1:{indexer.port}/"}
        both = [Service(program_path, tmp_path / f"matcher-{n}", mode="matcher", feeds=small_feeds,
                        connstrings=("", advisories), matcher=where) for n in range(2)]
        for matcher in both:
            matcher.conf["indexer"] = {}
            matcher.start()
        try:
            for reference in hub.images.values():
                [expected] = concatenated(clairctl(service, "report", "-o", "json", reference))
                digest = expected["manifest_hash"]
                [manifest] = concatenated(clairctl(service, "manifest", reference))
                assert indexer.ask("POST", "/indexer/api/v1/index_report", manifest).status == 201
                for matcher in both:
                    matcher.ready()
                    answer = matcher.ask("GET", f"/matcher/api/v1/vulnerability_report/{digest}")
                    assert answer.status == 200 and plain(answer.json()) == plain(expected)
            unknown = both[0].ask("GET", "/matcher/api/v1/vulnerability_report/sha256:" + "0" * 64)
            assert unknown.status == 404
            assert indexer.ask("GET", "/matcher/api/v1/updater_status").status == 404
            assert both[0].ask("GET", "/indexer/api/v1/index_state").status == 404
            found = both[1].ask("GET", "/matcher/api/v1/vulnerability/CVE-2099-0001/affected").json()
            assert len(found["manifests"]) >= 2
        finally:
            for matcher in both:
                matcher.close()


def test_a_restarted_service_answers_from_the_store(make_service, hub):
    service = make_service()
    manifest = service.blobs.manifest(APK, {"restart": "x"})
    before = service.ask("POST", "/indexer/api/v1/index_report", manifest).json()
    service.restart()
    asked = sum(service.blobs.asked.values())
    assert service.ask("POST", "/indexer/api/v1/index_report", manifest).json() == before
    assert sum(service.blobs.asked.values()) == asked


# ---- real images ----

def unpack(path, top):
    with tarfile.open(path) as archive:
        archive.extractall(top, filter="data") if hasattr(tarfile, "data_filter") else archive.extractall(top)


def test_real_images(corpus, corpus_data, program_path, tmp_path):
    """Each image of the corpus, pushed to a registry: clairctl and scan agree, and the second index fetches nothing."""
    layouts = sorted(name for name in os.listdir(f"{corpus}/images/oci") if name.endswith(".oci.tar"))
    with registry.start_registry(tmp_path / "storage") as r, \
            Service(program_path, tmp_path / "s", feeds=f"{corpus}/feeds") as service:
        service.ready()
        for layout in layouts:
            name = layout[:-len(".oci.tar")].lower()
            unpack(f"{corpus}/images/oci/{layout}", tmp_path / name)
            r.push_oci_layout(tmp_path / name, f"corpus/{name}", "1")
            reference = f"{r.host}/corpus/{name}:1"
            platform = "linux/arm64" if "arm64" in name else "linux/amd64"
            [report] = concatenated(clairctl(service, "report", "--platform", platform, "-o", "json", reference))
            wanted = corpus_data.run("scan", "--platform", platform, "--format", "clair", reference).json()
            assert plain(report) == plain(wanted), name
        fetched = service.metrics()["clair_layers_scanned_total"]
        for layout in layouts:
            name = layout[:-len(".oci.tar")].lower()
            platform = "linux/arm64" if "arm64" in name else "linux/amd64"
            clairctl(service, "report", "--platform", platform, f"{r.host}/corpus/{name}:1")
        assert service.metrics()["clair_layers_scanned_total"] == fetched


def test_a_changed_scanner_has_only_those_layers_read_again_that_lack_it(program_path, small_feeds, tmp_path):
    """As after an upgrade: one of two layers has not been seen by the new version of a scanner."""
    import sqlite3
    place = (f"sqlite:{tmp_path}/data",) * 2
    with Service(program_path, tmp_path / "s", feeds=small_feeds, connstrings=place) as service:
        service.ready()
        base, top = service.blobs.add(APK), service.blobs.add({"top": "x"})
        manifest = service.blobs.manifest(base, top)
        before = service.ask("POST", "/indexer/api/v1/index_report", manifest).json()
        with sqlite3.connect(f"{tmp_path}/data/index.db", timeout=10) as store:
            store.execute("DELETE FROM layer_scan WHERE layer_id = (SELECT id FROM layer WHERE digest = ?)"
                          " AND scanner_id IN (SELECT id FROM scanner WHERE name = 'apk')", (base["hash"],))
            store.execute("UPDATE manifest SET state = 'an older one'")
        store.close()
        path = f"/matcher/api/v1/vulnerability_report/{manifest['hash']}"
        assert service.ask("GET", path).status == 200  # the report of the older version stands meanwhile
        assert service.ask("POST", "/indexer/api/v1/index_report", manifest).json() == before
        assert service.blobs.asked[base["hash"]] == 2 and service.blobs.asked[top["hash"]] == 1
