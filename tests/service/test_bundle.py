# SPDX-License-Identifier: Apache-2.0
"""Offline bundles: what one machine exports another one imports, and its service uses it at once."""
import gzip
import http.server
import json
import os
import subprocess
import threading

import pytest

import images

FILES = {"etc/os-release": images.ALPINE_RELEASE,
         "lib/apk/db/installed": images.apk_installed(("zlib", "1.3-r0"), ("busybox", "1.36.1-r29"))}


@pytest.fixture(scope="module")
def bundles(program_path, small_feeds, tmp_path_factory):
    """The same bundle plain, gzip and zstd, as exported with a configuration that names a mirror."""
    top = tmp_path_factory.mktemp("bundle")
    (top / "config.yaml").write_text(f"updaters: {{mirror: {small_feeds}}}\n")
    for name in ("all.json", "all.json.gz", "all.json.zst"):
        done = subprocess.run([program_path, "export-updaters", "--strict", "-c", "config.yaml", name], cwd=top,
                              capture_output=True, text=True, timeout=120, env={"PATH": os.environ["PATH"], "HOME": str(top)})
        assert done.returncode == 0, done
    return top


def run(service, *args, want=0, **more):
    done = subprocess.run([service.program, *args, "-c", f"{service.top}/config.json"], capture_output=True, text=True,
                          timeout=120, env={"PATH": os.environ["PATH"], "HOME": service.top}, **more)
    assert done.returncode == want, done
    return done.stdout + done.stderr


def names(service):
    manifest = service.blobs.manifest(FILES)
    assert service.ask("POST", "/indexer/api/v1/index_report", manifest).status == 201
    answer = service.ask("GET", f"/matcher/api/v1/vulnerability_report/{manifest['hash']}")
    return sorted(v["name"] for v in answer.json()["vulnerabilities"].values()) if answer.status == 200 else answer.status


def test_lines_of_a_bundle(bundles):
    lines = [json.loads(line) for line in (bundles / "all.json").read_text().splitlines()]
    assert {line["Updater"] for line in lines} == {"alpine-main-v3.20-updater", "debian/updater"}
    refs = [line["Ref"] for line in lines]
    assert sum(a != b for a, b in zip(refs, refs[1:])) == len(set(refs)) - 1  # lines of a Ref stand together
    one = lines[0]
    assert set(one) == {"Updater", "Fingerprint", "Date", "Kind", "Ref", "Vuln"} and one["Kind"] == "vulnerability"
    assert {"name", "package", "distribution", "normalized_severity", "fixed_in_version"} <= set(one["Vuln"])


def test_compressions_hold_the_same(bundles):
    strip = lambda text: sorted(line.split('"Vuln":')[1] for line in text.splitlines())
    plain = strip((bundles / "all.json").read_text())
    assert strip(gzip.decompress((bundles / "all.json.gz").read_bytes()).decode()) == plain
    unpacked = subprocess.run(["zstd", "-dc", bundles / "all.json.zst"], capture_output=True, check=True).stdout
    assert strip(unpacked.decode()) == plain


@pytest.mark.parametrize("how", ["all.json", "all.json.gz", "all.json.zst", "-", "url"])
def test_an_import_is_used_at_once_and_counted_once(make_service, bundles, how):
    service = make_service(ready=False, feeds=None)
    assert names(service) == 202
    more, source, server = {}, str(bundles / how), None
    if how == "-":
        more, source = {"stdin": open(bundles / "all.json.gz", "rb")}, "-"
    elif how == "url":
        handler = lambda *a: http.server.SimpleHTTPRequestHandler(*a, directory=str(bundles))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        source = f"http://127.0.0.1:{server.server_address[1]}/all.json.zst"
    try:
        assert "2 updaters imported, 0 were there already" in run(service, "import-updaters", source, **more)
        assert names(service) == ["CVE-2099-0001", "CVE-2099-0002"]
        if how == "all.json":
            assert "0 updaters imported, 2 were there already" in run(service, "import-updaters", source)
    finally:
        if server:
            server.shutdown()


def test_a_broken_bundle_keeps_what_came_before(make_service, bundles, tmp_path):
    service = make_service(ready=False, feeds=None)
    run(service, "import-updaters", str(bundles / "all.json"))
    lines = (bundles / "all.json").read_text().splitlines()
    broken = tmp_path / "broken.json"
    broken.write_text("\n".join(line.replace('"Fingerprint":"', '"Fingerprint":"new ') for line in lines[:2]) + '\n{"Upda')
    assert "line 3" in run(service, "import-updaters", str(broken), want=64 if False else 1)
    assert names(service) == ["CVE-2099-0001", "CVE-2099-0002"]
    assert "no such" in run(service, "import-updaters", str(tmp_path / "none"), want=1).lower()


def test_cvss_of_a_bundle_is_in_reports(make_service, bundles, tmp_path):
    service = make_service(ready=False, feeds=None)
    run(service, "import-updaters", str(bundles / "all.json"))
    record = {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8,
              "baseSeverity": "CRITICAL"}
    line = {"Updater": "clair.cvss", "Fingerprint": "x", "Date": "2026-01-02T03:04:05.678901234Z", "Kind": "enrichment",
            "Ref": "0b9f1a52-8d0e-4f5e-9a55-0c5c7f2c8a11",
            "Enrichment": {"Tags": ["CVE-2099-0001"], "Enrichment": record}}
    (tmp_path / "cvss.json").write_text(json.dumps(line) + "\n")
    run(service, "import-updaters", str(tmp_path / "cvss.json"))
    manifest = service.blobs.manifest(FILES)
    service.ask("POST", "/indexer/api/v1/index_report", manifest)
    report = service.ask("GET", f"/matcher/api/v1/vulnerability_report/{manifest['hash']}").json()
    [(kind, [scores])] = report["enrichments"].items()
    assert kind == ("message/vnd.clair.map.vulnerability; enricher=clair.cvss "
                    "schema=https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema")
    assert {report["vulnerabilities"][v]["name"]: found for v, found in scores.items()} == {"CVE-2099-0001": [record]}
    operations = service.ask("GET", "/matcher/api/v1/internal/update_operation?kind=enrichment").json()
    assert operations["clair.cvss"][0]["kind"] == "enrichment"
