# SPDX-License-Identifier: Apache-2.0
"""A running `clair-server serve` with a configuration of its own, on loopback ports of its own."""
import json
import os
import signal
import subprocess
import time

import blobs
import program
import web
from postgres import free_port


class Service:
    """conf: keys of the configuration (nested dicts), over those that every test needs. Also a context manager."""

    def __init__(self, program_path, top, mode="combo", feeds=None, connstrings=None, env=None, limits=None,
                 **conf):
        self.program, self.top, self.mode = os.path.join(os.path.dirname(program_path), "clair-server"), str(top), mode
        self.port, self.introspection = free_port(), free_port()
        self.blobs, self.process, self.env, self.limits = blobs.Blobs(), None, env or {}, limits
        os.makedirs(self.top, exist_ok=True)
        indexer, matcher = connstrings or (f"sqlite:{self.top}/data",) * 2
        self.conf = {"http_listen_addr": f"127.0.0.1:{self.port}", "introspection_addr": f"127.0.0.1:{self.introspection}",
                     "log_level": "debug", "data_dir": f"{self.top}/data",
                     "indexer": {"connstring": indexer, "migrations": True},
                     "matcher": {"connstring": matcher, "migrations": True, "disable_updaters": feeds is None},
                     "updaters": {"mirror": str(feeds)} if feeds else {}}
        for section, keys in conf.items():
            self.conf[section] = {**self.conf.get(section, {}), **keys} if isinstance(keys, dict) else keys

    def start(self, wait=True):
        path = f"{self.top}/config.json"
        with open(path, "w", encoding="utf-8") as out:
            json.dump(self.conf, out)
        env = {"PATH": os.environ.get("PATH", ""), "HOME": self.top, "TMPDIR": self.top, "LC_ALL": "C.UTF-8",
               "ASAN_OPTIONS": "abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1", **self.env}
        with open(f"{self.top}/log", "ab") as log:
            self.process = subprocess.Popen([self.program, "serve", "-conf", path, "-mode", self.mode], env=env,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.top,
                                            preexec_fn=self.limits)
        self.wait(self.listens if wait else lambda: True)
        return self

    def restart(self, how=signal.SIGTERM):
        """On the same ports and data."""
        return self.stop(how).start()

    def listens(self):
        assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.log()[-3000:]}"
        try:
            return self.introspect("GET", "/healthz").status == 200 and self.ask("GET", "/robots.txt").status == 200
        except OSError:
            return False

    def ready(self):
        self.wait(lambda: self.introspect("GET", "/readyz").status == 200, 60)
        return self

    def ask(self, method, path, body=None, headers=None, **more):
        return web.ask(self.port, method, path, body, headers, **more)

    def introspect(self, method, path):
        return web.ask(self.introspection, method, path)

    def wait(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"it did not come: {self.log()[-3000:]}"
            time.sleep(0.02)

    def metrics(self):
        """Sample lines of /metrics: name with labels to number."""
        lines = self.introspect("GET", "/metrics").body.decode().splitlines()
        return {name: float(value) for name, _, value in
                (line.rpartition(" ") for line in lines if line and not line.startswith("#"))}

    def events(self, **wanted):
        """Lines of the log that are JSON and have all these members."""
        found = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [e for e in found if all(e.get(name) == value for name, value in wanted.items())]

    def log(self):
        with open(f"{self.top}/log", encoding="utf-8", errors="replace") as f:
            return f.read()

    def memory(self):
        """Anonymous and shared bytes of the service and its workers."""
        return sum(program.own_bytes(pid) for pid in program.tree_of(self.process.pid))

    def stop(self, how=signal.SIGTERM, status=0):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
        if self.process:
            got = self.process.wait(60)
            assert how == signal.SIGKILL or status is None or got == status, f"exit {got}: {self.log()[-3000:]}"
        self.process = None
        return self

    def kill(self):
        return self.stop(signal.SIGKILL)

    def close(self):
        try:
            self.stop()
            log = self.log()
            assert "Sanitizer" not in log and "runtime error:" not in log, log[-8000:]
        finally:
            self.blobs.close()

    __enter__ = start

    def __exit__(self, *exception):
        self.close()
