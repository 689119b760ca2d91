# SPDX-License-Identifier: Apache-2.0
"""The peer of tests of HTTP: one path, one way to behave. Prints its port, one for TLS and the file of that one's
certificate, and serves until its input ends."""
import hashlib
import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

seen = {}  # path → how often it was asked for


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        self.sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_DELETE(self):
        self.do_POST()

    def do_GET(self):
        path = self.path.split("/proxied", 1)[-1] if self.path.startswith("http://") else self.path
        if self.command == "GET":
            self.sent = b""
        count = seen[path] = seen.get(path, 0) + 1
        name, _, rest = path[1:].partition("/")
        getattr(self, "get_" + name.partition("?")[0].replace("-", "_"), self.get_missing)(rest, count)

    def get_missing(self, rest, count):
        self.answer(404, b"no such thing" * 100)

    def get_ok(self, rest, count):
        self.answer(200, b"hello", ETag='"one"', Last_Modified="Tue, 01 Sep 2026 00:00:00 GMT", Content_Type="text/x")

    def get_count(self, rest, count):
        self.answer(200, str(seen.get("/" + rest, seen.get(rest, 0))).encode())

    def get_empty(self, rest, count):
        self.answer(200)

    def get_conditional(self, rest, count):
        same = self.headers.get("If-None-Match") == '"one"'
        same = same or self.headers.get("If-Modified-Since") == "Tue, 01 Sep 2026 00:00:00 GMT"
        self.answer(304 if same else 200, b"" if same else b"new", ETag='"one"')

    def get_echo(self, rest, count):
        self.answer(200, str(self.headers.get(rest)).encode())

    def get_redirect(self, rest, count):
        left = int(rest)
        self.answer(302, b"moved" * 1000, Location=f"/redirect/{left - 1}" if left > 1 else "/ok", ETag='"old"')

    def get_to_file(self, rest, count):
        self.answer(302, Location="file:///etc/hostname")

    def get_large(self, rest, count):
        self.answer(200, b"x" * 100000)

    def get_endless(self, rest, count):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(b"x" * 1000)
        except OSError:
            pass
        self.close_connection = True

    def get_endless_error(self, rest, count):
        self.send_response(404)
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(b"x" * 1000)
        except OSError:
            pass
        self.close_connection = True

    def get_cut(self, rest, count):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"0123456789")
        self.close_connection = True

    def get_silent(self, rest, count):
        time.sleep(5)
        self.close_connection = True

    def get_broken_once(self, rest, count):
        if count > 1:
            return self.get_ok(rest, count)
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def get_busy(self, rest, count):  # busy/N: 503 for N requests
        if count > int(rest):
            return self.get_ok(rest, count)
        self.answer(503, b"busy")

    def get_later(self, rest, count):  # later/N: 429 once, come back after N seconds
        if count > 1:
            return self.get_ok(rest, count)
        self.answer(429, b"slow down", Retry_After=rest)

    def get_range(self, rest, count):
        self.answer(206, b"part", Content_Range="bytes 0-3/100")


    def get_method(self, rest, count):  # what arrived of a request with a body
        self.answer(200, f"{self.command} {self.headers.get('Content-Type')} ".encode() + getattr(self, "sent", b""))

    def get_headers(self, rest, count):
        self.answer(200, "\n".join(f"{k}: {v}" for k, v in self.headers.items() if k.lower() != "host").encode())

    def get_to(self, rest, count):  # to/STATUS/URL
        status, _, url = rest.partition("/")
        self.answer(int(status), b"moved", Location=url)

    def get_teapot(self, rest, count):
        self.answer(418, f"no tea; you said {self.headers.get('Authorization')}".encode() + b"." * 100000)

    def get_typed(self, rest, count):  # typed/TYPE
        self.answer(200, b"hello", Content_Type=rest.replace("%20", " "))

    def get_status(self, rest, count):
        self.answer(int(rest), b"the page\nof " + rest.encode())

    def get_header_flood(self, rest, count):
        self.send_response(200)
        self.flush_headers()
        try:
            for n in range(100000):
                self.wfile.write(b"X-Flood-%d: " % n + b"y" * 1000 + b"\r\n")
        except OSError:
            pass
        self.close_connection = True

    # --- a registry: open/, locked/ (wants a token), away/ (its blobs are elsewhere)

    def get_token(self, rest, count):
        self.answer(200, b'{"access_token":"token-%d","expires_in":300}' % count)

    def get_v2(self, rest, count):
        if rest.startswith("locked/") and not self.headers.get("Authorization", "").startswith("Bearer token-"):
            realm = f"http://{self.headers['Host']}/token"
            return self.answer(401, b"{}", WWW_Authenticate=f'Bearer realm="{realm}",service="s"')
        name, _, kind, reference = rest.split("/")
        if kind == "manifests":
            known = ("latest", digest(MANIFEST))
            body = MANIFEST if reference in known else INDEX if reference == "index" else None
            return self.answer(200, body, Content_Type="text/plain") if body else self.answer(404, b"{}")
        if kind == "blobs" and name == "away":
            return self.answer(307, Location=f"http://localhost:{self.headers['Host'].split(':')[1]}/ok?signature=1")
        if reference == digest(CONFIG):
            return self.answer(200, CONFIG)
        return self.get_ok("", count)

    # --- bodies that break: DATA in pieces, told by the first part of the path

    def get_body(self, rest, count):  # body/KIND
        begin = self.headers.get("Range", "bytes=0-")[6:-1]
        getattr(self, "body_" + rest.replace("-", "_"))(int(begin), count)

    def piece(self, status, body, length, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass
        self.close_connection = True

    def resumed(self, begin, n, **headers):
        if begin == 0:
            return self.piece(200, DATA[:n], len(DATA), **headers)
        self.piece(206, DATA[begin:begin + n], len(DATA) - begin,
                   Content_Range=f"bytes {begin}-{len(DATA) - 1}/{len(DATA)}", **headers)

    def body_whole(self, begin, count):
        self.resumed(begin, len(DATA))

    def body_cut(self, begin, count):  # three pieces
        seen["etag"] = self.headers.get("If-Range", "none") if begin else ""
        self.resumed(begin, 400000, ETag='"strong"')

    def body_weak(self, begin, count):
        seen["weak"] = self.headers.get("If-Range", "none") if begin else ""
        self.resumed(begin, 600000, ETag='W/"weak"')

    def body_shreds(self, begin, count):  # more breaks than are mended
        self.resumed(begin, 100000)

    def body_changed(self, begin, count):  # If-Range does not match: all of the new body
        self.piece(200, DATA[:500000], len(DATA), ETag=f'"{count}"')

    def body_busy_later(self, begin, count):
        if begin and count < 3:
            return self.answer(503, b"busy")
        self.resumed(begin, 600000)

    def body_other_range(self, begin, count):
        if begin == 0:
            return self.resumed(0, 500000)
        self.piece(206, DATA[:10], 10, Content_Range=f"bytes 0-9/{len(DATA)}")

    def body_other_total(self, begin, count):
        if begin == 0:
            return self.resumed(0, 500000)
        self.piece(206, DATA[begin:], len(DATA) - begin, Content_Range=f"bytes {begin}-{len(DATA)}/{len(DATA) + 1}")

    def body_no_range(self, begin, count):
        if begin == 0:
            return self.resumed(0, 500000)
        self.piece(206, DATA[begin:], len(DATA) - begin)

    def body_lying(self, begin, count):  # announces more than there is
        if begin < len(DATA):
            return self.piece(200 if begin == 0 else 206, DATA[begin:], len(DATA) + 100 - begin,
                              Content_Range=f"bytes {begin}-{len(DATA) + 99}/{len(DATA) + 100}")
        self.answer(416, b"nothing there")

    def body_first_broken(self, begin, count):
        if count == 1:
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        self.resumed(begin, len(DATA))

    def body_hanging(self, begin, count):
        self.piece_open()
        time.sleep(5)

    def piece_open(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA[:10])
        self.wfile.flush()

    def body_dripping(self, begin, count):
        self.piece_open()
        try:
            for _ in range(50):
                time.sleep(0.1)
                self.wfile.write(b"x")
        except OSError:
            pass
        self.close_connection = True

    def body_endless(self, begin, count):
        self.get_endless("", count)

    def body_huge(self, begin, count):  # counts what it could send
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        try:
            for n in range(1, 3000):
                seen["huge"] = n * 65536
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


CONFIG = json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": []}}).encode()
MANIFEST = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {
    "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(CONFIG), "size": len(CONFIG)}, "layers": [
        {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(b"hello"), "size": 5}]}).encode()
INDEX = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
    {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest(MANIFEST), "size": len(MANIFEST),
     "platform": {"os": "linux", "architecture": "amd64"}}]}).encode()
DATA = bytes((i * 7 + (i >> 8)) & 255 for i in range(1000000))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the client gives up on purpose


def certificate(directory):
    """A self-signed one for 127.0.0.1: (certificate, key)."""
    cert, key = os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=test", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return cert, key


def serve(tls=None):
    made = Server(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        made.socket = context.wrap_socket(made.socket, server_side=True)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    return made.server_port


directory = tempfile.mkdtemp()
pair = certificate(directory)
sys.stdout.write(f"{serve()} {serve(pair)} {pair[0]}\n")  # one write: the reader goes after it
sys.stdout.flush()
sys.stdin.read()
shutil.rmtree(directory)
os._exit(0)
