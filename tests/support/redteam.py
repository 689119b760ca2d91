# SPDX-License-Identifier: Apache-2.0
"""The program of tests/redteam and the tables of docs/security.md."""
import os
import re
import subprocess

import pytest

from program import ROOT

TAKES_OVER = "these bytes take the worker over"  # as in tests/redteam/worker.c


def worker_path():
    """The hostile worker: in a build without sanitizer."""
    for path in (os.environ.get("REDTEAM_WORKER"), f"{ROOT}/build-clang/tests/redteam-worker"):
        if path and os.path.exists(path):
            return path
    return pytest.fail("no hostile worker; run make clang-build")


def attacks_of_the_program(kind):
    out = subprocess.run([worker_path(), "--list"], capture_output=True, text=True, check=True).stdout
    return [line.split()[1] for line in out.splitlines() if line.startswith(kind + " ")]


class Row:
    def __init__(self, head, cells):
        self.attack = re.match(r"`([\w-]+)`", cells[0]).group(1)
        self.cells = dict(zip(head[1:], cells[1:]))
        self.ticked = [name for name, cell in self.cells.items() if cell == "✓"]


def rows_of(first):
    """Rows of the table whose first column has this name."""
    with open(f"{ROOT}/docs/security.md", encoding="utf-8") as f:
        lines = [[cell.strip() for cell in line.strip()[1:-1].split("|")] if line.startswith("|") else None for line in f]
    begin = next(n for n, cells in enumerate(lines) if cells and cells[0] == first)
    rows = []
    for cells in lines[begin + 2:]:
        if cells is None:
            break
        rows.append(Row(lines[begin], cells))
    return rows


def names_of_calls():
    """The documented system calls."""
    return [row.attack for row in rows_of("call")]
