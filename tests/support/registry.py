# SPDX-License-Identifier: Apache-2.0
"""A registry on a loopback port, a server of tokens for it, and a way to put images of OCI layouts into it."""
import base64
import contextlib
import http.server
import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from postgres import free_port

PROGRAM = "docker-registry"


def is_there():
    return shutil.which(PROGRAM) is not None


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def docker_config(directory, host, user, password):
    """A config.json as `docker login` writes it; returns the directory for DOCKER_CONFIG."""
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "config.json"), "w", encoding="utf-8") as out:
        json.dump({"auths": {host: {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}}}, out)
    return str(directory)


class Registry:
    """host is "127.0.0.1:PORT"; headers are sent by push and ask."""

    def __init__(self, host, scheme="http", headers=None):
        self.host, self.scheme, self.headers = host, scheme, headers or {}

    def ask(self, method, path, body=None, **headers):
        """(status, headers, body) of a request below the registry, or of a whole URL."""
        url = path if "://" in path else f"{self.scheme}://{self.host}{path}"
        names = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = urllib.request.Request(url, data=body, method=method, headers=names)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as e:
            return e.code, e.headers, e.read()

    def push_blob(self, name, digest, data):
        if self.ask("HEAD", f"/v2/{name}/blobs/{digest}")[0] == 200:
            return
        status, headers, page = self.ask("POST", f"/v2/{name}/blobs/uploads/", b"")
        assert status == 202, (status, page)
        place = headers["Location"]
        place += ("&" if "?" in place else "?") + urllib.parse.urlencode({"digest": digest})
        status, _, page = self.ask("PUT", place, data, Content_Type="application/octet-stream")
        assert status == 201, (status, page)

    def push_manifest(self, name, reference, data, media):
        status, _, page = self.ask("PUT", f"/v2/{name}/manifests/{reference}", data, Content_Type=media)
        assert status == 201, (status, page)

    def push_oci_layout(self, top, name, tag="latest"):
        """Put the only image or index of a layout there. Returns the digest of what the tag names."""
        top = str(top).removeprefix("oci:")
        with open(os.path.join(top, "index.json"), encoding="utf-8") as f:
            entries = json.load(f)["manifests"]
        if len(entries) > 1:
            return self.push_index(top, name, tag, entries)
        self.push_descriptor(top, name, entries[0], tag)
        return entries[0]["digest"]

    def push_index(self, top, name, tag, entries):
        """Several images of a layout as one index."""
        import images  # pylint: disable=import-outside-toplevel
        media = "application/vnd.oci.image.index.v1+json"
        for entry in entries:
            self.push_descriptor(top, name, entry, entry["digest"])
        data = json.dumps({"schemaVersion": 2, "mediaType": media, "manifests": entries}).encode()
        self.push_manifest(name, tag, data, media)
        return images.digest(data)

    def push_descriptor(self, top, name, entry, reference):
        data = read_blob(top, entry["digest"])
        document = json.loads(data)
        for inner in document.get("manifests", []):
            self.push_descriptor(top, name, inner, inner["digest"])
        for blob in [document["config"], *document["layers"]] if "layers" in document else []:
            self.push_blob(name, blob["digest"], read_blob(top, blob["digest"]))
        self.push_manifest(name, reference, data, entry["mediaType"])


def read_blob(top, digest):
    with open(os.path.join(top, "blobs", *digest.split(":")), "rb") as f:
        return f.read()


def push_oci_layout(registry, top, name, tag="latest"):
    return registry.push_oci_layout(top, name, tag)


def config_text(directory, port, auth="", tls=""):
    return f"""version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {directory}/storage}}
  delete: {{enabled: true}}
  cache: {{blobdescriptor: inmemory}}
http:
  addr: 127.0.0.1:{port}
  secret: not-so-secret
{tls}{auth}"""


def htpasswd(directory, user, password):
    """The part of a configuration that wants a name and a password."""
    import crypt  # pylint: disable=import-outside-toplevel,deprecated-module
    path = os.path.join(directory, "htpasswd")
    with open(path, "w", encoding="ascii") as out:
        out.write(f"{user}:{crypt.crypt(password, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16))}\n")
    return f"auth:\n  htpasswd: {{realm: test, path: {path}}}\n"


