# SPDX-License-Identifier: Apache-2.0
"""What updates cost that is no matter of time: memory, and rows written without need."""
import os

import large_feeds
from program import MIB
from stores import Sqlite, rows_of


def test_feeds_read_again_without_a_change_write_only_how_updaters_fared(corpus, clair):
    names = ["clair.epss", "clair.kev"]
    update = lambda *more: clair.run("update", "--mirror", os.path.join(corpus, "feeds"), *more, want=0)
    for more in ((), names):
        update(*more)
    store = Sqlite(clair.data)
    before = rows_of(store)
    assert len(before["advisory"]) > 10000 and len(before["enrichment"]) > 1000
    for more in ((), names):
        update("--force", *more)
    after = rows_of(store)
    assert {name for name in after if after[name] != before[name]} == set()


def test_updates_of_large_feeds_take_little_memory_all_together(release, tmp_path):
    mirror = large_feeds.mirror(tmp_path / "mirror", scale=0.3)
    assert release.run("update", "--mirror", mirror, want=0, measure=True).peak_bytes < 150 * MIB
