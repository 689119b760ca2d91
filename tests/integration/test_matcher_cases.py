# SPDX-License-Identifier: Apache-2.0
"""Cases of matching: a database and an index report in, the vulnerabilities of each package out. Clair's own cases from the
corpus, and ours in tests/data/matcher. The database comes as an offline bundle, the index report from an indexer that only
has that one; the answer is the service's."""
import glob
import http.server
import json
import os
import subprocess
import threading

import pytest

import txtar
from program import ROOT
from service import Service

CORPUS = os.path.join(ROOT, "..", "shared", "corpus", "matcher")
PATHS = sorted(glob.glob(os.path.join(CORPUS, "*.txtar")) + glob.glob(os.path.join(ROOT, "tests", "data", "matcher", "*.txtar")))


class Indexer:
    """An indexer with one report."""

    def __init__(self, report):
        body = json.dumps({**report, "state": "IndexFinished", "success": True, "err": ""}).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                found = self.path.startswith("/indexer/api/v1/index_report/" + report["manifest_hash"])
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body) if found else 0))
                self.end_headers()
                self.wfile.write(body if found else b"")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def put_bundle(service, path):
    program = [service.program, "import-updaters", "-c", f"{service.top}/config.json", path]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False,
                          env={"PATH": os.environ.get("PATH", ""), "HOME": service.top, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr


def found_of(report):
    """package name, version: names of vulnerabilities with the fixed version, in order"""
    packages, vulnerabilities = report.get("packages") or {}, report.get("vulnerabilities") or {}
    return {(packages[p]["name"], packages[p]["version"]):
            sorted((vulnerabilities[v]["name"], vulnerabilities[v].get("fixed_in_version") or "") for v in ids)
            for p, ids in (report.get("package_vulnerabilities") or {}).items() if ids}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: os.path.basename(path).removesuffix(".txtar"))
def test_packages_have_exactly_the_vulnerabilities_wanted(program_path, tmp_path, path):
    database, report, wanted = txtar.load(path)
    rows = {json.dumps(v, sort_keys=True): v for of in database["vulnerabilities"].values() for v in of}
    bundle = tmp_path / "bundle.json"
    bundle.write_text(txtar.bundle(list(rows.values())), encoding="utf-8")
    with Indexer(report) as indexer, \
            Service(program_path, tmp_path / "service", mode="matcher", matcher={"indexer_addr": indexer.url}) as service:
        put_bundle(service, str(bundle))
        answer = service.ask("GET", "/matcher/api/v1/vulnerability_report/" + report["manifest_hash"])
        assert answer.status == 200, answer
        assert found_of(answer.json()) == found_of(wanted)


def test_a_package_that_clair_lists_twice_is_covered(program_path, tmp_path):
    database, report, _ = txtar.load(os.path.join(ROOT, "tests", "data", "matcher", "rhel.txtar"))
    for environments in report["environments"].values():
        environments.append({**environments[0], "distribution_id": "", "repository_ids": None})
    bundle = tmp_path / "bundle.json"
    bundle.write_text(txtar.bundle(database["vulnerabilities"]["1"]), encoding="utf-8")
    with Indexer(report) as indexer, \
            Service(program_path, tmp_path / "service", mode="matcher", matcher={"indexer_addr": indexer.url}) as service:
        put_bundle(service, str(bundle))
        answer = service.ask("GET", "/matcher/api/v1/vulnerability_report/" + report["manifest_hash"])
        assert answer.header("Clair-Report-Completeness") == "complete"
