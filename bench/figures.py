# SPDX-License-Identifier: Apache-2.0
"""What one run of a program costs, and medians of several; shared by the benches."""
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
import feeds  # noqa: E402
from program import Watch  # noqa: E402

CLAIR = os.path.join(ROOT, "build", "clair")
MIB = 1 << 20


def program(name):
    """Path of a bench program of the build."""
    return os.path.join(ROOT, "build", "bench", "bench-" + name)


def duration(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


class Figures:
    def __init__(self, wall, cpu, peak, largest, written, dirtied):
        self.wall, self.cpu, self.peak, self.largest = wall, cpu, peak, largest
        self.written, self.dirtied = written, dirtied

    def __str__(self):
        peak = f", peak {self.peak / MIB:.0f} MiB" if self.peak else ""
        return f"wall {duration(self.wall)}, CPU {duration(self.cpu)}{peak}"


def bytes_written(pid):
    """What the first thread of an ended process, not yet waited for, handed to write(2) and its like, but not to sockets."""
    try:
        with open(f"/proc/{pid}/task/{pid}/io", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("wchar:"))
    except (OSError, StopIteration):
        return 0


def once(command, watched=True):
    """One run. Dirtied: bytes that reached the file system's blocks (ru_oublock counts 512 bytes)."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    watch = Watch(process.pid) if watched else None
    error = process.stderr.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    wall, written = time.monotonic() - began, bytes_written(process.pid)
    process.wait()
    process.stderr.close()
    peak = watch.end() if watch else 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode not in (0, 3):
        sys.exit(f"bench: {' '.join(command)}: exit {process.returncode}\n{error.decode()}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Figures(wall, cpu, peak, watch.largest if watch else 0, written, (after.ru_oublock - before.ru_oublock) * 512)


def several(command, prepare=lambda: None, runs=3):
    """Medians: of wall, CPU and writes over runs that nothing watches; of memory over as many that are."""
    found = []
    for watched in [False] * runs + [True] * max(1, runs // 2):
        prepare()
        found.append(once(command, watched))
    plain, seen = found[:runs], found[runs:]
    median = lambda name, of: statistics.median(getattr(f, name) for f in of)
    return Figures(median("wall", plain), median("cpu", plain), median("peak", seen), median("largest", seen),
                   median("written", plain), median("dirtied", plain))


def with_releases(mirror, scratch):
    """The mirror, or one that adds the Release files which make the Debian suites known."""
    if os.path.isdir(os.path.join(mirror, "debian", "dists")) or not os.path.isdir(os.path.join(mirror, "debian")):
        return mirror
    top = os.path.join(scratch, "with-releases")
    shutil.copytree(os.path.join(mirror, "debian"), os.path.join(top, "debian"))
    for name in os.listdir(mirror):
        if name != "debian":
            os.symlink(os.path.join(os.path.abspath(mirror), name), os.path.join(top, name))
    for name, version in (("bullseye", "11.9"), ("bookworm", "12.5"), ("trixie", "13.1")):
        feeds.write(os.path.join(top, f"debian/dists/{name}/Release"), f"Version: {version}\nCodename: {name}\n")
    return top
