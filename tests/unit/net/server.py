# SPDX-License-Identifier: Apache-2.0
"""The peer of http_client_test.c: one path, one way to behave. Prints its port and serves until its input ends."""
import http.server
import os
import socket
import sys
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

    def do_GET(self):
        path = self.path.split("/proxied", 1)[-1] if self.path.startswith("http://") else self.path
        count = seen[path] = seen.get(path, 0) + 1
        name, _, rest = path[1:].partition("/")
        getattr(self, "get_" + name.replace("-", "_"), self.get_missing)(rest, count)

    def get_missing(self, rest, count):
        self.answer(404, b"no such thing" * 100)

    def get_ok(self, rest, count):
        self.answer(200, b"hello", ETag='"one"', Last_Modified="Tue, 01 Sep 2026 00:00:00 GMT", Content_Type="text/x")

    def get_count(self, rest, count):
        self.answer(200, str(seen.get("/" + rest, 0)).encode())

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


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the client gives up on purpose


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdout.write(f"{server.server_port}\n")  # one write: the reader goes after it
sys.stdout.flush()
sys.stdin.read()
os._exit(0)
