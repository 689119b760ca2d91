# SPDX-License-Identifier: Apache-2.0
"""A worker that was taken over, seen by its parent: each attack on the kernel with one defence alone, and with all.

The table in docs/security.md is the list of tests. An attack must work when nothing is confined, else its refusal would
prove nothing; a defence that this kernel lacks is skipped as absent."""
import ctypes
import os
import signal
import socket
import subprocess

import pytest

import images
import wire
from redteam import TAKES_OVER, attacks_of_the_program, rows_of, worker_path

NOTHING, ALL = 0, 31
RUNS_AN_OTHER_PROGRAM = 42  # the status of what the attacks execute
LANDLOCK_VERSIONS = {"connect-tcp": 4, "connect-abstract": 6, "signal-parent": 6}  # since which the kernel knows the right
JOB = bytes([0, 0]) + (1).to_bytes(8, "little") + wire.varint(1 << 30) + wire.varint(1000) + wire.varint(60) + b"\0\0"


def landlock_version():
    return ctypes.CDLL(None, use_errno=True).syscall(444, None, 0, 1)


@pytest.fixture
def scene(tmp_path, monkeypatch):
    """What can be reached: a file, sockets that listen on all three kinds of address, a descriptor left open."""
    os.chdir(tmp_path)
    (tmp_path / "victim").write_text("still here")
    tcp = socket.create_server(("127.0.0.1", 0))
    port = tcp.getsockname()[1]
    listening = [tcp]
    for name in ("socket", f"\0redteam-{port}"):  # a relative path: those of sockets are short
        listening.append(socket.socket(socket.AF_UNIX))
        listening[-1].bind(name)
        listening[-1].listen()
    inherited, other = os.pipe()
    os.write(other, b"secret")
    yield (".", port, inherited)
    os.close(inherited)
    os.close(other)
    for s in listening:
        s.close()


def attempt(scene, attack, mask):
    """Take a worker over. Returns (outcome, defences it had): "succeeded", or how it was stopped."""
    directory, port, inherited = scene
    worker = wire.Worker([worker_path(), attack, str(mask), "1", directory, str(port)], inherited)
    worker.say(wire.JOB, JOB)
    worker.say(wire.DATA, images.tar({"file": TAKES_OVER}))
    closed = worker.listen_while_it_spins(3.5) if attack == "spin" else worker.listen(30)
    status, terminal = worker.end()
    text = worker.error()
    if attack == "terminal" and text:
        outcome = "succeeded" if terminal else "written to nowhere"
    elif text:
        outcome = "succeeded" if text == f"attack succeeded: {attack}" else text.split(": ")[-1]
    elif status == RUNS_AN_OTHER_PROGRAM or (not closed and attack == "spin"):
        outcome = "succeeded"
    elif status < 0:
        outcome = signal.Signals(-status).name
    else:
        outcome = f"status {status}"
    return outcome, worker.defences() or 0


CELLS = [(row.attack, defence) for row in rows_of("attack") for defence in row.ticked]


@pytest.mark.parametrize("attack, defence", CELLS, ids=[f"{a}-{d}" for a, d in CELLS])
def test_one_defence_alone_stops(scene, attack, defence):
    if defence == "landlock" and 0 < landlock_version() < LANDLOCK_VERSIONS.get(attack, 0):
        pytest.skip(f"absent: landlock of version {LANDLOCK_VERSIONS[attack]}")
    if defence == "rlimit" and attack.startswith("fork") and os.geteuid() == 0:
        pytest.skip("absent: rlimit counts no processes of root")
    stopped, had = attempt(scene, attack, wire.DEFENCES[defence])
    if not had & wire.DEFENCES[defence]:
        pytest.skip(f"absent: {defence}")
    assert had == wire.DEFENCES[defence], "another defence was on"
    assert stopped != "succeeded"
    assert stopped != "status 1", "it ended without a word"
    if defence == "seccomp":
        assert stopped == "SIGSYS"
    free, had = attempt(scene, attack, NOTHING)
    assert had == NOTHING
    if free != "succeeded" and not (defence == "seccomp" and attack.endswith("-call")):
        pytest.skip(f"absent: a machine on which {attack} works at all ({free})")


@pytest.mark.parametrize("attack", [row.attack for row in rows_of("attack")])
def test_all_defences_together_stop(scene, attack):
    outcome, had = attempt(scene, attack, ALL)
    assert outcome not in ("succeeded", "status 1"), f"with defences {had:#x}"


def test_the_table_has_every_attack_of_the_program():
    assert [row.attack for row in rows_of("attack")] == attacks_of_the_program("system")


def test_a_worker_that_waits_holds_nothing_but_its_socket_and_its_spool(release):
    worker = wire.Worker([os.path.join(os.path.dirname(release.path), "clair-worker")])
    try:
        while not worker.frames:
            assert not worker.listen(0.05)
        top = f"/proc/{worker.process}"
        status = dict(line.split(":\t", 1) for line in open(f"{top}/status", encoding="ascii").read().splitlines())
        assert sorted(os.listdir(f"{top}/fd")) == ["0", "1", "2", "3"]
        assert os.readlink(f"{top}/fd/1") == os.readlink(f"{top}/fd/2") == "/dev/null"
        assert open(f"{top}/environ", "rb").read() == b""
        assert status["NoNewPrivs"] == "1" and status["Threads"] == "1"
        if worker.defences() & wire.DEFENCES["seccomp"]:
            assert status["Seccomp"] == "2"
        limits = open(f"{top}/limits", encoding="ascii").read()
        for name, value in (("Max core file size", 0), ("Max open files", 0), ("Max processes", 0), ("Max cpu time", 301)):
            assert any(line.startswith(name) and line.split()[len(name.split())] == str(value)
                       for line in limits.splitlines()), f"{name}\n{limits}"
    finally:
        os.kill(worker.process, signal.SIGKILL)
        worker.end()


def test_the_program_for_people_refuses_arguments_and_terminals(release):
    worker = os.path.join(os.path.dirname(release.path), "clair-worker")
    for words in ([], ["open", "0", "1", ".", "1"], ["--list"]):
        done = subprocess.run([worker, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 64 and "clair" in done.stderr and not done.stdout
