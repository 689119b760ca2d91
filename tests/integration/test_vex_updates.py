# SPDX-License-Identifier: Apache-2.0
"""Red Hat's VEX: the archive once, then only what the lists of changes and deletions say."""
import os
import sqlite3

import pytest

import vex

MORNING, NOON, EVENING = (f"2026-08-21T{h}:00:00+00:00" for h in ("08", "12", "20"))


@pytest.fixture
def publisher(tmp_path):
    made = vex.Publisher(tmp_path / "feeds")
    made.archive([vex.document(f"CVE-2026-{n}", {"openssl": f"1:3.0-{n}.el9"}, ["compat"]) for n in range(1000, 1020)])
    return made


@pytest.fixture
def server(tmp_path):
    with_requests = vex.Server(tmp_path / "feeds")
    yield with_requests
    with_requests.close()


def rows(clair):
    with sqlite3.connect(f"file:{os.path.join(clair.data, 'advisories.db')}?mode=ro", uri=True) as db:
        return set(db.execute("SELECT a.name, k.package, a.fixed_in FROM advisory a JOIN advisory_key k ON k.id = a.key_id"
                              " WHERE a.ended IS NULL"))


def operations(clair):
    with sqlite3.connect(f"file:{os.path.join(clair.data, 'advisories.db')}?mode=ro", uri=True) as db:
        return db.execute("SELECT added, ended FROM update_operation ORDER BY id").fetchall()


def update(clair, server, want=0):
    return clair.run("update", "--mirror", server.url, "rhel-vex", want=want)


def names(asked):
    return {path for path, status, _ in asked if status == 200}


def of(n, release):
    return {(f"CVE-2026-{n}", "openssl", f"1:3.0-{release}.el9"), (f"CVE-2026-{n}", "compat", "")}


def test_everything_is_loaded_once_and_then_only_what_changed(clair, publisher, server):
    update(clair, server)
    first = rows(clair)
    assert first == set().union(*(of(n, n) for n in range(1000, 1020)))
    assert "csaf_vex_2026-08-20.tar.zst" in names(server.asked())

    update(clair, server)
    assert [status for path, status, _ in server.asked() if path.endswith(".csv")] == [304, 304]
    assert len(operations(clair)) == 1

    publisher.change(vex.document("CVE-2026-1003", {"openssl": "1:3.0-1.el9"}, ["compat"]), MORNING)
    publisher.change(vex.document("CVE-2026-2000", {"openssl": "1:3.0-9.el9"}, ["compat"]), NOON)
    update(clair, server)
    assert names(server.asked()) == {"archive_latest.txt", "changes.csv", "2026/cve-2026-1003.json", "2026/cve-2026-2000.json"}
    assert rows(clair) == first - of(1003, 1003) | of(1003, 1) | of(2000, 9)
    assert operations(clair)[1:] == [(3, 1)]


def test_a_deletion_takes_the_rows_of_its_document(clair, publisher, server):
    update(clair, server)
    before = rows(clair)
    publisher.delete("CVE-2026-1007", MORNING)
    update(clair, server)
    assert rows(clair) == before - of(1007, 1007)


def test_a_document_that_is_newer_than_the_archive_hides_what_that_says(clair, publisher, server):
    publisher.change(vex.document("CVE-2026-1003", {"openssl": "1:3.0-1.el9"}), MORNING)
    publisher.delete("CVE-2026-1004", NOON)
    update(clair, server)
    found = rows(clair)
    assert of(1003, 1) - {("CVE-2026-1003", "compat", "")} <= found
    assert not {r for r in found if r[0] == "CVE-2026-1004"} and ("CVE-2026-1003", "compat", "") not in found
    assert len(found) == 2 * 18 + 1


def test_entries_that_come_late_into_the_list_are_taken(clair, publisher, server):
    publisher.change(vex.document("CVE-2026-2000", {"openssl": "1:3.0-1.el9"}), NOON)
    update(clair, server)
    publisher.change(vex.document("CVE-2026-2001", {"openssl": "1:3.0-1.el9"}), NOON.replace("12:00", "11:55"))
    update(clair, server)
    assert {"CVE-2026-2000", "CVE-2026-2001"} <= {name for name, _, _ in rows(clair)}


