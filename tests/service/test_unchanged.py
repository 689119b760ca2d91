# SPDX-License-Identifier: Apache-2.0
"""Documents that are read again and say what they said before: nothing is written but how the updaters fared."""
import time

import pytest

import large_feeds
from stores import Server, Sqlite, rows_of

SETS = ["alma", "alpine", "aws", "debian", "ubuntu", "clair.cvss", "clair.epss", "clair.kev"]
FORGET = "UPDATE {}updater SET last_success = 1, fingerprint = ''"  # due, and nothing known of its documents


def has_run(service, names):
    times = {name: value for name, value in service.metrics().items()
             if name.startswith("clair_updater_last_success_timestamp_seconds")}
    return len(times) == names and all(value > 1 for value in times.values())


@pytest.fixture(scope="module")
def all_formats(tmp_path_factory):
    return large_feeds.mirror(tmp_path_factory.mktemp("formats"), scale=0.002)


def test_documents_read_again_without_a_change_write_only_how_updaters_fared(make_service, places, all_formats, request):
    connstrings = places()
    store = Sqlite(connstrings[1]) if connstrings[1].startswith("sqlite:") else Server(request.getfixturevalue("postgres"), connstrings[1])
    service = make_service(feeds=all_formats, connstrings=connstrings, updaters={"mirror": all_formats, "sets": SETS})
    service.wait(lambda: has_run(service, 9), 60)
    service.stop()
    before = rows_of(store)
    assert len(before["advisory"]) > 100 and len(before["enrichment"]) > 100 and len(before["updater"]) == 9
    began = int(time.time())
    store.run(FORGET)
    service.start()
    service.wait(lambda: has_run(service, 9), 60)
    service.stop()
    after = rows_of(store)
    assert {name for name in after if after[name] != before[name]} == set()
    states = [dict(zip(columns, row)) for name, columns, rows in store.tables() if name == "updater" for row in rows]
    assert all(int(s["last_success"]) >= began and s["last_error"] == "" and s["fingerprint"] for s in states), states
