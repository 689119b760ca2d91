# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests that drive the programs. CLAIR names the one to test; else the sanitized build, else build/."""
import os
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "support"))
from program import ROOT, Clair  # noqa: E402

CORPUS = os.path.normpath(os.path.join(ROOT, "..", "shared", "corpus"))


@pytest.fixture(scope="session")
def program_path():
    for path in (os.environ.get("CLAIR"), f"{ROOT}/build-asan/clair", f"{ROOT}/build/clair"):
        if path and os.path.exists(path):
            return path
    pytest.fail("no program to test; run make")


@pytest.fixture(scope="session")
def server_path(program_path):
    """clair-server of the same build."""
    return os.path.join(os.path.dirname(program_path), "clair-server")


@pytest.fixture
def clair(program_path, tmp_path):
    """The program with a data directory of its own."""
    return Clair(program_path, tmp_path / "data", tmp_path)


@pytest.fixture
def release(tmp_path):
    """The release build: for figures of memory and time."""
    if not os.path.exists(f"{ROOT}/build/clair"):
        pytest.fail("no release build; run make")
    return Clair(f"{ROOT}/build/clair", tmp_path / "data", tmp_path)


@pytest.fixture(scope="session")
def corpus():
    """The folder of real images and feeds, when it lies beside the tree."""
    if not os.path.isdir(CORPUS):
        pytest.skip("no corpus")
    return CORPUS


@pytest.fixture(scope="session")
def corpus_data(corpus, program_path, tmp_path_factory):
    """A program whose data directory holds the corpus's feeds."""
    top = tmp_path_factory.mktemp("corpus")
    loaded = Clair(program_path, top / "data", top)
    loaded.run("update", "--mirror", os.path.join(corpus, "feeds"), want=0)
    return loaded
