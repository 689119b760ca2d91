# SPDX-License-Identifier: Apache-2.0
"""A server of layer blobs that can be told to misbehave, and counts who asked for what."""
import collections
import hashlib
import http.server
import threading
import time

import images


class Blobs:
    """add() a layer and get its entry for a manifest; faults[digest] is a function(handler, data) instead of the answer."""

    def __init__(self):
        self.data, self.faults, self.asked = {}, {}, collections.Counter()
        self.headers = collections.defaultdict(list)
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def handler(blobs):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                name = self.path.split("?")[0].rsplit("/", 1)[1]
                with blobs.lock:
                    blobs.asked[name] += 1
                    blobs.headers[name].append(dict(self.headers))
                fault = blobs.faults.get(name)
                try:
                    if fault:
                        fault(self, blobs.data.get(name, b""))
                    elif name not in blobs.data:
                        answer(self, 404, b"no such blob")
                    else:
                        serve(self, blobs.data[name])
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
        return Handler

    def url(self, name, query=""):
        return f"http://127.0.0.1:{self.port}/v2/app/blobs/{name}{query}"

    def add(self, layer, headers=None, query=""):
        layer = layer if isinstance(layer, images.Layer) else images.Layer(images.tar(layer))
        self.data[layer.digest] = layer.stored
        return {"hash": layer.digest, "uri": self.url(layer.digest, query),
                "headers": headers or {"Accept": ["application/gzip"]}}

    def manifest(self, *layers, name=None, **more):
        entries = [layer if isinstance(layer, dict) and "uri" in layer else self.add(layer, **more) for layer in layers]
        text = name or "".join(e["hash"] for e in entries)
        return {"hash": "sha256:" + hashlib.sha256(text.encode()).hexdigest(), "layers": entries}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def answer(handler, status, body=b"", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def serve(handler, data):
    """The blob, or the range of it that was asked for."""
    asked = handler.headers.get("Range", "")
    if asked.startswith("bytes="):
        first, last = asked[6:].split("-")
        first, last = int(first), int(last) if last else len(data) - 1
        part = data[first:last + 1]
        answer(handler, 206, part, Content_Range=f"bytes {first}-{first + len(part) - 1}/{len(data)}",
               Content_Type="application/octet-stream")
        return
    answer(handler, 200, data, Content_Type="application/octet-stream", Accept_Ranges="bytes")


# ---- faults ----

def status(code, **headers):
    return lambda handler, data: answer(handler, code, b"secret-free reason", **headers)


def hang(seconds=3600):
    return lambda handler, data: time.sleep(seconds)


def cut(after):
    """Announces everything, sends `after` bytes, hangs up; every time."""
    def fault(handler, data):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data[:after])
        handler.close_connection = True
    return fault


def lie_about_length(handler, data):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data) + 1000))
    handler.end_headers()
    handler.wfile.write(data)
    handler.close_connection = True


def other_bytes(handler, data):
    answer(handler, 200, bytes(len(data)), Content_Type="application/octet-stream")


def redirect(where):
    return lambda handler, data: answer(handler, 307, b"", Location=where)


def html(handler, data):
    answer(handler, 200, b"<html>sign in</html>", Content_Type="text/html")


def slowly(seconds):
    """Everything, after a while."""
    def fault(handler, data):
        time.sleep(seconds)
        serve(handler, data)
    return fault
