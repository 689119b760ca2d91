# SPDX-License-Identifier: Apache-2.0
"""Run clair-server as an installation would: a configuration file, two loopback ports, SIGTERM at the end. What one would
get wrong: a service fetches advisories and waits for them before it is ready, so without a mirror of the test's own both
are switched off here."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import time

from program import ROOT


def server_path():
    """CLAIR_BUILD names the build directory; else the repository's build/."""
    return os.path.join(os.environ.get("CLAIR_BUILD") or os.path.join(ROOT, "build"), "clair-server")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def merged(base, more):
    """Mappings are merged, all else is replaced."""
    if not isinstance(base, dict) or not isinstance(more, dict):
        return more
    return {**base, **{key: merged(base.get(key), value) for key, value in more.items()}}


def token(key, issuer="quay", **claims):
    """A signed token, HS256; claims given as None are left out."""
    now = int(time.time())
    body = {"iss": issuer, "iat": now, "nbf": now - 60, "exp": now + 60, **claims}
    parts = [{"alg": "HS256"}, {name: value for name, value in body.items() if value is not None}]
    encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    text = b".".join(encode(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return (text + b"." + encode(hmac.new(key, text, hashlib.sha256).digest())).decode()


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"{self.status}\n{self.headers}{self.body[:4000].decode('utf-8', 'replace')}"


class Server:
    """One process. config is merged over addresses and stores of its own; also a context manager."""

    def __init__(self, directory, config=None, mode="combo", path=None, env=None):
        self.dir, self.mode, self.path, self.process = str(directory), mode, path or server_path(), None
        self.port, self.introspection_port = 0, 0
        self.given = config or {}
        self.log_path = os.path.join(self.dir, f"log-{mode}")
        self.env = {"PATH": os.environ.get("PATH", ""), "HOME": self.dir, "TMPDIR": self.dir, "LC_ALL": "C.UTF-8",
                    "ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1",
                    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1", **(env or {})}

    def config(self):
        has_mirror = bool(self.given.get("updaters", {}).get("mirror"))
        own = {"http_listen_addr": f"127.0.0.1:{self.port}",
               "introspection_addr": f"127.0.0.1:{self.introspection_port}",
               "data_dir": os.path.join(self.dir, "data"), "log_level": "debug", "server": {"log_format": "json"},
               "matcher": {"disable_updaters": not has_mirror, "wait_for_data": has_mirror}}
        return merged(own, self.given)

    def write_config(self):
        path = os.path.join(self.dir, f"config-{self.mode}.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(self.config(), f, indent=1)
        return path

    def launch(self):
        """Start the process and do not wait for it."""
        os.makedirs(self.dir, exist_ok=True)
        self.port, self.introspection_port = self.port or free_port(), self.introspection_port or free_port()
        command = [self.path, "serve", "-conf", self.write_config(), "-mode", self.mode]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, env=self.env, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        return self

    def start(self, attempts=3, seconds=60):
        """Start, and wait until it is ready. Another process may take a port in between: then others are tried."""
        for left in reversed(range(attempts)):
            self.launch()
            if self.wait(seconds):
                return self
            status, self.process = self.process.wait(10), None
            if not left or "in use" not in self.log():
                raise RuntimeError(f"clair-server ended with {status}\n{self.log()[-4000:]}")
            self.port = self.introspection_port = 0
        return self

    def wait(self, seconds):
        """Until /readyz says so. False: the process ended."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            if self.is_ready():
                return True
            if time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"clair-server is not ready after {seconds} s\n{self.log()[-4000:]}")
            time.sleep(0.02)
        return False

    def is_ready(self):
        try:
            return self.introspect("/readyz").status == 200
        except OSError:
            return False

    # ---- asking ----

    def ask(self, port, method, path, body=None, headers=None, timeout=60):
        if isinstance(body, (dict, list)):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def request(self, method, path, body=None, headers=None, want=None, **more):
        """One request of a connection of its own; body: bytes, or what is sent as JSON."""
        answer = self.ask(self.port, method, path, body, headers, **more)
        assert want is None or answer.status == want, f"{method} {path}: wanted {want}, got {answer}"
        return answer

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def introspect(self, path, **more):
        return self.ask(self.introspection_port, "GET", path, **more)

    def metrics(self):
        """Sample lines of /metrics: name with labels → number."""
        lines = self.introspect("/metrics").body.decode().splitlines()
        return {name: float(value) for name, _, value in
                (line.rpartition(" ") for line in lines if line and not line.startswith("#"))}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    # ---- the end, and what it said ----

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def events(self, **wanted):
        """Lines of the log that are JSON and have all these members."""
        found = []
        for line in self.log().splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and all(event.get(name) == value for name, value in wanted.items()):
                found.append(event)
        return found

    def stop(self, how=signal.SIGTERM, seconds=60):
        """The exit status; None when it does not run. A report of a sanitizer fails the test."""
        if not self.process:
            return None
        self.process.send_signal(how)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self.process = None
        log = self.log()
        assert "Sanitizer" not in log and "runtime error:" not in log, log[-8000:]
        return status

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait(10)
            self.process = None

    def restart(self, how=signal.SIGTERM):
        """On the same ports and data."""
        self.stop(how)
        return self.start(attempts=1)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *rest):
        if kind:
            self.kill()
        else:
            self.stop()
