# SPDX-License-Identifier: Apache-2.0
"""The laws of docs/architecture.md that are not a script of their own (tools/layers, tools/lint) or a golden test."""
import glob
import os
import re
import subprocess
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))
import fuzzed  # noqa: E402
import tree  # noqa: E402

BUILD = os.path.join(ROOT, "build")


def symbols(path, *more):
    """Names of the functions and objects that a file defines for others."""
    out = subprocess.run(["nm", "--defined-only", *more, path], capture_output=True, text=True, check=True).stdout
    return {line.split()[2] for line in out.splitlines() if len(line.split()) == 3}


def objects(library):
    return glob.glob(os.path.join(BUILD, f"lib{library}.a.p", "*.o"))


def test_parsers_of_layers_and_feeds_are_linked_into_the_worker_only():
    parsers = set()
    for library in ("scan", "format", "feed", "worker"):
        for path in objects(library):
            parsers |= symbols(path, "--extern-only")
    assert parsers, "no objects of scan/, feed/ and format/: run make"
    assert not parsers & symbols(os.path.join(BUILD, "clair"))
    assert not parsers & symbols(os.path.join(BUILD, "clair-server"))
    assert parsers & symbols(os.path.join(BUILD, "clair-worker"))


def test_the_worker_has_no_network_and_no_store():
    out = subprocess.run(["ldd", os.path.join(BUILD, "clair-worker")], capture_output=True, text=True, check=True).stdout
    assert "libcurl" not in out and "libsqlite3" not in out


@pytest.mark.parametrize("program", ["clair", "clair-server", "clair-worker"])
def test_programs_are_hardened(program):
    out = subprocess.run(["readelf", "-W", "-h", "-l", "-d", os.path.join(BUILD, program)],
                         capture_output=True, text=True, check=True).stdout
    assert re.search(r"Type:\s+DYN", out), "not position independent"
    assert "GNU_RELRO" in out and re.search(r"\bNOW\b", out), "relocations stay writable"
    assert not re.search(r"GNU_STACK.* RWE", out), "the stack is executable"
    names = subprocess.run(["nm", "-D", "--undefined-only", os.path.join(BUILD, program)],
                           capture_output=True, text=True, check=True).stdout
    assert "__stack_chk_fail" in names
    assert re.search(r"__\w+_chk\b", names), "no _FORTIFY_SOURCE"


def test_every_parser_has_a_fuzz_target():
    missing = {path: names for path, names in fuzzed.parsers().items() if not set(names) <= set(fuzzed.targets())}
    assert not missing


def test_every_fuzz_target_has_a_corpus():
    small = []
    for name in fuzzed.targets():
        corpus = os.path.join(ROOT, "tests", "fuzz", "corpus", name)
        if not os.path.isdir(corpus) or len(os.listdir(corpus)) < 8:
            small.append(name)
    assert not small, "fewer than 8 inputs"


def test_every_exception_from_fuzzing_names_a_file():
    assert not [p for p in fuzzed.exceptions() if not os.path.exists(os.path.join(ROOT, p))]


def test_every_ecosystem_has_golden_data():
    table = tree.code_only(tree.read("src/ecosystem/table.c"))
    names = re.findall(r"&\s*ecosystem_(\w+)|&\s*eco_(\w+)", table)
    names = [a or b for a, b in names]
    assert names, "no rows found in src/ecosystem/table.c"
    sources = "".join(tree.read(p) for p in tree.sources("src/ecosystem"))
    rows = re.findall(r"struct ecosystem ecosystem_(\w+) = \{(.*?)\n\};", sources, re.S)
    matching = {name for name, row in rows if ".matcher" in row} | {n for n in names if n not in dict(rows)}
    # what no scanner finds in an image has a case of its matcher instead
    found = {name for name, row in rows if re.search(r"\.scanners = [^{]*\{ NULL \}", row)}
    data = {n: os.path.join("data", "matcher", n + ".txtar") if n in found else "" for n in names}
    assert not [n for n in names if n in matching and not any(
        os.path.exists(os.path.join(ROOT, "tests", path)) for path in (os.path.join("golden", n.replace("_", "-")), data[n] or "-"))]


def limits():
    return re.findall(r"^#define (LIMIT_\w+)\s+(.+?)\s*/?\*?", tree.read("src/base/limits.h"), re.M)


def test_every_limit_is_documented():
    text = tree.read("docs/limits.md")
    assert not [name for name, _ in limits() if f"`{name}`" not in text]
    known = {name for name, _ in limits()}
    assert not [name for name in re.findall(r"`(LIMIT_\w+)`", text) if name not in known], "no such limit any more"


def test_every_limit_is_used():
    code = "".join(tree.code_only(tree.read(p)) for p in tree.sources("src") if p != "src/base/limits.h")
    assert not [name for name, _ in limits() if not re.search(rf"\b{name}\b", code)]


def test_every_format_has_a_page_in_the_index():
    index = tree.read("docs/formats/README.md")
    pages = [n for n in os.listdir(os.path.join(ROOT, "docs", "formats")) if n.endswith(".md") and n != "README.md"]
    assert not [n for n in pages if f"({n})" not in index]
    assert not [n for n in re.findall(r"\((\w+\.md)\)", index) if n not in pages], "a link to nothing"


def test_links_of_the_documents_lead_somewhere():
    broken = []
    for path in ["README.md", "CONTRIBUTING.md", *glob.glob("docs/**/*.md", root_dir=ROOT, recursive=True)]:
        for link in re.findall(r"\]\(([^)#:]+)\)", tree.read(path)):
            if not os.path.exists(os.path.join(ROOT, os.path.dirname(path), link)):
                broken.append(f"{path}: {link}")
    assert not broken


@pytest.mark.parametrize("page,verb", [("clair-scan", ["scan"]), ("clair-update", ["update"]), ("clair-mirror", ["mirror"]), ("clair-data", ["data", "status"]),
                                       ("clair-data", ["data", "clean"]), ("clair", ["version"]),
                                       ("clair-serve", ["serve"]), ("clair-report", ["report"]),
                                       ("clair-report", ["index"]), ("clair-report", ["manifest"]),
                                       ("clair-report", ["delete"]), ("clair-export-updaters", ["export-updaters"]),
                                       ("clair-export-updaters", ["import-updaters"]),
                                       ("clair-check-config", ["check-config"])])
def test_every_option_has_its_place_in_the_manual(page, verb):
    out = subprocess.run([os.path.join(BUILD, "clair"), *verb, "--help"], capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"^ {2}(?:-\w, | {4})--([a-z-]+)", out, re.M))
    manual = tree.read(f"docs/man/{page}.1") + tree.read("docs/man/clair.1")
    assert options, out
    assert not [o for o in sorted(options) if f"Fl -{o}" not in manual]
