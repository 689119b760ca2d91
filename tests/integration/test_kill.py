# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment of update and scan: the next run finishes, and the stores are those of an unkilled run.

Each kill stops the process first and looks in /proc/locks whether it holds SQLite's write lock (byte 120 of the -shm
file): the share of kills inside a write transaction is counted. 20 kills in `make check`, 200 in `make soak`."""
import os
import random
import signal
import sqlite3
import time

import feeds
import images
from program import Clair

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
    process.communicate()
    return state


def content(path):
    """All rows of a store but what tells times, leases and numbers of rows, sorted."""
    rows = []
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert not db.execute("PRAGMA foreign_key_check").fetchall()
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
            columns = [c[1] for c in db.execute(f"PRAGMA table_info({table})") if is_lasting(table, c[1])]
            if columns:
                rows += [(table, *row) for row in db.execute(f"SELECT {', '.join(columns)} FROM {table}")]
    return sorted(rows, key=repr)


VOLATILE_TABLES = {"lease", "leases"}
VOLATILE = {"used_at", "last_used", "seen_at", "stored_at", "created_at", "last_attempt", "last_success", "changed_at",
            "finished_at", "started_at", "ended_at", "began_at", "at", "generation", "rowid", "last_error", "indexed_at"}


def is_lasting(table, column):
    return table not in VOLATILE_TABLES and column not in VOLATILE


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
        states[kill(program.start(*command), dice.uniform(0, longest), in_transaction=dice.random() < 0.5)] += 1
        if rounds % 5 == 4:
            assert program.run(*command).status == 0
        rounds += 1
    return states


def test_killed_runs_leave_stores_that_the_next_run_makes_whole(tmp_path):
    from program import ROOT
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
    switch = {"mirror": old}

    def forget_layers():
        for name in ("index.db", "index.db-wal", "index.db-shm"):
            if dice.random() < 0.5 and os.path.exists(f"{program.data}/index.db"):
                program.run("data", "clean", "--older-than", "0s")
                break

    def nothing():
        pass

    mirrors = [old, new]
    commands = [(nothing, ("update", "--mirror", mirrors[0], "debian"), longest_update),
                (forget_layers, ("scan", "--format", "clair", target), longest_scan),
                (nothing, ("update", "--mirror", mirrors[1], "debian"), longest_update)]
    program.run("update", "--mirror", old, "debian", want=0)
    states = campaign(program, commands, KILLS, dice)
    killed = states["write"] + states["idle"]
    print(f"{killed} kills, {states['write']} inside a write transaction, {states['ended']} runs ended before")
    assert killed >= KILLS
    assert states["write"] >= 0.3 * killed

    program.run("update", "--mirror", new, "debian", want=0)
    again = program.run("scan", "--format", "clair", target, want=0)
    assert again.out == report.out
    assert content(f"{program.data}/index.db") == content(f"{calm.data}/index.db")
    assert valid_advisories(program) == valid_advisories(calm)
    assert not [n for n in os.listdir(program.data) if not n.startswith(("advisories.db", "index.db"))]


def valid_advisories(program):
    """What `advisories.db` says is valid now: ended rows are history, which the killed runs may have had more of."""
    content(f"{program.data}/advisories.db")
    with sqlite3.connect(f"file:{program.data}/advisories.db?mode=ro", uri=True) as db:
        columns = [c[1] for c in db.execute("PRAGMA table_info(advisory)") if c[1] not in ("began", "ended", "id")]
        return sorted(db.execute(f"SELECT {', '.join(columns)} FROM advisory WHERE ended IS NULL"), key=repr)
