# SPDX-License-Identifier: Apache-2.0
"""Run clair as a person would, and watch what it costs."""
import json
import os
import subprocess
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MIB = 1 << 20


class Result:
    def __init__(self, status, out, err, peak_bytes=0, seconds=0.0):
        self.status, self.out, self.err, self.peak_bytes, self.seconds = status, out, err, peak_bytes, seconds

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit {self.status}\n--- stdout\n{self.out[-4000:]}\n--- stderr\n{self.err[-4000:]}"


class Clair:
    """One program, one data directory, an environment without the user's."""

    def __init__(self, path, data, home):
        self.path, self.data, self.home = str(path), str(data), str(home)
        self.env = {"PATH": os.environ.get("PATH", ""), "HOME": self.home, "TMPDIR": self.home, "LC_ALL": "C.UTF-8",
                    "ASAN_OPTIONS": "abort_on_error=0:detect_leaks=1",
                    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}

    def command(self, *args):
        """Arguments with --data put behind the command that takes it."""
        words = [str(a) for a in args]
        takes_data = words and words[0] in ("scan", "update", "data") and not {"--help", "--data"} & set(words)
        return [self.path, *words, *(["--data", self.data] if takes_data else [])]

    def start(self, *args, **more):
        return subprocess.Popen(self.command(*args), env=self.env, cwd=self.home, stdin=subprocess.DEVNULL,
                                **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more})

    def run(self, *args, want=None, timeout=300, measure=False):
        began = time.monotonic()
        with self.start(*args) as process:
            watch = Watch(process.pid) if measure else None
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            peak = watch.end() if watch else 0
        done = Result(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"), peak,
                      time.monotonic() - began)
        assert "Sanitizer" not in done.err and "runtime error:" not in done.err, str(done)
        if want is not None:
            assert done.status == want, f"wanted exit {want}: {' '.join(map(str, args))}\n{done}"
        return done


def tree_of(pid):
    """A process and all below it."""
    found, new = [], [pid]
    while new:
        pid = new.pop()
        found.append(pid)
        try:
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as f:
                    new += [int(word) for word in f.read().split()]
        except OSError:
            pass
    return found


def own_bytes(pid):
    """Anonymous and shared memory of a process; what several share is split among them."""
    total = 0
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
            for line in f:
                if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                    total += int(line.split()[1]) * 1024
    except OSError:
        pass
    return total


class Watch:
    """Samples the memory of a process and its children until end() is called, which returns the peak in bytes; `largest` is that
    of a single process."""

    def __init__(self, pid):
        self.pid, self.peak, self.largest, self.stop = pid, 0, 0, False
        self.thread = threading.Thread(target=self.loop, daemon=True)
        self.thread.start()

    def loop(self):
        while not self.stop:
            sizes = [own_bytes(p) for p in tree_of(self.pid)]
            self.peak, self.largest = max(self.peak, sum(sizes)), max(self.largest, *sizes, 0)
            time.sleep(0.003)

    def end(self):
        self.stop = True
        self.thread.join()
        return self.peak
