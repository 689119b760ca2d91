# SPDX-License-Identifier: Apache-2.0
"""A publisher of feeds: a folder over HTTP with validators, conditions and listings, that can be told to misbehave."""
import collections
import email.utils
import hashlib
import http.server
import os
import re
import threading


class Publisher:
    """fault: a function(handler, data) for the paths that breaks(path) names; asked: (method, path) counted; sent: bytes."""

    def __init__(self, top, lists=True):
        self.top, self.lists, self.fault, self.breaks = str(top), lists, None, lambda path: False
        self.asked, self.headers, self.sent, self.lock = collections.Counter(), [], 0, threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(publisher):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                path = self.path.split("?")[0].lstrip("/")
                with publisher.lock:
                    publisher.asked[self.command, path] += 1
                    publisher.headers.append((path, dict(self.headers)))
                try:
                    publisher.answer(self, path)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_HEAD = do_GET

            def body(self, data):
                if self.command != "HEAD":
                    self.wfile.write(data)
                    publisher.sent += len(data)
        return Handler

    def answer(self, handler, path):
        page, release = re.search(r"[?&]page=(\d+)", handler.path), re.search(r"[?&]releases=(F\d+)", handler.path)
        if release:
            path = f"fedora/{release.group(1)}"
        if page or release:
            path = f"{path.rstrip('/')}/{page.group(1) if page else 1}.json"
        if path == "fedora/releases/":
            path = "fedora/releases.json"
        full = os.path.join(self.top, path)
        if os.path.isdir(full):
            index = os.path.join(full, "index.html")
            if not os.path.exists(index):
                self.list(handler, full)
                return
            full = index
        if not os.path.exists(full):
            say(handler, 404, b"not here")
            return
        with open(full, "rb") as f:
            data = f.read()
        if self.fault and self.breaks(path):
            self.fault(handler, data)
        else:
            serve(handler, data, os.stat(full).st_mtime)

    def list(self, handler, full):
        if not self.lists or not os.listdir(full):
            say(handler, 403 if os.listdir(full) else 404, b"no listing")
            return
        names = sorted(n + ("/" if os.path.isdir(os.path.join(full, n)) else "") for n in os.listdir(full))
        say(handler, 200, "".join(f'<a href="{n}">{n}</a>\n' for n in names).encode(), Content_Type="text/html")

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def settings(self):
        """updaters.config that leads every set to this publisher, as if the folder were all of theirs."""
        at = self.url
        return {"alma": {"url": f"{at}/osv/"}, "alpine": {"url": f"{at}/alpine/"}, "arch": {"url": f"{at}/arch/all.json"},
                "aws-AL1-updater": {"url": f"{at}/aws/2018.03/updates/x86_64/repodata/updateinfo.xml.gz"},
                "aws-AL2-updater": {"url": f"{at}/aws/2/core/latest/x86_64/repodata/updateinfo.xml.gz"},
                "azure": {"url": f"{at}/azurelinux/"}, "chainguard": {"url": f"{at}/chainguard/security.json"},
                "clair.cvss": {"feed_root": f"{at}/nvd/"}, "clair.epss": {"url": f"{at}/epss/epss_scores-2025-08-25.csv.gz"},
                "clair.kev": {"feed_root": f"{at}/kev/known_exploited_vulnerabilities.json"},
                "debian": {"json_url": f"{at}/debian/tracker/data/json", "mirror_url": at}, "fedora": {"url": f"{at}/fedora/"},
                "minimos": {"url": f"{at}/minimos/security.json"}, "oracle": {"url": f"{at}/oracle/oval/"},
                "osv": {"url": f"{at}/osv/"}, "photon": {"url": f"{at}/photon/"}, "rhel-container-names": {"url": f"{at}/rhel/metrics/container-name-repos-map.json"},
                "rhel-repository-to-cpe": {"url": f"{at}/rhel/metrics/repository-to-cpe.json"},
                "rhel-vex": {"url": f"{at}/rhel/csaf/v2/vex/"},
                "rocky": {"url": f"{at}/rocky/osv/"}, "suse": {"url": f"{at}/suse/oval/"},
                "ubuntu": {"url": f"{at}/", "oval_url": f"{at}/ubuntu/oval/"}, "wolfi": {"url": f"{at}/wolfi/os/security.json"}}


def say(handler, status, body=b"", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.body(body)


def etag(data):
    return '"' + hashlib.sha256(data).hexdigest()[:16] + '"'


def serve(handler, data, modified):
    validators = {"ETag": etag(data), "Last_Modified": email.utils.formatdate(int(modified), usegmt=True)}
    asked = handler.headers
    if asked.get("If-None-Match"):
        same = asked["If-None-Match"] == validators["ETag"]
    else:
        same = asked.get("If-Modified-Since") == validators["Last_Modified"]
    if same:
        handler.send_response(304)
        for name, value in validators.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        return
    say(handler, 200, data, **validators)


# ---- faults: function(handler, data) ----

def status(code, **headers):
    return lambda handler, data: say(handler, code, b"no", **headers)


def page(handler, data):
    say(handler, 200, b"<!DOCTYPE html>\n<html><body>Down for maintenance</body></html>\n", Content_Type="text/html")


def other_json(handler, data):
    say(handler, 200, b'{"error": "maintenance", "items": []}\n', Content_Type="application/json")


def nothing(handler, data):
    say(handler, 200, b"")


def half(handler, data):
    """Announces everything, hangs up in the middle."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.body(data[:len(data) // 2])
    handler.close_connection = True


def half_without_length(handler, data):
    """The end of the connection is the end of the document, for all that a client can know."""
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.body(data[:len(data) // 2])
    handler.close_connection = True


def announced(size):
    def fault(handler, data):
        handler.send_response(200)
        handler.send_header("Content-Length", str(size))
        handler.end_headers()
        handler.body(data)
        for _ in range(0, size if handler.command != "HEAD" else 0, 1 << 20):
            handler.body(b" " * (1 << 20))
    return fault


def endless(handler, data):
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    piece = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
    while handler.command != "HEAD":
        handler.body(piece)


def older(handler, data):
    """Another document, of yesterday, whatever is asked for: a server that lags behind."""
    say(handler, 200, data + b"\n", ETag='"older"', Last_Modified=email.utils.formatdate(1700000000, usegmt=True))
