# SPDX-License-Identifier: Apache-2.0
"""Services to test, once for each database: SQLite and PostgreSQL."""
import feeds
import pytest

from postgres import Postgres, programs
from service import Service

ALPINE = {"zlib": {"1.3.1-r0": ["CVE-2099-0001"]}, "busybox": {"1.36.1-r30": ["CVE-2099-0002"]},
          "musl": {"1.2.4-r0": ["CVE-2099-0003"]}}


@pytest.fixture(scope="session")
def postgres():
    if not programs():
        pytest.fail("no PostgreSQL; run make setup")
    with Postgres() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def places(request, tmp_path_factory):
    """Makes connection strings of a new, empty indexer and matcher store."""
    def make():
        if request.param == "sqlite":
            return (f"sqlite:{tmp_path_factory.mktemp('store')}",) * 2
        server = request.getfixturevalue("postgres")
        return (server.conninfo(server.new_database()), server.url(server.new_database()))
    return make


@pytest.fixture(scope="session")
def small_feeds(tmp_path_factory):
    """A mirror of Alpine's and Debian's advisories about three packages."""
    top = tmp_path_factory.mktemp("feeds")
    feeds.alpine(top, ALPINE)
    feeds.debian(top, {"zlib": {"CVE-2099-0001": {"bookworm": "1:1.3"}}})
    return top


@pytest.fixture(scope="module")
def service(program_path, places, small_feeds, tmp_path_factory):
    """A service with advisories, shared by the tests of a file."""
    top = tmp_path_factory.mktemp("service")
    with Service(program_path, top, feeds=small_feeds, connstrings=places()) as running:
        yield running.ready()


@pytest.fixture(scope="module")
def empty_service(program_path, places, tmp_path_factory):
    """A service without any advisory, waiting for a mirror that has nothing."""
    top = tmp_path_factory.mktemp("empty")
    with Service(program_path, top, connstrings=places(), matcher={"disable_updaters": False},
                 updaters={"mirror": str(tmp_path_factory.mktemp("nothing"))}) as running:
        yield running


@pytest.fixture
def make_service(program_path, places, small_feeds, tmp_path):
    """make_service(**conf) starts a service of the test's own; all are stopped at its end."""
    running = []

    def make(ready=True, start=True, **more):
        more = {"feeds": small_feeds, "connstrings": places(), **more}
        one = Service(program_path, tmp_path / f"service-{len(running)}", **more)
        running.append(one)
        if start:
            one.start()
        return one.ready() if start and ready else one
    yield make
    for one in running:
        one.close()
