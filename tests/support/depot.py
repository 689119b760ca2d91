# SPDX-License-Identifier: Apache-2.0
"""A folder of prebuilt databases behind HTTP, with ranges, that can be told to misbehave."""
import http.server
import os
import re
import threading


class Depot:
    """faults: {file name: [function(handler, data, first), ...]}, each for one request; asked: (file name, Range); sent: bytes of
    bodies."""

    def __init__(self, top, has_ranges=True):
        self.top, self.has_ranges, self.faults, self.asked, self.sent = str(top), has_ranges, {}, [], 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(depot):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                try:
                    depot.answer(self, os.path.basename(self.path))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
        return Handler

    def answer(self, handler, name):
        asked = handler.headers.get("Range")
        self.asked.append((name, asked))
        path = os.path.join(self.top, name)
        if not os.path.exists(path):
            self.say(handler, 404, b"not here")
            return
        with open(path, "rb") as f:
            data = f.read()
        first, last = map(int, re.fullmatch(r"bytes=(\d+)-(\d+)", asked).groups()) if asked else (0, len(data) - 1)
        faults = self.faults.get(name)
        if faults:
            faults.pop(0)(self, handler, data, first)
        elif not asked or not self.has_ranges:
            self.say(handler, 200, data)
        elif first >= len(data):
            self.say(handler, 416)
        else:
            self.say(handler, 206, data[first:last + 1], Content_Range=f"bytes {first}-{min(last, len(data) - 1)}/{len(data)}")

    def say(self, handler, status, body=b"", length=None, **headers):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)
        self.sent += len(body)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.server.shutdown()
        self.server.server_close()


# ---- faults ----

def status(code):
    return lambda depot, handler, data, first: depot.say(handler, code, b"no")


def cut_after(n):
    """Announces everything, hangs up n bytes later."""
    def fault(depot, handler, data, first):
        depot.say(handler, 206, data[first:first + n], len(data) - first,
                  Content_Range=f"bytes {first}-{len(data) - 1}/{len(data)}")
        handler.close_connection = True
    return fault


def other_bytes(depot, handler, data, first):
    """The right length, and one byte that is not."""
    wrong = data[first:-1] + bytes([data[-1] ^ 1])
    depot.say(handler, 206, wrong, Content_Range=f"bytes {first}-{len(data) - 1}/{len(data)}")


def other_range(depot, handler, data, first):
    depot.say(handler, 206, data[first:], Content_Range=f"bytes {first + 1}-{len(data) - 1}/{len(data)}")


def page(depot, handler, data, first):
    depot.say(handler, 200, b"<!DOCTYPE html>\n<html><body>Down for maintenance</body></html>\n")
