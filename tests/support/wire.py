# SPDX-License-Identifier: Apache-2.0
"""Be a worker's parent: the frames of docs/worker.md over a socket pair."""
import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time

JOB, DATA, END = 1, 2, 3
HELLO, FINDINGS, DONE, ERROR = 16, 18, 20, 21
DEFENCES = {"privileges": 1, "rlimit": 2, "namespace": 4, "landlock": 8, "seccomp": 16}
INHERITED = 9  # a descriptor that nobody meant the worker to have


def varint(n):
    out = b""
    while n >= 0x80:
        out, n = out + bytes([n & 0x7f | 0x80]), n >> 7
    return out + bytes([n])


def take_varint(data):
    value = 0
    for at, byte in enumerate(data):
        value |= (byte & 0x7f) << 7 * at
        if byte < 0x80:
            return value, data[at + 1:]
    raise ValueError("cut varint")


def take_string(data):
    size, data = take_varint(data)
    return data[:size], data[size:]


def frame(kind, payload=b""):
    return bytes([kind]) + struct.pack("<I", len(payload)) + payload


class Worker:
    """A worker of our own making: `frames` is what it said, `status` how it ended (negative: signal)."""

    def __init__(self, command, inherited=None):
        ours, theirs = socket.socketpair()
        self.socket, self.frames, self.heard = ours, [], b""
        self.terminal, terminal = os.pipe()
        with tempfile.TemporaryFile() as spool, open(os.devnull, "w", encoding="ascii") as null:
            descriptors = {0: theirs.fileno(), 1: null.fileno(), 2: terminal, 3: spool.fileno()}
            if inherited is not None:
                descriptors[INHERITED] = inherited
            self.process = spawn(command, descriptors)
        theirs.close()
        os.close(terminal)

    def say(self, kind, payload=b""):
        try:
            self.socket.sendall(frame(kind, payload))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def listen(self, seconds):
        """Until it closes its end, or the time is over. Returns whether it closed."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], left)[0]:
                break
            try:
                got = self.socket.recv(1 << 16)
            except ConnectionResetError:
                got = b""
            if not got:
                return True
            self.heard += got
            self.take()
        return False

    def cpu_seconds(self):
        """CPU time it has used; what has ended has used enough."""
        try:
            with open(f"/proc/{self.process}/stat", encoding="ascii") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            return float("inf")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def listen_while_it_spins(self, cpu_seconds):
        """As listen, until it has used that much CPU time: a busy machine gives a second of it seldom."""
        while not (closed := self.listen(0.2)) and self.cpu_seconds() < cpu_seconds:
            pass
        return closed or self.listen(0.2)

    def take(self):
        while len(self.heard) >= 5 and len(self.heard) >= 5 + (size := struct.unpack("<I", self.heard[1:5])[0]):
            self.frames.append((self.heard[0], self.heard[5:5 + size]))
            self.heard = self.heard[5 + size:]

    def end(self):
        """Reap it. Returns (status, what it wrote to standard error); -SIGALRM: it had to be killed."""
        self.socket.close()
        end = time.monotonic() + 5
        while (done := os.waitpid(self.process, os.WNOHANG))[0] == 0 and time.monotonic() < end:
            time.sleep(0.002)
        if done[0] == 0:
            os.kill(self.process, signal.SIGKILL)
            done = os.waitpid(self.process, 0)
            status = -signal.SIGALRM
        else:
            status = os.waitstatus_to_exitcode(done[1])
        written = os.read(self.terminal, 4096)
        os.close(self.terminal)
        return status, written

    def defences(self):
        """Bits of the greeting; None when there is none."""
        for kind, payload in self.frames:
            if kind == HELLO:
                _, rest = take_varint(payload)
                _, rest = take_string(rest)
                return take_varint(rest)[0]
        return None

    def error(self):
        """Text of its ERROR frame, or None."""
        for kind, payload in self.frames:
            if kind == ERROR:
                return take_string(take_varint(payload)[1])[0].decode()
        return None


def spawn(command, descriptors):
    """posix_spawn with exactly these descriptors and no environment."""
    high = {at: os.dup2(fd, 200 + at) for at, fd in descriptors.items()}
    actions = [(os.POSIX_SPAWN_DUP2, 200 + at, at) for at in descriptors]
    actions += [(os.POSIX_SPAWN_CLOSE, 200 + at) for at in descriptors]
    try:
        return os.posix_spawn(command[0], command, {}, file_actions=actions)
    finally:
        for fd in high.values():
            os.close(fd)
