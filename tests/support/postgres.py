# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of the test's own: a temporary cluster on a loopback port and a socket, started as the user
`postgres` when we are root, as it refuses to run as root. What one would get wrong: PG* variables of the caller would
reach libpq, so connection strings name everything."""
import glob
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off",
            "shared_buffers": "64MB", "max_connections": "100", "listen_addresses": "127.0.0.1"}


def programs():
    """The directory of initdb and postgres of the newest version installed, or None."""
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    version = lambda path: float(path.split("/")[4])
    return os.path.dirname(max(found, key=version)) if found else None


GIVEN = set()


def free_port():
    """A loopback port that nobody has, below those that the kernel gives to clients, and no other call got."""
    dice = random.SystemRandom()
    while True:
        port = dice.randrange(10240, 32768)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in GIVEN:
            GIVEN.add(port)
            return port


class Postgres:
    """start() makes the cluster; settings are those of postgresql.conf. Also a context manager."""

    def __init__(self, **settings):
        self.bin, self.settings = programs(), {**SETTINGS, **settings}
        self.password, self.count, self.server, self.dir = "sekret", 0, None, None

    def start(self):
        if not self.dir:
            self.make()
        options = [word for key, value in self.settings.items() for word in ("-c", f"{key}={value}")]
        command = [f"{self.bin}/postgres", "-D", f"{self.dir}/data", "-p", str(self.port), "-k", self.dir, *options]
        with open(f"{self.dir}/log", "ab") as log:
            self.server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **self.user())
        self.wait()
        return self

    def make(self):
        self.dir, self.port = tempfile.mkdtemp(prefix="clair-postgres-", dir="/tmp"), free_port()
        os.chmod(self.dir, 0o755)
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.dir, user.pw_uid, user.pw_gid)
        secret = f"{self.dir}/password"
        with open(secret, "w", encoding="ascii") as f:
            f.write(self.password)
        os.chmod(secret, 0o644)
        self.run(f"{self.bin}/initdb", "-D", f"{self.dir}/data", "-U", "clair", "-A", "scram-sha-256", "--no-sync",
                 f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8")

    def user(self):
        return {"user": "postgres", "group": "postgres", "extra_groups": [], "cwd": self.dir} if os.getuid() == 0 else {}

    def run(self, *command, **more):
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, **self.user(), **more)

    def wait(self, seconds=30):
        end = time.monotonic() + seconds
        while subprocess.run([f"{self.bin}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)],
                             check=False).returncode:
            if self.server.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"postgres does not start: {self.log()[-2000:]}")
            time.sleep(0.02)

    def log(self):
        with open(f"{self.dir}/log", encoding="utf-8", errors="replace") as f:
            return f.read()

    def conninfo(self, database="postgres"):
        return (f"host=127.0.0.1 port={self.port} user=clair password={self.password} dbname={database}"
                " sslmode=disable")

    def url(self, database="postgres"):
        return f"postgresql://clair:{self.password}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def sql(self, text, database="postgres"):
        """What psql prints: rows as lines, columns with | between."""
        return self.run(f"{self.bin}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo(database),
                        "-c", text).stdout.rstrip("\n")

    def new_database(self):
        """The name of a new, empty database; see conninfo() and url()."""
        self.count += 1
        name = f"clair_{self.count}"
        self.sql(f"CREATE DATABASE {name}")
        return name

    def stop(self, how=signal.SIGINT):
        """SIGINT ends sessions at once; SIGTERM waits for them; SIGQUIT is a crash."""
        if self.server:
            self.server.send_signal(how)
            self.server.wait(60)
        self.server = None

    def restart(self, how=signal.SIGINT):
        self.stop(how)
        return self.start()

    def close(self):
        if self.server:
            self.stop(signal.SIGQUIT)
        if self.dir:
            shutil.rmtree(self.dir, ignore_errors=True)
        self.dir = None

    __enter__ = start

    def __exit__(self, *exception):
        self.close()
