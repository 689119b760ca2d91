# SPDX-License-Identifier: Apache-2.0
"""docs/api.md against the sources: the routes it lists are those of the table, the tests it names are there."""
import glob
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


PAGE = text_of("docs/api.md")


def test_the_page_and_the_table_have_the_same_routes():
    table = text_of("src/api/routes.c")
    prefixes = dict(re.findall(r'#define (\w+) "(/[^"]+)"', table))
    rows = re.findall(r'\.method = (?:"(\w+)"|NULL), \.path = (?:(\w+) )?"([^"]*)"', table)
    served = {(method or "any", prefixes.get(prefix, "") + path) for method, prefix, path in rows}
    listed = {(method, path) for method, path in re.findall(r"^\| `?(any|[A-Z]+) `?(/[^`?]+)[^|]*\|", PAGE, re.M)}
    assert len(served) > 14
    slashed = {(method, path) for method, path in served if path.endswith("/")}
    assert listed == served - slashed
    assert {path for _, path in slashed} == {"/indexer/api/v1/internal/affected_manifest/"}


def test_the_tests_that_the_page_names_are_there():
    there = set()
    for path in glob.glob(f"{ROOT}/tests/**/test_*.py", recursive=True):
        there |= set(re.findall(r"^def (test_\w+)", text_of(path), re.M))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 30 and not named - there
    for path in re.findall(r"`(tests/[\w/]+\.(?:c|py))`", PAGE):
        assert os.path.exists(os.path.join(ROOT, path)), path