def test_a_document_that_is_gone_again_does_not_stop_the_others(clair, publisher, server):
    update(clair, server)
    publisher.change(vex.document("CVE-2026-2000", {"openssl": "1:3.0-1.el9"}), NOON)
    publisher.changes["2026/cve-2026-3000.json"] = EVENING
    publisher.write_lists()
    update(clair, server)
    assert "CVE-2026-2000" in {name for name, _, _ in rows(clair)}


@pytest.mark.parametrize("name, data", [
    ("changes.csv", b"<html>not today</html>\n"),
    ("changes.csv", b'"../../etc/passwd.json","2026-08-21T08:00:00+00:00"\n'),
    ("deletions.csv", b'"2026/cve-2026-1000.json","yesterday"\n'),
    ("changes.csv", None),
])
def test_a_damaged_list_is_an_error_and_the_old_data_stay(clair, publisher, server, name, data):
    update(clair, server)
    before = rows(clair)
    if data is None:
        os.unlink(os.path.join(publisher.top, name))
    else:
        publisher.write(name, data)
    done = update(clair, server, want=1)
    assert name in done.err
    assert rows(clair) == before


@pytest.mark.parametrize("damage", ["pointer", "truncated", "format"])
def test_a_damaged_archive_is_an_error_and_the_old_data_stay(clair, publisher, server, damage):
    update(clair, server)
    before = rows(clair)
    archive = os.path.join(publisher.top, "csaf_vex_2026-08-20.tar.zst")
    if damage == "pointer":
        publisher.write("archive_latest.txt", "../../../secret")
    elif damage == "truncated":
        os.truncate(archive, os.path.getsize(archive) // 2)
    else:
        publisher.write("csaf_vex_2026-08-20.tar.zst", b"<html>" * 100)
    clair.run("update", "--mirror", server.url, "--force", "rhel-vex", want=1)
    assert rows(clair) == before


def test_a_folder_is_as_good_as_a_server(clair, publisher, tmp_path):
    clair.run("update", "--mirror", tmp_path / "feeds", "rhel-vex", want=0)
    publisher.change(vex.document("CVE-2026-2000", {"openssl": "1:3.0-9.el9"}, ["compat"]), NOON)
    clair.run("update", "--mirror", tmp_path / "feeds", "rhel-vex", want=0)
    clair.run("update", "--mirror", tmp_path / "feeds", "rhel-vex", want=0)
    assert of(2000, 9) <= rows(clair)
    assert operations(clair)[1:] == [(2, 0)]


def test_a_part_costs_little_of_the_whole(clair, publisher, server):
    publisher.archive([vex.document(f"CVE-2026-{n}", {f"package-{k}": f"1:3.0-{n}.el9" for k in range(20)})
                       for n in range(10000, 10300)])
    update(clair, server)
    whole = sum(size for _, _, size in server.asked())
    publisher.change(vex.document("CVE-2026-10007", {"package-1": "1:3.0-8.el9"}), MORNING)
    update(clair, server)
    assert sum(size for _, _, size in server.asked()) < whole
    assert operations(clair)[1:] == [(1, 20)]


def test_packages_of_the_kernel_can_be_left_out(clair, publisher, server, tmp_path):
    publisher.archive([vex.document("CVE-2026-1000", {"openssl": "1:3.0-1.el9", "kernel-core": "0:5.14-1.el9"}, ["kernel"])])
    settings = tmp_path / "config.yaml"
    settings.write_text("updaters:\n  config:\n    rhel-vex:\n      ignore_kernel_packages: true\n", encoding="utf-8")
    clair.run("update", "--config", settings, "--mirror", server.url, "rhel-vex", want=0)
    assert {package for _, package, _ in rows(clair)} == {"openssl"}
    update(clair, server)
    assert {package for _, package, _ in rows(clair)} == {"openssl", "kernel-core", "kernel"}
