# SPDX-License-Identifier: Apache-2.0
"""Red Hat's VEX in small: documents, the archive, the lists of changes and deletions, and a publisher that serves them."""
import hashlib
import http.server
import io
import json
import os
import subprocess
import tarfile
import threading

BASE_OS = "cpe:/o:redhat:enterprise_linux:{}::baseos"
FOLDER = "rhel/csaf/v2/vex"


def document(cve, fixed=None, affected=(), release=9, impact="Important"):
    """fixed: {package: "0:1.2-3.el9"}; affected: names of source packages without a fix."""
    platform = f"BaseOS-{release}"
    components, relationships, status = [], [], {"fixed": [], "known_affected": []}

    def add(kind, name, purl):
        components.append({"category": "product_version", "name": name, "product": {
            "name": name, "product_id": name, "product_identification_helper": {"purl": purl}}})
        relationships.append({"category": "default_component_of", "product_reference": name,
                              "relates_to_product_reference": platform,
                              "full_product_name": {"name": name, "product_id": f"{platform}:{name}"}})
        status[kind].append(f"{platform}:{name}")

    for name, evr in (fixed or {}).items():
        epoch, version = evr.split(":")
        add("fixed", f"{name}-{evr}.x86_64", f"pkg:rpm/redhat/{name}@{version}?arch=x86_64&epoch={epoch}")
    for name in affected:
        add("known_affected", name, f"pkg:rpm/redhat/{name}?arch=src")
    products = status["fixed"] + status["known_affected"]
    return {
        "document": {"category": "csaf_vex", "title": cve, "tracking": {"id": cve, "status": "final", "version": "1"}},
        "product_tree": {
            "branches": [{"category": "vendor", "name": "Red Hat", "branches": [
                {"category": "product_name", "name": platform, "product": {
                    "name": platform, "product_id": platform,
                    "product_identification_helper": {"cpe": BASE_OS.format(release)}}}, *components]}],
            "relationships": relationships},
        "vulnerabilities": [{
            "cve": cve, "notes": [{"category": "description", "text": f"A flaw, {cve}."}],
            "product_status": {k: v for k, v in status.items() if v}, "release_date": "2026-01-02T00:00:00+00:00",
            "references": [{"category": "self", "url": f"https://access.redhat.com/security/cve/{cve}"}],
            "scores": [{"products": products, "cvss_v3": {
                "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8, "version": "3.1"}}],
            "threats": [{"category": "impact", "details": impact, "product_ids": products}]}]}


def path_of(cve):
    return f"{cve.split('-')[1]}/{cve.lower()}.json"


class Publisher:
    """The folder of a publisher: what is in the archive, and what changed or was deleted since."""

    def __init__(self, top, date="2026-08-20"):
        self.top, self.date = os.path.join(str(top), FOLDER), date
        os.makedirs(self.top, exist_ok=True)
        self.changes, self.deletions = {}, {}
        self.write_lists()

    def write(self, path, data):
        full = os.path.join(self.top, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as out:
            out.write(data if isinstance(data, bytes) else data.encode())

    def write_lists(self):
        for name, entries in (("changes.csv", self.changes), ("deletions.csv", self.deletions)):
            newest_first = sorted(entries.items(), key=lambda e: e[1], reverse=True)
            self.write(name, "".join(f'"{path}","{when}"\n' for path, when in newest_first))

    def archive(self, documents):
        """Make the archive of the day, with the documents."""
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for d in documents:
                text = json.dumps(d, indent=2).encode()
                member = tarfile.TarInfo(path_of(d["document"]["tracking"]["id"]))
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text))
        name = f"csaf_vex_{self.date}.tar.zst"
        self.write(name, subprocess.run(["zstd", "-q", "-c"], input=data.getvalue(), capture_output=True, check=True).stdout)
        self.write("archive_latest.txt", name)

    def change(self, document_, when):
        path = path_of(document_["document"]["tracking"]["id"])
        self.write(path, json.dumps(document_, indent=2))
        self.changes[path] = when
        self.write_lists()

    def delete(self, cve, when):
        path = path_of(cve)
        self.changes.pop(path, None)
        self.deletions[path] = when
        self.write_lists()


class Server:
    """Serves a folder with ETags, and remembers what was asked for and sent."""

    def __init__(self, top):
        requests = self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # noqa: N802
                path = os.path.join(str(top), self.path.lstrip("/"))
                data = None
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        data = f.read()
                tag = f'"{hashlib.sha256(data or b"").hexdigest()[:16]}"'
                known = data is not None and self.headers.get("If-None-Match") == tag
                status = 404 if data is None else 304 if known else 200
                body = data if status == 200 and self.command == "GET" else b""
                requests.append((self.path.rsplit(FOLDER + "/", maxsplit=1)[-1], status, len(body)))
                self.send_response(status)
                self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def asked(self):
        """What was asked for since the last time."""
        taken = list(self.requests)
        del self.requests[:]
        return taken

    def close(self):
        self.server.shutdown()
        self.server.server_close()
