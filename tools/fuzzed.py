# SPDX-License-Identifier: Apache-2.0
"""Which file is fuzzed by which target. A file of a parser's directory has the target of its own name; tools/fuzzed.txt
lists what differs: other targets, parsers elsewhere in the tree, and files that parse nothing, with the reason."""
import os

import tree

DIRECTORIES = ("src/format", "src/feed", "src/scan")


def exceptions():
    """path → (targets, reason)"""
    table = {}
    for line in tree.read("tools/fuzzed.txt").splitlines():
        text = line.split("#")[0].split()
        if not text:
            continue
        if "-" in text:
            at = text.index("-")
            table[text[0]] = ([], " ".join(text[at + 1:]))
        else:
            table[text[0]] = (text[1:], "")
    return table


def targets():
    top = os.path.join(tree.ROOT, "tests", "fuzz")
    return sorted(n[:-2] for n in os.listdir(top) if n.endswith(".c") and n != "replay.c")


def parsers():
    """path → targets (empty: excused)"""
    table = {path: names for path, (names, _) in exceptions().items()}
    for path in tree.sources(*DIRECTORIES, ends=(".c",)):
        table.setdefault(path, [os.path.basename(path)[:-2]])
    return {path: names for path, names in table.items() if os.path.exists(os.path.join(tree.ROOT, path))}
