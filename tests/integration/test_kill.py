# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment of update and scan: the next run finishes, and the stores are those of an unkilled run.

Each kill stops the process first and looks in /proc/locks whether it holds SQLite's write lock (byte 120 of the -shm
file): the share of kills inside a write transaction is counted. 20 kills in `make check`, 200 in `make soak`."""
import os
import random
import signal
import sqlite3
import subprocess
import time

import feeds
import images
from program import ROOT, Clair

KILLS = 200 if os.environ.get("SOAK") else 20
SEED = 20240607
WRITE_LOCK = 120  # WAL_WRITE_LOCK: offset in the wal-index, https://sqlite.org/walformat.html section 2.3


def holds_write_lock(pid):
    with open("/proc/locks", encoding="ascii") as locks:
        for line in locks:
            words = line.split()
            if words[1:2] == ["POSIX"] and words[3] == "WRITE" and words[4] == str(pid) and \
                    int(words[6]) <= WRITE_LOCK and (words[7] == "EOF" or int(words[7]) >= WRITE_LOCK):
                return True
    return False


def kill(process, at, in_transaction):
    """Kill after `at` seconds, or as soon as a write transaction is seen to be open. Returns "ended", "write" or "idle"."""
    began = time.monotonic()
    while process.poll() is None:
        late = time.monotonic() - began >= at
        if (in_transaction and holds_write_lock(process.pid)) or (late and not in_transaction):
            break
    if process.poll() is not None:
        return "ended"
    process.send_signal(signal.SIGSTOP)
    if os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT).si_code != os.CLD_STOPPED:
        return "ended"
    state = "write" if holds_write_lock(process.pid) else "idle"
    process.kill()
    process.wait()
    return state


# What differs between two stores of the same content: times, history, and numbers that rows have.
HISTORY = {"advisory_change", "generation", "lease", "update_operation"}
VOLATILE = {"last_used", "indexed_at", "last_attempt", "last_success", "changed_at", "last_error", "operation", "revision",
            "began", "ended"}
NUMBERS = {("context", "repositories"), ("package_set", "layers"), ("package_set", "records"), ("manifest", "shape")}


class Store:
    """A store read as content: each reference to a row stands for what that row says."""

    def __init__(self, path):
        self.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.rows = {}

    def columns(self, table):
        """(name, table it refers to or None) of the columns that are content."""
        refers = {r[3]: r[2] for r in self.db.execute(f"PRAGMA foreign_key_list({table})")}
        for _, name, kind, _, _, key in self.db.execute(f"PRAGMA table_info({table})"):
            is_number = kind == "INTEGER" and key == 1 and name == "id"
            if not is_number and name not in VOLATILE and (table, name) not in NUMBERS:
                yield name, refers.get(name)

    def by_number(self, table):
        if table not in self.rows:
            found = self.db.execute(f"SELECT id FROM {table} ORDER BY id").fetchall()
            self.rows[table] = dict(zip((n for n, in found), self.content(table)))
        return self.rows[table]

    def content(self, table):
        """Rows in the order of the table, without numbers; of advisories those that are valid now."""
        columns = list(self.columns(table))
        valid = "WHERE ended IS NULL" if table == "advisory" else ""
        order = "ORDER BY id" if "id" in self.names(table) else ""
        for row in self.db.execute(f"SELECT {', '.join(c for c, _ in columns)} FROM {table} {valid} {order}").fetchall():
            yield tuple(self.by_number(refers).get(value) if refers and value is not None else value
                        for value, (_, refers) in zip(row, columns))

    def names(self, table):
        return {r[1] for r in self.db.execute(f"PRAGMA table_info({table})")}

    def all(self):
        assert self.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not self.db.execute("PRAGMA foreign_key_check").fetchall()
        tables = [t for t, in self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                  if t not in HISTORY and not t.startswith("sqlite_")]
        return {table: sorted(self.content(table), key=repr) for table in tables}


def assert_same(left, right):
    one, other = Store(left).all(), Store(right).all()
    assert one.keys() == other.keys()
    for table in one:
        assert one[table] == other[table], f"{table}: {len(one[table])} and {len(other[table])} rows"
    assert sum(map(len, one.values())) > 100


def image(top):
    layers = [{"etc/os-release": images.DEBIAN_RELEASE,
               "var/lib/dpkg/status": images.dpkg_status(*((f"source-{n}", "1.0-1") for n in range(200)))}]
    layers += [{f"usr/share/doc/{n}/{m}": "x" * 200 for m in range(300)} for n in range(8)]
    layers += [{"var/lib/dpkg/status": images.dpkg_status(*((f"source-{n}", "1.0-1") for n in range(300)))}]
    return images.oci(top, *layers)


def campaign(program, commands, kills, dice):
    """Kill each command in turn; run it to its end every fifth time. Returns how often each state was met."""
    states = {"ended": 0, "write": 0, "idle": 0}
    rounds = 0
    while states["write"] + states["idle"] < kills and rounds < kills * 6:
        before, command, longest = commands[rounds % len(commands)]
        before()
        process = program.start(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        states[kill(process, dice.uniform(0, longest), in_transaction=dice.random() < 0.5)] += 1
        if rounds % 5 == 4:
            assert program.run(*command).status == 0
        rounds += 1
    return states


def test_killed_runs_leave_stores_that_the_next_run_makes_whole(tmp_path):
    dice = random.Random(SEED)
    old = feeds.large_debian(tmp_path / "old", each=50)
    new = feeds.large_debian(tmp_path / "new", each=50, changed=10)
    target = image(tmp_path / "image")
    calm = Clair(f"{ROOT}/build/clair", tmp_path / "calm", tmp_path)
    began = time.monotonic()
    calm.run("update", "--mirror", old, "debian", want=0)
    longest_update = time.monotonic() - began
    calm.run("update", "--mirror", new, "debian", want=0)
    began = time.monotonic()
    report = calm.run("scan", "--format", "clair", target, want=0)
    longest_scan = time.monotonic() - began

    program = Clair(f"{ROOT}/build/clair", tmp_path / "killed", tmp_path)

    def forget_layers():
        if dice.random() < 0.7:
            for name in os.listdir(program.data):
                if name.startswith("index.db"):
                    os.remove(os.path.join(program.data, name))

    def nothing():
        pass

    commands = [(nothing, ("update", "--mirror", new, "debian"), longest_update),
                (forget_layers, ("scan", "--format", "clair", target), longest_scan),
                (nothing, ("update", "--mirror", old, "debian"), longest_update)]
    program.run("update", "--mirror", old, "debian", want=0)
    states = campaign(program, commands, KILLS, dice)
    killed = states["write"] + states["idle"]
    print(f"{killed} kills, {states['write']} inside a write transaction, {states['ended']} runs ended before")
    assert killed >= KILLS
    assert states["write"] >= 0.3 * killed

    program.run("update", "--mirror", new, "debian", want=0)
    again = program.run("scan", "--format", "clair", target, want=0)
    assert again.out == report.out
    for name in ("index.db", "advisories.db"):
        assert_same(f"{program.data}/{name}", f"{calm.data}/{name}")
    assert not [n for n in os.listdir(program.data) if not n.startswith(("advisories.db", "index.db"))]
