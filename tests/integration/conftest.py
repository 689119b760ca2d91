# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests that drive the service, each once for SQLite and once for PostgreSQL."""
import os

import pytest

import postgres as postgres_support
import server as server_support


class Store:
    """Where a service keeps its data: kind, connection string, and the configuration that says so."""

    def __init__(self, kind, connstring):
        self.kind, self.connstring = kind, connstring

    def config(self):
        return {part: {"connstring": self.connstring, "migrations": True} for part in ("indexer", "matcher", "notifier")}


@pytest.fixture(scope="session")
def server_path():
    path = server_support.server_path()
    if not os.path.exists(path):
        pytest.fail("no clair-server to test; run make")
    return path


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server for all tests; take a database each."""
    if not postgres_support.programs():
        pytest.skip("no PostgreSQL server installed")
    with postgres_support.Postgres() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgres"])
def store(request, tmp_path):
    """An empty store of each kind."""
    if request.param == "sqlite":
        return Store("sqlite", f"sqlite:{tmp_path / 'stores'}")
    cluster = request.getfixturevalue("postgres")
    return Store("postgres", cluster.url(cluster.new_database()))


@pytest.fixture
def start_server(server_path, tmp_path):
    """start_server(config, mode): services that are stopped in the end, the last one first."""
    running = []

    def start(config=None, mode="combo", **more):
        directory = tmp_path / f"server-{len(running)}"
        directory.mkdir()
        running.append(server_support.Server(directory, config, mode, server_path, **more))
        return running[-1].start()

    yield start
    for one in reversed(running):
        one.stop()


@pytest.fixture
def server(start_server, store):
    """A service on one store: indexer, matcher and notifier in one process."""
    return start_server(store.config())
