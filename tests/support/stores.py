# SPDX-License-Identifier: Apache-2.0
"""What a store of advisories holds, row by row, in SQLite or PostgreSQL."""
import csv
import io
import os
import sqlite3

STATUS = {"fingerprint", "last_attempt", "last_success", "last_error"}  # columns of updater that every run writes


class Sqlite:
    def __init__(self, place):
        self.path = os.path.join(place.removeprefix("sqlite:"), "advisories.db")

    def run(self, sql):
        with sqlite3.connect(self.path) as db:
            db.execute(sql.format(""))

    def tables(self):
        with sqlite3.connect(self.path) as db:
            for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                rows = db.execute(f'SELECT * FROM "{name}"')
                yield name, [c[0] for c in rows.description], [tuple(map(str, row)) for row in rows]


class Server:
    def __init__(self, server, place):
        self.server, self.database = server, place.rpartition("/")[2].partition("?")[0]

    def run(self, sql):
        self.server.sql(sql.format("clair_advisories."), self.database)

    def ask(self, sql):
        text = self.server.sql(f"COPY ({sql}) TO STDOUT WITH CSV", self.database)
        return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))]

    def tables(self):
        for name, in self.ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'clair_advisories'"):
            columns = [c for c, in self.ask("SELECT column_name FROM information_schema.columns WHERE table_schema = "
                                            f"'clair_advisories' AND table_name = '{name}' ORDER BY ordinal_position")]
            yield name, columns, self.ask(f"SELECT * FROM clair_advisories.{name}")


def rows_of(store):
    """All rows of all tables, but for what updaters say of their last run."""
    found = {}
    for name, columns, rows in store.tables():
        kept = [i for i, column in enumerate(columns) if name != "updater" or column not in STATUS]
        found[name] = sorted(tuple(row[i] for i in kept) for row in rows)
    return found