def certificate(directory, name="127.0.0.1"):
    """A self-signed certificate: (certificate, key)."""
    cert, key = os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=registry.example", "-addext",
                    f"subjectAltName=IP:127.0.0.1,DNS:{name},DNS:localhost"], check=True, capture_output=True)
    return cert, key


@contextlib.contextmanager
def start_registry(directory, user=None, password=None, tls=None):
    """A real registry with its storage in directory, as a Registry. tls: (certificate, key)."""
    directory = str(directory)
    os.makedirs(directory, exist_ok=True)
    port = free_port()
    auth = htpasswd(directory, user, password) if user else ""
    more = f"  tls: {{certificate: {tls[0]}, key: {tls[1]}}}\n" if tls else ""
    path = os.path.join(directory, "config.yml")
    with open(path, "w", encoding="ascii") as out:
        out.write(config_text(directory, port, auth, more))
    with open(os.path.join(directory, "log"), "wb") as log, \
            subprocess.Popen([PROGRAM, "serve", path], stdout=log, stderr=log, stdin=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process)
            headers = {"Authorization": basic(user, password)} if user else {}
            yield Registry(f"127.0.0.1:{port}", "https" if tls else "http", headers)
        finally:
            process.terminate()


def wait_for(port, process, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the registry ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("the registry does not answer")


class Gate(http.server.BaseHTTPRequestHandler):
    """Stands before a registry: asks for a token, and lets a test do with answers what it likes."""
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

    def do_GET(self):
        gate = self.server.gate
        gate.seen.append((self.command, self.path, dict(self.headers)))
        if self.path.startswith("/token"):
            return self.give_token(gate, urllib.parse.urlsplit(self.path).query)
        if gate.users is not None and self.headers.get("Authorization") not in gate.tokens:
            return self.answer(401, b'{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}',
                               WWW_Authenticate=f'Bearer realm="{gate.realm}",service="test",'
                                                f'scope="repository:{self.path.split("/manifests")[0][4:]}:pull"')
        if gate.change and gate.change(self):
            return None
        status, headers, body = gate.behind.ask(self.command, self.path, Accept=self.headers.get("Accept", "*/*"),
                                                **({"Range": self.headers["Range"]} if "Range" in self.headers else {}))
        keep = {n.replace("-", "_"): headers[n] for n in ("Content-Type", "ETag", "Content-Range") if headers.get(n)}
        return self.answer(status, body, **keep)

    do_HEAD = do_GET

    def do_POST(self):
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.gate.seen.append((self.command, self.path, dict(self.headers)))
        fields = urllib.parse.parse_qs(form)
        if fields.get("refresh_token") != [self.server.gate.identity_token]:
            return self.answer(401, b"{}")
        return self.give(self.server.gate, "access_token")

    def give_token(self, gate, query):
        fields = urllib.parse.parse_qs(query)
        if "scope" not in fields or fields.get("service") != ["test"]:
            return self.answer(400, b"{}")
        given = self.headers.get("Authorization")
        if given not in gate.users:
            return self.answer(401, f'{{"details":"you said {given}"}}'.encode())
        return self.give(gate, "token")

    def give(self, gate, key):
        gate.tokens.append(f"Bearer secret-token-{len(gate.tokens)}")
        self.answer(200, json.dumps({key: gate.tokens[-1][7:], "expires_in": gate.expires_in}).encode(),
                    Content_Type="application/json")


class GateServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


@contextlib.contextmanager
def start_gate(behind, users=None, change=None):
    """A Gate before a Registry. users: values of Authorization for which there are tokens (None in it: strangers too),
    or None: no token is asked for. change: called with each request's handler; true when it answered. Yields the gate:
    host, seen (requests), tokens."""
    server = GateServer(("127.0.0.1", 0), Gate)
    gate = server.gate = type("State", (), {})()
    gate.behind, gate.users, gate.change = behind, users, change
    gate.seen, gate.tokens, gate.expires_in, gate.identity_token = [], [], 60, None
    gate.host = f"127.0.0.1:{server.server_port}"
    gate.realm = f"http://{gate.host}/token"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gate
    finally:
        server.shutdown()
        server.server_close()
