#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make.py OUT [CORPUS]: the small dnf histories of this directory, and the corpus of the fuzz target dnf_history.

Packages and repositories are invented; the tables are those that dnf 4 and dnf 5 make, without the ones that are not
read. Written 2026-11; run it again only to change the cases: SQLite's log has random salts in it."""
import os
import shutil
import sqlite3
import struct
import sys
import tempfile

DNF4 = """
CREATE TABLE config (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE repo (id INTEGER PRIMARY KEY AUTOINCREMENT, repoid TEXT NOT NULL);
CREATE TABLE item (id INTEGER PRIMARY KEY AUTOINCREMENT, item_type INTEGER NOT NULL);
CREATE TABLE trans_item (id INTEGER PRIMARY KEY AUTOINCREMENT, trans_id INTEGER REFERENCES trans(id),
    item_id INTEGER REFERENCES item(id), repo_id INTEGER REFERENCES repo(id), action INTEGER NOT NULL,
    reason INTEGER NOT NULL, state INTEGER NOT NULL);
CREATE TABLE rpm (item_id INTEGER UNIQUE NOT NULL, name TEXT NOT NULL, epoch INTEGER NOT NULL, version TEXT NOT NULL,
    release TEXT NOT NULL, arch TEXT NOT NULL, FOREIGN KEY(item_id) REFERENCES item(id));
"""
DNF5 = """
CREATE TABLE "repo" ("id" INTEGER, "repoid" TEXT NOT NULL, PRIMARY KEY("id"));
CREATE TABLE "pkg_name" ("id" INTEGER, "name" TEXT NOT NULL UNIQUE, PRIMARY KEY("id"));
CREATE TABLE "arch" ("id" INTEGER, "name" TEXT NOT NULL UNIQUE, PRIMARY KEY("id"));
CREATE TABLE "trans_item_action" ("id" INTEGER, "name" TEXT, PRIMARY KEY("id"));
INSERT INTO "trans_item_action" VALUES (1, 'Install'), (2, 'Upgrade'), (3, 'Downgrade'), (4, 'Reinstall'),
    (5, 'Remove'), (6, 'Replaced'), (7, 'Reason Change');
CREATE TABLE "trans_item" ("id" INTEGER, "trans_id" INTEGER, "item_id" INTEGER, "repo_id" INTEGER,
    "action_id" INTEGER NOT NULL, "reason_id" INTEGER NOT NULL, "state_id" INTEGER NOT NULL,
    PRIMARY KEY("id" AUTOINCREMENT));
CREATE TABLE "rpm" ("item_id" INTEGER NOT NULL UNIQUE, "name_id" INTEGER NOT NULL, "epoch" INTEGER NOT NULL,
    "version" TEXT NOT NULL, "release" TEXT NOT NULL, "arch_id" INTEGER NOT NULL);
CREATE TABLE "config" ("key" TEXT, "value" TEXT NOT NULL, PRIMARY KEY("key"));
"""
REPOS = [(1, "base-rpms"), (2, "app stream"), (3, "@System"), (4, "extras"), (5, "never")]
# item, name, epoch, version, release, arch
RPMS = [(1, "alpha", 0, "1.0", "1", "noarch"), (2, "beta", 2, "3.4", "5.el9", "x86_64"),
        (3, "gone", 0, "1", "1", "x86_64"), (4, "moved", 0, "2", "1", "x86_64"), (5, "kept", 0, "2", "1", "x86_64")]
INSTALL, REMOVE, UPGRADED, REASON = range(4)
ACTIONS = {4: {INSTALL: 1, REMOVE: 8, UPGRADED: 7, REASON: 11}, 5: {INSTALL: 1, REMOVE: 5, UPGRADED: 6, REASON: 7}}
# item, repository, action: the last that is no removal and not of "@System" counts
ITEMS = [(1, 1, INSTALL), (2, 2, INSTALL), (3, 4, INSTALL), (3, 5, REMOVE), (4, 1, INSTALL), (4, 2, INSTALL),
         (5, 1, INSTALL), (5, 3, REASON), (6, 1, INSTALL)]


def database(path, generation, items=ITEMS, wal=None, page_size=1024):
    """Write a history; wal: transaction items that only the log has."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA page_size = {page_size}")
    if wal:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
    db.executescript(DNF4 if generation == 4 else DNF5)
    db.executemany("INSERT INTO repo VALUES (?, ?)", REPOS)
    if generation == 4:
        db.executemany("INSERT INTO rpm VALUES (?, ?, ?, ?, ?, ?)", RPMS)
    else:
        db.executemany("INSERT INTO pkg_name VALUES (?, ?)", [(i + 100, r[1]) for i, r in enumerate(RPMS)])
        db.executemany("INSERT INTO arch VALUES (?, ?)", [(7, "noarch"), (8, "x86_64")])
        db.executemany("INSERT INTO rpm VALUES (?, ?, ?, ?, ?, ?)",
                       [(r[0], i + 100, r[2], r[3], r[4], 7 if r[5] == "noarch" else 8) for i, r in enumerate(RPMS)])

    def add(rows):
        db.executemany("INSERT INTO trans_item VALUES (NULL, 1, ?, ?, ?, 1, 1)",
                       [(item, repo, ACTIONS[generation][action]) for item, repo, action in rows])

    add(items)
    if wal:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        add(wal)
        shutil.copy(path + "-wal", path + "-log")
        shutil.copy(path, path + "-main")
    db.close()
    if wal:
        os.replace(path + "-main", path)
        os.replace(path + "-log", path + "-wal")


def read(path):
    with open(path, "rb") as f:
        return f.read()


def sized(main, log=b""):
    """The form of the fuzz target: length of the database, database, log."""
    return struct.pack("<I", len(main)) + main + log


def corpus(out, four, five, log):
    wide = os.path.join(tempfile.mkdtemp(), "wide.sqlite")
    database(wide, 5, page_size=512)
    no_rows = os.path.join(tempfile.mkdtemp(), "empty.sqlite")
    database(no_rows, 4, items=[])
    other = os.path.join(tempfile.mkdtemp(), "other.sqlite")
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE repo (id INTEGER PRIMARY KEY, name TEXT)")
    db.commit()
    db.close()
    cases = {"dnf4": sized(four), "dnf4-with-log": sized(four, log), "dnf5": sized(five), "dnf5-small-pages": sized(read(wide)),
             "no-transactions": sized(read(no_rows)), "column-missing": sized(read(other)), "cut": sized(four[:3000]),
             "damaged-page": sized(four[:2100] + b"\xff" * 40 + four[2140:]), "empty": b""}
    os.makedirs(out, exist_ok=True)
    for name, content in cases.items():
        with open(os.path.join(out, name), "wb") as f:
            f.write(content)


def main():
    out = sys.argv[1]
    four, five = os.path.join(out, "history.sqlite"), os.path.join(out, "transaction_history.sqlite")
    for path in (four, four + "-wal", five):
        if os.path.exists(path):
            os.remove(path)
    database(four, 4, wal=[(1, 4, UPGRADED), (1, 4, INSTALL)])
    database(five, 5)
    if len(sys.argv) > 2:
        corpus(sys.argv[2], read(four), read(five), read(four + "-wal"))


if __name__ == "__main__":
    main()
